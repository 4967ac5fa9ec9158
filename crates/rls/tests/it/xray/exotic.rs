//! What databases have besides plain tables with plain columns.

use bulkhead_model::isolation::xray::{Command, Decision, Question, Reality, RowAddress, RungKind, Truth};
use bulkhead_rls::xray::explain;

use super::{ACME, GLOBEX, ask, assignments, confirmed, decision, notes, pair, select, update};
use crate::database::{Blank, profile};

/// `table` with a policy FOR ALL, open to the runtime role.
fn open(table: &str, policy: &str) -> String {
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY; \
         CREATE POLICY mine ON {table} TO bulkhead_app USING ({policy}); \
         GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO bulkhead_app; "
    )
}

fn about(table: &str, command: Command) -> Question {
    Question { table: table.to_owned(), ..ask(command) }
}

fn filtered(table: &str, pairs: &[(&str, &str)]) -> Question {
    about(table, Command::Select { row: RowAddress::Filter(assignments(pairs)) })
}

#[tokio::test]
async fn xray_copes_with_every_kind_of_column() {
    let weird = r#""we""ird; drop""#;
    let sql = format!(
        r#"CREATE DOMAIN short AS varchar(5) CHECK (value <> 'never'); CREATE TYPE pair AS (a int, b text); CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE TABLE {weird} (
            gone int, {weird} mood, word short NOT NULL DEFAULT 'it''s', duo pair, list text[], raw bytea,
            n int GENERATED ALWAYS AS IDENTITY, twice text GENERATED ALWAYS AS (word || word) STORED, PRIMARY KEY ({weird}, word));
        ALTER TABLE {weird} DROP COLUMN gone;
        INSERT INTO {weird} VALUES ('glad', 'o\o', ROW(1, 'a "b", (c)'), '{{"x,y",NULL}}', '\x00ff');
        {}"#,
        open(
            weird,
            &format!(
                r#"({weird}.{weird} = 'glad' AND (duo).b LIKE '%"b"%' AND twice = word || word AND {weird} IS NOT NULL)"#
            )
        ),
    );
    let blank = Blank::create(&sql).await;
    let mut connection = blank.connect().await;
    let key =
        RowAddress::Key(vec![("we\"ird; drop".to_owned(), "glad".to_owned()), ("word".to_owned(), r"o\o".to_owned())]);
    let table = "we\"ird; drop";
    let seen = confirmed(&mut connection, &about(table, Command::Select { row: key.clone() })).await;
    assert_eq!(seen.verdict.decision, Decision::Reached, "{}", seen.verdict.sentence);
    let change = |column: &str, value: &str| {
        about(table, Command::Update { row: key.clone(), changes: assignments(&[(column, value)]), blind: false })
    };
    assert_eq!(decision(&mut connection, &change("word", "new")).await, Decision::Reached);
    assert_eq!(decision(&mut connection, &change("we\"ird; drop", "sad")).await, Decision::Refused);
    let error = explain(&mut connection, &profile(), &change("word", "too long")).await.unwrap_err();
    assert!(error.to_string().contains("too long for type character varying(5)"), "{error}");
    let add = about(
        table,
        Command::Insert {
            values: assignments(&[("we\"ird; drop", "glad"), ("duo", "(2,\"\"\"b\"\"\")")]),
            returning: true,
        },
    );
    assert_eq!(decision(&mut connection, &add).await, Decision::Reached);
}

