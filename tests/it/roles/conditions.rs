//! Conditions on what is asked about, alternatives, trying a role, and filters: typed as a browser without JavaScript does.

use super::{NEW, VIEWER, hidden_fields, id_of, press, saved};
use crate::harness::{Client, World};
use http::StatusCode;

/// Registers invoices with an attribute of each kind.
async fn invoices(world: &World) {
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    let fields = [
        ("name", "invoices"),
        ("label", "Invoices"),
        ("description", "What customers owe."),
        ("action.0", "read"),
        ("sentence.0", "read invoices"),
        ("action.1", "delete"),
        ("sentence.1", "delete invoices"),
        ("attribute.0", "amount"),
        ("kind.0", "number"),
        ("attribute.1", "region"),
        ("kind.1", "text"),
        ("attribute.2", "paid"),
        ("kind.2", "boolean"),
        ("attribute.3", "due"),
        ("kind.3", "time"),
        ("step", "save"),
    ];
    let answer = operator.post("/op/resource-types/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

async fn acme() -> (World, Client) {
    let world = World::demo().await;
    invoices(&world).await;
    let admin = world.signed_in("acme", "admin@acme.example").await;
    (world, admin)
}

/// Two alternatives about invoices.
const TYPED: [(&str, &str); 14] = [
    ("name", "Clerk"),
    ("grant.invoices:delete", "allow"),
    ("attribute0.invoices:delete", "amount"),
    ("is0.invoices:delete", "below"),
    ("value0.invoices:delete", "1000"),
    ("attribute1.invoices:delete", "region"),
    ("is1.invoices:delete", "one_of"),
    ("value1.invoices:delete", "eu, west\nus"),
    ("owner-1.invoices:delete", "true"),
    ("id_prefix-1.invoices:delete", "draft-"),
    ("attribute0-1.invoices:delete", "paid"),
    ("is0-1.invoices:delete", "equals"),
    ("value0-1.invoices:delete", "no"),
    ("zone.users:read", ""),
];

const SENTENCE: &str = "when its amount is below 1000 and its region is one of “eu, west” or “us”, \
                        or when its paid is no and it is their own and its id begins with “draft-”";

fn with<'a>(typed: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    typed.iter().chain(more).copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_on_an_invoice_is_typed_reviewed_saved_and_opened_again() {
    let (world, mut admin) = acme().await;
    let review = admin.post(NEW, &with(&TYPED, &[("step", "review")])).await;
    assert_eq!(review.status, StatusCode::OK, "{}", review.text());
    assert!(review.text().contains(SENTENCE), "{}", review.text());
    let answer = press(&mut admin, NEW, &review, "save", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let page = answer.location().to_owned();
    assert!(admin.get(&page).await.text().contains(SENTENCE));

    let edit = admin.get(&format!("{page}/edit")).await.text();
    assert!(edit.contains("When its amount is below 1000"), "the echo");
    for field in [
        "name=\"value0.invoices:delete\" type=\"text\" value=\"1000\"",
        "name=\"id_prefix-1.invoices:delete\" type=\"text\" value=\"draft-\"",
        "eu, west\nus</textarea>",
        "Or: alternative 2",
    ] {
        assert!(edit.contains(field), "{field}");
    }
    assert!(!edit.contains("kept.invoices:delete"), "the editor can say all of it");
    for console in ["attribute0.users:read", "owner.users:read", "id_prefix.users:read", "workspace.users:read"] {
        assert!(!edit.contains(console), "what could never hold is not offered: {console}");
    }
    let stored = world.sql(&format!("SELECT (grants->0->'when')::text FROM roles WHERE id = '{}'", id_of(&page))).await;
    assert!(stored.contains(r#""values": [{"type": "number", "value": 1000.0}]"#), "{stored}");
}

#[tokio::test(flavor = "multi_thread")]
async fn alternatives_come_and_go_with_everything_typed_kept() {
    let (world, mut admin) = acme().await;
    let before = world.sql("SELECT count(*)::text FROM roles").await;
    let kept = [("zone.users:suspend", "Mars/Olympus"), ("description", "Half\r\ntyped")];
    let typed = with(&TYPED, &kept);
    let added = admin.post(NEW, &with(&typed, &[("step", "add.invoices:delete")])).await;
    assert_eq!(added.status, StatusCode::OK);
    let text = added.text();
    for shown in
        ["Or: alternative 3", "value=\"Mars/Olympus\"", "Half\ntyped", "value=\"draft-\"", "from-2.invoices:delete"]
    {
        assert!(text.contains(shown), "{shown}");
    }
    // Without anything in it, it would always hold; so it says so instead of opening the door.
    let empty = admin.post(NEW, &with(&TYPED, &[("from-2.invoices:delete", ""), ("step", "save")])).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().contains("with nothing in it, it would always hold"), "{}", empty.text());
    assert!(empty.text().contains("id=\"f-group-2.invoices:delete-error\""), "beside the alternative");
    let dropped = admin.post(NEW, &with(&typed, &[("step", "drop.invoices:delete")])).await.text();
    assert!(dropped.contains("name=\"id_prefix.invoices:delete\" type=\"text\" value=\"draft-\""), "{dropped}");
    assert!(!dropped.contains("Or: alternative 2") && dropped.contains("value=\"Mars/Olympus\""));
    let more = admin.post(NEW, &with(&TYPED, &[("step", "more.invoices:delete")])).await.text();
    assert!(more.contains("value2.invoices:delete"), "{more}");
    assert_eq!(world.sql("SELECT count(*)::text FROM roles").await, before, "nothing is saved by any of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_does_not_read_is_said_beside_it_and_stays() {
    let (world, mut admin) = acme().await;
    for (attribute, is, value, says) in [
        ("amount", "below", "12 EUR", "Write a number like 1000 or 12.5."),
        ("amount", "below", "NaN", "Write a number like 1000 or 12.5."),
        ("amount", "below", " ", "Write what it is compared with."),
        ("amount", "begins_with", "1", "Only text begins with something."),
        ("paid", "equals", "perhaps", "Write yes or no."),
        ("paid", "above", "yes", "Yes or no is compared by"),
        ("due", "above", "tomorrow", "Write day and hour like"),
        ("region", "equals", "e\u{202E}u", "invisible or control characters"),
        ("region", "equals", "</textarea><script>alert(1)</script>\u{7}", "invisible or control characters"),
        ("colour", "equals", "red", "There is no such attribute."),
        ("", "equals", "red", "Choose what is compared."),
        ("amount", "around", "5", "Choose how it is compared."),
    ] {
        for step in ["review", "save"] {
            let fields = [
                ("name", "Clerk"),
                ("grant.invoices:read", "deny"),
                ("attribute0.invoices:read", attribute),
                ("is0.invoices:read", is),
                ("value0.invoices:read", value),
                ("step", step),
            ];
            let answer = admin.post(NEW, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{attribute} {is} {value:?}");
            let text = answer.text();
            assert!(text.contains(says), "{says}: {text}");
            assert!(!text.contains("<script>alert"), "{value}");
            let shown = value.replace('<', "&lt;").replace('>', "&gt;");
            assert!(
                value.trim().is_empty() || text.contains(&shown) || text.contains(value),
                "{value:?} stays: {text}"
            );
        }
    }
    assert_eq!(world.sql("SELECT count(*)::text FROM roles WHERE name = 'Clerk'").await, "0");
    // The console's own permissions are about nothing that has any of this.
    for (field, value) in [
        ("owner.users:read", "true"),
        ("attribute0.users:read", "amount"),
        ("workspace.users:read", ""),
        ("owner.invoices:read", "perhaps"),
        ("value16.invoices:read", "1"),
        ("from-8.invoices:read", ""),
        ("value00.invoices:read", "1"),
        ("try.users:name", "x"),
        ("try_owner", "me"),
        ("show", "everything"),
        ("step", "add.users:fly"),
    ] {
        let answer = admin.post(NEW, &[("name", "Clerk"), (field, value)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_is_chosen_and_told_by_its_name_to_whoever_may_see_it() {
    let (world, mut admin) = acme().await;
    let workspace = world.keep_workspace(&mut admin, "Pilot <b>").await;
    let id = id_of(&workspace).to_owned();
    let typed = [("name", "Pilot clerk"), ("grant.invoices:read", "allow"), ("workspace.invoices:read", id.as_str())];
    let page = saved(&mut admin, &typed).await;
    let edit = format!("{page}/edit");
    let named = "it is in the workspace “Pilot &lt;b";
    for path in [page.clone(), edit.clone(), format!("{page}/versions/1")] {
        let text = admin.get(&path).await.text();
        assert!(text.contains(named), "{path}: {text}");
    }
    let more = [("version", "1"), ("grant.invoices:delete", "allow"), ("step", "review")];
    let review = admin.post(&edit, &with(&typed, &more)).await;
    assert!(!review.text().contains(&format!("workspace {id}")));
    super::editor::give(&world, id_of(&page), "user@acme.example").await;
    let user = world.sql("SELECT id::text FROM users WHERE email = 'user@acme.example'").await;
    let access = format!("/t/acme/users/{user}/access");
    assert!(admin.get(&access).await.text().contains(named));

    // Somebody who arranges roles and may see no workspaces is told that there is one, and neither name nor id is lost.
    let keeper = [
        ("name", "Keeper"),
        ("inherits", VIEWER),
        ("grant.roles:manage", "allow"),
        ("grant.workspaces:read", "deny"),
        ("grant.invoices:read", "allow"),
        ("reason", "Arranges roles"),
    ];
    let keeper = saved(&mut admin, &keeper).await;
    super::editor::give(&world, id_of(&keeper), "viewer@acme.example").await;
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    for path in [page.clone(), edit.clone(), format!("{page}/versions/1"), access] {
        let answer = viewer.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let text = answer.text();
        assert!(text.contains("it is in a workspace that you may not see"), "{path}: {text}");
        assert!(!text.contains("Pilot &lt;b"), "{path}");
    }
    let unknown = [
        ("name", "Other"),
        ("grant.invoices:read", "allow"),
        ("workspace.invoices:read", "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"),
    ];
    let answer = admin.post(NEW, &with(&unknown, &[("step", "review")])).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("There is no such workspace. Choose one."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_tried_line_by_line_and_nothing_is_saved() {
    let (world, mut admin) = acme().await;
    let before = world.sql("SELECT count(*)::text FROM roles").await;
    let typed = [
        ("name", "Clerk"),
        ("grant.invoices:delete", "allow"),
        ("attribute0.invoices:delete", "amount"),
        ("is0.invoices:delete", "below"),
        ("value0.invoices:delete", "1000"),
        ("grant.users:suspend", "deny"),
        ("days.users:suspend", "sun"),
        ("from.users:suspend", "01:00"),
        ("until.users:suspend", "03:00"),
        ("zone.users:suspend", "Europe/Berlin"),
        ("step", "try"),
    ];
    let tried = async |client: &mut Client, more: &[(&str, &str)]| client.post(NEW, &with(&typed, more)).await;
    let nothing = tried(&mut admin, &[("try_at", "2026-11-30T12:00")]).await;
    assert_eq!(nothing.status, StatusCode::OK, "{}", nothing.text());
    for shown in
        ["Cannot be known, so it does not allow", "Does not hold", "Tried: of 2 with a condition, 0 allowed and 2 not."]
    {
        assert!(nothing.text().contains(shown), "{shown}");
    }
    let all = tried(&mut admin, &[("try.invoices:amount", "999.5"), ("try_at", "2026-11-30T12:00")]).await.text();
    assert!(all.contains("Tried: of 2 with a condition, 1 allowed and 1 not."), "{all}");
    // The night in which clocks in Berlin are put forward: what is 02:59 there never comes.
    for (at, holds) in [
        ("2026-03-29T00:59", true),
        ("2026-03-29T01:00", false),
        ("2026-10-25T00:59", true),
        ("2026-10-25T01:30", true),
    ] {
        let text = tried(&mut admin, &[("try_at", at)]).await.text();
        let own = text.split_once("id=\"role-row-users:suspend\"").unwrap().1.split_once("</tr>").unwrap().0.to_owned();
        assert_eq!(own.contains(">Holds<"), holds, "{at}: {own}");
    }
    for (field, value, says) in [
        ("try_at", "yesterday", "Write day and hour like"),
        ("try_address", "home</script>", "Write an address, such as"),
        ("try.invoices:amount", "much", "Write a number like"),
        ("try_workspace", "production", "There is no such workspace."),
    ] {
        let answer = tried(&mut admin, &[(field, value)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let text = answer.text();
        assert!(text.contains(says) && text.contains(&format!("id=\"f-{field}-error\"")), "{field}: {text}");
        assert!(!text.contains("Tried: of"), "what was meant is not known: {field}");
    }
    // What was tried goes along to the review and back.
    let review = admin.post(NEW, &with(&typed[..10], &[("try.invoices:amount", "7"), ("step", "review")])).await;
    assert!(hidden_fields(&review).contains(&("try.invoices:amount".to_owned(), "7".to_owned())));
    assert_eq!(world.sql("SELECT count(*)::text FROM roles").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_hides_rows_and_takes_nothing_out_of_the_form() {
    let (_world, mut admin) = acme().await;
    let typed = with(&TYPED, &[("step", "edit"), ("show", "changed")]);
    let text = admin.post(NEW, &typed).await.text();
    let row = |permission: &str| {
        let row = text.split_once(&format!("id=\"role-row-{permission}\"")).unwrap().1;
        row.split_once('>').unwrap().0.contains("hidden")
    };
    assert!(!row("invoices:delete") && row("users:read"));
    assert!(text.contains("name=\"grant.users:read\""), "what is hidden is sent all the same");
    assert!(text.contains("of ") && text.contains(" 1 shown."), "{text}");
    let wrong = with(
        &TYPED,
        &[("grant.users:suspend", "allow"), ("from.users:suspend", "late"), ("show", "dangerous"), ("step", "review")],
    );
    let refused = admin.post(NEW, &wrong).await.text();
    let suspend = refused.split_once("id=\"role-row-users:suspend\"").unwrap().1;
    assert!(!suspend.split_once('>').unwrap().0.contains("hidden"), "what is to be corrected is never hidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_draft_is_drawn_with_what_it_inherits_and_a_circle_is_said() {
    let (_world, mut admin) = acme().await;
    let first = saved(&mut admin, &[("name", "First"), ("grant.audit:read", "allow")]).await;
    let second = saved(&mut admin, &[("name", "Second"), ("inherits", id_of(&first))]).await;
    let text =
        admin.post(NEW, &[("inherits", id_of(&second)), ("grant.audit:read", "deny"), ("step", "edit")]).await.text();
    let row = text.split_once("id=\"role-row-audit:read\"").unwrap().1.split_once("</tr>").unwrap().0.to_owned();
    assert!(row.contains("Allowed by First") && row.contains("Denied"), "{row}");
    let circle = [("version", "1"), ("name", "First"), ("inherits", id_of(&second)), ("step", "edit")];
    let text = admin.post(&format!("{first}/edit"), &circle).await.text();
    assert!(text.contains("Roles would inherit from each other in a circle"), "{text}");
    let island = text.split_once("data-component=\"RoleMatrix").is_some() || text.contains("RoleMatrix");
    assert!(island, "the page carries the island");
}
