//! The operators' pages of resource types, as a browser without JavaScript uses them, and what the roles of an
//! organization then show.

use crate::harness::{Client, World};
use http::StatusCode;

const LIST: &str = "/op/resource-types";
const NEW: &str = "/op/resource-types/new";
const HERE: &str = "/op/resource-types/invoices";

/// Invoices, as the form sends them.
fn invoices<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("label", "Invoices"),
        ("description", "What customers owe."),
        ("action.0", "read"),
        ("sentence.0", "read invoices"),
        ("held_by.0", "manager"),
        ("held_by.0", "user"),
        ("action.1", "delete"),
        ("sentence.1", "delete invoices"),
        ("reason.1", "true"),
        ("action.2", ""),
        ("sentence.2", ""),
        ("attribute.0", "amount"),
        ("kind.0", "number"),
        ("about.0", "In euros."),
    ];
    more.iter().chain(&fields).copied().collect()
}

async fn registered(operator: &mut Client) {
    let answer = operator.post(NEW, &invoices(&[("name", "invoices"), ("step", "save")])).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, LIST), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_is_registered_and_roles_can_name_it() {
    let world = World::demo().await;
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    registered(&mut operator).await;
    assert!(operator.get(LIST).await.text().contains("What customers owe."));
    let editor = admin.get("/t/acme/roles/new").await.text();
    for expected in ["Delete invoices", "grant.invoices:delete", "Needs a reason"] {
        assert!(editor.contains(expected), "{expected}");
    }
    let role = [("name", "Clerk"), ("grant.invoices:delete", "allow"), ("step", "save")];
    let answer = admin.post("/t/acme/roles/new", &role).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Say why: whoever holds the role could newly delete invoices."));
    let role = [role[0], role[1], role[2], ("reason", "Month end")];
    let answer = admin.post("/t/acme/roles/new", &role).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let who = admin.get("/t/acme/roles/who?permission=invoices:delete").await.text();
    assert!(who.contains("Who can delete invoices?") && who.contains("Clerk"));

    // What a role names stays.
    let remove = operator.post(&format!("{HERE}/remove"), &[("version", "1")]).await;
    assert_eq!(remove.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(remove.text().contains("invoices is named by one role of one organization, so it stays."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_more_is_asked_for_and_nothing_is_lost() {
    let world = World::demo().await;
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    let answer = operator.post(NEW, &invoices(&[("name", "Invoices"), ("step", "more")])).await;
    assert_eq!(answer.status, StatusCode::OK);
    let text = answer.text();
    for expected in ["value=\"Invoices\"", "delete invoices", "name=\"action.2\"", "name=\"attribute.1\"", "In euros."]
    {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(!text.contains("name=\"action.3\""), "one blank row, not two");
    let answer = operator.post(NEW, &invoices(&[("name", "Invoices"), ("step", "save")])).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("A resource type is 1 to 64 lower-case letters"));
    assert!(answer.text().contains("delete invoices"), "what was typed is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_sees_what_the_faster_saved() {
    let world = World::demo().await;
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    registered(&mut operator).await;
    let first = operator.post(HERE, &invoices(&[("version", "1"), ("step", "save")])).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text());
    let mut slower = invoices(&[("version", "1"), ("step", "save")]);
    slower.retain(|(name, _)| *name != "label");
    slower.push(("label", "Bills"));
    let second = operator.post(HERE, &slower).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    let text = second.text();
    assert!(text.contains("admin@platform.example changed this type") && text.contains("value=\"Bills\""), "{text}");
    assert!(text.contains("name=\"version\" value=\"2\""), "and may save now");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_stays_text() {
    let world = World::demo().await;
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let hostile = "</script><b>";
    let fields = [
        ("name", "things"),
        ("label", hostile),
        ("description", hostile),
        ("action.0", "read"),
        ("sentence.0", hostile),
        ("attribute.0", "size"),
        ("kind.0", "number"),
        ("about.0", hostile),
        ("step", "save"),
    ];
    let answer = operator.post(NEW, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    for path in [LIST, "/op/resource-types/things", "/op/resource-types/things/remove"] {
        let text = operator.get(path).await.text();
        assert!(!text.contains(hostile) && text.contains("&lt;/script"), "{path}");
    }
    for path in ["/t/acme/roles/new", "/t/acme/roles/who?permission=things:read", "/t/acme/roles"] {
        assert!(!admin.get(path).await.text().contains(hostile), "{path}");
    }
}
