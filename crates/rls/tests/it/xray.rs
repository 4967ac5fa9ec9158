//! The Row X-ray, rule by rule, against a real PostgreSQL. Whether the ladder is right is in every test the same
//! question: does the real command agree?

mod exotic;
mod property;
mod world;

use bulkhead_model::isolation::xray::{
    Assignment, Command, Decision, Happened, Ladder, Outcome, Question, Reality, RowAddress, RungKind, Shown, Truth,
};
use bulkhead_rls::xray::{Error, QuestionError, explain};
use sqlx::PgConnection;

use crate::database::{Blank, profile};

const ACME: &str = "7c000000-0000-0000-0000-000000000001";
const GLOBEX: &str = "91000000-0000-0000-0000-000000000002";

const NOTES: &str = r#"
    CREATE SCHEMA app;
    GRANT USAGE ON SCHEMA app TO bulkhead_app;
    CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE
        RETURN nullif(current_setting('app.org_id', true), '')::uuid;
    CREATE TABLE notes (
        org_id uuid NOT NULL DEFAULT app.org_id(), id int PRIMARY KEY, email text, hidden boolean,
        shout text GENERATED ALWAYS AS (upper(email)) STORED
    );
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    ALTER TABLE notes FORCE ROW LEVEL SECURITY;
    CREATE POLICY notes_tenant ON notes TO bulkhead_app USING (org_id = (SELECT app.org_id()));
    GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO bulkhead_app;
    INSERT INTO notes (org_id, id, email, hidden) VALUES
        ('7c000000-0000-0000-0000-000000000001', 1, 'ada@example.com', false),
        ('91000000-0000-0000-0000-000000000002', 2, 'bob@example.com', NULL);
"#;

async fn notes(more: &str) -> (Blank, PgConnection) {
    let blank = Blank::create(NOTES).await;
    blank.run(more).await;
    let connection = blank.connect().await;
    (blank, connection)
}

fn key(id: i32) -> RowAddress {
    RowAddress::Key(vec![("id".to_owned(), id.to_string())])
}

fn ask(command: Command) -> Question {
    Question {
        schema: "public".to_owned(),
        table: "notes".to_owned(),
        role: "bulkhead_app".to_owned(),
        organization: Some(ACME.to_owned()),
        settings: Vec::new(),
        command,
        reveal: false,
    }
}

fn select(id: i32) -> Question {
    ask(Command::Select { row: key(id) })
}

fn update(id: i32, changes: &[(&str, &str)], blind: bool) -> Question {
    ask(Command::Update { row: key(id), changes: assignments(changes), blind })
}

fn insert(values: &[(&str, &str)], returning: bool) -> Question {
    ask(Command::Insert { values: assignments(values), returning })
}

fn delete(id: i32, blind: bool) -> Question {
    ask(Command::Delete { row: key(id), blind })
}

fn assignments(pairs: &[(&str, &str)]) -> Vec<Assignment> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect()
}

/// The answer, which PostgreSQL must have confirmed.
async fn confirmed(connection: &mut PgConnection, question: &Question) -> Ladder {
    let ladder = explain(connection, &profile(), question).await.unwrap();
    assert!(matches!(ladder.reality, Reality::Tried { agrees: true, .. }), "{ladder:#?}");
    ladder
}

async fn decision(connection: &mut PgConnection, question: &Question) -> Decision {
    confirmed(connection, question).await.verdict.decision
}

#[tokio::test]
async fn xray_shows_what_is_compared_with_what() {
    let (_blank, mut connection) = notes("").await;
    assert_eq!(decision(&mut connection, &select(1)).await, Decision::Reached);
    let ladder = confirmed(&mut connection, &select(2)).await;
    assert_eq!(
        ladder.verdict.sentence,
        format!("Not visible: policy notes_tenant compares org_id {GLOBEX} of the row with the context {ACME}.")
    );
    let mut nobody = select(1);
    nobody.organization = None;
    assert_eq!(decision(&mut connection, &nobody).await, Decision::NotReached);
    let mut garbage = select(1);
    garbage.organization = Some("garbage".to_owned());
    let ladder = confirmed(&mut connection, &garbage).await;
    assert_eq!(
        (ladder.verdict.decision, &ladder.verdict.may_fail_with[..]),
        (Decision::Fails, &["22P02".to_owned()][..])
    );
}

