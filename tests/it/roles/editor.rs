//! Typing, reviewing, saving, restoring and deleting.

use super::{NEW, VIEWER, hidden_fields, id_of, press, saved};
use crate::harness::World;
use http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_reviewed_saved_changed_and_restored() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let before = world.sql("SELECT count(*)::text FROM roles").await;
    let page = admin.get(&format!("{NEW}?from={VIEWER}")).await.text();
    assert!(page.contains("value=\"Copy of Viewer\""));
    assert!(!page.contains("platform."), "what no organization can hold is no choice");
    let fields = [
        ("step", "review"),
        ("name", "Auditor"),
        ("description", "Reads the log\r\nand nothing else"),
        ("grant.users:read", "allow"),
        ("grant.audit:read", "allow"),
        ("days.audit:read", "mon"),
        ("days.audit:read", "tue"),
        ("from.audit:read", "08:00"),
        ("until.audit:read", "17:30"),
        ("zone.audit:read", "Europe/Berlin"),
        ("addresses.audit:read", "192.0.2.0/24, 2001:db8::1"),
    ];
    let review = admin.post(NEW, &fields).await;
    assert_eq!(review.status, StatusCode::OK, "{}", review.text());
    let text = review.text();
    for shown in ["Nobody holds this role", "+ More", "Under conditions", "Monday and Tuesday from 08:00 to 17:30"] {
        assert!(text.contains(shown), "{shown}");
    }
    assert_eq!(world.sql("SELECT count(*)::text FROM roles").await, before, "nothing is saved yet");

    let back = press(&mut admin, NEW, &review, "edit", "Kept meanwhile").await;
    assert_eq!(back.status, StatusCode::OK);
    for typed in ["value=\"Auditor\"", "192.0.2.0/24, 2001:db8::1", "Kept meanwhile", "value=\"17:30\""] {
        assert!(back.text().contains(typed), "{typed}");
    }

    let answer = press(&mut admin, NEW, &review, "save", "For the yearly audit").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let page = answer.location().to_owned();
    let text = admin.get(&page).await.text();
    for shown in ["For the yearly audit", "from 192.0.2.0/24 or 2001:db8::1", "and nothing else", "Version 1"] {
        assert!(text.contains(shown), "{shown}");
    }
    assert!(admin.get("/t/acme/roles").await.text().contains("Auditor"));

    let edit = format!("{page}/edit");
    let change = [("version", "1"), ("name", "Auditor"), ("grant.audit:read", "deny"), ("step", "save")];
    assert_eq!(admin.post(&edit, &change).await.status, StatusCode::SEE_OTHER);
    let version = admin.get(&format!("{page}/versions/1")).await.text();
    for shown in ["Version 1 of Auditor", "Compared with the current version", "Restore this version", "Denies"] {
        assert!(version.contains(shown), "{shown}");
    }
    let restore = admin.get(&format!("{edit}?version=1")).await;
    assert!(restore.text().contains("This is version 1."));
    assert_eq!(restore.hidden("version").as_deref(), Some("2"), "restoring is saving a new version");
    assert_eq!(admin.get(&format!("{page}/versions/9")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get(&format!("{edit}?version=9")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_no_field_can_show_is_kept_until_it_is_removed() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = saved(&mut admin, &[("name", "Owner"), ("grant.users:read", "allow")]).await;
    // As the API may write it.
    let when = r#"[[{"test":"owner"}],[{"test":"id_prefix","prefix":"a\"b"}]]"#;
    let sql = format!(
        "UPDATE roles SET grants = jsonb_set(grants, '{{0,when}}', '{when}') WHERE id = '{}';
         UPDATE orgs SET roles_version = roles_version + 1",
        id_of(&page)
    );
    world.database.run(&sql).await.unwrap();
    let edit = format!("{page}/edit");
    let form = admin.get(&edit).await;
    assert!(form.text().contains("hen it is their own, or when its id begins with"), "{}", form.text());
    let kept = hidden_fields(&form).into_iter().find(|(name, _)| name == "kept.users:read").unwrap().1;
    let fields = |remove: &'static [(&str, &str)]| {
        let fields = [("name", "Owner"), ("grant.users:read", "allow"), ("kept.users:read", kept.as_str())];
        fields.into_iter().chain(remove.iter().copied()).collect::<Vec<_>>()
    };
    let grants = format!("SELECT (grants->0->'when')::text FROM roles WHERE id = '{}'", id_of(&page));
    let stored = world.sql(&grants).await;
    let answer = admin.post(&edit, &fields(&[("version", "1"), ("step", "save")])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(world.sql(&grants).await, stored);
    let remove = fields(&[("version", "2"), ("step", "save"), ("remove.users:read", "true")]);
    assert_eq!(admin.post(&edit, &remove).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.sql(&grants).await, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gains_and_who_loses_is_said_by_name() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = saved(&mut admin, &[("name", "Auditor"), ("grant.audit:read", "allow")]).await;
    give(&world, id_of(&page), "user@acme.example").await;
    give(&world, id_of(&page), "admin@acme.example").await;
    let change = [("version", "1"), ("name", "Auditor"), ("grant.settings:read", "allow"), ("step", "review")];
    let review = admin.post(&format!("{page}/edit"), &change).await;
    assert_eq!(review.status, StatusCode::OK, "{}", review.text());
    let text = review.text();
    for shown in ["2 users hold this role", "You hold this role yourself", "user@acme.example", "1 gained, 1 lost"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    let table = text.split_once("Changes by person").unwrap().1;
    assert!(!table.split_once("</table>").unwrap().0.contains("admin@acme.example"), "an admin may both anyway");
    let confirm = admin.get(&format!("{page}/delete")).await.text();
    assert!(confirm.contains("user@acme.example") && confirm.contains("users lose it"), "{confirm}");
}

/// Gives a role to somebody.
pub async fn give(world: &World, role: &str, email: &str) {
    let sql = format!(
        "INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by)
         SELECT org_id, id, '{role}', 'admin@acme.example' FROM users WHERE email = '{email}';
         UPDATE orgs SET roles_version = roles_version + 1"
    );
    world.database.run(&sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_deleted_by_its_name_and_not_while_others_inherit_from_it() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let parent = saved(&mut admin, &[("name", "Parent <b>"), ("grant.users:read", "allow")]).await;
    let heir = saved(&mut admin, &[("name", "Heir"), ("inherits", id_of(&parent))]).await;
    let (delete, right) = (format!("{parent}/delete"), [("version", "1"), ("confirm_name", "Parent <b>")]);
    let page = admin.get(&delete).await.text();
    assert!(page.contains("Heir") && !page.contains("confirm_name"), "{page}");
    let refused = admin.post(&delete, &right).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Heir inherits from it."), "{}", refused.text());
    let gone = [("version", "1"), ("confirm_name", "Heir")];
    assert_eq!(admin.post(&format!("{heir}/delete"), &gone).await.status, StatusCode::SEE_OTHER);
    for wrong in ["", "parent <b>", "Parent"] {
        let answer = admin.post(&delete, &[("version", "1"), ("confirm_name", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert!(answer.text().contains("This is not the name."), "{wrong:?}");
    }
    assert_eq!(admin.post(&delete, &right).await.location(), "/t/acme/roles");
    assert_eq!(admin.get(&parent).await.status, StatusCode::NOT_FOUND);
    let built_in = format!("/t/acme/roles/{VIEWER}");
    let page = admin.get(&built_in).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Of Bulkhead 0."), "the platform's version of it: {}", page.text());
    for page in ["edit", "delete", "versions/1"] {
        assert_eq!(admin.get(&format!("{built_in}/{page}")).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    let answer = admin.post(&format!("{built_in}/delete"), &[("version", "1"), ("confirm_name", "Viewer")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
