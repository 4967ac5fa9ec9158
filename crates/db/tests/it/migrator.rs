//! Migrations: once each, by the right role, whoever else is migrating.

use bulkhead_db::migrator::{MigrationError, applied_version, expected_version, migrate};
use bulkhead_db::testing::TestDatabase;
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn a_second_run_changes_nothing_and_every_runtime_role_sees_the_version() {
    let database = TestDatabase::create().await.unwrap();
    let migrator = database.as_migrator();
    let (one, other) = tokio::join!(migrate(&migrator), migrate(&migrator));
    for report in [one.unwrap(), other.unwrap()] {
        assert!(report.applied.is_empty());
        assert_eq!(report.version, expected_version());
    }
    let urls = database.urls();
    for url in [&urls.app, &urls.operator, &urls.auth] {
        let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
        assert_eq!(applied_version(&mut connection).await.unwrap(), expected_version());
    }
}

#[tokio::test]
async fn a_runtime_role_cannot_migrate() {
    let database = TestDatabase::create().await.unwrap();
    assert!(migrate(&database.urls().app).await.is_err());
}

/// FORCE binds a table's owner; a table of the migrator's, who has BYPASSRLS, would be bound by nothing.
#[tokio::test]
async fn what_a_migration_leaves_to_the_wrong_owner_is_refused() {
    let database = TestDatabase::create().await.unwrap();
    let mut superuser = PgConnection::connect(database.as_superuser().expose_secret()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE stray (); ALTER TABLE stray OWNER TO bulkhead_migrator")
        .execute(&mut superuser)
        .await
        .unwrap();
    let refusal = migrate(&database.as_migrator()).await.unwrap_err();
    assert!(matches!(&refusal, MigrationError::Stray(_)), "{refusal}");
    assert!(refusal.to_string().contains("table stray (bulkhead_migrator)"), "{refusal}");
}