#[tokio::test]
async fn xray_hides_values_until_they_are_revealed() {
    let (_blank, mut connection) = notes("").await;
    let value = |ladder: &Ladder, name: &str| {
        ladder.row.as_ref().unwrap().iter().find(|field| field.column == name).unwrap().value.clone()
    };
    let ladder = confirmed(&mut connection, &select(2)).await;
    assert!(matches!(value(&ladder, "email"), Shown::Masked { .. }));
    assert!(matches!(value(&ladder, "shout"), Shown::Masked { .. }));
    assert_eq!(value(&ladder, "hidden"), Shown::Null);
    assert_eq!(value(&ladder, "org_id"), Shown::Value { text: GLOBEX.to_owned(), truncated: false });
    assert!(!serde_json::to_string(&ladder).unwrap().contains("bob@"));
    let mut open = select(2);
    open.reveal = true;
    let ladder = confirmed(&mut connection, &open).await;
    assert_eq!(value(&ladder, "email"), Shown::Value { text: "bob@example.com".to_owned(), truncated: false });
}

#[tokio::test]
async fn xray_returning_asks_the_policies_for_select_too() {
    let (_blank, mut connection) =
        notes("CREATE POLICY seen ON notes AS RESTRICTIVE FOR SELECT TO bulkhead_app USING (NOT hidden)").await;
    let hidden = [("id", "3"), ("hidden", "true")];
    assert_eq!(decision(&mut connection, &insert(&hidden, false)).await, Decision::Reached);
    let ladder = confirmed(&mut connection, &insert(&hidden, true)).await;
    assert_eq!(ladder.verdict.decision, Decision::Refused);
    assert!(ladder.verdict.sentence.contains("policy seen"), "{}", ladder.verdict.sentence);
    // The row an UPDATE leaves behind must be visible, where the statement reads; a blind one hides it.
    assert_eq!(decision(&mut connection, &update(1, &[("hidden", "true")], false)).await, Decision::Refused);
    assert_eq!(decision(&mut connection, &update(1, &[("hidden", "true")], true)).await, Decision::Reached);
}

#[tokio::test]
async fn xray_update_looks_at_both_rows() {
    let (_blank, mut connection) = notes("").await;
    assert_eq!(decision(&mut connection, &update(1, &[("email", "x")], false)).await, Decision::Reached);
    assert_eq!(decision(&mut connection, &update(2, &[("email", "x")], false)).await, Decision::NotReached);
    // USING stands in for the WITH CHECK that is not there: the row cannot be moved away.
    let ladder = confirmed(&mut connection, &update(1, &[("org_id", GLOBEX)], false)).await;
    assert_eq!(ladder.verdict.decision, Decision::Refused);
    let fallback =
        ladder.checks.iter().flat_map(|check| check.tree.policies()).any(|policy| policy.falls_back_to_using);
    assert!(fallback);
    assert_eq!(decision(&mut connection, &insert(&[("id", "9"), ("org_id", GLOBEX)], false)).await, Decision::Refused);
    assert_eq!(decision(&mut connection, &insert(&[("id", "9")], true)).await, Decision::Reached);
    // Past the policies a constraint waits: they let it through, and that is all the ladder says.
    assert_eq!(decision(&mut connection, &insert(&[("id", "1")], false)).await, Decision::Reached);
}

