//! Negative controls: each way of taking the protection away, on every table, must turn the matrix red.

use super::{
    law::{Actor, violations},
    specimens::{SPECIMENS, populate},
    with_all_grants,
};
use bulkhead_testing::TestDatabase;

/// What is done, and a word that the matrix must then say.
const CONTROLS: [(&str, &str); 7] = [
    ("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", "select of B in A"),
    ("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} OWNER TO bulkhead_app", "select of B in A"),
    ("ALTER TABLE {table} OWNER TO bulkhead_app", "NO FORCE ROW LEVEL SECURITY in A"),
    ("CREATE POLICY extra ON {table} FOR SELECT TO bulkhead_app USING (true)", "select of B in A"),
    (
        "CREATE POLICY extra ON {table} TO bulkhead_app USING ({tenant} = app.org_id() OR app.org_id() IS NULL)",
        "select of A with an empty context",
    ),
    ("CREATE POLICY extra ON {table} FOR INSERT TO bulkhead_app WITH CHECK (true)", "insert of B in A"),
    (
        "CREATE POLICY extra ON {table} FOR UPDATE TO bulkhead_app USING ({tenant} = app.org_id()) WITH CHECK (true);
         CREATE POLICY extra_read ON {table} FOR SELECT TO bulkhead_app USING ({tenant} = app.org_id())",
        "move of B in A",
    ),
];

#[tokio::test]
async fn each_hole_in_each_table_is_seen() {
    let database = TestDatabase::create().await.unwrap();
    populate(&database).await;
    for specimen in SPECIMENS {
        for (change, said) in CONTROLS {
            let change = change.replace("{table}", specimen.table).replace("{tenant}", specimen.tenant);
            let mut connection = with_all_grants(&database, "bulkhead_app", &change).await;
            let found = violations(&mut connection, Actor::App, std::slice::from_ref(specimen)).await;
            let expected = |violation: &String| {
                violation.starts_with(&format!("{}: ", specimen.table)) && violation.contains(said)
            };
            assert!(found.iter().any(expected), "after {change} the matrix says {found:?}");
        }
    }
}

/// The operators' policies differ, so their holes do too.
#[tokio::test]
async fn an_operator_who_need_not_say_who_or_where_is_seen() {
    let database = TestDatabase::create().await.unwrap();
    populate(&database).await;
    for (change, said) in [
        ("ALTER POLICY users_operator_read ON users USING (true)", "users: select of A without a context"),
        (
            "ALTER POLICY sessions_operator_revoke ON sessions USING ((SELECT app.operator_id()) IS NOT NULL) WITH CHECK ((SELECT app.operator_id()) IS NOT NULL)",
            "sessions: update of B as an operator, in A",
        ),
        (
            "ALTER POLICY audit_events_operator_append ON audit_events WITH CHECK (true)",
            "audit_events: insert of B as an operator, in A",
        ),
    ] {
        let mut connection = with_all_grants(&database, "bulkhead_operator", change).await;
        let found = violations(&mut connection, Actor::Operator, SPECIMENS).await;
        assert!(found.iter().any(|violation| violation.starts_with(said)), "after {change}: {found:?}");
    }
}
