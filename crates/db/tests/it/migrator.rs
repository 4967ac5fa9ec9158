//! Migrations: once each, by the right role, whoever else is migrating.

use bulkhead_db::migrator::{MigrationError, Schema, expected_version, migrate, schema};
use bulkhead_testing::TestDatabase;
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
        assert_eq!(schema(&mut connection).await.unwrap(), Schema::Current);
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

/// During a rolling upgrade the new program has migrated and the old one still serves.
#[tokio::test]
async fn the_program_before_can_serve_from_a_newer_schema_and_does_not_migrate_it() {
    let database = TestDatabase::create().await.unwrap();
    let newest = 29_991_231_000_000;
    database
        .run(&format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES ({newest}, 'of a newer program', true, '', 0)"
        ))
        .await
        .unwrap();
    let mut app = PgConnection::connect(database.urls().app.expose_secret()).await.unwrap();
    assert_eq!(schema(&mut app).await.unwrap(), Schema::Ahead { newest });
    assert!(
        migrate(&database.as_migrator()).await.is_err(),
        "a history it does not know is not this program's to continue"
    );

    database
        .run("DELETE FROM _sqlx_migrations WHERE version > (SELECT min(version) FROM _sqlx_migrations)")
        .await
        .unwrap();
    assert_eq!(schema(&mut app).await.unwrap(), Schema::Behind);
}
