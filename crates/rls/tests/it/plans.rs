//! Plans of real statements as a real runtime role.

use crate::database::{Blank, profile};
use bulkhead_model::isolation::{AccessPath, Degradation, QueryPlan};
use bulkhead_rls::{Profile, plans};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};

/// 24 000 notes of 40 organizations.
const NOTES: &str = "
    CREATE SCHEMA app; GRANT USAGE ON SCHEMA app, public TO bulkhead_app;
    CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.org_id', true), '')::uuid $$;
    CREATE TABLE notes (org_id uuid NOT NULL, id integer NOT NULL, body text NOT NULL, CONSTRAINT notes_pkey PRIMARY KEY (org_id, id));
    INSERT INTO notes SELECT md5((n % 40)::text)::uuid, n, repeat('x', 60) FROM generate_series(1, 24000) n;
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    ALTER TABLE notes FORCE ROW LEVEL SECURITY;
    CREATE POLICY notes_tenant ON notes TO bulkhead_app USING (org_id = (SELECT app.org_id()));
    GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO bulkhead_app;
    ANALYZE notes;";

async fn ask(connection: &mut PgConnection, profile: &Profile, text: &str) -> Result<QueryPlan, String> {
    plans::explain(connection, profile, None, "bulkhead_app", text).await.unwrap()
}

#[tokio::test]
async fn the_tenant_index_is_seen_and_missed_when_it_is_gone() {
    let blank = Blank::create(NOTES).await;
    let mut connection = blank.connect().await;
    let text = "SELECT body FROM notes WHERE id = $1 LIMIT $2";
    let before = ask(&mut connection, &profile(), text).await.unwrap();
    let access = &before.tables[0];
    assert_eq!((access.table.as_str(), access.index.as_deref()), ("public.notes", Some("notes_pkey")));
    assert!(access.by_tenant_index && access.row_security);
    assert_eq!(access.table_rows, Some(24_000.0));
    assert_eq!(before.large_scans().count(), 0);

    blank.run("ALTER TABLE notes DROP CONSTRAINT notes_pkey").await;
    let after = ask(&mut connection, &profile(), text).await.unwrap();
    assert_eq!(after.tables[0].path, AccessPath::Sequential);
    assert_eq!(after.large_scans().count(), 1);
    assert_ne!(after.fingerprint, before.fingerprint);
    let why = after.degraded_since(&before);
    let lost = Degradation::IndexLost { table: "public.notes".to_owned(), index: "notes_pkey".to_owned() };
    assert!(why.contains(&lost), "{why:?}");
    assert!(why.iter().any(|one| matches!(one, Degradation::CostGrown { .. })), "{why:?}");

    blank.run("ALTER TABLE notes ADD CONSTRAINT notes_pkey PRIMARY KEY (org_id, id)").await;
    assert_eq!(ask(&mut connection, &profile(), text).await.unwrap().degraded_since(&before), []);
}

#[tokio::test]
async fn a_costly_policy_shows_as_a_ratio() {
    let blank = Blank::create(NOTES).await;
    let mut connection = blank.connect().await;
    let text = "SELECT count(*) FROM notes WHERE org_id = $1";
    let cheap = ask(&mut connection, &profile(), text).await.unwrap().ratio().unwrap();
    assert!((0.2..1.5).contains(&cheap), "{cheap}");
    blank
        .run(
            "CREATE FUNCTION app.may_read(body text) RETURNS boolean LANGUAGE plpgsql STABLE COST 5000 AS 'BEGIN RETURN true; END';
             ALTER POLICY notes_tenant ON notes USING (org_id = (SELECT app.org_id()) AND app.may_read(body))",
        )
        .await;
    let costly = ask(&mut connection, &profile(), "SELECT count(*) FROM notes").await.unwrap().ratio().unwrap();
    assert!(costly > 5.0, "{costly}");
}

#[tokio::test]
async fn names_with_quotes_and_dots_are_read() {
    let blank = Blank::create(
        r#"CREATE SCHEMA "we""ird; drop"; GRANT USAGE ON SCHEMA "we""ird; drop" TO bulkhead_app;
           CREATE TABLE "we""ird; drop"."ta.ble" ("Org ""id" text NOT NULL, id integer NOT NULL);
           CREATE INDEX "in.dex" ON "we""ird; drop"."ta.ble" ("Org ""id", id);
           INSERT INTO "we""ird; drop"."ta.ble" SELECT (n % 40)::text, n FROM generate_series(1, 20000) n;
           ALTER TABLE "we""ird; drop"."ta.ble" ENABLE ROW LEVEL SECURITY;
           CREATE POLICY p ON "we""ird; drop"."ta.ble" USING ("Org ""id" = (SELECT current_setting('app.org_id', true)));
           GRANT SELECT ON "we""ird; drop"."ta.ble" TO bulkhead_app;
           ANALYZE;"#,
    )
    .await;
    let mut connection = blank.connect().await;
    let weird = Profile { tenant_columns: vec!["Org \"id".to_owned()], ..profile() };
    let text = r#"SELECT id FROM "we""ird; drop"."ta.ble" WHERE id = $1"#;
    let plan = ask(&mut connection, &weird, text).await.unwrap();
    let access = &plan.tables[0];
    assert_eq!(access.table, "we\"ird; drop.ta.ble");
    assert_eq!(access.tenant_column.as_deref(), Some("Org \"id"));
    assert!(access.by_tenant_index, "{plan:?}");
}

