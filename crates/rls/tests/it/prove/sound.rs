//! Schemas without a defect, as hard to fill as real ones: nothing leaks, and what is not proven says why.

use bulkhead_model::isolation::{Attack, Counts, Outcome};

use bulkhead_rls::prove::Cancellation;

use super::{GROUND, attempt, leaks, options, protection, run, sound_table, unproven};
use crate::database::Blank;

/// Constraints of every kind that planting must satisfy, and every kind of thing that attacks look at.
fn schema() -> String {
    let mut sql = GROUND.to_owned();
    sql.push_str(&sound_table(
        "notes",
        "shout text GENERATED ALWAYS AS (upper(title)) STORED, UNIQUE (org_id, title),",
    ));
    sql.push_str(
        r#"
        CREATE TYPE mood AS ENUM ('calm', 'angry');
        CREATE DOMAIN slug AS text CHECK (VALUE ~ '^[a-z][a-z-]{2,20}$');
        CREATE TABLE "we""ird; drop" (
            org_id uuid NOT NULL DEFAULT app.org_id() REFERENCES orgs, n bigint GENERATED ALWAYS AS IDENTITY,
            note uuid, mood mood NOT NULL, slug slug NOT NULL, hash bytea NOT NULL CHECK (octet_length(hash) = 32),
            state text NOT NULL CHECK (state IN ('open', 'closed')), closed_at timestamptz,
            level smallint NOT NULL CHECK (level BETWEEN 1 AND 3), tags text[] NOT NULL, body jsonb NOT NULL,
            address inet, span tstzrange, code varchar(3) NOT NULL, mail text NOT NULL CHECK (mail ~ '^[^@]+@[^@]+\.[a-z]+$'),
            CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
            PRIMARY KEY (org_id, n), UNIQUE (org_id, slug), FOREIGN KEY (org_id, note) REFERENCES notes (org_id, id));
        CREATE TABLE teams (org_id uuid NOT NULL DEFAULT app.org_id() REFERENCES orgs, id uuid NOT NULL, head uuid NOT NULL,
            PRIMARY KEY (org_id, id));
        CREATE TABLE people (org_id uuid NOT NULL DEFAULT app.org_id() REFERENCES orgs, id uuid NOT NULL, team uuid NOT NULL,
            boss uuid, PRIMARY KEY (org_id, id), FOREIGN KEY (org_id, boss) REFERENCES people (org_id, id),
            FOREIGN KEY (org_id, team) REFERENCES teams (org_id, id) DEFERRABLE);
        ALTER TABLE teams ADD FOREIGN KEY (org_id, head) REFERENCES people (org_id, id) DEFERRABLE;
        CREATE TABLE months (org_id uuid NOT NULL DEFAULT app.org_id() REFERENCES orgs, id uuid NOT NULL, made date NOT NULL,
            PRIMARY KEY (org_id, id, made)) PARTITION BY RANGE (made);
        CREATE TABLE march PARTITION OF months FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
        CREATE VIEW titles WITH (security_invoker = true) AS SELECT title FROM notes;
        GRANT SELECT ON titles TO bulkhead_app;
        CREATE FUNCTION count_notes() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM notes';
        "#,
    );
    for table in ["\"we\"\"ird; drop\"", "teams", "people", "months"] {
        sql.push_str(&protection(table));
    }
    sql
}

#[tokio::test]
async fn a_sound_schema_holds() {
    let blank = Blank::create(&schema()).await;
    let options = options(&blank);
    let (mut done, mut total) = (0, 0);
    let proof = attempt(&options, &Cancellation::new(), |progress| (done, total) = (progress.done, progress.total))
        .await
        .unwrap();
    assert_eq!((done, total), (proof.cells.len(), proof.cells.len()), "what was announced was done");
    assert_eq!(leaks(&proof), Vec::<String>::new());
    assert_eq!(proof.could_not_plant, []);
    assert_eq!(proof.clone_differs, Vec::<String>::new());
    assert_eq!(unproven(&proof), Vec::<String>::new());
    assert_eq!(proof.counts, Counts { held: u32::try_from(proof.cells.len()).unwrap(), ..Counts::default() });
    for table in ["notes", "we\"ird; drop", "teams", "people", "months", "march", "orgs"] {
        assert!(proof.tables.contains(&format!("public.{table}")), "{table} in {:?}", proof.tables);
    }
}

#[tokio::test]
async fn what_cannot_be_planted_is_red() {
    let mut sql = GROUND.to_owned();
    sql.push_str(&sound_table("notes", "CHECK (title ~ '^[0-9]{3}-[A-Z]{7}-x$'),"));
    sql.push_str(&sound_table(
        "children",
        "note uuid NOT NULL, FOREIGN KEY (org_id, note) REFERENCES notes (org_id, id),",
    ));
    sql.push_str(
        "CREATE TABLE loose (n int); GRANT SELECT ON loose TO bulkhead_app; CREATE TABLE unreachable (n int);",
    );
    let blank = Blank::create(&sql).await;
    let mut options = options(&blank);
    options.role_urls.clear();
    let proof = run(&options).await;
    let red: Vec<&str> = proof.could_not_plant.iter().map(|red| red.table.as_str()).collect();
    assert_eq!(red, ["public.children", "public.loose", "public.notes"]);
    assert!(proof.could_not_plant.iter().all(|red| red.why.starts_with("could not plant: ")));
    assert_eq!(proof.standing(), bulkhead_model::isolation::Standing::Red);
    // Without a sign-in nothing can be said about what stands behind the role.
    let identity = proof.cells.iter().filter(|cell| cell.subject == "session");
    assert!(identity.clone().count() == 3 && identity.clone().all(|cell| cell.outcome.label() == "Unproven"));
}

/// The key of another organization's row is the whole key here, so no copy can be broken further: the attack fails on
/// the broken copy as well and must not be green.
#[tokio::test]
async fn an_attack_that_cannot_succeed_is_unproven() {
    let mut sql = GROUND.to_owned();
    sql.push_str(&sound_table("notes", "kind text NOT NULL DEFAULT 'plain',"));
    sql.push_str("CREATE UNIQUE INDEX one_main ON notes (org_id, kind) WHERE kind = 'main';");
    let blank = Blank::create(&sql).await;
    let proof = run(&options(&blank)).await;
    let cell = proof
        .cells
        .iter()
        .find(|cell| cell.object.as_deref() == Some("one_main") && cell.attack == Attack::UniqueProbe)
        .unwrap();
    let unproven =
        matches!(&cell.outcome, Outcome::Unproven { why } if why.starts_with("it failed on the broken copy as well"));
    assert!(unproven, "{cell}");
    assert_eq!(proof.standing(), bulkhead_model::isolation::Standing::Incomplete);
}