#[tokio::test]
async fn xray_a_blind_delete_passes_by_the_policies_for_select() {
    let (_blank, mut connection) =
        notes("CREATE POLICY unseen ON notes AS RESTRICTIVE FOR SELECT TO bulkhead_app USING (false)").await;
    assert_eq!(decision(&mut connection, &delete(1, false)).await, Decision::NotReached);
    assert_eq!(decision(&mut connection, &delete(1, true)).await, Decision::Reached);
    assert_eq!(decision(&mut connection, &delete(2, true)).await, Decision::NotReached);
}

#[tokio::test]
async fn xray_restrictive_policies_alone_allow_nothing() {
    let (_blank, mut connection) = notes(
        "DROP POLICY notes_tenant ON notes; CREATE POLICY fence ON notes AS RESTRICTIVE TO bulkhead_app USING (true)",
    )
    .await;
    let ladder = confirmed(&mut connection, &select(1)).await;
    assert_eq!(ladder.verdict.sentence, "Not visible: no permissive policy lets bulkhead_app SELECT the row.");
    // One without USING says nothing about reading: it neither allows nor forbids.
    let (_blank, mut connection) = notes(
        "ALTER POLICY notes_tenant ON notes USING (true); \
         CREATE POLICY fence ON notes AS RESTRICTIVE TO bulkhead_app WITH CHECK (false)",
    )
    .await;
    assert_eq!(decision(&mut connection, &select(2)).await, Decision::Reached);
    assert_eq!(decision(&mut connection, &insert(&[("id", "5")], false)).await, Decision::Refused);
}

#[tokio::test]
async fn xray_null_lets_nothing_through_and_alternatives_are_tried_in_order() {
    let (blank, mut connection) = notes("ALTER POLICY notes_tenant ON notes USING (NOT hidden)").await;
    let ladder = confirmed(&mut connection, &select(2)).await;
    assert_eq!(ladder.checks[0].tree.policies()[0].truth, Truth::Null);
    assert_eq!(ladder.verdict.decision, Decision::NotReached);
    blank.run("CREATE POLICY zz_broken ON notes TO bulkhead_app USING (1 / (id - 2) > 0)").await;
    // From the last name to the first: the broken one is met before the other could save the row.
    let ladder = confirmed(&mut connection, &select(2)).await;
    assert_eq!(ladder.verdict.may_fail_with, ["22012"]);
    blank.run("CREATE POLICY zzz_open ON notes TO bulkhead_app USING (id > 0)").await;
    assert_eq!(decision(&mut connection, &select(2)).await, Decision::Reached);
}

#[tokio::test]
async fn xray_policies_apply_by_membership_that_inherits() {
    let (blank, mut connection) = notes(
        "CREATE ROLE xray_group; CREATE ROLE xray_heir IN ROLE xray_group; CREATE ROLE xray_stranger NOINHERIT IN ROLE xray_group; \
         GRANT SELECT ON notes TO xray_heir, xray_stranger; GRANT USAGE ON SCHEMA app TO xray_heir, xray_stranger; \
         CREATE POLICY members ON notes TO xray_group USING (true)",
    )
    .await;
    for (role, expected) in [("xray_heir", Decision::Reached), ("xray_stranger", Decision::NotReached)] {
        let question = Question { role: role.to_owned(), ..select(2) };
        assert_eq!(decision(&mut connection, &question).await, expected, "{role}");
    }
    blank
        .run("DROP OWNED BY xray_heir, xray_stranger, xray_group; DROP ROLE xray_heir, xray_stranger, xray_group")
        .await;
}

