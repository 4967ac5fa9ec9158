//! Roles: made, read, changed with what was seen, deleted; given and taken; and what follows from them, with the reasons.

use super::{documented::is_documented, *};
use crate::harness::World;

const PATH: &str = "/api/v1/roles";
const ONE: &str = "/api/v1/roles/{id}";
const HELD: &str = "/api/v1/users/{id}/roles/{role}";
const VIEWER: &str = "00000000-0000-4000-8000-000000000a04";

/// Every kind of test there is, in one condition.
fn everything() -> Value {
    serde_json::json!([
        [
            {"test": "hours", "days": ["mon", "sun"], "from": 1080, "until": 360, "zone": "Europe/Berlin"},
            {"test": "period", "from": null, "until": "2027-01-01T00:00:00Z"},
            {"test": "address", "ranges": ["192.0.2.0/24", "2001:db8::1"]},
        ],
        [
            {"test": "attribute", "name": "environment", "is": "one_of", "values": [
                {"type": "text", "value": "staging"}, {"type": "text", "value": "review"},
            ]},
            {"test": "attribute", "name": "taken_at", "is": "below", "values": [
                {"type": "time", "value": "2027-01-01T00:00:00Z"},
            ]},
            {"test": "owner"},
            {"test": "id_prefix", "prefix": "backup-"},
            {"test": "workspace", "workspace": "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"},
        ],
    ])
}

pub(super) fn role(name: &str, permission: &str, effect: &str) -> String {
    serde_json::json!({"name": name, "reason": "For a test", "grants": [{"permission": permission, "effect": effect}]})
        .to_string()
}

