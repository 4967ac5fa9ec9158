//! What is typed and not taken.

use super::{NEW, editor::give, id_of, press, saved};
use crate::harness::World;
use http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_stands_beside_its_field_as_text() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let long = "x".repeat(501);
    let many = "192.0.2.1 ".repeat(101);
    for (field, value, says) in [
        ("name", "", "Enter a name."),
        ("name", &long[..61], "at most 60 characters"),
        ("name", "Audi\u{202E}tor", "invisible or control characters"),
        ("name", "Audi\u{7}tor", "invisible or control characters"),
        ("name", "\u{410}dmin", "looks like the name of a built-in role"),
        ("name", "VIEWER", "looks like the name of a built-in role"),
        ("description", &long, "At most 500 characters."),
        ("description", "a\u{200B}b", "invisible or control characters"),
        ("inherits", "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f", "not there any more"),
        ("zone.users:read", "Mars/</script><script>alert(1)</script>", "There is no such time zone."),
        ("from.users:read", "25:61", "Write an hour like 08:30."),
        ("until.users:read", "</script>", "Write an hour like 08:30."),
        ("days.users:read", "funday", "Days are mon"),
        ("not_before.users:read", "tomorrow", "Write day and hour"),
        ("not_after.users:read", "9999-99-99T99:99", "Write day and hour"),
        ("addresses.users:read", "</textarea><script>alert(1)</script>", "Write an address or a network"),
        ("addresses.users:read", "192.0.2.1/24", "bits beyond its network"),
        ("addresses.users:read", &many, "At most 100 networks."),
    ] {
        for step in ["review", "save"] {
            let name = if field == "name" { value } else { "Auditor" };
            let fields = [("name", name), ("grant.users:read", "allow"), (field, value), ("step", step)];
            let fields = if field == "name" { [&fields[..2], &fields[3..]].concat() } else { fields.to_vec() };
            let answer = admin.post(NEW, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value:?} {step}: {}", answer.text());
            let text = answer.text();
            assert!(text.contains(says), "{field} {value:?}: {text}");
            assert!(text.contains("error-summary"), "{field}");
            assert!(!text.contains("<script>alert"), "{field}");
            assert!(field != "name" || text.contains(&format!("value=\"{value}\"")), "what was typed stays");
        }
    }
    for name in ["</title><script>alert(1)</script>", "</textarea><script>alert(1)", "\"><img src=x onerror=alert(1)>"]
    {
        let page = saved(&mut admin, &[("name", name), ("description", name)]).await;
        for path in ["", "/edit", "/delete", "/versions/1"] {
            let answer = admin.get(&format!("{page}{path}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            for markup in ["<script>alert", "<img src=x"] {
                assert!(!answer.text().contains(markup), "{name} on {path}");
            }
        }
        assert!(!admin.get("/t/acme/roles").await.text().contains("<script>alert"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_the_page_does_not_have_are_refused() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = saved(&mut admin, &[("name", "Auditor")]).await;
    for extra in [
        ("grant.users:fly", "allow"),
        ("grant.platform.orgs:manage", "allow"),
        ("grant.users:read", "always"),
        ("grant.users:read", "keep"),
        ("colour.users:read", "red"),
        ("org", "globex"),
        ("name", "Twice"),
        ("inherits", "everything"),
        ("kept.users:read", "[{}]"),
        ("version", "1"),
    ] {
        let fields = [("name", "Other"), extra, ("step", "save")];
        assert_eq!(admin.post(NEW, &fields).await.status, StatusCode::BAD_REQUEST, "{extra:?}");
    }
    // One that is there is changed under the version that was seen, and not without.
    let answer = admin.post(&format!("{page}/edit"), &[("name", "Other"), ("step", "save")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.sql("SELECT count(*)::text FROM roles WHERE name = 'Other'").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_is_printed() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let first = saved(&mut admin, &[("name", "First")]).await;
    let second = saved(&mut admin, &[("name", "Second"), ("inherits", id_of(&first))]).await;
    let fields = [("version", "1"), ("name", "First"), ("inherits", id_of(&second)), ("step", "review")];
    let answer = admin.post(&format!("{first}/edit"), &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text();
    assert!(text.contains("First → Second → First") || text.contains("Second → First → Second"), "{text}");
    assert!(text.contains("id=\"f-inherits-error\""), "beside the field");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lets_somebody_change_what_others_may_takes_a_reason() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let review = admin.post(NEW, &[("name", "Keeper"), ("grant.roles:manage", "allow"), ("step", "review")]).await;
    assert_eq!(review.status, StatusCode::OK);
    assert!(review.text().contains("could newly create, change or delete roles"), "{}", review.text());
    let refused = press(&mut admin, NEW, &review, "save", " ").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("id=\"f-reason-error\""), "{}", refused.text());
    assert_eq!(press(&mut admin, NEW, &refused, "save", "Ana keeps them").await.status, StatusCode::SEE_OTHER);
    // Inherited is allowed too.
    let admin_role = "00000000-0000-4000-8000-000000000a01";
    let fields = [("name", "Second admin"), ("inherits", admin_role), ("step", "save")];
    assert_eq!(admin.post(NEW, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_grants_what_they_do_not_hold() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let keeper = [
        ("name", "Keeper"),
        ("grant.roles:manage", "allow"),
        ("grant.roles:read", "allow"),
        ("reason", "Ana keeps them"),
    ];
    let page = saved(&mut admin, &keeper).await;
    give(&world, id_of(&page), "user@acme.example").await;
    let mut user = world.signed_in("acme", "user@acme.example").await;
    let form = user.get(NEW).await;
    assert_eq!(form.status, StatusCode::OK);
    let text = form.text();
    let options = |permission: &str| {
        let select = text.split_once(&format!("name=\"grant.{permission}\"")).unwrap().1;
        select.split_once("</select>").unwrap().0.to_owned()
    };
    assert!(options("users:read").contains("value=\"allow\""));
    assert!(!options("users:suspend").contains("value=\"allow\""));
    assert!(text.contains("Not yours to grant."));
    for (fields, step) in [
        ([("name", "Mine"), ("grant.users:suspend", "allow")], "review"),
        ([("name", "Mine"), ("inherits", "00000000-0000-4000-8000-000000000a02")], "save"),
    ] {
        let fields: Vec<_> = fields.into_iter().chain([("step", step)]).collect();
        let answer = user.post(NEW, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(answer.text().contains("You do not hold"), "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_sees_both() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = saved(&mut admin, &[("name", "Auditor"), ("grant.audit:read", "allow")]).await;
    let edit = format!("{page}/edit");
    let faster = [("version", "1"), ("name", "Faster"), ("grant.audit:read", "deny"), ("step", "save")];
    assert_eq!(admin.post(&edit, &faster).await.status, StatusCode::SEE_OTHER);
    for step in ["review", "save"] {
        let slower = [("version", "1"), ("name", "Slower"), ("grant.audit:read", "allow"), ("step", step)];
        let answer = admin.post(&edit, &slower).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{step}");
        let text = answer.text();
        for shown in ["What it says now beside what you typed", "Faster", "value=\"Slower\"", "Denies", "Allows"] {
            assert!(text.contains(shown), "{step}: {shown}");
        }
        assert_eq!(answer.hidden("version").as_deref(), Some("2"));
    }
}
