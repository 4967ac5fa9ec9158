//! Every route has a row that says what each kind of client gets from it. A route without a row fails, a row without a
//! route fails, and for every route that names an object, another organization's id answers byte for byte like one that
//! does not exist.
//!
//! A row's form is one that a permitted client cannot complete (a version nobody has, a field left empty), so that
//! "permitted" shows as 409 or 422, "not permitted" as 403, and nothing changes between rows.

mod rows;

use crate::harness::{Answer, Client, ORIGIN, World};
use bulkhead::routes::{self, RouteInfo};
use http::{Method, StatusCode};
use rows::{ELSEWHERE, Row};
use std::collections::BTreeSet;

/// Who asks, in the order of a row's answers.
const CLIENTS: [&str; 9] =
    ["visitor", "suspended", "viewer", "user", "manager", "admin", "other admin", "op viewer", "op admin"];

struct Everyone {
    world: World,
    clients: Vec<Client>,
    own: Ids,
    foreign: Ids,
}

/// One organization's ids, for filling in paths.
#[derive(Clone)]
struct Ids {
    user: String,
    event: String,
    org: String,
    session: String,
    /// Of the platform, whichever the organization.
    alert: String,
    /// A run of the prover, of the platform too.
    proof: String,
    /// Of the data source.
    proven: String,
    source: String,
    /// A statement whose plan is watched, of the platform too.
    plan: String,
    /// A role of the organization's own that nobody holds.
    role: String,
    /// Duties that exclude each other there.
    conflict: String,
    /// A workspace of the organization's that nobody is in.
    workspace: String,
    /// A recorded decision.
    decision: String,
}

const NONE: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

impl Everyone {
    async fn new() -> Self {
        let world = World::demo().await;
        let mut op = world.signed_in("platform", "admin@platform.example").await;
        // The suspended organization's admin signs in while it is active, and keeps the cookie.
        let initech = world.sql("SELECT id::text FROM orgs WHERE slug = 'initech'").await;
        let version = op.get(&format!("/op/orgs/{initech}/reactivate")).await.hidden("version").unwrap();
        let reactivated = op.post(&format!("/op/orgs/{initech}/reactivate"), &[("version", &version)]).await;
        assert_eq!(reactivated.status, StatusCode::SEE_OTHER);
        let suspended = world.signed_in("initech", "admin@initech.example").await;
        let version = op.get(&format!("/op/orgs/{initech}/suspend")).await.hidden("version").unwrap();
        let reason = [("version", version.as_str()), ("reason", "Coverage test")];
        assert_eq!(op.post(&format!("/op/orgs/{initech}/suspend"), &reason).await.status, StatusCode::SEE_OTHER);
        let mut clients = vec![world.visitor(), suspended];
        for (slug, name) in [
            ("acme", "viewer"),
            ("acme", "user"),
            ("acme", "manager"),
            ("acme", "admin"),
            ("globex", "admin"),
            ("platform", "viewer"),
            ("platform", "admin"),
        ] {
            clients.push(world.signed_in(slug, &format!("{name}@{slug}.example")).await);
        }
        raise_alert(&world, &mut clients[2]).await;
        world.keep_proof().await;
        world.keep_source(&mut clients[8]).await;
        world.keep_plan().await;
        world.keep_role(&mut clients[5], "Kept").await;
        world.keep_role(&mut clients[6], "Kept").await;
        world.keep_conflict(&mut clients[5], "Kept").await;
        world.keep_conflict(&mut clients[6], "Kept").await;
        world.keep_workspace(&mut clients[5], "Kept").await;
        world.keep_workspace(&mut clients[6], "Kept").await;
        world.keep_decision(&mut clients[5]).await;
        world.keep_decision(&mut clients[6]).await;
        let own = Ids::of(&world, "acme", "user@acme.example").await;
        let foreign = Ids::of(&world, "globex", "admin@globex.example").await;
        Self { world, clients, own, foreign }
    }

