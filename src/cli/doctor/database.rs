//! The database: does it answer, is the schema the one this program expects, are the runtime roles weak enough.

use super::Check;
use crate::{
    cli::{Failure, block_on, install::install},
    config::Settings,
};

/// Asks the database that the settings name; a private one that nobody serves from is started for the moment.
pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let private = settings.uses_private_database();
    if private && !settings.data_dir.join("postgres").exists() {
        return vec![Check::good("private PostgreSQL", "not created yet; `bulkhead serve` creates it")];
    }
    match block_on(ask(settings)) {
        Ok(checks) => checks,
        Err(failure) if private => vec![Check::warning(
            "private PostgreSQL",
            failure.message(),
            "if a server is running on this data directory, ask its /readyz instead",
        )],
        Err(failure) => vec![Check::failure(
            "connection",
            failure.message(),
            "check the three database URLs; `bulkhead database setup` creates roles and database",
        )],
    }
}

async fn ask(settings: &Settings) -> Result<Vec<Check>, Failure> {
    let installation = install(settings).await?;
    let readiness = installation.app.readiness().await;
    installation.stop().await?;
    let check = |(name, result): (&'static str, Result<String, String>)| match result {
        Ok(found) => Check::good(name, found),
        Err(problem) => Check::failure(name, problem, repair(name)),
    };
    Ok(readiness.checks.into_iter().map(check).collect())
}

fn repair(check: &str) -> &'static str {
    match check {
        "database" => "start PostgreSQL, or correct the database URLs",
        "migrations" => "run `bulkhead migrate`",
        _ => "run the SQL above as a superuser",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use bulkhead_testing::TestDatabase;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::config::{Environment, Flags, Loaded};

    /// Settings that name this database, and a directory of their own.
    fn settings(database: &TestDatabase, directory: &tempfile::TempDir) -> Settings {
        let urls = database.urls();
        read([
            ("DATABASE_URL", urls.app.expose_secret()),
            ("DATABASE_OPERATOR_URL", urls.operator.expose_secret()),
            ("DATABASE_AUTH_URL", urls.auth.expose_secret()),
            ("BULKHEAD_DATA_DIR", directory.path().to_str().unwrap()),
        ])
    }

    fn read<const N: usize>(variables: [(&str, &str); N]) -> Settings {
        Loaded::read_unchecked(&Flags::default(), &Environment::from(variables)).unwrap().settings
    }

    fn database() -> TestDatabase {
        block_on(async { Ok(TestDatabase::create().await.unwrap()) }).unwrap()
    }

    fn sabotage(database: &TestDatabase, sql: &str) {
        block_on(async { database.sabotage(sql).await.map_err(|error| Failure::failed(&error)) }).unwrap();
    }

    /// The check of this name, as it is printed.
    fn found(checks: Vec<Check>, name: &'static str) -> (bool, String) {
        let check = checks.into_iter().find(|check| check.name() == name).unwrap();
        let failed = check.is_failure();
        let mut report = super::super::Report::default();
        report.section("Database", vec![check]);
        (failed, report.to_string())
    }

    #[test]
    fn a_sound_database_passes() {
        let (database, directory) = (database(), tempfile::tempdir().unwrap());
        let checks = checks(&settings(&database, &directory));
        assert_eq!(checks.len(), 3);
        assert!(checks.iter().all(Check::is_good), "{checks:?}");
    }

    #[test]
    fn a_schema_that_is_behind_is_to_be_migrated() {
        let (database, directory) = (database(), tempfile::tempdir().unwrap());
        sabotage(&database, "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)");
        let (failed, text) = found(checks(&settings(&database, &directory)), "migrations");
        assert!(failed && text.contains("-> run `bulkhead migrate`"), "{text}");
    }

    #[test]
    fn a_schema_that_is_ahead_is_fine() {
        let (database, directory) = (database(), tempfile::tempdir().unwrap());
        sabotage(
            &database,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (29991231000000, 'of a newer program', true, '', 0)",
        );
        let (failed, text) = found(checks(&settings(&database, &directory)), "migrations");
        assert!(!failed && text.contains("at 29991231000000: a newer one migrated it"), "{text}");
    }

    #[test]
    fn a_role_that_owns_something_is_named_with_the_sql_that_mends_it() {
        let (database, directory) = (database(), tempfile::tempdir().unwrap());
        sabotage(&database, "CREATE TABLE owned (); ALTER TABLE owned OWNER TO bulkhead_app");
        let (failed, text) = found(checks(&settings(&database, &directory)), "roles");
        assert!(failed && text.contains("ALTER TABLE owned OWNER TO bulkhead_owner;"), "{text}");
        assert!(text.contains("-> run the SQL above as a superuser"), "{text}");
    }

    #[test]
    fn a_server_that_does_not_answer_is_to_be_started() {
        let directory = tempfile::tempdir().unwrap();
        // Port 1 is reserved and nobody listens there.
        let url = |role: &str| format!("postgres://{role}:p@127.0.0.1:1/bulkhead");
        let settings = read([
            ("DATABASE_URL", &url("bulkhead_app")),
            ("DATABASE_OPERATOR_URL", &url("bulkhead_operator")),
            ("DATABASE_AUTH_URL", &url("bulkhead_auth")),
            ("BULKHEAD_DATA_DIR", directory.path().to_str().unwrap()),
        ]);
        let (failed, text) = found(checks(&settings), "database");
        assert!(failed && text.contains("-> start PostgreSQL"), "{text}");
    }

    #[test]
    fn half_of_the_urls_is_a_mistake_and_none_is_the_private_server() {
        let directory = tempfile::tempdir().unwrap();
        let data = ("BULKHEAD_DATA_DIR", directory.path().to_str().unwrap());
        let half = read([("DATABASE_AUTH_URL", "postgres://bulkhead_auth:p@127.0.0.1:1/bulkhead"), data]);
        let (failed, text) = found(checks(&half), "connection");
        assert!(failed && text.contains("go together"), "{text}");

        let none = checks(&read([data]));
        assert!(none.iter().all(Check::is_good), "{none:?}");
        assert!(found(none, "private PostgreSQL").1.contains("not created yet"));
    }
}