/// Makes a role; where it is, and its tag.
pub(super) async fn made(client: &mut Client, body: &str) -> (String, String) {
    let answer = client.json(Method::POST, PATH, body, &[]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    (location(&answer).to_owned(), head(&answer, "etag").to_owned())
}

/// A role that lets people read the audit log, given to acme's user; where it is.
pub(super) async fn log_reader(admin: &mut Client) -> String {
    let (user, _) = user(admin, "user@acme.example").await;
    let (here, _) = made(admin, &role("Log reader", "audit:read", "allow")).await;
    let held = format!("/api/v1/users/{user}/roles/{}", id_of(&here));
    assert_eq!(admin.json(Method::PUT, &held, "{}", &[]).await.status, StatusCode::OK);
    here
}

pub(super) fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_read_changed_and_deleted() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let new = serde_json::json!({
        "name": "Night auditor", "description": "After hours.", "inherits": [VIEWER], "reason": "Ticket 1",
        "grants": [{"permission": "backups:read", "effect": "allow", "when": everything()},
                   {"permission": "settings:read", "effect": "deny"}],
    });
    let key = [("idempotency-key", "roles-1")];
    let created = admin.json(Method::POST, PATH, &new.to_string(), &key).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let read = is_documented(&created, "post", PATH);
    assert_eq!(read["grants"][0]["when"], everything(), "what was written is read");
    assert_eq!((read["version"].as_i64(), read["built_in"].as_bool()), (Some(1), Some(false)));
    let inherited =
        read["effective"].as_array().unwrap().iter().find(|line| line["permission"] == "users:read").unwrap();
    assert_eq!((inherited["from"]["name"].as_str(), inherited["sentence"].as_str()), (Some("Viewer"), Some("always")));
    let said = read["effective"].as_array().unwrap().iter().filter(|line| line["permission"] == "settings:read");
    let said: Vec<_> =
        said.map(|line| (line["effect"].as_str().unwrap(), line["from"]["name"].as_str().unwrap())).collect();
    assert_eq!(said, [("deny", "Night auditor"), ("allow", "Viewer")], "its own first");

    let again = admin.json(Method::POST, PATH, &new.to_string(), &key).await;
    assert_eq!((again.status, location(&again)), (StatusCode::CREATED, location(&created)), "sent twice, made once");
    let taken = problem(
        &admin.json(Method::POST, PATH, &new.to_string(), &[]).await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid",
    );
    assert_eq!(taken["errors"][0]["field"], "name");

    let here = location(&created).to_owned();
    let tag = head(&created, "etag").to_owned();
    let unchanged = ask(&mut admin, Method::GET, &here, &[("if-none-match", &tag)]).await;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);

    let changed =
        serde_json::json!({"name": "Day auditor", "grants": [{"permission": "audit:read", "effect": "allow"}]});
    let changed = changed.to_string();
    let put =
        async |admin: &mut Client, headers: &[(&str, &str)]| admin.json(Method::PUT, &here, &changed, headers).await;
    problem(&put(&mut admin, &[]).await, StatusCode::PRECONDITION_REQUIRED, "precondition_required");
    problem(&put(&mut admin, &[("if-match", "\"v7\"")]).await, StatusCode::PRECONDITION_FAILED, "stale_version");
    let answer = put(&mut admin, &[("if-match", &tag)]).await;
    let read = is_documented(&answer, "put", ONE);
    assert_eq!((read["name"].as_str(), read["description"].as_str()), (Some("Day auditor"), Some("")));
    assert_eq!(read["inherits"], serde_json::json!([]), "what is left out becomes empty");
    problem(&put(&mut admin, &[("if-match", &tag)]).await, StatusCode::PRECONDITION_FAILED, "stale_version");

    let versions = is_documented(&admin.get(&format!("{here}/versions")).await, "get", "/api/v1/roles/{id}/versions");
    let names: Vec<_> = versions["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Day auditor", "Night auditor"]);
    assert_eq!(versions["data"][1]["reason"], "Ticket 1");

    let list = is_documented(&admin.get(PATH).await, "get", PATH);
    let rows = list["data"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["built_in"] == true).count(), 4);
    assert!(rows.iter().any(|row| row["name"] == "Day auditor" && row["holders"] == 0), "{list}");

    let heir = serde_json::json!({"name": "Heir", "inherits": [id_of(&here)]}).to_string();
    let (heir, heirs_tag) = made(&mut admin, &heir).await;
    let tag = head(&answer, "etag").to_owned();
    let kept = ask(&mut admin, Method::DELETE, &here, &[("if-match", &tag)]).await;
    problem(&kept, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    for (path, tag) in [(&heir, &heirs_tag), (&here, &tag)] {
        problem(
            &ask(&mut admin, Method::DELETE, path, &[]).await,
            StatusCode::PRECONDITION_REQUIRED,
            "precondition_required",
        );
        let gone = ask(&mut admin, Method::DELETE, path, &[("if-match", tag)]).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text());
        problem(&admin.get(path).await, StatusCode::NOT_FOUND, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn built_in_roles_are_read_and_never_changed() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let here = format!("{PATH}/{VIEWER}");
    let viewer = is_documented(&admin.get(&here).await, "get", ONE);
    assert_eq!((viewer["built_in"].as_bool(), viewer["version"].as_i64()), (Some(true), None), "{viewer}");
    for tag in ["\"v0\"", "\"v1\""] {
        let answer = admin.json(Method::PUT, &here, r#"{"name":"Mine"}"#, &[("if-match", tag)]).await;
        problem(&answer, StatusCode::NOT_FOUND, "not_found");
        let answer = ask(&mut admin, Method::DELETE, &here, &[("if-match", tag)]).await;
        problem(&answer, StatusCode::NOT_FOUND, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_do_not_fit_name_the_field() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let before = json(&admin.get(PATH).await);
    let when = |test: Value| serde_json::json!({"name": "X", "grants": [{"permission": "users:read", "effect": "allow", "when": [[test]]}]});
    let hours = |from: u32, zone: &str| {
        when(serde_json::json!({"test": "hours", "days": ["mon"], "from": from, "until": 5, "zone": zone}))
    };
    let many: Vec<Value> =
        (0..501).map(|_| serde_json::json!({"permission": "users:read", "effect": "allow"})).collect();
    for (body, field) in [
        (serde_json::json!({}), "name"),
        (serde_json::json!({"name": ""}), "name"),
        (serde_json::json!({"name": "Admin"}), "name"),
        (serde_json::json!({"name": "Au\u{202e}ditor"}), "name"),
        (serde_json::json!({"name": "X", "admin": true}), "admin"),
        (serde_json::json!({"name": "X", "description": "x".repeat(501)}), "description"),
        (serde_json::json!({"name": "X", "inherits": ["7"]}), "inherits[0]"),
        (serde_json::json!({"name": "X", "inherits": ["0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"]}), "inherits"),
        (
            serde_json::json!({"name": "X", "grants": [{"permission": "users:*", "effect": "allow"}]}),
            "grants[0].permission",
        ),
        (serde_json::json!({"name": "X", "grants": [{"permission": "users:fly", "effect": "allow"}]}), "grants"),
        (
            serde_json::json!({"name": "X", "grants": [{"permission": "platform.orgs:read", "effect": "allow"}]}),
            "grants",
        ),
        (
            serde_json::json!({"name": "X", "grants": [{"permission": "users:read", "effect": "maybe"}]}),
            "grants[0].effect",
        ),
        (serde_json::json!({"name": "X", "grants": many}), "grants"),
        (when(serde_json::json!({"test": "moon"})), "grants[0].when[0][0]"),
        (when(serde_json::json!({"test": "address", "ranges": ["192.0.2.1/24"]})), "grants[0].when[0][0]"),
        (when(serde_json::json!({"test": "period", "until": "tomorrow"})), "grants[0].when[0][0]"),
        (when(serde_json::json!({"test": "period", "until": null, "or": 1})), "grants[0].when[0][0]"),
        (hours(5, "Mars/Olympus"), "grants"),
        (hours(1440, "Europe/Berlin"), "grants"),
    ] {
        for (path, body, prefix) in
            [(PATH, body.clone(), ""), ("/api/v1/roles/preview", serde_json::json!({"role": body}), "role.")]
        {
            let answer = admin.json(Method::POST, path, &body.to_string(), &[]).await;
            let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            let named = refused["errors"][0]["field"].as_str().unwrap_or_default();
            let fits = |field: &str| named == field || named.starts_with(&format!("{field}."));
            assert!(fits(field) || fits(&format!("{prefix}{field}")), "{field}, not {named}: {body}");
        }
    }
    let list = json(&admin.get(PATH).await);
    assert_eq!(list, before, "nothing was made");
    for bad in ["", "[]", "{\"name\":\"A\"", "{\"name\":\"A\"}{}"] {
        problem(&admin.json(Method::POST, PATH, bad, &[]).await, StatusCode::BAD_REQUEST, "malformed_json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_given_with_an_end_and_taken_away() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut person = world.signed_in("acme", "user@acme.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let (role, _) = made(&mut admin, &role("Log reader", "audit:read", "allow")).await;
    let held = format!("/api/v1/users/{user}/roles/{}", id_of(&role));
    assert_eq!(person.get("/api/v1/audit-events").await.status, StatusCode::FORBIDDEN);

    for (body, field) in [
        (r#"{"until":"2000-01-01T00:00:00Z"}"#, "until"),
        (r#"{"from":"2999-01-01T00:00:00Z","until":"2998-01-01T00:00:00Z"}"#, "until"),
        (r#"{"until":"tomorrow"}"#, "until"),
        (r#"{"forever":true}"#, "forever"),
    ] {
        let answer = admin.json(Method::PUT, &held, body, &[]).await;
        let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let until = r#"{"until":"2999-01-01T00:00:00Z"}"#;
    for _ in 0..2 {
        let given = is_documented(&admin.json(Method::PUT, &held, until, &[]).await, "put", HELD);
        assert_eq!(
            (given["role"]["name"].as_str(), given["until"].as_str()),
            (Some("Log reader"), Some("2999-01-01T00:00:00Z"))
        );
        assert_eq!(given["assigned_by"], "admin@acme.example");
    }
    assert_eq!(person.get("/api/v1/audit-events").await.status, StatusCode::OK, "with their next request");
    let members = is_documented(&admin.get(&format!("{role}/members")).await, "get", "/api/v1/roles/{id}/members");
    assert_eq!(members["data"][0]["email"], "user@acme.example");
    let roles =
        is_documented(&admin.get(&format!("/api/v1/users/{user}/roles")).await, "get", "/api/v1/users/{id}/roles");
    assert_eq!(roles["data"].as_array().unwrap().len(), 1, "given twice, held once");

    assert_eq!(ask(&mut admin, Method::DELETE, &held, &[]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(person.get("/api/v1/audit-events").await.status, StatusCode::FORBIDDEN);
    problem(&ask(&mut admin, Method::DELETE, &held, &[]).await, StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_do_not_hold() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut manager = world.signed_in("acme", "manager@acme.example").await;
    let (viewer, _) = user(&mut admin, "viewer@acme.example").await;
    let (above, _) = made(&mut admin, &role("Settings keeper", "settings:update", "allow")).await;
    let (below, _) = made(&mut admin, &role("Log reader", "audit:read", "allow")).await;
    let held = |user: &str, role: &str| format!("/api/v1/users/{user}/roles/{}", id_of(role));
    let refused = manager.json(Method::PUT, &held(&viewer, &above), "{}", &[]).await;
    problem(&refused, StatusCode::FORBIDDEN, "beyond_own_role");
    assert_eq!(manager.json(Method::PUT, &held(&viewer, &below), "{}", &[]).await.status, StatusCode::OK);
    assert_eq!(admin.json(Method::PUT, &held(&viewer, &above), "{}", &[]).await.status, StatusCode::OK);
    let refused = ask(&mut manager, Method::DELETE, &held(&viewer, &below), &[]).await;
    problem(&refused, StatusCode::FORBIDDEN, "beyond_own_role");
    problem(
        &manager.json(Method::POST, PATH, &role("X", "users:read", "allow"), &[]).await,
        StatusCode::FORBIDDEN,
        "forbidden",
    );

    let recorded = "SELECT count(*)::text FROM audit_events WHERE reason = 'beyond_own_role'";
    assert_eq!(world.sql(recorded).await, "2", "and it is written down");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_saving_would_change_is_told_and_nothing_is_saved() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let here = log_reader(&mut admin).await;
    let before = admin.get(&here).await.text();
    let draft: Value = serde_json::from_str(&role("Log reader", "users:invite", "allow")).unwrap();
    let body = serde_json::json!({"id": id_of(&here), "role": draft}).to_string();
    let preview = is_documented(
        &admin.json(Method::POST, "/api/v1/roles/preview", &body, &[]).await,
        "post",
        "/api/v1/roles/preview",
    );
    assert_eq!(preview["holders"], 1);
    let shifts: Vec<_> = preview["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|shift| {
            [&shift["email"], &shift["permission"], &shift["before"], &shift["after"]]
                .map(|text| text.as_str().unwrap())
        })
        .collect();
    assert_eq!(shifts.len(), 2, "{preview}");
    assert!(shifts.contains(&["user@acme.example", "audit:read", "always", "never"]), "{preview}");
    assert!(shifts.contains(&["user@acme.example", "users:invite", "never", "always"]), "{preview}");
    assert_eq!(admin.get(&here).await.text(), before);
    let new = serde_json::json!({"role": {"name": "New", "grants": [{"permission": "audit:read", "effect": "allow"}]}});
    let new = json(&admin.json(Method::POST, "/api/v1/roles/preview", &new.to_string(), &[]).await);
    assert_eq!((new["holders"].as_u64(), new["role"][0]["after"].as_str()), (Some(0), Some("always")), "{new}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_role_is_like_one_that_does_not_exist() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let foreign = world.keep_role(&mut other, "Theirs").await;
    let mut answers = Vec::new();
    for id in [foreign.as_str(), "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f", "not-an-id"] {
        let mut of_this = Vec::new();
        let seen = [("if-match", "\"v1\"")];
        let body = role("X", "users:read", "allow");
        for (method, path, body) in [
            (Method::GET, format!("{PATH}/{id}"), ""),
            (Method::GET, format!("{PATH}/{id}/versions"), ""),
            (Method::GET, format!("{PATH}/{id}/members"), ""),
            (Method::PUT, format!("{PATH}/{id}"), body.as_str()),
            (Method::DELETE, format!("{PATH}/{id}"), ""),
            (Method::PUT, format!("/api/v1/users/{user}/roles/{id}"), "{}"),
            (Method::DELETE, format!("/api/v1/users/{user}/roles/{id}"), ""),
        ] {
            let answer = match body {
                "" => ask(&mut admin, method, &path, &seen).await,
                body => admin.json(method, &path, body, &seen).await,
            };
            problem(&answer, StatusCode::NOT_FOUND, "not_found");
            of_this.push(answer.text().replace(head(&answer, "x-request-id"), ""));
        }
        answers.push(of_this);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    // In a body it is an id that leads nowhere, whosever it is.
    let told = async |admin: &mut Client, id: &str| {
        let body = serde_json::json!({"id": id, "role": {"name": "X"}}).to_string();
        let preview = admin.json(Method::POST, "/api/v1/roles/preview", &body, &[]).await.status;
        let body = serde_json::json!({"name": "X", "inherits": [id]}).to_string();
        let heir = admin.json(Method::POST, PATH, &body, &[]).await;
        (preview, heir.status, json(&heir)["errors"].clone())
    };
    let theirs = told(&mut admin, &foreign).await;
    assert_eq!(theirs, told(&mut admin, "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f").await);
    assert_eq!((theirs.0, theirs.1), (StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY));
}
