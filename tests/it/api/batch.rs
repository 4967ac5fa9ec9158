//! A role given to many and taken from them: with a dry run, results one by one, once for a key; and who holds it, paged.

use super::{
    documented::is_documented,
    roles::{id_of, made as made_role, role},
    *,
};
use crate::harness::World;
use serde_json::json as value;

const GIVE: &str = "/api/v1/roles/{id}/assignments/batch";
const TAKE: &str = "/api/v1/roles/{id}/assignments/batch/remove";
const NOBODY: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

fn outcomes(answer: &Value) -> Vec<(&str, &str)> {
    let results = answer["results"].as_array().unwrap().iter();
    results.map(|row| (row["outcome"].as_str().unwrap(), row["code"].as_str().unwrap_or_default())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_given_to_many_and_taken_from_them() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut person = world.signed_in("acme", "user@acme.example").await;
    let (here, _) = made_role(&mut admin, &role("Log reader", "audit:read", "allow")).await;
    let (path, removing) = (format!("{here}/assignments/batch"), format!("{here}/assignments/batch/remove"));
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let foreign = world.sql("SELECT id::text FROM users WHERE email = 'admin@globex.example'").await;
    let body = |dry: bool| {
        value!({
            "users": [user, NOBODY, foreign],
            "emails": ["viewer@acme.example", "admin@globex.example", "nobody@nowhere.example", "no address", "USER@acme.example"],
            "until": "2999-01-01T00:00:00Z", "reason": "Yearly audit", "dry_run": dry,
        })
        .to_string()
    };
    let expected = [
        ("gains", ""),
        ("cannot", "not_found"),
        ("cannot", "not_found"),
        ("gains", ""),
        ("cannot", "not_found"),
        ("cannot", "not_found"),
        ("cannot", "not_an_address"),
        ("cannot", "listed_twice"),
    ];
    let shown = is_documented(&admin.json(Method::POST, &path, &body(true), &[]).await, "post", GIVE);
    assert_eq!(outcomes(&shown), expected, "{shown}");
    let (summary, dry) = (&shown["summary"], &shown["dry_run"]);
    assert_eq!((&summary["gains"], &summary["cannot"], dry), (&value!(2), &value!(6), &value!(true)));
    assert_eq!(shown["permissions"], value!([{"permission": "audit:read", "dangerous": false, "gain": 2, "lose": 0}]));
    // Somebody else's user is answered like nobody's, but for the id that was sent.
    let (mut none, mut theirs) = (shown["results"][1].clone(), shown["results"][2].clone());
    none["named"] = theirs["named"].take();
    theirs["named"] = none["named"].clone();
    assert_eq!(none, theirs);
    assert_eq!(person.get("/api/v1/audit-events").await.status, StatusCode::FORBIDDEN, "nothing was done");

    let key = [("idempotency-key", "batch-1")];
    let done = is_documented(&admin.json(Method::POST, &path, &body(false), &key).await, "post", GIVE);
    assert_eq!((outcomes(&done), &done["dry_run"]), (expected.to_vec(), &value!(false)));
    assert_eq!(person.get("/api/v1/audit-events").await.status, StatusCode::OK, "with their next request");
    let again = is_documented(&admin.json(Method::POST, &path, &body(false), &key).await, "post", GIVE);
    assert_eq!((outcomes(&again)[0].0, outcomes(&again)[3].0), ("stays", "stays"), "done once, and how it is now");
    let events =
        "SELECT count(*)::text FROM audit_events WHERE action = 'user.role_assigned' AND reason = 'Yearly audit'";
    assert_eq!(world.sql(events).await, "2");
    let other = admin.json(Method::POST, &path, &value!({"users": [user]}).to_string(), &key).await;
    problem(&other, StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused");

    let taking = value!({"users": [user], "emails": ["viewer@acme.example", "manager@acme.example"]}).to_string();
    let taken = is_documented(&admin.json(Method::POST, &removing, &taking, &[]).await, "post", TAKE);
    assert_eq!(outcomes(&taken), [("loses", ""), ("loses", ""), ("stays", "")]);
    assert_eq!(person.get("/api/v1/audit-events").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_field_by_field() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut manager = world.signed_in("acme", "manager@acme.example").await;
    let (here, _) = made_role(&mut admin, &role("Log reader", "audit:read", "allow")).await;
    let (keeper, _) = made_role(&mut admin, &role("Keeper", "settings:update", "allow")).await;
    let path = format!("{here}/assignments/batch");
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let many: Vec<&str> = std::iter::repeat_n(user.as_str(), 1001).collect();
    for (path, body, field) in [
        (&path, value!({}), "users"),
        (&path, value!({"users": [], "emails": []}), "users"),
        (&path, value!({ "users": many }), "users"),
        (&path, value!({"users": ["ana"]}), "users[0]"),
        (&path, value!({"users": [user], "until": "2000-01-01T00:00:00Z"}), "until"),
        (&path, value!({"users": [user], "until": "soon"}), "until"),
        (&path, value!({"users": [user], "reason": "\u{202E}"}), "reason"),
        (&path, value!({"users": [user], "reason": "x".repeat(501)}), "reason"),
        (&path, value!({"users": [user], "force": true}), "force"),
        (&path, value!({"users": [user], "workspace": 7}), "workspace"),
        (&format!("{path}/remove"), value!({"users": [user], "until": "2999-01-01T00:00:00Z"}), "until"),
        (&format!("{keeper}/assignments/batch"), value!({"users": [user]}), "reason"),
    ] {
        let answer = admin.json(Method::POST, path, &body.to_string(), &[]).await;
        let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let one = value!({"users": [user], "reason": "Because"}).to_string();
    let beyond = manager.json(Method::POST, &format!("{keeper}/assignments/batch"), &one, &[]).await;
    problem(&beyond, StatusCode::FORBIDDEN, "beyond_own_role");
    let built_in = "/api/v1/roles/00000000-0000-4000-8000-000000000a04/assignments/batch";
    let elsewhere = value!({"users": [user], "workspace": NOBODY}).to_string();
    for (path, body) in [(built_in, &one), (path.as_str(), &elsewhere), (&path.replace(id_of(&here), NOBODY), &one)] {
        problem(&admin.json(Method::POST, path, body, &[]).await, StatusCode::NOT_FOUND, "not_found");
    }
}

/// Pages of what has no id of its own: everybody once, forwards and back.
async fn walked(client: &mut Client, first: &str) -> Vec<String> {
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let mut here = first.to_owned();
    let who = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|row| row["user_id"].to_string()).collect()
    };
    loop {
        let page = json(&client.get(&here).await);
        there.extend(who(&page));
        match page["next"].as_str() {
            Some(next) => here = next.to_owned(),
            None => break,
        }
    }
    loop {
        let page = json(&client.get(&here).await);
        back.splice(0..0, who(&page));
        match page["previous"].as_str() {
            Some(previous) => here = previous.to_owned(),
            None => break,
        }
    }
    assert_eq!(there, back, "the same order back");
    there
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_a_role_and_who_is_in_a_workspace_is_paged() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (here, _) = made_role(&mut admin, &role("Log reader", "audit:read", "allow")).await;
    let workspace = world.keep_workspace(&mut admin, "Pilot").await;
    // Five of the same moment, and one later.
    let fill = format!(
        "INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by, assigned_at)
         SELECT u.org_id, u.id, '{role}', 'x', timestamptz '2026-11-21 09:00:00.123456Z' FROM users u JOIN orgs o ON o.id = u.org_id
         WHERE o.slug = 'acme' AND u.status = 'active' AND u.email <> 'user@acme.example' ORDER BY u.id LIMIT 5;
         INSERT INTO workspace_members (org_id, workspace_id, user_id, added_by, added_at)
         SELECT org_id, '{workspace}', user_id, 'x', assigned_at FROM role_assignments WHERE role_id = '{role}'",
        role = id_of(&here)
    );
    world.database.run(&fill).await.unwrap();
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let given = admin.json(Method::PUT, &format!("/api/v1/users/{user}/roles/{}", id_of(&here)), "{}", &[]).await;
    assert_eq!(given.status, StatusCode::OK);
    let added = ask(&mut admin, Method::PUT, &format!("/api/v1/workspaces/{workspace}/members/{user}"), &[]).await;
    assert_eq!(added.status, StatusCode::OK);
    for (list, route) in [
        (format!("{here}/members"), "/api/v1/roles/{id}/members"),
        (format!("/api/v1/workspaces/{workspace}/members"), "/api/v1/workspaces/{id}/members"),
    ] {
        for limit in [2, 3] {
            let found = walked(&mut admin, &format!("{list}?limit={limit}")).await;
            assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 6, "no row twice, none left out");
            assert_eq!((found.len(), &found[0]), (6, &format!("\"{user}\"")), "the newest first");
        }
        // A page that is just full has none after it; with one more it has.
        for (limit, more) in [(6, false), (5, true)] {
            let page = is_documented(&admin.get(&format!("{list}?limit={limit}")).await, "get", route);
            assert_eq!((page["next"].is_string(), page["count"].as_i64()), (more, Some(6)), "{limit}");
        }
        let found = is_documented(&admin.get(&format!("{list}?q=user@acme")).await, "get", route);
        assert_eq!((found["count"].as_i64(), &found["data"][0]["email"]), (Some(1), &value!("user@acme.example")));
        for wrong in ["?after=x", "?limit=0", "?name=ana"] {
            problem(&admin.get(&format!("{list}{wrong}")).await, StatusCode::BAD_REQUEST, "invalid_query");
        }
    }
    // A cursor belongs to one list.
    let cursor = json(&admin.get(&format!("{here}/members?limit=2")).await)["next"].as_str().unwrap().to_owned();
    let elsewhere = cursor.replace(&format!("{here}/members"), &format!("/api/v1/workspaces/{workspace}/members"));
    problem(&admin.get(&elsewhere).await, StatusCode::BAD_REQUEST, "invalid_query");
}
