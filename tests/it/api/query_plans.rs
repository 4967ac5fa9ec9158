//! Query plans for programs.

use super::{documented::is_documented, *};
use crate::harness::World;

const PATH: &str = "/api/v1/query-plans";

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_read_asked_for_and_accepted() {
    let world = World::demo().await;
    world.keep_plan().await;
    let worse = r#"{"fingerprint":"11ff","cost":2500.0,"cost_unbound":null,"tables":[{"table":"public.users","row_security":true,
        "tenant_column":"org_id","path":"sequential","index":null,"by_tenant_index":false,"table_rows":20000.0}],
        "root":{"label":"Seq Scan on public.users","cost":2500.0,"rows":1.0,"conditions":[["Filter","(org_id = $0)"]],
        "children":[]}}"#;
    world.database.run(&format!("UPDATE query_plans SET plan = '{worse}'")).await.unwrap();
    let id = world.sql("SELECT id::text FROM query_plans").await;
    let here = format!("{PATH}/{id}");
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    let plans = is_documented(&viewer.get(PATH).await, "get", PATH);
    assert_eq!((plans["possible"].as_bool(), plans["data"].as_array().unwrap().len()), (Some(true), 1));
    let answer = viewer.get(&here).await;
    let plan = is_documented(&answer, "get", "/api/v1/query-plans/{id}");
    let kinds: Vec<_> =
        plan["degradations"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["index_lost", "cost_grown"], "{plan}");
    assert_eq!((&plan["current"]["tables"][0]["large_scan"], &plan["current"]["ratio"]), (&true.into(), &Value::Null));
    assert_eq!(
        (&plan["baseline"]["ratio"], &plan["current"]["root"]["conditions"][0]["kind"]),
        (&1.25.into(), &"Filter".into())
    );
    let accept = format!("{here}/accept");
    for path in [accept.as_str(), "/api/v1/query-plans/examine"] {
        problem(&ask(&mut viewer, Method::POST, path, &[]).await, StatusCode::FORBIDDEN, "forbidden");
    }

    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let key = [("idempotency-key", "1d6a3c1f-0e11-4d9c-9a53-0b6a5a4e5f0c")];
    for _ in 0..2 {
        let accepted = ask(&mut op, Method::POST, &accept, &key).await;
        let plan = is_documented(&accepted, "post", "/api/v1/query-plans/{id}/accept");
        assert_eq!(plan["degradations"], Value::Array(Vec::new()), "compared with itself");
    }
    assert_eq!(world.sql("SELECT count(*)::text FROM audit_events WHERE action = 'plan.accepted'").await, "1");
    let none = format!("{PATH}/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f");
    problem(&op.get(&none).await, StatusCode::NOT_FOUND, "not_found");
    problem(&ask(&mut op, Method::POST, &format!("{none}/accept"), &[]).await, StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_for_twice_with_a_key_they_are_examined_once() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let key = [("idempotency-key", "9a53-0b6a5a4e5f0c")];
    for _ in 0..2 {
        let answer = ask(&mut op, Method::POST, "/api/v1/query-plans/examine", &key).await;
        let plans = is_documented(&answer, "post", "/api/v1/query-plans/examine");
        assert!(!plans["data"].as_array().unwrap().is_empty(), "the server's own statements: {plans}");
        assert!(plans["examined_at"].is_string());
    }
    assert_eq!(world.sql("SELECT count(*)::text FROM audit_events WHERE action = 'plans.examined'").await, "1");
}
