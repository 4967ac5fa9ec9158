//! Pages forwards and back, their links, and queries that do not fit.

use super::*;
use crate::harness::World;
use std::collections::BTreeSet;

async fn walk(client: &mut Client, first: &str, step: &str) -> (Vec<String>, String) {
    let (mut ids, mut here) = (Vec::new(), first.to_owned());
    loop {
        let answer = client.get(&here).await;
        assert_eq!(answer.status, StatusCode::OK, "{here}: {}", answer.text());
        let page = json(&answer);
        let rows: Vec<String> =
            page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        assert!(rows.len() <= 2);
        for (name, rel) in [("next", "next"), ("previous", "prev")] {
            let link = page[name].as_str().map(|address| format!("<{address}>; rel=\"{rel}\""));
            let listed = head(&answer, "link").contains(&format!("rel=\"{rel}\""));
            assert_eq!(link.as_ref().is_some_and(|link| head(&answer, "link").contains(link)), listed, "{page}");
        }
        match step {
            "next" => ids.extend(rows),
            _ => ids.splice(0..0, rows).for_each(drop),
        }
        match page[step].as_str() {
            Some(address) => here = address.to_owned(),
            None => return (ids, here),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_on_one_page_forwards_and_back() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let acme = world.sql("SELECT count(*)::text FROM users u JOIN orgs o ON o.id = u.org_id WHERE o.slug = 'acme' AND u.status <> 'removed'").await;
    for order in ["", "&sort=created", "&sort=last_seen&dir=reverse"] {
        let (ids, last) = walk(
            &mut admin,
            &format!("/api/v1/users?limit=2{order}&role=admin&role=manager&role=user&role=viewer"),
            "next",
        )
        .await;
        assert_eq!(ids.len().to_string(), acme, "{order}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "no row twice: {order}");
        let (back, _) = walk(&mut admin, &last, "previous").await;
        assert_eq!(back, ids, "the same order back: {order}");
    }
}

/// Alerts of the same moment are told apart by their ids; whatever order they were made in, none is lost between pages.
#[tokio::test(flavor = "multi_thread")]
async fn what_operators_watch_is_paged_too() {
    let world = World::demo().await;
    world
        .database
        .run(
            "INSERT INTO isolation_alerts (org_id, id, actor_org_id, actor_org_slug, actor_id, actor_label, attempts, status,
                                           opened_at, last_at)
             SELECT p.id, gen_random_uuid(), p.id, 'x', gen_random_uuid(), 'x', 3, 'closed',
                    timestamptz '2026-11-21 09:00:00.123456Z' + (n / 3) * interval '1 microsecond', now()
             FROM orgs p, generate_series(0, 6) n WHERE p.kind = 'platform';
             INSERT INTO access_attempts (org_id, id, at, actor_org_id, actor_org_slug, actor_id, actor_label, surface, route,
                                          answered_with, aimed_kind, aimed_id, owner_org_slug)
             SELECT p.id, gen_random_uuid(), now(), p.id, 'x', gen_random_uuid(), 'x', 'path', 'GET /x', 404, 'user', 'x', ''
             FROM orgs p, generate_series(0, 4) WHERE p.kind = 'platform';
             INSERT INTO proofs (org_id, id, status, started_at, heard_at, failure)
             SELECT p.id, gen_random_uuid(), 'failed', now(), now(), 'x' FROM orgs p, generate_series(0, 4)
             WHERE p.kind = 'platform'",
        )
        .await
        .unwrap();
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    for (list, rows) in [("alerts?status=closed&limit=2", 7), ("attempts?limit=2", 5), ("proofs?limit=2", 5)] {
        let (ids, last) = walk(&mut viewer, &format!("/api/v1/{list}"), "next").await;
        assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (rows, rows), "{list}: no row twice");
        let (back, _) = walk(&mut viewer, &last, "previous").await;
        assert_eq!(back, ids, "{list}: the same order back");
    }
    problem(&viewer.get("/api/v1/alerts?status=happy").await, StatusCode::BAD_REQUEST, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_does_not_fit_is_refused_by_name() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let cursor = json(&admin.get("/api/v1/users?limit=1").await)["next"].as_str().unwrap().to_owned();
    let cursor = cursor.split("after=").nth(1).unwrap().to_owned();
    let broken = format!("after={}x", &cursor[..cursor.len() - 2]);
    let (other_order, twice) = (format!("sort=created&after={cursor}"), format!("after={cursor}&before={cursor}"));
    for (query, field) in [
        ("stauts=active", "stauts"),
        ("status=happy", "status"),
        ("sort=color", "sort"),
        ("dir=up", "dir"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("q=a&q=b", "q"),
        (broken.as_str(), "after"),
        (other_order.as_str(), "after"),
        (twice.as_str(), "before"),
    ] {
        let answer = admin.get(&format!("/api/v1/users?{query}")).await;
        let body = problem(&answer, StatusCode::BAD_REQUEST, "invalid_query");
        assert_eq!(body["errors"][0]["field"], field, "{query}: {body}");
    }
    // A cursor is one organization's: in another it is no cursor.
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    problem(&other.get(&format!("/api/v1/users?after={cursor}")).await, StatusCode::BAD_REQUEST, "invalid_query");
}