#[tokio::test]
async fn xray_names_the_missing_right() {
    let (_blank, mut connection) = notes(
        "REVOKE ALL ON notes FROM bulkhead_app; GRANT SELECT (id, org_id), UPDATE (email) ON notes TO bulkhead_app",
    )
    .await;
    let ladder = confirmed(&mut connection, &select(1)).await;
    assert_eq!(ladder.verdict.decision, Decision::Reached);
    assert!(ladder.rung(RungKind::Grants).unwrap().sentence.contains("may not read email, hidden, shout"));
    let ladder = confirmed(&mut connection, &update(1, &[("hidden", "true")], false)).await;
    assert_eq!(ladder.rung(RungKind::Grants).unwrap().sentence, "bulkhead_app lacks UPDATE on column hidden.");
    assert_eq!(decision(&mut connection, &update(1, &[("email", "x")], false)).await, Decision::Reached);
    assert_eq!(decision(&mut connection, &delete(1, false)).await, Decision::Refused);
    assert_eq!(decision(&mut connection, &insert(&[("id", "7")], false)).await, Decision::Refused);
}

#[tokio::test]
async fn xray_owners_and_bypassers_are_told() {
    let (blank, mut connection) =
        notes("ALTER TABLE notes OWNER TO bulkhead_app; ALTER TABLE notes NO FORCE ROW LEVEL SECURITY").await;
    let ladder = confirmed(&mut connection, &select(2)).await;
    assert_eq!(ladder.verdict.sentence, "Visible: no policy binds the role.");
    assert!(ladder.rung(RungKind::Role).unwrap().sentence.contains("can change or drop its policies"));
    blank.run("ALTER TABLE notes FORCE ROW LEVEL SECURITY").await;
    assert_eq!(decision(&mut connection, &select(2)).await, Decision::NotReached);
    let migrator = Question { role: "bulkhead_migrator".to_owned(), ..select(2) };
    blank.run("GRANT SELECT ON notes TO bulkhead_migrator").await;
    let ladder = confirmed(&mut connection, &migrator).await;
    assert!(ladder.rung(RungKind::Role).unwrap().sentence.contains("BYPASSRLS"));
}

#[tokio::test]
async fn xray_leaves_nothing_behind() {
    let (blank, mut connection) = notes(
        "CREATE TABLE log (what text); \
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS \
           $$ BEGIN INSERT INTO log VALUES (tg_op); RETURN NULL; END $$; \
         CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION note()",
    )
    .await;
    for question in [insert(&[("id", "8")], true), update(1, &[("email", "x")], false), delete(1, true)] {
        let ladder = confirmed(&mut connection, &question).await;
        assert!(ladder.notes.iter().any(|note| note.contains("fired the table's triggers")), "{:?}", ladder.notes);
    }
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM notes WHERE id = 8 OR email = 'x') \
              + (SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'bulkhead%') + (SELECT count(*) FROM pg_cursors WHERE name LIKE 'bulkhead%')",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(left, 0);
    let still: i64 =
        sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(&mut blank.connect().await).await.unwrap();
    assert_eq!(still, 2);
    // Cancelled in the middle, the connection serves the next question all the same.
    let question = select(1);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(3), explain(&mut connection, &profile(), &question))
        .await;
    assert_eq!(decision(&mut connection, &question).await, Decision::Reached);
}

#[tokio::test]
async fn xray_does_not_claim_what_a_trigger_changed() {
    let (_blank, mut connection) = notes(
        "CREATE FUNCTION steal() RETURNS trigger LANGUAGE plpgsql AS \
           $$ BEGIN NEW.org_id := '91000000-0000-0000-0000-000000000002'; RETURN NEW; END $$; \
         CREATE TRIGGER stolen BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION steal()",
    )
    .await;
    let ladder = explain(&mut connection, &profile(), &insert(&[("id", "8")], false)).await.unwrap();
    assert!(matches!(ladder.reality, Reality::Tried { agrees: false, happened: Happened::Failed { .. } }));
    assert!(ladder.notes.iter().any(|note| note.contains("stolen")));
    assert!(ladder.notes.iter().any(|note| note.starts_with("The explainer is wrong")));
}