    async fn ask(&self, row: &Row, path: &str, client: &Client) -> Answer {
        let mut client = client.clone();
        match row.method {
            "GET" if row.stream => client.head_of(path).await,
            "GET" => client.get(path).await,
            "POST" if path.starts_with("/api/") => client.json(Method::POST, path, row.json, row.headers).await,
            "POST" => client.post(path, row.form).await,
            method => client.json(method.parse().unwrap(), path, row.json, row.headers).await,
        }
    }
}

/// A viewer of acme aims at globex often enough.
async fn raise_alert(world: &World, viewer: &mut Client) {
    for _ in 0..3 {
        assert_eq!(viewer.get("/t/globex").await.status, StatusCode::NOT_FOUND);
    }
    world.app.tasks().close();
    world.app.tasks().wait().await;
}

impl Ids {
    async fn of(world: &World, slug: &str, email: &str) -> Self {
        let org = world.sql(&format!("SELECT id::text FROM orgs WHERE slug = '{slug}'")).await;
        let of = async |sql: String| world.sql(&sql).await;
        Self {
            user: of(format!("SELECT id::text FROM users WHERE org_id = '{org}' AND email = '{email}'")).await,
            event: of(format!("SELECT id::text FROM audit_events WHERE org_id = '{org}' ORDER BY id DESC LIMIT 1"))
                .await,
            session: of(format!(
                "SELECT s.id::text FROM sessions s JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id
                 WHERE s.org_id = '{org}' AND u.email = '{email}' ORDER BY s.id DESC LIMIT 1"
            ))
            .await,
            role: of(format!("SELECT id::text FROM roles WHERE org_id = '{org}' AND name = 'Kept'")).await,
            conflict: of(format!("SELECT id::text FROM duty_conflicts WHERE org_id = '{org}' AND name = 'Kept'")).await,
            workspace: of(format!("SELECT id::text FROM workspaces WHERE org_id = '{org}' AND name = 'Kept'")).await,
            decision: of(format!(
                "SELECT id::text FROM decisions WHERE org_id = '{org}' AND permission = 'users:fly' ORDER BY decided_at DESC LIMIT 1"
            ))
            .await,
            plan: of("SELECT id::text FROM query_plans".to_owned()).await,
            proof: of("SELECT id::text FROM proofs WHERE status = 'finished' AND data_source_id IS NULL".to_owned())
                .await,
            proven: of(
                "SELECT id::text FROM proofs WHERE status = 'finished' AND data_source_id IS NOT NULL".to_owned()
            )
            .await,
            source: of("SELECT id::text FROM data_sources".to_owned()).await,
            alert: of("SELECT id::text FROM isolation_alerts".to_owned()).await,
            org,
        }
    }

    fn none() -> Self {
        let none = || NONE.to_owned();
        Self {
            user: none(),
            event: none(),
            org: none(),
            session: none(),
            alert: none(),
            proof: none(),
            proven: none(),
            source: none(),
            plan: none(),
            role: none(),
            conflict: none(),
            workspace: none(),
            decision: none(),
        }
    }

    /// The row's path with these ids in it; the organization in the path stays the row's own.
    fn fill(&self, path: &str) -> String {
        path.replace("@user", &self.user)
            .replace("@event", &self.event)
            .replace("@org", &self.org)
            .replace("@session", &self.session)
            .replace("@alert", &self.alert)
            .replace("@proof", &self.proof)
            .replace("@proven", &self.proven)
            .replace("@source", &self.source)
            .replace("@plan", &self.plan)
            .replace("@role", &self.role)
            .replace("@conflict", &self.conflict)
            .replace("@workspace", &self.workspace)
            .replace("@decision", &self.decision)
    }
}

