//! The organization of a tenant's transaction, once it is fixed, against SQL that was injected into it.

use crate::fixture::{Fixture, Tenant, origin};
use bulkhead_db::roles::{RoleFault, RoleProblem, RuntimeRole, check_runtime_role};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

const INVISIBLE: &str = "permission denied to set parameter \"backtrace_functions\"";

async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

/// Opens a request's transaction as the pool does.
async fn enter(app: &mut PgConnection, tenant: &Tenant) {
    let token: String = tenant.token.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let sql = format!("ROLLBACK; BEGIN; SELECT FROM app.enter('\\x{token}', 'tenant')");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(app).await.unwrap();
}

/// What injected statements come to: how many users of globex acme's transaction sees after them, or the error.
async fn attack(app: &mut PgConnection, fixture: &Fixture, injected: &str) -> Result<i64, String> {
    enter(app, &fixture.acme).await;
    let text =
        |error: sqlx::Error| error.as_database_error().map(|error| error.message().to_owned()).unwrap_or_default();
    sqlx::raw_sql(AssertSqlSafe(injected.to_owned())).execute(&mut *app).await.map_err(text)?;
    let seen = format!("SELECT count(*) FROM users WHERE org_id = '{}'", fixture.globex.org);
    sqlx::query_scalar(AssertSqlSafe(seen)).fetch_one(app).await.map_err(text)
}

/// Every way to say another organization that the role has in a statement.
fn switches(fixture: &Fixture) -> Vec<String> {
    let org = fixture.globex.org.to_string();
    let sealed = format!("bulkhead_{}", org.replace('-', ""));
    let mut all = Vec::new();
    for local in ["true", "false"] {
        for (name, value) in
            [("app.org_id", &org), ("app.operator_id", &org), ("app.seal", &sealed), ("app.realm", &org)]
        {
            all.push(format!("SELECT set_config('{name}', '{value}', {local})"));
        }
    }
    all.push(format!("SELECT set_config('app.org_id', '{org}', true), set_config('app.operator_id', '{org}', true)"));
    all.push(format!("SET LOCAL app.org_id = '{org}'"));
    all.push(format!("SET SESSION app.org_id = '{org}'"));
    all.push(format!(
        "SAVEPOINT s; SET LOCAL app.org_id = '{org}'; ROLLBACK TO SAVEPOINT s; SET LOCAL app.org_id = '{org}'"
    ));
    all
}

/// The same against what seals it.
fn breaks(fixture: &Fixture) -> Vec<String> {
    let org = fixture.globex.org.to_string();
    let sealed = format!("bulkhead_{}", org.replace('-', ""));
    vec![
        format!("SELECT set_config('backtrace_functions', '{sealed}', true)"),
        format!("SELECT set_config('backtrace_functions', '{sealed}', false)"),
        format!("SET LOCAL backtrace_functions = '{sealed}'"),
        "SET LOCAL backtrace_functions TO DEFAULT".to_owned(),
        "RESET backtrace_functions".to_owned(),
        format!("UPDATE pg_settings SET setting = '{sealed}' WHERE name = 'backtrace_functions'"),
        format!("ALTER ROLE bulkhead_app SET backtrace_functions = '{sealed}'"),
    ]
}

#[tokio::test]
async fn injected_settings_reach_no_other_organization() {
    let fixture = Fixture::new().await;
    let mut app = connect(&fixture.database.urls().app).await;
    assert!(fixture.db.is_sealing().await.unwrap());
    for injected in switches(&fixture) {
        assert_eq!(attack(&mut app, &fixture, &injected).await, Ok(0), "{injected}");
        let own: String = sqlx::query_scalar("SELECT app.org_id()::text").fetch_one(&mut app).await.unwrap();
        assert_eq!(own, fixture.acme.org.to_string(), "{injected}");
    }
    for injected in breaks(&fixture) {
        assert_eq!(attack(&mut app, &fixture, &injected).await, Err(INVISIBLE.to_owned()), "{injected}");
    }
    let again = format!("SELECT app.seal('{}')", fixture.globex.org);
    let refused = attack(&mut app, &fixture, &again).await;
    assert_eq!(refused, Err("the organization of this transaction is sealed".to_owned()));
}

#[tokio::test]
async fn writes_go_into_the_sealed_organization_whatever_was_injected() {
    let fixture = Fixture::new().await;
    let mut app = connect(&fixture.database.urls().app).await;
    enter(&mut app, &fixture.acme).await;
    let sql = format!(
        "SET LOCAL app.org_id = '{}';
         INSERT INTO org_settings (key, value) VALUES ('planted', '1');
         UPDATE users SET name = 'owned';
         COMMIT",
        fixture.globex.org
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut app).await.unwrap();
    let of = |org| format!("SELECT count(*) FROM org_settings WHERE key = 'planted' AND org_id = '{org}'");
    assert_eq!(fixture.number(&of(fixture.acme.org)).await, 1);
    assert_eq!(fixture.number(&of(fixture.globex.org)).await, 0);
    let owned = format!("SELECT count(*) FROM users WHERE name = 'owned' AND org_id = '{}'", fixture.globex.org);
    assert_eq!(fixture.number(&owned).await, 0);
}