#[tokio::test]
async fn xray_refuses_questions_that_make_no_sense() {
    let (blank, mut connection) =
        notes("CREATE VIEW titles AS SELECT id FROM notes; CREATE TABLE keyless (a int)").await;
    let mut refused = Vec::new();
    for question in [
        Question { table: "nothing".to_owned(), ..select(1) },
        Question { table: "titles".to_owned(), ..select(1) },
        Question { role: "nobody_here".to_owned(), ..select(1) },
        Question { table: "keyless".to_owned(), ..ask(Command::Select { row: RowAddress::Key(pair("a", "1")) }) },
        ask(Command::Select { row: RowAddress::Key(pair("org_id", ACME)) }),
        ask(Command::Select { row: RowAddress::Filter(Vec::new()) }),
        ask(Command::Select { row: RowAddress::Filter(assignments(&[("nope", "1")])) }),
        ask(Command::Select { row: RowAddress::Filter(assignments(&[("org_id", "not a uuid")])) }),
        insert(&[("id", "1"), ("id", "2")], false),
        insert(&[("shout", "HEY")], false),
        insert(&[("id", "1\u{0}2")], false),
        update(1, &[], false),
        Question { settings: vec![("role".to_owned(), "postgres".to_owned())], ..select(1) },
    ] {
        let error = explain(&mut connection, &profile(), &question).await.unwrap_err();
        let Error::Question(error) = error else { unreachable!("{question:?}: {error:?}") };
        refused.push(error);
    }
    assert_eq!(refused[0], QuestionError::NoSuchTable("public.nothing".to_owned()));
    assert_eq!(refused[3].to_string(), "the row is named by a filter, because the table has no primary key");
    assert!(matches!(refused[7], QuestionError::InvalidValue(_)));
    assert_eq!(decision(&mut connection, &select(77)).await, Decision::NotReached);
    drop(blank);
}

fn pair(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

#[tokio::test]
async fn xray_says_what_a_weak_inspector_could_not_see() {
    let (blank, mut connection) = notes(
        "CREATE ROLE xray_inspector NOSUPERUSER BYPASSRLS; GRANT SELECT ON notes TO xray_inspector; \
         GRANT USAGE ON SCHEMA app TO xray_inspector; CREATE ROLE xray_blind; GRANT SELECT ON notes TO xray_blind",
    )
    .await;
    sqlx::raw_sql("SET ROLE xray_inspector").execute(&mut connection).await.unwrap();
    // SET ROLE is checked against the session's user, so this connection may still become the runtime role.
    assert_eq!(decision(&mut connection, &select(2)).await, Decision::NotReached);
    sqlx::raw_sql("SET SESSION AUTHORIZATION xray_inspector").execute(&mut connection).await.unwrap();
    let ladder = explain(&mut connection, &profile(), &select(1)).await.unwrap();
    assert_eq!(ladder.verdict.decision, Decision::Unknown);
    assert_eq!(ladder.rung(RungKind::Settings).unwrap().outcome, Outcome::Unknown);
    assert!(ladder.rung(RungKind::Settings).unwrap().sentence.contains("may not SET ROLE to bulkhead_app"));
    assert!(matches!(ladder.reality, Reality::Untried { .. }));
    blank.run("GRANT bulkhead_app TO xray_inspector").await;
    assert_eq!(decision(&mut connection, &select(1)).await, Decision::Reached);
    assert_eq!(decision(&mut connection, &update(1, &[("org_id", GLOBEX)], false)).await, Decision::Refused);
    let mut blind = blank.connect().await;
    sqlx::raw_sql("SET SESSION AUTHORIZATION xray_blind").execute(&mut blind).await.unwrap();
    let ladder =
        explain(&mut blind, &profile(), &Question { role: "xray_blind".to_owned(), ..select(1) }).await.unwrap();
    assert_eq!(ladder.verdict.decision, Decision::Unknown);
    assert!(ladder.rung(RungKind::Row).unwrap().sentence.contains("BYPASSRLS"));
    drop((connection, blind));
    blank.run("DROP OWNED BY xray_inspector, xray_blind; DROP ROLE xray_inspector, xray_blind").await;
}