#[tokio::test]
async fn xray_finds_rows_in_partitions_and_without_a_key() {
    let blank = Blank::create(&format!(
        "CREATE TABLE parts (kind int, org text) PARTITION BY LIST (kind); \
         CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2); \
         INSERT INTO parts VALUES (1, 'a'), (2, 'a'), (2, 'b'), (2, 'b'); {}",
        open("parts", "org = current_setting('app.org_id', true)")
    ))
    .await;
    let mut connection = blank.connect().await;
    let as_org = |question: Question, org: &str| Question { organization: Some(org.to_owned()), ..question };
    assert_eq!(decision(&mut connection, &as_org(filtered("parts", &[("kind", "1")]), "a")).await, Decision::Reached);
    assert_eq!(
        decision(&mut connection, &as_org(filtered("parts", &[("kind", "1")]), "b")).await,
        Decision::NotReached
    );
    // Two rows match; one of them is explained and tried.
    let ladder = confirmed(&mut connection, &as_org(filtered("parts", &[("org", "b")]), "b")).await;
    assert!(ladder.rung(RungKind::Row).unwrap().sentence.contains("more than one row"));
    let address = RowAddress::Filter(assignments(&[("kind", "1")]));
    for blind in [false, true] {
        let changes = assignments(&[("kind", "2")]);
        let move_over = about("parts", Command::Update { row: address.clone(), changes, blind });
        assert_eq!(decision(&mut connection, &as_org(move_over, "a")).await, Decision::Reached);
        let remove = about("parts", Command::Delete { row: address.clone(), blind });
        assert_eq!(decision(&mut connection, &as_org(remove, "b")).await, Decision::NotReached);
    }
    // Asked by its own name, a partition has its own rights and no policy.
    assert_eq!(decision(&mut connection, &filtered("parts_1", &[("kind", "1")])).await, Decision::Refused);
    // No partition takes the new row: that is decided before any policy, and nothing is confirmed.
    let add = about("parts", Command::Insert { values: assignments(&[("kind", "9"), ("org", "z")]), returning: false });
    let ladder = explain(&mut connection, &profile(), &add).await.unwrap();
    assert!(matches!(ladder.reality, Reality::Untried { .. }), "{:?}", ladder.reality);
}

#[tokio::test]
async fn xray_sees_policies_as_stored_and_functions_as_called() {
    let (_blank, mut connection) = notes(
        "CREATE SCHEMA closed; CREATE SCHEMA tenant; GRANT USAGE ON SCHEMA tenant TO bulkhead_app; \
         CREATE TABLE tenant.members (id int); GRANT SELECT ON tenant.members TO bulkhead_app; INSERT INTO tenant.members VALUES (2); \
         CREATE FUNCTION closed.is_member(n int) RETURNS boolean LANGUAGE plpgsql AS \
           $$ BEGIN RETURN EXISTS (SELECT 1 FROM members WHERE id = n); END $$; \
         DROP POLICY notes_tenant ON notes; CREATE POLICY members ON notes TO bulkhead_app USING (closed.is_member(id))",
    )
    .await;
    // The role may not use schema closed; the policy was looked up when it was made. Its function looks up names in the
    // search path of the role's own sessions.
    assert_eq!(confirmed(&mut connection, &select(1)).await.verdict.may_fail_with, ["42P01"]);
    let database: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&mut connection).await.unwrap();
    let alter = format!("ALTER ROLE bulkhead_app IN DATABASE {database} SET search_path = tenant, public");
    sqlx::raw_sql(sqlx::AssertSqlSafe(alter)).execute(&mut connection).await.unwrap();
    assert_eq!(decision(&mut connection, &select(1)).await, Decision::NotReached);
    let ladder = confirmed(&mut connection, &select(2)).await;
    assert_eq!(ladder.verdict.decision, Decision::Reached);
    assert!(ladder.rung(RungKind::Settings).unwrap().sentence.ends_with("search_path is tenant, public."));
}

