//! Proofs for programs: the runs, what one found, its file, and starting another.

use super::{documented::is_documented, *};
use crate::harness::World;
use bulkhead_testing::shop::{SOUND, Shop};
use secrecy::ExposeSecret;
use std::time::Duration;

const PATH: &str = "/api/v1/proofs";
const ONE: &str = "/api/v1/proofs/{id}";

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_runs_what_they_found_and_their_files() {
    let world = World::demo().await;
    world.keep_proof().await;
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    let list = is_documented(&viewer.get(PATH).await, "get", PATH);
    assert_eq!((list["count"].as_i64(), list["data"].as_array().unwrap().len()), (Some(2), 2));
    let id = world.sql("SELECT id::text FROM proofs WHERE status = 'finished'").await;
    let answer = viewer.get(&format!("{PATH}/{id}")).await;
    let proof = is_documented(&answer, "get", ONE);
    assert_eq!(
        (proof["standing"].as_str(), proof["proof"]["database"].as_str()),
        (Some("incomplete"), Some("bulkhead"))
    );
    let tag = head(&answer, "etag").to_owned();
    let again = ask(&mut viewer, Method::GET, &format!("{PATH}/{id}"), &[("if-none-match", &tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED, "who waits for a run asks cheaply");

    let file = viewer.get(&format!("{PATH}/{id}/proof.json")).await;
    let page = viewer.get(&format!("/op/proofs/{id}/proof.json")).await;
    assert_eq!((file.status, &file.body), (StatusCode::OK, &page.body), "the same bytes");
    assert_eq!(head(&file, "content-type"), "application/json");
    assert_eq!(head(&file, "content-disposition"), head(&page, "content-disposition"));
    is_documented(&file, "get", "/api/v1/proofs/{id}/proof.json");

    let running = world.sql("SELECT id::text FROM proofs WHERE status = 'running'").await;
    let run = is_documented(&viewer.get(&format!("{PATH}/{running}")).await, "get", ONE);
    assert_eq!((run["status"].as_str(), &run["proof"]), (Some("running"), &Value::Null));
    for end in ["/proof.json", "/difference"] {
        problem(&viewer.get(&format!("{PATH}/{running}{end}")).await, StatusCode::NOT_FOUND, "not_found");
    }
    let prover = is_documented(&viewer.get("/api/v1/prover").await, "get", "/api/v1/prover");
    assert_eq!(
        (&prover["possible"], &prover["current"]),
        (&true.into(), &false.into()),
        "the catalogue is another one"
    );
    problem(&ask(&mut viewer, Method::POST, PATH, &[]).await, StatusCode::FORBIDDEN, "forbidden");
}

/// A later finished run in which one attack ended otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_compared_with_the_one_before() {
    let world = World::demo().await;
    world.keep_proof().await;
    let later = "ffffffff-ffff-7fff-bfff-ffffffffffff";
    let cell = r#"{"subject":"public.users","attack":"select_own","role":"bulkhead_app","outcome":"leaked","how":"it read a row"}"#;
    world
        .database
        .run(&format!(
            "INSERT INTO proofs (org_id, id, status, started_at, heard_at, standing, sentence, document, catalogue_hash)
             SELECT org_id, '{later}', status, now(), now(), 'red', sentence,
                    convert_to(jsonb_set(convert_from(document, 'UTF8')::jsonb, '{{proof,cells}}', '[{cell}]')::text, 'UTF8'), '01'
             FROM proofs WHERE status = 'finished'"
        ))
        .await
        .unwrap();
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    let path = format!("{PATH}/{later}");
    let found = is_documented(&viewer.get(&path).await, "get", ONE);
    assert_eq!(found["proof"]["cells"][0]["outcome"], "leaked", "{found}");
    let changed =
        is_documented(&viewer.get(&format!("{path}/difference")).await, "get", "/api/v1/proofs/{id}/difference");
    assert_eq!(
        (&changed["cells"][0]["before"], &changed["cells"][0]["after"]["how"]),
        (&Value::Null, &"it read a row".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_at_a_time_begins_and_only_once_for_a_key() {
    let world = World::demo().await;
    world.keep_proof().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    problem(&ask(&mut op, Method::POST, PATH, &[]).await, StatusCode::CONFLICT, "proof_running");
    world
        .database
        .run("UPDATE proofs SET status = 'failed', finished_at = now() WHERE status = 'running'")
        .await
        .unwrap();

    let key = [("idempotency-key", "0e0f6c2a-7b9e-4c39-9ba9-5a2b3c4d5e6f")];
    let first = ask(&mut op, Method::POST, PATH, &key).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let run = is_documented(&first, "post", PATH);
    assert_eq!(location(&first), format!("{PATH}/{}", run["id"].as_str().unwrap()));
    assert_eq!(run["requested_by"], "admin@platform.example");
    let again = ask(&mut op, Method::POST, PATH, &key).await;
    assert_eq!((again.status, location(&again)), (StatusCode::CREATED, location(&first)));
    assert_eq!(world.sql("SELECT count(*)::text FROM audit_events WHERE action = 'proof.started'").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_source_is_proven_and_every_answer_is_as_documented() {
    const PASSWORD: &str = "hunter2-planted";
    const SOURCE: &str = "/api/v1/data-sources/{id}";
    let world = World::demo().await;
    let shop = Shop::open(&world.database, PASSWORD, &[SOUND]).await.unwrap();
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let profile = format!(
        "tenant_columns = [\"org_id\"]\n[context]\norg_setting = \"app.org_id\"\n\
         org_functions = [\"app.org_id\"]\n[[roles]]\nname = \"{}\"\nscope = \"tenant\"\n",
        shop.app()
    );
    let source = serde_json::json!({"name": "Shop", "address": shop.owner().expose_secret(), "profile": profile});
    let created = op.json(Method::POST, "/api/v1/data-sources", &source.to_string(), &[]).await;
    let here = location(&created).to_owned();

    let documented = |answer: &Answer, method: &str, below: &str| {
        assert!(!answer.text().contains(PASSWORD), "{}", answer.text());
        is_documented(answer, method, &format!("{SOURCE}{below}"))
    };
    let prospect = documented(&op.get(&format!("{here}/prospect")).await, "get", "/prospect");
    assert_eq!(prospect["roles"][0]["name"], shop.app().as_str(), "{prospect}");
    let body = serde_json::json!({"passwords": {shop.app(): PASSWORD}}).to_string();
    let begun = op.json(Method::POST, &format!("{here}/proofs"), &body, &[]).await;
    documented(&begun, "post", "/proofs");
    let run = location(&begun).to_owned();

    let mut found = documented(&op.get(&run).await, "get", "/proofs/{proof}");
    for _ in 0..600 {
        if found["status"] != "running" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        found = documented(&op.get(&run).await, "get", "/proofs/{proof}");
    }
    assert_eq!((found["status"].as_str(), found["standing"].as_str()), (Some("finished"), Some("green")), "{found}");
    let list = documented(&op.get(&format!("{here}/proofs")).await, "get", "/proofs");
    assert_eq!(list["count"], 1, "{list}");
    let file = documented(&op.get(&format!("{run}/proof.json")).await, "get", "/proofs/{proof}/proof.json");
    assert_eq!(
        (file["format"].as_str(), file["proof"]["data_source"].as_str()),
        (Some("bulkhead-proof/2"), Some("Shop"))
    );
    problem(&op.get(&format!("{run}/difference")).await, StatusCode::NOT_FOUND, "not_found");
}
