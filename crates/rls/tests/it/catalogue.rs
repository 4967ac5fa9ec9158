//! What the reader makes of a live catalogue.

use crate::database::{Blank, profile};
use bulkhead_model::isolation::{RelationKind, Volatility};
use bulkhead_rls::catalogue::{RowVersions, hash, read, row_versions};

const NOTES: &str = r#"
    CREATE SCHEMA app;
    CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE
        RETURN nullif(current_setting('app.org_id', true), '')::uuid;
    CREATE FUNCTION app.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
        RETURN 1;
    CREATE TABLE notes (
        org_id uuid NOT NULL DEFAULT app.org_id(), id uuid DEFAULT gen_random_uuid(), n bigint GENERATED ALWAYS AS IDENTITY,
        title text CHECK (title <> ''), shout text GENERATED ALWAYS AS (upper(title)) STORED,
        PRIMARY KEY (org_id, id), UNIQUE (org_id, title)
    );
    CREATE UNIQUE INDEX notes_lower ON notes (org_id, lower(title)) WHERE title <> 'x';
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    ALTER TABLE notes FORCE ROW LEVEL SECURITY;
    CREATE POLICY mine ON notes TO bulkhead_app USING (org_id = (SELECT app.org_id()) AND random() IS NOT NULL);
    CREATE VIEW titles AS SELECT title FROM notes;
    CREATE TABLE "we""ird; drop" (id int);
"#;

#[tokio::test]
async fn everything_that_decides_is_read() {
    let blank = Blank::create(NOTES).await;
    let catalogue = read(&mut blank.connect().await, &profile()).await.unwrap();
    let table = |name: &str| catalogue.tables.iter().find(|table| table.name == name).unwrap();
    let notes = table("notes");
    assert_eq!(notes.primary_key, ["org_id", "id"]);
    assert_eq!(notes.checks[0].expression, "(title <> ''::text)");
    let lower = notes.unique_keys.iter().find(|key| key.name == "notes_lower").unwrap();
    assert_eq!(lower.columns, ["org_id", "lower(title)"]);
    assert!(lower.predicate.is_some() && !lower.primary);
    let column = |name: &str| notes.columns.iter().find(|column| column.name == name).unwrap();
    assert!(column("shout").generated && column("n").identity && !column("org_id").nullable);
    let calls: Vec<_> = notes.policies[0].calls.iter().map(|call| (call.signature.as_str(), call.volatility)).collect();
    assert_eq!(calls, [("app.org_id()", Volatility::Stable), ("pg_catalog.random()", Volatility::Volatile)]);
    assert_eq!(
        (table("titles").kind, &table("titles").reads[..]),
        (RelationKind::View, &["public.notes".to_owned()][..])
    );
    assert_eq!(table("we\"ird; drop").qualified(), "public.we\"ird; drop");
    let peek = catalogue.functions.iter().find(|function| function.name == "peek").unwrap();
    assert!(peek.security_definer && peek.executable_by == ["PUBLIC"]);
    assert_eq!(peek.search_path.as_deref(), Some("pg_catalog"));
    assert!(catalogue.role("bulkhead_migrator").unwrap().member_of.contains(&"bulkhead_owner".to_owned()));
    assert_eq!(catalogue.sequences[0].owned_by.as_deref(), Some("public.notes.n"));
}

#[tokio::test]
async fn the_hash_follows_what_decides_and_nothing_else() {
    let blank = Blank::create(NOTES).await;
    let mut connection = blank.connect().await;
    let before = hash(&read(&mut connection, &profile()).await.unwrap());
    blank.run("INSERT INTO notes (org_id, title) VALUES (gen_random_uuid(), 'a'); ANALYZE").await;
    assert_eq!(hash(&read(&mut connection, &profile()).await.unwrap()), before);
    blank.run("ALTER POLICY mine ON notes USING (true)").await;
    assert_ne!(hash(&read(&mut connection, &profile()).await.unwrap()), before);
}

