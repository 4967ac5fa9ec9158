//! The self-check of runtime roles, each fault made on purpose.

use bulkhead_db::roles::{RoleProblem, RuntimeRole, check_runtime_role};
use bulkhead_testing::TestDatabase;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// What the check says about `bulkhead_app` after `change`. Roles belong to the whole cluster and other tests are using
/// them, so the change stays inside a transaction, and the session takes the role's identity in it.
async fn complaint_after(database: &TestDatabase, change: &str) -> String {
    let mut superuser = PgConnection::connect(database.as_superuser().expose_secret()).await.unwrap();
    let mut transaction = superuser.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("{change}; SET LOCAL SESSION AUTHORIZATION bulkhead_app")))
        .execute(&mut *transaction)
        .await
        .unwrap();
    let result = check_runtime_role(&mut *transaction, RuntimeRole::App).await;
    transaction.rollback().await.unwrap();
    result.err().map(|problem| problem.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn the_roles_as_they_are_set_up_pass() {
    let database = TestDatabase::create().await.unwrap();
    let urls = database.urls();
    for (role, url) in
        [(RuntimeRole::App, &urls.app), (RuntimeRole::Operator, &urls.operator), (RuntimeRole::Auth, &urls.auth)]
    {
        let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
        check_runtime_role(&mut connection, role).await.unwrap();
    }
    assert_eq!(
        complaint_after(&database, "SELECT").await,
        "",
        "the negative controls below must start from a clean role"
    );
}

#[tokio::test]
async fn each_way_of_being_too_strong_is_named_with_its_remedy() {
    let database = TestDatabase::create().await.unwrap();
    for (change, remedy) in [
        ("ALTER ROLE bulkhead_app SUPERUSER", "ALTER ROLE bulkhead_app NOSUPERUSER;"),
        ("ALTER ROLE bulkhead_app BYPASSRLS", "ALTER ROLE bulkhead_app NOBYPASSRLS;"),
        ("ALTER ROLE bulkhead_app CREATEROLE", "ALTER ROLE bulkhead_app NOCREATEROLE;"),
        ("GRANT bulkhead_owner TO bulkhead_app", "REVOKE bulkhead_owner FROM bulkhead_app;"),
        ("GRANT bulkhead_migrator TO bulkhead_app", "REVOKE bulkhead_migrator FROM bulkhead_app;"),
        ("GRANT pg_read_all_data TO bulkhead_app", "REVOKE pg_read_all_data FROM bulkhead_app;"),
        ("ALTER TABLE users OWNER TO bulkhead_app", "ALTER TABLE users OWNER TO bulkhead_owner;"),
        ("GRANT CREATE ON SCHEMA app TO bulkhead_app", "REVOKE CREATE ON SCHEMA app FROM PUBLIC, bulkhead_app;"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC, bulkhead_app;"),
        (
            "DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database()); END $$",
            "REVOKE TEMPORARY ON DATABASE bulkhead_test_",
        ),
    ] {
        let complaint = complaint_after(&database, change).await;
        assert!(complaint.contains(remedy), "after {change}: {complaint:?}");
    }
}

#[tokio::test]
async fn a_pool_with_another_roles_url_is_refused() {
    let database = TestDatabase::create().await.unwrap();
    let mut connection = PgConnection::connect(database.urls().operator.expose_secret()).await.unwrap();
    let problem = check_runtime_role(&mut connection, RuntimeRole::App).await.unwrap_err();
    assert!(matches!(&problem, RoleProblem::TooStrong { role, .. } if role == "bulkhead_operator"), "{problem}");
}
