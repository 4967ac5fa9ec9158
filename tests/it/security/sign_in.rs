//! F, K: guessing, enumeration, and who may not come in.

use crate::harness::World;
use bulkhead_domain::seed::DEMO_PASSWORD;
use http::{StatusCode, header};

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_reads_the_same() {
    let world = World::demo().await;
    let mut seen = Vec::new();
    for (slug, email) in [
        ("acme", "admin@acme.example"),
        ("acme", "nobody@acme.example"),
        ("nobody", "admin@acme.example"),
        ("initech", "admin@initech.example"),
    ] {
        let answer = world.visitor().sign_in(slug, email, "not the password at all").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
        let notice = "Authorized use only. Activity is recorded.";
        let text = answer.stable_text().replace(email, "EMAIL").replace(slug, "SLUG");
        // Acme shows a notice above its form to everyone; what is below must not differ.
        seen.push(text.split("<form").nth(1).unwrap().replace(notice, ""));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:#?}");
    // The right password of a suspended organization is no better than a wrong one.
    let answer = world.visitor().sign_in("initech", "admin@initech.example", DEMO_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_and_says_when_to_try_again() {
    let world = World::demo().await;
    let mut guesser = world.visitor();
    let mut limited = None;
    for _ in 0..8 {
        let answer = guesser.sign_in("acme", "manager@acme.example", "wrong wrong wrong wrong").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("guessing meets a limit");
    assert!(limited.headers.contains_key(header::RETRY_AFTER));
    let right = guesser.sign_in("acme", "manager@acme.example", DEMO_PASSWORD).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "the right password waits as well");
    let other = guesser.sign_in("globex", "admin@globex.example", DEMO_PASSWORD).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "another account is not held up");
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_values_come_back_and_passwords_do_not() {
    let world = World::demo().await;
    let answer = world.visitor().sign_in("acme", "ana@acme.example", "hunter2 hunter2 hunter2").await;
    let text = answer.text();
    assert!(text.contains("ana@acme.example") && !text.contains("hunter2"));
    for bad in ["", "not an address", "a@b", &format!("{}@x.example", "a".repeat(300))] {
        let answer = world.visitor().sign_in("acme", bad, "x").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    let long = world.visitor().sign_in("acme", "admin@acme.example", &"x".repeat(100_000)).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
}
