//! The matrix of row-level security: every table with a tenant column x what can be done to a row x what a
//! transaction says about itself, as the runtime roles, with rows of two organizations.
//!
//! It is run twice. As the roles sign in, with their grants; and with every grant given, so that the policies alone
//! have to hold. `controls` takes the protection away in every known way and demands that the matrix turns red.

mod controls;
mod law;
mod specimens;

use bulkhead_db::catalog;
use bulkhead_testing::TestDatabase;
use law::{Actor, violations};
use secrecy::{ExposeSecret, SecretString};
use specimens::{SPECIMENS, populate};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A transaction of a role as it signs in.
async fn as_role(url: &SecretString) -> PgConnection {
    let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
    connection
}

/// A transaction with the identity of a role, after `change` and with every grant on every table given.
async fn with_all_grants(database: &TestDatabase, role: &str, change: &str) -> PgConnection {
    let mut connection = PgConnection::connect(database.as_superuser().expose_secret()).await.unwrap();
    let tables: Vec<&str> = SPECIMENS.iter().map(|specimen| specimen.table).collect();
    let sql = format!(
        "BEGIN; {change}; GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {role}; SET LOCAL SESSION AUTHORIZATION {role}",
        tables.join(", ")
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn every_table_with_a_tenant_column_has_a_row_here() {
    let database = TestDatabase::create().await.unwrap();
    let mut connection = PgConnection::connect(database.as_migrator().expose_secret()).await.unwrap();
    let tables = catalog::read(&mut connection, &catalog::profile()).await.unwrap().tables;
    let found: Vec<(String, String)> =
        tables.into_iter().filter_map(|table| Some((table.name, table.tenant_column?.name))).collect();
    for (table, tenant) in &found {
        let here = SPECIMENS.iter().find(|specimen| specimen.table == *table);
        assert!(here.is_some_and(|specimen| specimen.tenant == *tenant), "add {table} to rls/specimens.rs");
    }
    assert_eq!(found.len(), SPECIMENS.len(), "a specimen of a table that is gone");
}

#[tokio::test]
async fn the_matrix_holds_for_the_roles_as_they_are() {
    let database = TestDatabase::create().await.unwrap();
    populate(&database).await;
    for (actor, url) in [(Actor::App, database.urls().app), (Actor::Operator, database.urls().operator)] {
        assert_eq!(violations(&mut as_role(&url).await, actor, SPECIMENS).await, Vec::<String>::new(), "{actor:?}");
        assert_eq!(law::unlike_granted(&mut as_role(&url).await, actor).await, Vec::<String>::new(), "{actor:?}");
    }
    let auth = as_role(&database.urls().auth).await;
    assert_eq!(law::reachable(auth).await, Vec::<&str>::new(), "bulkhead_auth has functions only");
}

#[tokio::test]
async fn the_policies_hold_without_the_help_of_grants() {
    let database = TestDatabase::create().await.unwrap();
    populate(&database).await;
    for actor in [Actor::App, Actor::Operator] {
        let mut connection = with_all_grants(&database, actor.role(), "SELECT").await;
        assert_eq!(violations(&mut connection, actor, SPECIMENS).await, Vec::<String>::new(), "{actor:?}");
    }
}
