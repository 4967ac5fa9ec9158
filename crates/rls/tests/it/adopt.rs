//! The printed migration works: run as printed, it turns an exposed table into an isolated one.

use crate::database::{Blank, profile};
use bulkhead_model::isolation::Verdict;
use bulkhead_rls::{
    adopt::{AdoptError, migration},
    catalogue::read,
    lint::report,
};
use sqlx::{AssertSqlSafe, Executor};

const SHOP: &str = r#"
    CREATE SCHEMA app;
    CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE
        RETURN nullif(current_setting('app.org_id', true), '')::uuid;
    GRANT USAGE ON SCHEMA app, public TO bulkhead_app;
    CREATE TABLE orders (org_id uuid NOT NULL DEFAULT app.org_id(), id int NOT NULL, PRIMARY KEY (org_id, id), UNIQUE (id));
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    ALTER TABLE orders FORCE ROW LEVEL SECURITY;
    CREATE POLICY mine ON orders TO bulkhead_app USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
    INSERT INTO orders VALUES ('00000000-0000-4000-8000-00000000000a', 1), ('00000000-0000-4000-8000-00000000000b', 2);
    CREATE TABLE "we""ird; drop" (
        "id" int PRIMARY KEY, "or der" int NOT NULL CONSTRAINT "to order" REFERENCES orders (id),
        twice int GENERATED ALWAYS AS ("id" * 2) STORED);
    INSERT INTO "we""ird; drop" VALUES (10, 1), (20, 2), (30, 2);
    GRANT SELECT ON "we""ird; drop" TO bulkhead_app;
"#;

#[tokio::test]
async fn what_is_printed_isolates_the_table() {
    let blank = Blank::create(SHOP).await;
    let mut connection = blank.connect().await;
    let name = "we\"ird; drop";
    let verdict = async |connection: &mut sqlx::PgConnection| {
        let reports = report(read(connection, &profile()).await.unwrap(), &profile());
        reports.tables.into_iter().find(|report| report.facts.name == name).unwrap().verdict
    };
    assert!(matches!(verdict(&mut connection).await, Verdict::Exposed(_)));

    let catalogue = read(&mut connection, &profile()).await.unwrap();
    let sql = migration(&catalogue, &profile(), "public", name, None).unwrap();
    // Statement by statement, as psql would: a concurrent index cannot share a transaction.
    for statement in sql.split_inclusive(";\n") {
        connection
            .execute(AssertSqlSafe(statement.to_owned()))
            .await
            .unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
    assert_eq!(verdict(&mut connection).await, Verdict::Isolated, "{sql}");
    let seen: i64 = {
        connection
            .execute(
                "BEGIN; SET LOCAL ROLE bulkhead_app; SET LOCAL app.org_id = '00000000-0000-4000-8000-00000000000b'",
            )
            .await
            .unwrap();
        sqlx::query_scalar(r#"SELECT count(*) FROM "we""ird; drop""#).fetch_one(&mut connection).await.unwrap()
    };
    assert_eq!(seen, 2, "the back-fill followed the foreign key");
}

#[tokio::test]
async fn what_cannot_be_adopted_says_why() {
    let blank = Blank::create("CREATE TABLE alone (id int); CREATE VIEW seen AS SELECT 1 AS one").await;
    let catalogue = read(&mut blank.connect().await, &profile()).await.unwrap();
    let refused = |name: &str| migration(&catalogue, &profile(), "public", name, None).unwrap_err();
    assert_eq!(refused("nowhere"), AdoptError::NoTable("public.nowhere".to_owned()));
    assert_eq!(refused("seen"), AdoptError::Kind { table: "public.seen".to_owned(), kind: "view" });
    assert_eq!(refused("alone"), AdoptError::NoType("org_id".to_owned()));
    let typed = |given: &str| migration(&catalogue, &profile(), "public", "alone", Some(given));
    assert!(typed("uuid").unwrap().contains("ADD COLUMN \"org_id\" uuid;"));
    assert_eq!(typed("uuid; DROP TABLE alone").unwrap_err(), AdoptError::NotAType("uuid; DROP TABLE alone".to_owned()));
}