/// `L` for being led to sign in, else the status.
fn code(answer: &Answer) -> String {
    match answer.status {
        StatusCode::SEE_OTHER if answer.location().starts_with("/login") => "L".to_owned(),
        status => status.as_str().to_owned(),
    }
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<(&str, &str)> =
        routes::list(false).iter().map(|RouteInfo { method, path, .. }| (*method, *path)).collect();
    let rows: BTreeSet<(&str, &str)> = rows::all().map(|row| (row.method, row.route)).collect();
    let elsewhere: BTreeSet<(&str, &str)> = ELSEWHERE.iter().map(|(method, route, _)| (*method, *route)).collect();
    let covered: BTreeSet<_> = rows.union(&elsewhere).copied().collect();
    let uncovered: Vec<_> = routes.difference(&covered).collect();
    assert!(uncovered.is_empty(), "routes without a row in tests/it/coverage/rows.rs: {uncovered:#?}");
    let gone: Vec<_> = covered.difference(&routes).collect();
    assert!(gone.is_empty(), "rows without a route: {gone:#?}");
    let both: Vec<_> = rows.intersection(&elsewhere).collect();
    assert!(both.is_empty(), "listed as covered elsewhere, but has a row: {both:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_gets_what_its_row_says() {
    let everyone = Everyone::new().await;
    let mut wrong = Vec::new();
    for row in rows::all() {
        let path = everyone.own.fill(row.path);
        let mut got = Vec::new();
        for client in &everyone.clients {
            got.push(code(&everyone.ask(row, &path, client).await));
        }
        let got = got.join(" ");
        let expected = row.answers.split_whitespace().collect::<Vec<_>>().join(" ");
        if got != expected {
            wrong.push(format!("{} {}\n  expected {expected}\n  got      {got}", row.method, row.route));
        }
    }
    assert!(wrong.is_empty(), "clients: {CLIENTS:?}\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_id_answers_like_one_that_does_not_exist() {
    let everyone = Everyone::new().await;
    let mut wrong = Vec::new();
    for row in rows::all().filter(|row| row.path.contains('@') && !row.stream) {
        let (foreign, none) = (everyone.foreign.fill(row.path), Ids::none().fill(row.path));
        // Operators see every organization: for them another one's id is an object like any other.
        for (who, client) in CLIENTS.iter().zip(&everyone.clients).take(6) {
            let a = everyone.ask(row, &foreign, client).await;
            let b = everyone.ask(row, &none, client).await;
            let names = |headers: &http::HeaderMap| headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
            let text = |answer: &Answer, id: &str| answer.stable_text().replace(id, "…");
            let same =
                a.status == b.status && names(&a.headers) == names(&b.headers) && text(&a, &foreign) == text(&b, &none);
            let hidden = a.status.is_redirection() || a.status.is_client_error();
            if !same || !hidden {
                wrong.push(format!("{} {} as {who}: {} against {}", row.method, row.route, a.status, b.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_at_a_foreign_id_is_written_down_in_both_organizations() {
    let everyone = Everyone::new().await;
    let count = "SELECT count(*)::text FROM audit_events e JOIN orgs o ON o.id = e.org_id
                 WHERE e.action = 'access.cross_tenant_attempt' AND o.slug = ";
    let before =
        [everyone.world.sql(&format!("{count}'acme'")).await, everyone.world.sql(&format!("{count}'globex'")).await];
    let mut admin = everyone.clients[5].clone();
    let answer = admin.get(&format!("/t/acme/users/{}", everyone.foreign.user)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!answer.text().contains("globex"), "the answer says nothing of the other organization at {ORIGIN}");
    // The watch asks after the answer; it is counted, so it can be waited for.
    everyone.world.app.tasks().close();
    everyone.world.app.tasks().wait().await;
    let grown = |before: &str, after: &str| after.parse::<i64>().unwrap() - before.parse::<i64>().unwrap();
    assert_eq!(grown(&before[0], &everyone.world.sql(&format!("{count}'acme'")).await), 1);
    assert_eq!(grown(&before[1], &everyone.world.sql(&format!("{count}'globex'")).await), 1);
    let seen = everyone
        .world
        .sql(
            "SELECT string_agg(actor_label || target_label || coalesce(after::text, ''), ' ') FROM audit_events e
              JOIN orgs o ON o.id = e.org_id WHERE o.slug = 'globex' AND e.action = 'access.cross_tenant_attempt'
              AND e.at > now() - interval '1 minute'",
        )
        .await;
    assert!(!seen.contains("acme"), "the organization aimed at does not learn by whom: {seen}");
}
