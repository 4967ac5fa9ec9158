#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use serde_json::json;

fn users(indexes: &[&str]) -> Relations {
    let facts = Relation {
        row_security: true,
        tenant_column: Some("org_id".to_owned()),
        rows: Some(50_000.0),
        tenant_indexes: indexes.iter().map(|&name| name.to_owned()).collect(),
    };
    [(("public".to_owned(), "users".to_owned()), facts)].into()
}

fn scan(more: Value) -> Value {
    let mut scan = json!({"Node Type": "Index Scan", "Schema": "public", "Relation Name": "users", "Alias": "u",
        "Index Name": "users_pkey", "Index Cond": "(u.org_id = $0)", "Total Cost": 8.3, "Plan Rows": 1});
    scan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    scan
}

fn read(plan: &Value) -> QueryPlan {
    super::plan(&json!([{ "Plan": plan }]), None, &users(&["users_pkey", "users_by_name"])).unwrap()
}

#[test]
fn the_tenant_index_is_used_only_where_its_condition_names_the_organization() {
    assert!(read(&scan(json!({}))).tables[0].by_tenant_index);
    // Read in the index's order, organization compared afterwards.
    assert!(!read(&scan(json!({"Index Cond": null, "Filter": "(u.org_id = $0)"}))).tables[0].by_tenant_index);
    // Another index.
    assert!(!read(&scan(json!({"Index Name": "users_email"}))).tables[0].by_tenant_index);
    // Another column that only ends like it.
    assert!(!read(&scan(json!({"Index Cond": "(u.home_org_id = $0)"}))).tables[0].by_tenant_index);
    assert!(!read(&scan(json!({"Index Cond": "(u.org_id > $0)"}))).tables[0].by_tenant_index);
}

#[test]
fn bitmaps_must_find_the_organization_in_every_branch_of_an_or() {
    let index = |name: &str, condition: &str| json!({"Node Type": "Bitmap Index Scan", "Index Name": name, "Index Cond": condition, "Total Cost": 1, "Plan Rows": 1});
    let heap = |kind: &str, branches: [Value; 2]| {
        let together = json!({"Node Type": kind, "Total Cost": 1, "Plan Rows": 1, "Plans": branches});
        scan(json!({"Node Type": "Bitmap Heap Scan", "Index Name": null, "Index Cond": null, "Plans": [together]}))
    };
    let (own, other) = (|| index("users_by_name", "(org_id = $0)"), || index("users_email", "(email = $1)"));
    let both = read(&heap("BitmapAnd", [own(), other()]));
    assert!(both.tables[0].by_tenant_index);
    assert_eq!(both.tables[0].index.as_deref(), Some("users_by_name, users_email"));
    assert!(!read(&heap("BitmapOr", [own(), other()])).tables[0].by_tenant_index);
    assert!(read(&heap("BitmapOr", [own(), own()])).tables[0].by_tenant_index);
}

#[test]
fn names_that_need_quotes_and_casts_are_recognised() {
    assert!(equates("((t.\"we\"\"ird\")::text = $1)", "we\"ird"));
    assert!(equates("(\"Org\" = ANY ('{1,2}'::int[]))", "Org"));
    assert!(equates("((org_id = $0) AND (id > $1))", "org_id"));
    assert!(!equates("((xorg_id = $0))", "org_id"));
    assert!(!equates("(ROW(org_id, id) > ROW($0, $1))", "org_id"));
}

#[test]
fn a_fingerprint_is_of_the_shape_and_not_of_the_cost() {
    let plan = read(&scan(json!({})));
    assert_eq!(plan.fingerprint, read(&scan(json!({"Total Cost": 900.0, "Plan Rows": 7}))).fingerprint);
    assert_ne!(plan.fingerprint, read(&scan(json!({"Index Name": "users_by_name"}))).fingerprint);
    assert_ne!(plan.fingerprint, read(&scan(json!({"Node Type": "Seq Scan", "Index Name": null}))).fingerprint);
    assert_eq!(plan.root.label, "Index Scan using users_pkey on public.users");
}

#[test]
fn what_is_written_to_is_no_table_that_is_read() {
    let insert = json!({"Node Type": "ModifyTable", "Operation": "Insert", "Schema": "public", "Relation Name": "users",
        "Total Cost": 0.01, "Plan Rows": 0, "Plans": [{"Node Type": "Result", "Total Cost": 0.01, "Plan Rows": 1}]});
    let plan = read(&insert);
    assert_eq!(plan.tables, []);
    assert_eq!(plan.root.label, "Insert on public.users");
}

#[test]
fn a_plan_of_another_shape_is_refused() {
    assert!(super::plan(&json!([{}]), None, &Relations::new()).is_err());
}
