//! Bodies, ids and addresses that do not fit are problems, and nothing happens.

use super::*;
use crate::harness::World;

const PATCH: Method = Method::PATCH;

#[tokio::test(flavor = "multi_thread")]
async fn only_one_object_with_known_fields_is_taken() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (id, version) = user(&mut admin, "user@acme.example").await;
    let path = format!("/api/v1/users/{id}");
    let seen = [("if-match", version.as_str())];
    for (body, status, code, field) in [
        (r#"{"name":"A","admin":true}"#, 422, "invalid", Some("admin")),
        (r#"{"name":"A","name":"B"}"#, 422, "invalid", Some("name")),
        (r#"{"name":7}"#, 422, "invalid", Some("name")),
        (r#"{"role":"owner"}"#, 422, "invalid", Some("role")),
        (r#"{"name":"a\u202Eb"}"#, 422, "invalid", Some("name")),
        (r#"{"name":"A""#, 400, "malformed_json", None),
        (r#"{"name":"A"} {"name":"B"}"#, 400, "malformed_json", None),
        (r#"["A"]"#, 400, "malformed_json", None),
        ("", 400, "malformed_json", None),
    ] {
        let answer = admin.json(PATCH, &path, body, &seen).await;
        let refused = problem(&answer, StatusCode::from_u16(status).unwrap(), code);
        assert_eq!(refused["errors"][0]["field"].as_str(), field, "{body}: {refused}");
    }
    assert_eq!(user(&mut admin, "user@acme.example").await.1, version, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_content_and_too_much_of_it_are_refused() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (id, version) = user(&mut admin, "user@acme.example").await;
    let mut send = async |kind: &str, body: Vec<u8>| {
        let request = Request::patch(format!("/api/v1/users/{id}"))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", kind)
            .header("if-match", &version)
            .body(Body::from(body))
            .unwrap();
        admin.send(request).await
    };
    for kind in
        ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/jsonp"]
    {
        problem(&send(kind, b"{}".to_vec()).await, StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type");
    }
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(10 << 20));
    problem(&send("application/json", large.into_bytes()).await, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large");
    assert_eq!(send("application/json; charset=utf-8", b"{}".to_vec()).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nowhere_is_one_problem_whatever_it_looks_like() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let foreign = world.sql("SELECT id::text FROM users WHERE email = 'admin@globex.example'").await;
    let paths = [
        format!("/api/v1/users/{foreign}"),
        "/api/v1/users/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f".to_owned(),
        "/api/v1/users/7".to_owned(),
        "/api/v1/users/%2e%2e%2fme".to_owned(),
        "/api/v1/settings/no.such.key".to_owned(),
        "/api/v1/nothing".to_owned(),
        "/api/v2/users".to_owned(),
        "/api/v1/orgs".to_owned(),
    ];
    let mut bodies = Vec::new();
    for path in &paths {
        let answer = admin.get(path).await;
        problem(&answer, StatusCode::NOT_FOUND, "not_found");
        bodies.push(answer.text().replace(head(&answer, "x-request-id"), ""));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
    // The foreign one was looked into once the answer was out.
    world.app.tasks().close();
    world.app.tasks().wait().await;
    let seen = "SELECT count(*)::text FROM audit_events WHERE action = 'access.cross_tenant_attempt' AND target_id = ";
    assert_eq!(
        world.sql(&format!("{seen}'{foreign}'")).await,
        "3",
        "in the log of either organization, and for operators"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_id_in_a_body_is_answered_like_none_and_recorded() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut theirs = world.signed_in("globex", "admin@globex.example").await;
    let role = r#"{"name":"Theirs","reason":"x","grants":[{"permission":"audit:read","effect":"allow"}]}"#;
    let made = theirs.json(Method::POST, "/api/v1/roles", role, &[]).await;
    let their_role = made.location().rsplit('/').next().unwrap().to_owned();
    let ours = admin.json(Method::POST, "/api/v1/roles", role, &[]).await.location().to_owned();
    let user = async |email: &str| world.sql(&format!("SELECT id::text FROM users WHERE email = '{email}'")).await;
    let own = user("user@acme.example").await;
    // In a batch behind more of our own people than are looked into, each in a place of its own.
    let many = world.sql("SELECT json_agg(id)::text FROM users WHERE email LIKE '%@acme.example'").await;
    let globex = world.sql("SELECT string_agg(id::text, ' ') FROM users WHERE email LIKE '%@globex.example'").await;
    let mut globex = globex.split(' ').map(str::to_owned);
    let [listed, asked, ticked, slipped] = std::array::from_fn(|_| globex.next().unwrap());
    let batch = format!(r#"{{"users":{},"dry_run":true}}"#, many.replace(']', &format!(",\"{listed}\"]")));
    let question = |id: &str| {
        format!(
            r#"{{"subject":{{"type":"user","id":"{id}"}},"action":{{"name":"read"}},"resource":{{"type":"backups"}}}}"#
        )
    };
    let nobody = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
    for (method, path, foreign, body) in [
        (Method::POST, format!("{ours}/assignments/batch"), &listed, batch),
        (Method::POST, "/api/v1/decisions".to_owned(), &asked, question(&asked)),
        (
            Method::POST,
            "/api/v1/roles".to_owned(),
            &their_role,
            format!(r#"{{"name":"Heir","reason":"x","inherits":["{their_role}"],"grants":[]}}"#),
        ),
    ] {
        let answer = admin.json(method.clone(), &path, &body, &[]).await;
        let none = admin.json(method, &path, &body.replace(foreign.as_str(), nobody), &[]).await;
        assert_eq!(answer.status, none.status, "{path}: {}", answer.text());
        // A denial is kept under an id of its own.
        let kept = |answer: &Answer| json(answer)["context"]["id"].as_str().unwrap_or("no decision").to_owned();
        let same = |answer: &Answer, id: &str| {
            [head(answer, "x-request-id"), kept(answer).as_str(), id]
                .iter()
                .fold(answer.text(), |text, own| text.replace(own, ""))
        };
        assert_eq!(same(&answer, foreign), same(&none, nobody), "{path}");
    }
    let form = [("own_role", their_role.as_str())];
    assert_eq!(admin.post(&format!("/t/acme/users/{own}/roles"), &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let role = ours.rsplit('/').next().unwrap();
    let step = |step, user| [("step", step), ("deed", "give"), ("own_role", role), ("user", &own), ("user", user)];
    let shown = admin.post("/t/acme/users/roles", &step("look", &ticked)).await;
    assert_eq!(shown.status, StatusCode::OK);
    let shown = shown.hidden("shown").unwrap();
    let done = [&step("do", &slipped)[..], &[("shown", &shown), ("reason", "x")]].concat();
    assert_eq!(admin.post("/t/acme/users/roles", &done).await.status, StatusCode::OK);
    world.app.tasks().close();
    world.app.tasks().wait().await;
    let seen = "SELECT string_agg(aimed_id || ' ' || answered_with, ',' ORDER BY at, id) FROM access_attempts WHERE surface = 'body'";
    let expected =
        [(&listed, 200), (&asked, 200), (&their_role, 422), (&their_role, 422), (&ticked, 200), (&slipped, 200)];
    let mut expected = expected.map(|(id, status)| format!("{id} {status}"));
    let mut seen: Vec<String> = world.sql(seen).await.split(',').map(str::to_owned).collect();
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected, "and none of our own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_there_is_told_which_are() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let answer = ask(&mut admin, Method::PUT, "/api/v1/users", &[]).await;
    problem(&answer, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
    assert!(head(&answer, "allow").contains("GET"), "{:?}", answer.headers);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_strangers_are_problems_too() {
    let world = World::demo().await;
    let mut visitor = world.visitor();
    let answer = visitor.get("/api/v1/me").await;
    problem(&answer, StatusCode::UNAUTHORIZED, "unauthenticated");
    assert!(!head(&answer, "www-authenticate").is_empty());
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    let answer =
        viewer.json(Method::POST, "/api/v1/invitations", r#"{"emails":["x@y.example"],"role":"viewer"}"#, &[]).await;
    let refused = problem(&answer, StatusCode::FORBIDDEN, "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("users:invite"), "{refused}");
    let request =
        Request::delete("/api/v1/sessions").header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    problem(&viewer.send(request).await, StatusCode::FORBIDDEN, "foreign_origin");
}