/// What changes the facts without a change of the policies' own rows, and what does.
const CHANGES: &[&str] = &[
    "ALTER POLICY mine ON notes USING (org_id IS NULL)",
    "ALTER POLICY mine ON notes RENAME TO ours",
    "DROP POLICY ours ON notes",
    "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE notes RENAME COLUMN title TO heading",
    "ALTER TABLE notes ALTER heading SET DEFAULT 'none'",
    "ALTER TABLE notes DROP CONSTRAINT notes_org_id_title_key",
    "CREATE UNIQUE INDEX ON notes (org_id, n)",
    "GRANT SELECT ON notes TO bulkhead_app",
    "GRANT UPDATE (heading) ON notes TO bulkhead_app",
    "ALTER TABLE notes OWNER TO bulkhead_app",
    "COMMENT ON TABLE notes IS 'what people wrote'",
    "CREATE TABLE lines (org_id uuid, id uuid, note uuid)",
    "ALTER TABLE lines ADD FOREIGN KEY (org_id, note) REFERENCES notes",
    "CREATE TABLE older () INHERITS (lines)",
    "ALTER TABLE older NO INHERIT lines",
    "CREATE TRIGGER t BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE OR REPLACE VIEW titles WITH (security_invoker) AS SELECT heading AS title FROM notes",
    "CREATE OR REPLACE VIEW titles AS SELECT note::text AS title FROM lines",
    "ALTER FUNCTION app.peek() RESET search_path",
    "ALTER FUNCTION app.org_id() VOLATILE",
    "REVOKE EXECUTE ON FUNCTION app.peek() FROM PUBLIC",
    "CREATE DOMAIN mood AS text",
    "ALTER TABLE lines ADD mood mood",
    "ALTER DOMAIN mood RENAME TO temper",
    "ALTER SCHEMA app RENAME TO application",
    "GRANT CREATE ON SCHEMA application TO bulkhead_app",
    "CREATE SEQUENCE loose",
    "ALTER SEQUENCE loose OWNED BY lines.id",
    "GRANT USAGE ON SEQUENCE loose TO bulkhead_app",
    "ALTER TABLE lines SET UNLOGGED; ALTER TABLE lines RENAME TO rows",
];

/// The negative control of every entry is the hash: it says that the statement changed the facts at all.
#[tokio::test]
async fn the_versions_of_rows_follow_every_change_of_the_facts() {
    let blank = Blank::create(NOTES).await;
    let mut connection = blank.connect().await;
    let mut looked = async || {
        let versions = row_versions(&mut connection).await.unwrap();
        (versions, hash(&read(&mut connection, &profile()).await.unwrap()))
    };
    let mut before = looked().await;
    for change in CHANGES {
        blank.run(change).await;
        let after = looked().await;
        assert!(after.1 != before.1 || change.starts_with("CREATE DOMAIN"), "{change} changes nothing");
        assert_ne!(after.0, before.0, "{change}");
        before = after;
    }
    roles_are_seen(&blank, &before.0).await;
    for (nothing, is_seen) in [
        ("INSERT INTO notes (org_id, heading) VALUES (gen_random_uuid(), 'a')", false),
        ("VACUUM ANALYZE notes", false),
        ("BEGIN; ALTER TABLE notes FORCE ROW LEVEL SECURITY; ROLLBACK", false),
        ("ALTER TABLE notes FORCE ROW LEVEL SECURITY; ALTER TABLE notes NO FORCE ROW LEVEL SECURITY", true),
    ] {
        // Roles are the server's, and other tests make some meanwhile: a moment without is waited for.
        let mut tries = 0;
        loop {
            let before = looked().await;
            blank.run(nothing).await;
            let after = looked().await;
            if before.1 == after.1 && (before.0 != after.0) == is_seen {
                break;
            }
            tries += 1;
            assert!(tries < 50, "{nothing}: {before:?} {after:?}");
        }
    }
}

/// Roles are the server's, and other tests look at it: what is made here is made in a transaction that nobody else sees.
async fn roles_are_seen(blank: &Blank, before: &RowVersions) {
    let mut connection = blank.connect().await;
    sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
    let mut before = before.clone();
    for change in [
        "CREATE ROLE versions_one",
        "CREATE ROLE versions_two",
        "ALTER ROLE versions_one BYPASSRLS",
        "GRANT versions_one TO versions_two",
        "REVOKE versions_one FROM versions_two",
    ] {
        sqlx::raw_sql(change).execute(&mut connection).await.unwrap();
        let after = row_versions(&mut connection).await.unwrap();
        assert_ne!(after, before, "{change}");
        before = after;
    }
    sqlx::raw_sql("ROLLBACK").execute(&mut connection).await.unwrap();
}
