//! Giving a role to several people, as a browser without JavaScript does it; and pages of those who hold it.

use crate::harness::{Answer, Client, World};
use http::StatusCode;

const PATH: &str = "/t/acme/users/roles";

fn says(page: &Answer, words: &[&str]) {
    let text = page.text();
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'").replace("&amp;", "&")
}

/// Presses a button of the question: the hidden fields of its form, the reason, and the button's own.
async fn press(client: &mut Client, page: &Answer, step: &str, reason: &str) -> Answer {
    let text = page.text();
    let main = text.split_once("<main").unwrap().1;
    let mut fields: Vec<(String, String)> = main
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), unescaped(rest.split('"').next().unwrap()))
        })
        .collect();
    fields.push(("step".to_owned(), step.to_owned()));
    if step == "do" {
        fields.push(("reason".to_owned(), reason.to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_as_is(PATH, &fields).await
}

/// A role that allows one thing; its id.
async fn role(client: &mut Client, name: &str, permission: &str) -> String {
    let body =
        serde_json::json!({"name": name, "reason": "x", "grants": [{"permission": permission, "effect": "allow"}]});
    let made = client.json(http::Method::POST, "/api/v1/roles", &body.to_string(), &[]).await;
    made.location().rsplit('/').next().unwrap().to_owned()
}

async fn user(world: &World, email: &str) -> String {
    world.sql(&format!("SELECT id::text FROM users WHERE email = '{email}'")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_chosen_in_the_list_looked_at_and_given_a_role() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let reader = role(&mut admin, "Reader <b>", "audit:read").await;
    let list = admin.get("/t/acme/users?status=active").await;
    says(&list, &["Select all ", "name=\"user\"", "value=\"give\"", "Chosen users"]);
    let (user, viewer) = (user(&world, "user@acme.example").await, user(&world, "viewer@acme.example").await);
    let chosen = [("step", "choose"), ("deed", "give"), ("user", &user), ("user", &viewer)];
    let choose = admin.post(PATH, &chosen).await;
    assert_eq!(choose.status, StatusCode::OK);
    says(&choose, &["Give a role to several people", "Chosen in the list", "Reader &lt;b"]);

    let typed = [
        ("step", "look"),
        ("deed", "give"),
        ("user", &user),
        ("user", &viewer),
        ("people", "nobody@acme.example"),
        ("own_role", &reader),
    ];
    let shown = admin.post(PATH, &typed).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    says(
        &shown,
        &[
            "Nothing is done yet. 2 would get it, 1 would be skipped.",
            "Nobody here has this address.",
            "audit:read",
            "Give role to 2 people",
        ],
    );
    let held = format!("SELECT count(*)::text FROM role_assignments WHERE role_id = '{reader}'");
    assert_eq!(world.sql(&held).await, "0", "looking does nothing");
    says(&press(&mut admin, &shown, "choose", "").await, &["Chosen in the list", "nobody@acme.example"]);

    let done = press(&mut admin, &shown, "do", "Yearly audit").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    says(&done, &["2 given, 1 skipped.", "Nobody here has this address.", "Skipped"]);
    assert_eq!(world.sql(&held).await, "2");
    let twice = press(&mut admin, &shown, "do", "Yearly audit").await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER, "sent twice, done once");
    assert_eq!(world.sql("SELECT count(*)::text FROM audit_events WHERE reason = 'Yearly audit'").await, "2");

    // Everybody whom a filter shows, named by the filter.
    let all = admin.get("/t/acme/users?role=viewer&all=true").await;
    says(&all, &["users who match", "name=\"filter\" value=\"role=viewer\"", "Choose single users instead"]);
    assert!(!all.text().contains("name=\"user\""), "nobody is chosen beside the filter");
    let take = [("step", "look"), ("deed", "take"), ("filter", "role=viewer"), ("own_role", reader.as_str())];
    let shown = admin.post(PATH, &take).await;
    says(&shown, &["1 would lose it", "without it already", "Take role from 1 person"]);
    let done = press(&mut admin, &shown, "do", "").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/t/acme/users?role=viewer"));
    says(&admin.get(done.location()).await, &["taken from 1 person."]);
    assert_eq!(world.sql(&held).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_duties_exclude_each_other_one_reason_is_asked_for_all() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (user, viewer) = (user(&world, "user@acme.example").await, user(&world, "viewer@acme.example").await);
    let looker = role(&mut admin, "Looker", "settings:read").await;
    let eyes = serde_json::json!({"name": "Eyes", "permissions": ["settings:read", "users:read"], "rule": "ask",
                                  "why": "One or the other."});
    let made = admin.json(http::Method::POST, "/api/v1/duty-conflicts", &eyes.to_string(), &[]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let gag = serde_json::json!({"name": "Gag", "reason": "x", "grants": [{"permission": "settings:read", "effect": "deny"}]});
    let made = admin.json(http::Method::POST, "/api/v1/roles", &gag.to_string(), &[]).await;
    let gag = made.location().rsplit('/').next().unwrap().to_owned();
    for (deed, role) in [("give", &gag), ("give", &looker)] {
        let look = [("step", "look"), ("deed", deed), ("user", &user), ("user", &viewer), ("own_role", role.as_str())];
        let shown = admin.post(PATH, &look).await;
        assert!(!shown.text().contains("would newly hold both"), "denied, nobody holds both: {}", shown.text());
        assert_eq!(press(&mut admin, &shown, "do", "").await.status, StatusCode::SEE_OTHER);
    }
    let look = [("step", "look"), ("deed", "take"), ("user", &user), ("user", &viewer), ("own_role", gag.as_str())];
    let shown = admin.post(PATH, &look).await;
    let sentence = "would newly hold both settings:read and users:read (conflict: Eyes)";
    says(&shown, &[sentence, "One or the other.", "Needed because of: Eyes.", "Take role from 2 people"]);
    let missing = press(&mut admin, &shown, "do", " ").await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&missing, &["Say why.", sentence]);
    let held = format!("SELECT count(*)::text FROM role_assignments WHERE role_id = '{gag}'");
    assert_eq!(world.sql(&held).await, "2", "asked, and nothing done");
    let done = press(&mut admin, &missing, "do", "Only two are left").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(world.sql(&held).await, "0");
    let reasons = "SELECT count(*)::text FROM audit_events WHERE reason = 'Only two are left' AND action = 'user.role_unassigned'";
    assert_eq!(world.sql(reasons).await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_wrong_stays_and_is_explained() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let reader = role(&mut admin, "Reader", "audit:read").await;
    let keeper = role(&mut admin, "Keeper", "settings:update").await;
    let from_role = admin.get(&format!("{PATH}?own_role={reader}")).await;
    says(&from_role, &["E-mail addresses", &format!("value=\"{reader}\" selected")]);
    let base = [
        ("step", "look"),
        ("deed", "give"),
        ("people", "user@acme.example\n</textarea><script>"),
        ("own_role", reader.as_str()),
    ];
    for (name, wrong, said) in [
        ("own_role", "x", "Choose a role."),
        ("own_role", "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f", "is not there any more"),
        ("own_role", "00000000-0000-4000-8000-000000000a04", "is not there any more"),
        ("workspace", "x", "Choose where it counts."),
        ("from", "tomorrow", "Write a date and a time"),
        ("until", "2000-01-01T00:00", "This is over already."),
        ("people", " , ;\n", "Choose at least one person."),
    ] {
        let mut fields: Vec<(&str, &str)> = base.iter().copied().filter(|(given, _)| *given != name).collect();
        fields.push((name, wrong));
        let refused = admin.post(PATH, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {wrong}");
        says(&refused, &[said]);
        if name != "people" {
            says(&refused, &["user@acme.example\n&lt;/textarea"]);
        }
    }
    let shown = admin.post(PATH, &base).await;
    assert!(!shown.text().contains("<script>"), "written out as text");
    for wrong in [[("step", "undo")], [("deed", "lend")], [("user", "ana")], [("admin", "true")]] {
        assert_eq!(admin.post(PATH, &wrong).await.status, StatusCode::BAD_REQUEST, "{wrong:?}");
    }
    let unseen = [("step", "do"), ("deed", "give"), ("people", "user@acme.example"), ("own_role", reader.as_str())];
    assert_eq!(admin.post(PATH, &unseen).await.status, StatusCode::BAD_REQUEST, "nothing is done unseen");

    // What is dangerous takes a reason, and the person stays where it is typed.
    let dangerous =
        [("step", "look"), ("deed", "give"), ("people", "user@acme.example"), ("own_role", keeper.as_str())];
    let shown = admin.post(PATH, &dangerous).await;
    says(&shown, &["They could newly", "That takes a reason", "Needs a reason"]);
    let refused = press(&mut admin, &shown, "do", "  ").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["Say why: they could newly", "Give role to 1 person"]);
    // Roles that changed since it was shown are shown again.
    role(&mut admin, "Another", "users:read").await;
    let stale = press(&mut admin, &shown, "do", "Because").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    says(&stale, &["Roles were changed since you looked. Nothing was done"]);
    let done = press(&mut admin, &stale, "do", "Because").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, format!("/t/acme/roles/{keeper}").as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_role_and_of_a_workspace_have_pages() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let reader = role(&mut admin, "Reader", "audit:read").await;
    let workspace = world.keep_workspace(&mut admin, "Pilot").await;
    says(&admin.get(&format!("/t/acme/roles/{reader}")).await, &["Nobody holds this role.", "Give to several people"]);
    let fill = |many: u32| {
        format!(
            "INSERT INTO users (org_id, id, email, email_norm, role, status)
             SELECT o.id, gen_random_uuid(), 'n' || n || '@x.example', 'n' || n || '@x.example', 'user', 'active'
             FROM orgs o, generate_series(1, 26) n WHERE o.slug = 'acme' ON CONFLICT DO NOTHING;
             INSERT INTO workspace_members (org_id, workspace_id, user_id, added_by)
             SELECT org_id, '{workspace}', id, 'x' FROM users WHERE email LIKE 'n%@x.example' ORDER BY length(email), email LIMIT {many} ON CONFLICT DO NOTHING;
             INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by)
             SELECT org_id, user_id, '{reader}', 'x' FROM workspace_members WHERE workspace_id = '{workspace}' ON CONFLICT DO NOTHING"
        )
    };
    for (many, paged) in [(25, false), (26, true)] {
        world.database.run(&fill(many)).await.unwrap();
        for page in [format!("/t/acme/roles/{reader}"), format!("/t/acme/workspaces/{workspace}")] {
            let first = admin.get(&format!("{page}?limit=25")).await.text();
            assert_eq!(first.contains("rel=\"next\""), paged, "{many} {page}");
            assert_eq!(first.contains("Search by name or address"), paged, "{many} {page}");
            if paged {
                let next = first.split("after=").nth(1).unwrap().split(['"', '&']).next().unwrap();
                let second = admin.get(&format!("{page}?limit=25&after={next}")).await.text();
                assert!(second.contains("rel=\"prev\"") && !second.contains("rel=\"next\""), "{page}");
                let found = admin.get(&format!("{page}?limit=25&q=n26")).await;
                says(&found, &["1 of 26 members", "n26@x.example"]);
                says(&admin.get(&format!("{page}?limit=25&q=zebra")).await, &["0 of 26 members", "Clear"]);
            }
        }
    }
    // The list of those who lose it counts all and names some.
    says(&admin.get(&format!("/t/acme/roles/{reader}/delete")).await, &["users lose it", "n26@x.example"]);
}
