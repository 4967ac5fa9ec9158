//! Pages that answer everybody alike, and what all pages have in common.

use crate::harness::{Answer, World};
use http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn visitors_are_led_to_sign_in_and_back() {
    let world = World::demo().await;
    let mut visitor = world.visitor();
    assert_eq!(visitor.get("/").await.location(), "/login");
    assert_eq!(visitor.get("/op").await.location(), "/login/platform?next=%2Fop");
    let users = visitor.get("/t/acme/users?status=invited").await;
    assert_eq!(users.location(), "/login/acme?next=%2Ft%2Facme%2Fusers%3Fstatus%3Dinvited");
    let page = visitor.get(users.location()).await;
    assert_eq!(page.hidden("next").as_deref(), Some("/t/acme/users?status=invited"));
    let password = bulkhead_domain::seed::DEMO_PASSWORD;
    let fields = [("email", "admin@acme.example"), ("password", password), ("next", "/t/acme/users?status=invited")];
    let answer = visitor.post_as_is("/login/acme", &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/t/acme/users?status=invited"));
    assert_eq!(visitor.get("/").await.location(), "/t/acme");
    assert_eq!(visitor.get("/.well-known/change-password").await.location(), "/account/password");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leads_to_another_host() {
    let world = World::demo().await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tx"] {
        let mut visitor = world.visitor();
        let password = bulkhead_domain::seed::DEMO_PASSWORD;
        let fields = [("email", "admin@acme.example"), ("password", password), ("next", next)];
        let answer = visitor.post_as_is("/login/acme", &fields).await;
        assert_eq!(answer.location(), "/t/acme", "{next:?}");
        assert_eq!(visitor.post_as_is("/preferences", &[("return_to", next)]).await.location(), "/", "{next:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_that_does_not_exist_has_the_same_pages() {
    let world = World::demo().await;
    let mut visitor = world.visitor();
    for page in ["/login/", "/forgot/"] {
        // Globex shows no notice, so its page differs from nobody's by nothing but the name.
        let known = visitor.get(&format!("{page}globex")).await;
        let unknown = visitor.get(&format!("{page}nobody")).await;
        assert_eq!(known.status, unknown.status);
        assert_eq!(known.stable_text().replace("globex", "nobody"), unknown.stable_text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_are_remembered_by_the_browser_only() {
    let world = World::demo().await;
    let mut visitor = world.visitor();
    let answer = visitor.post_as_is("/preferences", &[("theme", "dark"), ("return_to", "/login")]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/login"));
    assert!(visitor.get("/login").await.text().contains("data-theme=\"dark\""));
    visitor.post_as_is("/preferences", &[("theme", "\"><script>"), ("return_to", "/login")]).await;
    assert!(visitor.get("/login").await.text().contains("data-theme=\"dark\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_addresses_are_pages_too() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    for path in [
        "/nothing",
        "/t/acme/nothing",
        "/t/acme/users/",
        "/t/acme/users/not-an-id",
        "/op/nothing",
        "/../etc/passwd",
        "/pkg/nothing.js",
    ] {
        let answer = admin.get(path).await;
        assert!(matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST), "{path}: {}", answer.status);
    }
    assert_eq!(admin.post("/t/acme/audit", &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_would_be_markup_stay_text() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    for name in [
        "</title><script>alert(1)</script>",
        "</textarea><script>alert(1)</script>",
        "<!--<script>",
        "\"><img src=x onerror=alert(1)>",
        "]]>",
        "=cmd()",
    ] {
        let version = admin.get("/t/acme/settings").await.hidden("version").unwrap();
        let answer = admin.post("/t/acme/settings/name", &[("name", name), ("version", &version)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}: {}", answer.text());
        for path in ["/t/acme", "/t/acme/users", "/t/acme/settings", "/t/acme/audit", "/account"] {
            let page = admin.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(!has_markup(&page), "{name} on {path}");
        }
    }
    for name in ["Ac\u{202E}me", "Ac\u{200B}me", "", &"x".repeat(121)] {
        let version = admin.get("/t/acme/settings").await.hidden("version").unwrap();
        let answer = admin.post("/t/acme/settings/name", &[("name", name), ("version", &version)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
    }
}

fn has_markup(page: &Answer) -> bool {
    let text = page.text();
    ["<script>alert", "<img src=x", "<!--<script>"].iter().any(|markup| text.contains(markup))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twice_counts_once() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = admin.get("/t/acme/users/invite").await;
    let (once, csrf) = (page.hidden("once").unwrap(), page.hidden("csrf").unwrap());
    let fields = [("emails", "twice@acme.example"), ("role", "user"), ("once", &once), ("csrf", &csrf)];
    let (first, second) = (
        admin.post_as_is("/t/acme/users/invite", &fields).await,
        admin.post_as_is("/t/acme/users/invite", &fields).await,
    );
    assert_eq!((first.status, second.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    let invited = world.sql("SELECT count(*)::text FROM users WHERE email = 'twice@acme.example'").await;
    let mails = world.sql("SELECT count(*)::text FROM mail_outbox WHERE recipient = 'twice@acme.example'").await;
    assert_eq!((invited.as_str(), mails.as_str()), ("1", "1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_sign_in_is_shown_as_an_operators() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    world.signed_in("acme", "admin@acme.example").await;
    for (slug, kind) in [("platform", "(operator)"), ("acme", "(user)")] {
        let sql = format!(
            "SELECT e.id::text FROM audit_events e JOIN orgs o ON o.id = e.org_id
             WHERE o.slug = '{slug}' AND e.action = 'session.started' ORDER BY e.id DESC LIMIT 1"
        );
        let page = op.get(&format!("/op/audit/{}", world.sql(&sql).await)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(kind), "{slug}: {}", page.text());
    }
}