#[tokio::test]
async fn xray_claims_nothing_it_could_not_see() {
    let (blank, mut connection) = notes("ALTER POLICY notes_tenant ON notes USING (ctid IS NOT NULL)").await;
    // A row on its own has no physical address.
    let ladder = explain(&mut connection, &profile(), &select(1)).await.unwrap();
    assert!(matches!(ladder.checks[0].tree.policies()[0].truth, Truth::Unseen { .. }));
    assert_eq!(ladder.verdict.decision, Decision::Unknown);
    assert!(matches!(ladder.reality, Reality::Untried { .. }));
    blank.run("ALTER POLICY notes_tenant ON notes USING (org_id = app.org_id()); UPDATE notes SET email = repeat('x', 5000000) WHERE id = 1").await;
    // The generated column doubles it.
    let ladder = explain(&mut connection, &profile(), &select(1)).await.unwrap();
    assert_eq!(ladder.rung(RungKind::Row).unwrap().sentence, "The row is larger than 8 MiB.");
    assert_eq!(ladder.verdict.decision, Decision::Unknown);
    // Somebody else holds the row.
    let mut other = blank.connect().await;
    sqlx::raw_sql("BEGIN; UPDATE notes SET hidden = true WHERE id = 2").execute(&mut other).await.unwrap();
    let question = Question { organization: Some(GLOBEX.to_owned()), ..update(2, &[("hidden", "true")], false) };
    let ladder = explain(&mut connection, &profile(), &question).await.unwrap();
    assert_eq!(ladder.verdict.decision, Decision::Reached);
    assert!(
        matches!(&ladder.reality, Reality::Untried { reason } if reason.contains("lock timeout")),
        "{:?}",
        ladder.reality
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    // A server that only reads.
    sqlx::raw_sql("SET default_transaction_read_only = on").execute(&mut connection).await.unwrap();
    let ladder = explain(&mut connection, &profile(), &question).await.unwrap();
    assert!(
        matches!(&ladder.reality, Reality::Untried { reason } if reason.contains("read-only")),
        "{:?}",
        ladder.reality
    );
}

#[tokio::test]
async fn xray_takes_text_as_text() {
    let (_blank, mut connection) = notes("").await;
    let email = "x'); DELETE FROM notes; --\\";
    let hostile = Question {
        settings: vec![("app.user".to_owned(), "'; RESET ROLE; --\\".to_owned())],
        ..update(1, &[("email", email)], false)
    };
    let ladder = confirmed(&mut connection, &hostile).await;
    assert_eq!(ladder.verdict.decision, Decision::Reached);
    assert!(ladder.settings.iter().any(|setting| setting.value.as_deref() == Some("'; RESET ROLE; --\\")));
    let nothing = Question { organization: Some(ACME.to_owned()), ..filtered("notes", &[("email", email)]) };
    assert_eq!(decision(&mut connection, &nothing).await, Decision::NotReached);
    let key = Command::Select { row: RowAddress::Key(pair("id", "1 OR true")) };
    assert!(explain(&mut connection, &profile(), &ask(key)).await.is_err());
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn xray_knows_what_fails_while_planning_whatever_the_rows() {
    let (_blank, mut connection) =
        notes("ALTER POLICY notes_tenant ON notes USING (org_id = current_setting('app.org_id')::uuid)").await;
    let garbage = |id| Question { organization: Some("garbage".to_owned()), ..select(id) };
    let ladder = confirmed(&mut connection, &garbage(1)).await;
    assert_eq!(
        (ladder.verdict.decision, &ladder.verdict.may_fail_with[..]),
        (Decision::Fails, &["22P02".to_owned()][..])
    );
    assert!(!serde_json::to_string(&ladder.checks).unwrap().contains("garbage"), "the message is shortened");
    let ladder = confirmed(&mut connection, &garbage(77)).await;
    assert_eq!(ladder.verdict.decision, Decision::NotReached);
    assert_eq!(ladder.verdict.may_fail_with, ["22P02"]);
}

#[tokio::test]
async fn xray_does_not_guess_numbers_that_are_counted_later() {
    let blank = Blank::create(&format!(
        "CREATE TABLE counted (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, org_id text, valid boolean); {}",
        open("counted", "org_id = 'a'")
    ))
    .await;
    let mut connection = blank.connect().await;
    let add = about("counted", Command::Insert { values: assignments(&[("org_id", "a")]), returning: true });
    assert_eq!(decision(&mut connection, &add).await, Decision::Reached);
    blank.run("ALTER POLICY mine ON counted USING (org_id = 'a' AND id < 10)").await;
    let ladder = explain(&mut connection, &profile(), &add).await.unwrap();
    assert_eq!(ladder.verdict.decision, Decision::Unknown, "{}", ladder.verdict.sentence);
    let given =
        about("counted", Command::Insert { values: assignments(&[("id", "11"), ("org_id", "a")]), returning: false });
    assert_eq!(decision(&mut connection, &given).await, Decision::Refused);
}

#[tokio::test]
async fn xray_sees_policies_that_go_in_circles_and_defaults_that_fail() {
    let (blank, mut connection) = notes(
        "CREATE POLICY circle ON notes FOR INSERT TO bulkhead_app WITH CHECK (EXISTS (SELECT 1 FROM notes inside)); \
         ALTER POLICY notes_tenant ON notes USING (id IN (SELECT 1))",
    )
    .await;
    let add = ask(Command::Insert { values: assignments(&[("id", "9"), ("org_id", ACME)]), returning: false });
    assert_eq!(confirmed(&mut connection, &add).await.verdict.may_fail_with, ["42P17"]);
    blank.run("DROP POLICY circle ON notes").await;
    let garbage = Question {
        organization: Some("garbage".to_owned()),
        ..ask(Command::Insert { values: assignments(&[("id", "9")]), returning: false })
    };
    let ladder = confirmed(&mut connection, &garbage).await;
    assert_eq!(ladder.verdict.sentence, "Not added, fails with SQLSTATE 22P02: column org_id cannot be computed.");
}
