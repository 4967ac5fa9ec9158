//! `xray` and `adopt`.

use serde_json::Value;

use super::*;

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";
const OF_A: [&str; 4] =
    ["--key", "org_id=00000000-0000-4000-8000-00000000000a", "--key", "id=00000000-0000-4000-8000-000000000001"];

fn xray(shop: &Shop, org: &str, more: &[&str]) -> Said {
    let app = shop.app();
    shop.ask(&[&["xray", "orders", "--role", &app, "--org", org], &OF_A[..], more].concat())
}

#[test]
fn a_row_is_reached_by_its_own_organization_only() {
    let shop = Shop::open(&[SOUND]);
    let own = xray(&shop, A, &[]);
    assert_eq!(own.code, 0, "{}", own.text);
    assert!(own.text.contains("ALLOWED") && own.text.contains("as explained"), "{}", own.text);
    assert!(!own.text.contains("secret note"), "values are hidden: {}", own.text);
    assert!(xray(&shop, A, &["--reveal"]).text.contains("secret note"));
    let other = xray(&shop, B, &[]);
    assert_eq!(other.code, 6, "{}", other.text);
    assert!(other.text.contains("DENIED") && other.text.contains("policy mine"), "{}", other.text);
    assert!(other.text.lines().all(|line| line.chars().count() <= 110), "{}", other.text);
    // What is right here is that the row stays hidden.
    assert_eq!(xray(&shop, B, &["--expect", "denied"]).code, 0);
    assert_eq!(xray(&shop, A, &["--expect", "denied"]).code, 6);
    let json: Value = serde_json::from_str(&xray(&shop, B, &["--format", "json"]).text).unwrap();
    assert_eq!(
        (json["verdict"]["decision"].as_str(), &json["reality"]["agrees"]),
        (Some("not_reached"), &Value::Bool(true))
    );
}

#[test]
fn a_change_is_tried_and_taken_back() {
    let shop = Shop::open(&[SOUND]);
    let said = xray(&shop, A, &["--command", "delete"]);
    assert_eq!(said.code, 0, "{}", said.text);
    let said = xray(&shop, A, &["--command", "update", "--value", "note=changed"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(xray(&shop, A, &["--reveal"]).text.contains("secret note"), "it was not taken back");
    let app = shop.app();
    let insert = ["xray", "orders", "--role", &app, "--org", A, "--command", "insert", "--value", "note"];
    let said = shop.ask(&[&insert[..], &["--value", "id=00000000-0000-4000-8000-000000000009"]].concat());
    assert_eq!(said.code, 0, "{}", said.text);
}

#[test]
fn a_question_that_cannot_be_asked_is_the_askers_and_one_that_cannot_be_answered_is_nobodys() {
    let shop = Shop::open(&[SOUND]);
    let app = shop.app();
    for arguments in [
        &["xray", "nowhere", "--role", &app, "--key", "id=1"][..],
        &["xray", "orders", "--role", "nobody_at_all", "--key", "id=1"],
        &["xray", "orders", "--role", &app],
        &["xray", "orders", "--role", &app, "--key", "id=1"],
        &["adopt", "nowhere"],
    ] {
        let said = shop.ask(arguments);
        assert_eq!(said.code, 2, "{}", said.text);
    }
    let profile = shop.profile();
    let arguments =
        [&["bulkhead", "rls", "xray", "orders", "--profile", &profile, "--role", &app, "--org", A], &OF_A[..]];
    let said = say(&arguments.concat(), &[("BULKHEAD_RLS_DATABASE_URL", &shop.address_of(&shop.reader()))]);
    assert_eq!(said.code, 7, "{}", said.text);
}

#[test]
fn what_adopt_prints_makes_the_lint_clean() {
    let plain =
        "CREATE TABLE \"we\"\"ird; drop\" (id uuid PRIMARY KEY, order_org uuid NOT NULL, \"or der\" uuid NOT NULL,
        CONSTRAINT \"to order\" FOREIGN KEY (order_org, \"or der\") REFERENCES orders (org_id, id));
        INSERT INTO \"we\"\"ird; drop\" SELECT gen_random_uuid(), org_id, id FROM orders;
        GRANT SELECT ON \"we\"\"ird; drop\" TO {app};";
    let shop = Shop::open(&[SOUND, plain]);
    assert_eq!(shop.ask(&["lint"]).code, 6);
    let said = shop.ask(&["adopt", "\"public\".\"we\"\"ird; drop\""]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(said.text.starts_with("-- Makes "), "nothing but the migration: {}", said.text);
    // Statement by statement, as psql would: a concurrent index cannot share a transaction.
    for statement in format!("{}\n", said.text).split_inclusive(";\n") {
        shop.run(statement);
    }
    let said = shop.ask(&["lint"]);
    assert_eq!(said.code, 0, "{}", said.text);
}
