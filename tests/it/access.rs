//! The pages of who holds which role: given and taken on the user's page, explained, asked the other way round.

use crate::harness::{Client, World};
use http::{Method, StatusCode};

/// acme's admin, where the page of acme's user is, and a role that lets people read the audit log.
async fn world() -> (World, Client, String, String) {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let user = world.sql("SELECT id::text FROM users WHERE email = 'user@acme.example'").await;
    let role =
        make(&mut admin, r#"{"name":"<b>Log reader","grants":[{"permission":"audit:read","effect":"allow"}]}"#).await;
    (world, admin, format!("/t/acme/users/{user}"), role)
}

async fn make(admin: &mut Client, body: &str) -> String {
    let answer = admin.json(Method::POST, "/api/v1/roles", body, &[]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.location().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_given_explained_and_taken_away() {
    let (_world, mut admin, page, role) = world().await;
    let fields = [("own_role", role.as_str()), ("from", ""), ("until", "2999-01-01T09:30")];
    let given = admin.post(&format!("{page}/roles"), &fields).await;
    assert_eq!((given.status, given.location()), (StatusCode::SEE_OTHER, page.as_str()), "{}", given.text());
    let shown = admin.get(&page).await.text();
    assert!(shown.contains("&lt;b&gt;Log reader") && !shown.contains("<b>Log"), "{shown}");
    assert!(shown.contains("2999-01-01 09:30:00 UTC"), "as typed, in UTC");

    let why = admin.get(&format!("{page}/access?show=allowed")).await.text();
    assert!(why.contains("(given until 2999-01-01 09:30:00 UTC) → allows audit:read always"), "{why}");
    let later = admin.get(&format!("{page}/access?at=2999-01-01T09:30&show=denied")).await.text();
    assert!(later.contains("was theirs and has expired"), "{later}");
    assert!(later.contains("The role ") && later.contains("allows it."), "and what would allow it");

    let who = admin.get("/t/acme/roles/who?permission=audit:read").await.text();
    assert!(who.contains("Who can read the audit log?") && who.contains("user@acme.example"), "{who}");
    assert!(who.contains("/t/acme/users?role=manager&amp;status=active"), "{who}");

    let taken = admin.post(&format!("{page}/roles/remove"), &[("own_role", &role)]).await;
    assert_eq!((taken.status, taken.location()), (StatusCode::SEE_OTHER, page.as_str()));
    let who = admin.get("/t/acme/roles/who?permission=audit:read").await.text();
    assert!(!who.contains("user@acme.example"), "{who}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_beside_what_is_wrong_with_it() {
    let (_world, mut admin, page, role) = world().await;
    for (own_role, from, until, wrong) in [
        ("", "", "", "Choose a role."),
        ("0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f", "", "", "not there any more"),
        (role.as_str(), "tomorrow", "", "Write a date and a time"),
        (role.as_str(), "", "2000-01-01T00:00", "over already"),
        (role.as_str(), "2999-01-02T00:00", "2999-01-01T00:00", "after the beginning"),
        ("\"><script>alert(1)</script>", "\"><script>alert(1)</script>", "", "Choose a role."),
    ] {
        let fields = [("own_role", own_role), ("from", from), ("until", until)];
        let answer = admin.post(&format!("{page}/roles"), &fields).await;
        let text = answer.text();
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(text.contains(wrong) && !text.contains("<script>alert"), "{fields:?}: {text}");
        assert!(from.contains('<') || from.is_empty() || text.contains(&format!("value=\"{from}\"")), "{fields:?}");
        assert!(until.is_empty() || text.contains(&format!("value=\"{until}\"")), "{fields:?}");
        assert!(text.contains(&format!("action=\"{page}/roles\"")), "the page is the user's, and its forms too");
    }
    let odd = admin.post(&format!("{page}/roles"), &[("own_role", &role), ("admin", "true")]).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_given_is_not_offered() {
    let (world, mut admin, page, role) = world().await;
    let above = make(
        &mut admin,
        r#"{"name":"Keeper","reason":"For a test","grants":[{"permission":"settings:update","effect":"allow"}]}"#,
    )
    .await;
    let offers = |text: &str, role: &str| text.contains(&format!("<option value=\"{role}\""));
    let mut manager = world.signed_in("acme", "manager@acme.example").await;
    let text = manager.get(&page).await.text();
    assert!(offers(&text, &role) && !offers(&text, &above), "{text}");
    assert!(offers(&admin.get(&page).await.text(), &above));
    let forced = manager.post(&format!("{page}/roles"), &[("own_role", &above)]).await;
    assert_eq!(forced.status, StatusCode::FORBIDDEN);
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    let text = viewer.get(&page).await.text();
    assert!(text.contains("What can") && !text.contains(&format!("action=\"{page}/roles\"")), "{text}");
    let mut user = world.signed_in("acme", "user@acme.example").await;
    assert!(!user.get(&page).await.text().contains("/access"), "who may not see roles is not led to them");
}

#[tokio::test(flavor = "multi_thread")]
async fn supposed_circumstances_that_make_no_sense_get_no_answer() {
    let (_world, mut admin, page, _) = world().await;
    for (query, wrong) in [
        ("at=yesterday", "Write a date and a time"),
        ("address=nowhere", "Write an address"),
        ("address=%3Cscript%3Ealert(1)%3C/script%3E", "Write an address"),
    ] {
        let answer = admin.get(&format!("{page}/access?{query}")).await;
        let text = answer.text();
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(text.contains(wrong) && !text.contains("<script>alert"), "{query}: {text}");
        assert!(!text.contains("Not allowed"), "{query}: an answer to something else would be taken for one");
    }
    assert_eq!(admin.get("/t/acme/roles/who?permission=users:fly").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        admin.get("/t/acme/roles/who?permission=platform.orgs:read").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    for nowhere in ["", "?permission=users:fly", "?permission=%3D1%2B1"] {
        assert_eq!(admin.get(&format!("/t/acme/roles/who.csv{nowhere}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cell_of_the_download_is_a_formula() {
    let (_world, mut admin, _, _) = world().await;
    make(&mut admin, r#"{"name":"=HYPERLINK(1)","grants":[{"permission":"users:read","effect":"allow"}]}"#).await;
    let answer = admin.get("/t/acme/roles/who.csv?permission=users:read").await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"who-can-users-read.csv\"");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let text = answer.text();
    assert!(text.starts_with("\"permission\",\"kind\",\"id\",\"name\",\"reach\",\"holders\"\r\n"), "{text}");
    assert!(text.contains("\"'=HYPERLINK(1)\"") && text.contains("\"built_in_role\""), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_leads_to_what_they_could_do_at_that_moment() {
    let (world, mut admin, page, _) = world().await;
    let mut user = world.signed_in("acme", "user@acme.example").await;
    assert_eq!(user.get("/t/acme/settings").await.status, StatusCode::FORBIDDEN);
    let newest = "SELECT id::text FROM audit_events WHERE action = 'access.denied' ORDER BY id DESC LIMIT 1";
    let event = admin.get(&format!("/t/acme/audit/{}", world.sql(newest).await)).await.text();
    let (_, rest) = event.split_once(&format!("href=\"{page}/access?at=")).expect("a link");
    let (query, _) = rest.split_once('"').unwrap();
    let answers = admin.get(&format!("{page}/access?at={}", query.replace("&amp;", "&"))).await;
    assert_eq!(answers.status, StatusCode::OK, "{}", answers.text());
    let supposed = format!("As the server would decide at {}", &query[..10]);
    assert!(answers.text().contains(&supposed), "{supposed}: {}", answers.text());

    // What was not denied leads nowhere.
    let signed_in = "SELECT id::text FROM audit_events WHERE action = 'session.started' ORDER BY id DESC LIMIT 1";
    let other = admin.get(&format!("/t/acme/audit/{}", world.sql(signed_in).await)).await.text();
    assert!(!other.contains("/access?at="), "{other}");
}