#[tokio::test]
async fn what_cannot_be_planned_is_said_and_nothing_runs() {
    let blank = Blank::create(NOTES).await;
    blank
        .run(
            "CREATE TABLE secrets (id integer); CREATE TABLE written (n integer); GRANT INSERT ON written TO bulkhead_app;
             CREATE FUNCTION public.writes() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS
                 'BEGIN INSERT INTO public.written VALUES (1); RETURN 1; END';
             CREATE FUNCTION public.lies() RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.writes(); END'",
        )
        .await;
    let mut connection = blank.connect().await;
    for (text, sqlstate) in [
        ("SELECT FROM nothing_there", "42P01"),
        ("SELECT id FROM secrets", "42501"),
        ("SELECT 1; DROP TABLE notes", "42601"),
        ("VACUUM", "42601"),
        ("SELECT $1 + $2", "42725"),
        // A function that lies about itself runs while planning; it finds a transaction that only reads.
        ("SELECT body FROM notes WHERE id = public.lies()", "25006"),
    ] {
        let why = ask(&mut connection, &profile(), text).await.unwrap_err();
        assert!(why.contains(sqlstate), "{text}: {why}");
    }
    for text in ["INSERT INTO written VALUES ($1)", "DELETE FROM notes", "UPDATE notes SET body = $1 WHERE id = $2"] {
        ask(&mut connection, &profile(), text).await.unwrap();
    }
    let count = async |sql: &'static str| {
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut blank.connect().await).await.unwrap()
    };
    assert_eq!(count("SELECT count(*) FROM notes").await, 24_000);
    assert_eq!(count("SELECT count(*) FROM written").await, 0);
    let left = "SELECT count(*) FROM pg_prepared_statements WHERE name = 'bulkhead_plan'";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut connection).await.unwrap(), 0);
    let role: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut connection).await.unwrap();
    assert_ne!(role, "bulkhead_app");
}

#[tokio::test]
async fn a_role_that_the_inspector_may_not_become_is_said() {
    let blank = Blank::create(NOTES).await;
    let mut connection = blank.connect().await;
    let why =
        plans::explain(&mut connection, &profile(), None, "no_such\"role", "SELECT 1").await.unwrap().unwrap_err();
    assert!(why.contains("22023"), "{why}");
}

#[tokio::test]
async fn statistics_that_are_missing_or_silent_are_said() {
    let blank = Blank::create("").await;
    let mut connection = blank.connect().await;
    let why = plans::counted(&mut connection, &profile(), 10).await.unwrap().unwrap_err();
    assert_eq!(why, "pg_stat_statements is not installed in this database.");
    blank.run("CREATE EXTENSION pg_stat_statements").await;
    let libraries: String =
        sqlx::query_scalar("SHOW shared_preload_libraries").fetch_one(&mut connection).await.unwrap();
    if !libraries.contains("pg_stat_statements") {
        // Installed, but the server was started without its library, as the harness starts it.
        let why = plans::counted(&mut connection, &profile(), 10).await.unwrap().unwrap_err();
        assert!(why.contains("could not be read") && why.contains("shared_preload_libraries"), "{why}");
        return;
    }
    // With BULKHEAD_TEST_ADMIN_URL of a server that has it. The inspector sees what the runtime role ran, without values.
    let mut app = PgConnection::connect(blank.app_url().expose_secret()).await.unwrap();
    sqlx::raw_sql("SELECT 'violet' AS secret").execute(&mut app).await.unwrap();
    sqlx::raw_sql("BEGIN; COMMIT").execute(&mut app).await.unwrap();
    let counted = plans::counted(&mut connection, &profile(), 10).await.unwrap().unwrap();
    let texts: Vec<&str> = counted.statements.iter().map(|statement| statement.text.as_str()).collect();
    assert_eq!(texts, ["SELECT $1 AS secret"]);
    assert_eq!((counted.statements[0].role.as_str(), counted.statements[0].calls), ("bulkhead_app", 1));
    assert!(counted.since.is_some());
}
