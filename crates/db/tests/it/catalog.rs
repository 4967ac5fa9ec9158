//! The isolation report against a live catalogue: the product's tables pass, and each doctored one turns Exposed.

use bulkhead_db::catalog::{Report, profile, read, report};
use bulkhead_model::isolation::{Finding, TableReport, Verdict};
use bulkhead_testing::TestDatabase;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The report after `change`, which is undone.
async fn report_after(database: &TestDatabase, change: &str) -> Report {
    let mut superuser = PgConnection::connect(database.as_superuser().expose_secret()).await.unwrap();
    let mut transaction = superuser.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(change.to_owned())).execute(&mut *transaction).await.unwrap();
    let catalogue = read(&mut transaction, &profile()).await.unwrap();
    transaction.rollback().await.unwrap();
    report(catalogue, &profile())
}

fn table<'a>(report: &'a Report, name: &str) -> &'a TableReport {
    report.tables.iter().find(|report| report.facts.qualified() == name).unwrap()
}

/// The reasons a table is exposed for, as the page says them.
fn reasons(report: &TableReport) -> Vec<String> {
    match &report.verdict {
        Verdict::Exposed(leaks) => sentences(leaks),
        _ => Vec::new(),
    }
}

fn sentences(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn nothing_is_wrong_with_the_product_not_even_a_hint() {
    let database = TestDatabase::create().await.unwrap();
    let mut operator = PgConnection::connect(database.urls().operator.expose_secret()).await.unwrap();
    let catalogue = read(&mut operator, &profile()).await.unwrap();
    assert!(catalogue.server_version.starts_with(|first: char| first.is_ascii_digit()));
    let reports = report(catalogue, &profile());
    for report in &reports.tables {
        assert_eq!(reasons(report), Vec::<String>::new(), "{}", report.facts.qualified());
        assert_eq!(sentences(&report.findings), [""; 0], "{}", report.facts.qualified());
    }
    assert_eq!(sentences(&reports.findings), [""; 0]);
    assert_eq!(table(&reports, "public.users").verdict, Verdict::Isolated);
    assert_eq!(table(&reports, "public.orgs").verdict, Verdict::Isolated);
    assert_eq!(table(&reports, "public.sign_in_throttle").verdict, Verdict::Locked);
    assert!(matches!(table(&reports, "public.plans").verdict, Verdict::SharedByDesign(_)));
    let users = &table(&reports, "public.users").facts;
    assert_eq!(users.owner, "bulkhead_owner");
    assert!(
        users.policies.iter().any(|policy| { policy.using.as_deref().is_some_and(|using| using.contains("org_id")) })
    );
    assert!(users.grants.iter().any(|grant| grant.role == "bulkhead_app" && grant.holds("SELECT")));
}

#[tokio::test]
async fn every_entry_of_the_shared_list_is_a_table() {
    let database = TestDatabase::create().await.unwrap();
    let reports = report_after(&database, "SELECT").await;
    for (name, _) in &profile().shared_by_design {
        assert!(
            reports.tables.iter().any(|report| report.facts.qualified() == *name),
            "{name} is gone: take it off the list"
        );
    }
}

#[tokio::test]
async fn each_doctored_table_turns_exposed_and_comes_first() {
    let database = TestDatabase::create().await.unwrap();
    for (change, reason) in [
        ("ALTER TABLE users NO FORCE ROW LEVEL SECURITY", "is not forced"),
        ("ALTER TABLE users DISABLE ROW LEVEL SECURITY", "is off"),
        ("ALTER TABLE users OWNER TO bulkhead_app", "bulkhead_app owns it"),
        (
            "CREATE POLICY users_admin ON users TO bulkhead_app USING (current_setting('app.role', true) = 'admin') WITH CHECK (false)",
            "USING of policy users_admin lets bulkhead_app past",
        ),
        (
            "ALTER POLICY users_tenant ON users USING (org_id = (SELECT app.org_id()) OR role = 'admin')",
            "USING of policy users_tenant lets bulkhead_app past",
        ),
        (
            "CREATE POLICY users_move ON users FOR UPDATE TO bulkhead_app USING (org_id = (SELECT app.org_id())) WITH CHECK (true)",
            "WITH CHECK of policy users_move lets bulkhead_app past",
        ),
        ("GRANT SELECT ON users TO PUBLIC", "Every role has SELECT"),
        ("GRANT SELECT (email) ON users TO PUBLIC", "Every role has SELECT"),
        ("GRANT TRUNCATE ON users TO bulkhead_app", "bulkhead_app has TRUNCATE"),
        ("ALTER POLICY users_operator_read ON users USING (true)", "lets bulkhead_operator past"),
    ] {
        let reports = report_after(&database, change).await.tables;
        assert_eq!(reports[0].facts.qualified(), "public.users", "after {change}");
        assert!(
            reasons(&reports[0]).iter().any(|found| found.contains(reason)),
            "after {change}: {:?}",
            reasons(&reports[0])
        );
    }
}

/// What leaks nothing by itself is not called a leak, and not passed over either.
#[tokio::test]
async fn what_is_one_mistake_away_from_a_leak_is_noted() {
    let database = TestDatabase::create().await.unwrap();
    for (change, sentence) in [
        (
            "CREATE POLICY users_half ON users FOR UPDATE TO bulkhead_app USING (org_id = (SELECT app.org_id()))",
            "Policy users_half has no WITH CHECK",
        ),
        ("ALTER POLICY users_tenant ON users TO PUBLIC", "Policy users_tenant is TO PUBLIC"),
        ("ALTER TABLE users ALTER COLUMN org_id DROP DEFAULT", "takes no default from the context"),
    ] {
        let reports = report_after(&database, change).await;
        let noted = sentences(&table(&reports, "public.users").findings);
        assert!(noted.iter().any(|found| found.contains(sentence)), "after {change}: {noted:?}");
    }
}

/// Doors and roles belong to no table, and are judged all the same.
#[tokio::test]
async fn what_is_wrong_around_the_tables_is_found() {
    let database = TestDatabase::create().await.unwrap();
    for (change, sentence) in [
        ("GRANT EXECUTE ON FUNCTION app.owner_of(text, uuid) TO PUBLIC", "Everybody may run app.owner_of"),
        ("ALTER FUNCTION app.owner_of(text, uuid) RESET search_path", "with the caller’s search_path"),
        (
            "CREATE FUNCTION app.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER \
             SET search_path = pg_catalog, public, pg_temp AS 'SELECT count(*) FROM users'; \
             REVOKE EXECUTE ON FUNCTION app.peek() FROM PUBLIC; GRANT EXECUTE ON FUNCTION app.peek() TO bulkhead_app",
            "bulkhead_app may run app.peek()",
        ),
        ("GRANT CREATE ON SCHEMA public TO bulkhead_app", "may create tables and functions"),
        ("DROP FUNCTION app.sweep(integer)", "there is no such thing"),
    ] {
        let found = sentences(&report_after(&database, change).await.findings);
        assert!(found.iter().any(|found| found.contains(sentence)), "after {change}: {found:?}");
    }
}

#[tokio::test]
async fn new_relations_are_judged_by_what_they_are() {
    let database = TestDatabase::create().await.unwrap();
    for (change, name, reason) in [
        ("CREATE VIEW everyone AS SELECT * FROM users", "public.everyone", "security_invoker"),
        (
            "CREATE MATERIALIZED VIEW everyone AS SELECT * FROM users",
            "public.everyone",
            "No policy applies to a materialized view",
        ),
        ("CREATE TABLE everyone (name text)", "public.everyone", "no org_id"),
        ("CREATE TABLE everyone (org_id uuid)", "public.everyone", "may be NULL"),
        (
            "CREATE TABLE whole (org_id uuid NOT NULL) PARTITION BY HASH (org_id);
             CREATE TABLE everyone PARTITION OF whole FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
            "public.everyone",
            "query the partition directly",
        ),
        (
            "CREATE TABLE everyone (org_id uuid NOT NULL, user_id uuid);
             CREATE UNIQUE INDEX users_by_id ON users (id);
             ALTER TABLE everyone ADD CONSTRAINT everyone_user_fkey FOREIGN KEY (user_id) REFERENCES users (id)",
            "public.everyone",
            "Foreign key everyone_user_fkey leaves the organization out",
        ),
    ] {
        let granted = format!("{change}; GRANT SELECT ON everyone TO bulkhead_app");
        let reports = report_after(&database, &granted).await;
        let report = table(&reports, name);
        assert!(matches!(report.verdict, Verdict::Exposed(_)), "after {change}");
        let said = [reasons(report), sentences(&report.findings)].concat();
        assert!(said.iter().any(|found| found.contains(reason)), "after {change}: {said:?}");
    }
    let invoker = "CREATE VIEW everyone WITH (security_invoker = true) AS SELECT * FROM users; GRANT SELECT ON everyone TO bulkhead_app";
    assert_eq!(table(&report_after(&database, invoker).await, "public.everyone").verdict, Verdict::Isolated);
}