#[tokio::test]
async fn a_seal_ends_with_its_transaction_and_cannot_be_brought_along() {
    let fixture = Fixture::new().await;
    let mut app = connect(&fixture.database.urls().app).await;
    enter(&mut app, &fixture.globex).await;
    let seal: String =
        sqlx::query_scalar("SELECT current_setting('backtrace_functions')").fetch_one(&mut app).await.unwrap();
    assert_eq!(seal, format!("bulkhead_{}", fixture.globex.org.to_string().replace('-', "")));
    sqlx::raw_sql("ROLLBACK; BEGIN").execute(&mut app).await.unwrap();
    let left: Option<String> = sqlx::query_scalar("SELECT app.org_id()::text").fetch_one(&mut app).await.unwrap();
    assert_eq!(left, None);
    // An old seal is known and worth nothing: it cannot be set.
    let replay = format!("SELECT set_config('backtrace_functions', '{seal}', true)");
    assert_eq!(attack(&mut app, &fixture, &replay).await, Err(INVISIBLE.to_owned()));
    let options = format!("{}?options=-c%20backtrace_functions%3D{seal}", fixture.database.urls().app.expose_secret());
    let refused = PgConnection::connect(&options).await.unwrap_err();
    assert!(refused.to_string().contains(INVISIBLE), "{refused}");
}

#[tokio::test]
async fn scopes_before_sign_in_are_sealed_too() {
    let fixture = Fixture::new().await;
    let scope = fixture.scope(&fixture.acme).await;
    let tx = fixture.db.write(scope, origin()).await.unwrap();
    let held = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'bulkhead_app' AND query LIKE 'BEGIN; SELECT now() FROM app.seal(%'";
    let seen: i64 =
        sqlx::query_scalar(held).fetch_one(&mut connect(&fixture.database.as_superuser()).await).await.unwrap();
    assert_eq!(seen, 1);
    drop(tx);
}

/// What the seal rests on: a value that is injected into one of this program's statements stays in that statement. A
/// statement of its own could end the transaction, or take every setting back, and begin anew.
#[tokio::test]
async fn what_would_end_the_seal_takes_a_statement_of_its_own() {
    let fixture = Fixture::new().await;
    let mut app = connect(&fixture.database.urls().app).await;
    for (injected, refusal) in [
        ("SELECT $1::integer; RESET ALL", "cannot insert multiple commands into a prepared statement"),
        ("SELECT $1::integer; COMMIT", "cannot insert multiple commands into a prepared statement"),
        (
            "SELECT query_to_xml('RESET ALL', true, true, '') WHERE $1 = 1",
            "RESET is not allowed in a non-volatile function",
        ),
        ("SELECT query_to_xml('COMMIT', true, true, '') WHERE $1 = 1", "invalid query"),
    ] {
        enter(&mut app, &fixture.acme).await;
        let refused = sqlx::query(injected).bind(1_i32).execute(&mut app).await.unwrap_err();
        let message = refused.as_database_error().unwrap().message();
        assert!(message.contains(refusal), "{injected}: {message}");
    }
}

#[tokio::test]
async fn without_the_seal_the_same_attacks_succeed() {
    let fixture = Fixture::new().await;
    let mut app = connect(&fixture.database.urls().app).await;
    // The function as it was: the setting alone decides.
    let unsealed = "CREATE OR REPLACE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
                    RETURN nullif(current_setting('app.org_id', true), '')::uuid";
    fixture.database.sabotage(unsealed).await.unwrap();
    let reached = switches(&fixture);
    let mut seen = 0;
    for injected in &reached {
        seen += i64::from(attack(&mut app, &fixture, injected).await == Ok(1));
    }
    assert!(seen >= 6, "{seen} of {}", reached.len());
}

#[tokio::test]
async fn a_role_that_may_break_the_seal_must_not_serve() {
    // In a transaction that is rolled back: the grant belongs to the whole server, which other tests use.
    let fixture = Fixture::new().await;
    let mut admin = connect(&fixture.database.as_superuser()).await;
    let mut transaction = admin.begin().await.unwrap();
    let grant =
        "GRANT SET ON PARAMETER backtrace_functions TO bulkhead_app; SET LOCAL SESSION AUTHORIZATION bulkhead_app";
    sqlx::raw_sql(grant).execute(&mut *transaction).await.unwrap();
    let problem = check_runtime_role(&mut *transaction, RuntimeRole::App).await.unwrap_err();
    let is_it = matches!(&problem, RoleProblem::TooStrong { faults, .. } if *faults == [RoleFault::SetsSeal]);
    assert!(is_it, "{problem}");
    assert!(problem.to_string().contains("REVOKE SET ON PARAMETER backtrace_functions FROM PUBLIC, bulkhead_app;"));
}
