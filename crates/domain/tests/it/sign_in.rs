//! Signing in with a password, being refused, being slowed down, and signing out.

use crate::world::{PASSWORD, Unlike, World, origin};
use bulkhead_domain::{Error, Operator, Tenant, orgs, sign_in, users};
use bulkhead_identity::Params;
use bulkhead_model::{OrgId, user::Role};

/// Whether this is the one answer for everything that does not match.
fn no_match<T: std::fmt::Debug>(result: bulkhead_domain::Result<T>) -> bool {
    matches!(&result, Err(Error::Invalid(errors)) if errors.of("password") == Some(sign_in::NO_MATCH))
}

#[tokio::test]
async fn the_right_password_begins_a_session_and_an_event() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let (session, added) = world.added(org, world.sign_in("acme", " Admin@ACME.example ", PASSWORD)).await;
    let session = session.unwrap();
    assert_eq!((session.org_slug.as_str(), session.operator), ("acme", false));
    assert_eq!(added, ["session.started"]);
    let ctx = world.enter::<Tenant>(session.cookie).await.unwrap();
    assert_eq!(ctx.identity().user_id, admin.identity().user_id);
    assert_ne!(ctx.identity().session_id, admin.identity().session_id, "a new id at every sign-in");
    assert!(matches!(world.enter::<Operator>(session.cookie).await, Err(Error::Unauthenticated)), "no operator");
    assert!(!format!("{session:?}").contains(&session.cookie.to_string()));
}

#[tokio::test]
async fn everything_that_does_not_match_is_answered_alike() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    world.invited(&admin, "new", Role::User).await;
    let out = world.member(&admin, "out", Role::User).await;
    users::suspend(&admin.again().await.unwrap(), out.identity().user_id, 2).await.unwrap();
    let refused = [
        ("acme", "admin@acme.example", "violet anchors drift south", 1),
        ("acme", "nobody@acme.example", PASSWORD, 1),
        ("acme", "new@acme.example", PASSWORD, 1),
        ("acme", "out@acme.example", PASSWORD, 1),
        ("nowhere", "admin@acme.example", PASSWORD, 0),
        ("No/Slug", "admin@acme.example", PASSWORD, 0),
        ("platform", "admin@acme.example", PASSWORD, 0),
    ];
    for (slug, email, password, events) in refused {
        let (answer, added) = world.added(org, world.sign_in(slug, email, password)).await;
        assert!(no_match(answer), "{slug} {email}");
        assert_eq!(added, vec!["session.refused"; events], "{slug} {email}");
    }
    let long = "x".repeat(2_000);
    assert!(no_match(world.sign_in("acme", "admin@acme.example", &long).await), "never stored, so wrong");
    let empty = world.sign_in("acme", "admin@acme.example", "").await.unwrap_err();
    assert!(matches!(empty, Error::Invalid(errors) if errors.of("password") == Some("Enter your password.")));
    let typed =
        world.database.texts("SELECT target_label FROM audit_events WHERE action = 'session.refused'").await.unwrap();
    assert!(typed.iter().all(|label| !label.contains("nobody@")), "what was typed for an unknown account is not kept");
}

#[tokio::test]
async fn an_unknown_account_costs_a_hash_too() {
    let world = World::new().await;
    world.tenant().await;
    // 20 MiB instead of 8 KiB: were the hash left out, the difference would be some hundredfold.
    let replica = world.replica(Unlike { seed: 2, params: Params::OWASP, ..Unlike::default() });
    for (slug, email) in [("acme", "nobody@acme.example"), ("nowhere", "admin@acme.example")] {
        let begun = std::time::Instant::now();
        assert!(no_match(sign_in::with_password(&replica, origin(2), slug, email, PASSWORD.into()).await));
        assert!(begun.elapsed().as_millis() >= 8, "{slug}");
    }
}

#[tokio::test]
async fn nobody_signs_in_to_a_suspended_organization() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    orgs::suspend(&operator.again().await.unwrap(), org, world.version_of(org).await, "Bills").await.unwrap();
    assert!(no_match(world.sign_in("acme", "admin@acme.example", PASSWORD).await));
    assert!(matches!(admin.again().await, Err(Error::Unauthenticated)), "the session is over at once");
    orgs::reactivate(&operator.again().await.unwrap(), org, world.version_of(org).await).await.unwrap();
    assert!(matches!(admin.again().await, Err(Error::Unauthenticated)), "and stays over");
    world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn guessing_at_one_account_from_one_address_is_slowed_down() {
    let world = World::new().await;
    let (org, _) = world.tenant().await;
    for _ in 0..5 {
        assert!(no_match(world.sign_in("acme", "admin@acme.example", "wrong wrong wrong").await));
    }
    let (limited, added) = world.added(org, world.sign_in("acme", "admin@acme.example", PASSWORD)).await;
    assert!(
        matches!(limited, Err(Error::RateLimited { retry_after }) if retry_after.as_secs() >= 1),
        "even with the right password"
    );
    assert_eq!(added, Vec::<String>::new(), "refused before anything is looked up");
    let elsewhere = sign_in::with_password(&world.app, origin(9), "acme", "admin@acme.example", PASSWORD.into()).await;
    elsewhere.unwrap_or_else(|error| panic!("somebody's guessing locks nobody else out: {error}"));
    // The wait doubles and is counted in PostgreSQL, so another replica knows.
    world.database.run("UPDATE sign_in_throttle SET blocked_until = now() - interval '1 s'").await.unwrap();
    assert!(no_match(world.sign_in("acme", "admin@acme.example", "wrong again, and again").await));
    let replica = world.replica(Unlike { seed: 2, ..Unlike::default() });
    let limited = sign_in::with_password(&replica, origin(1), "acme", "admin@acme.example", PASSWORD.into()).await;
    assert!(matches!(limited, Err(Error::RateLimited { retry_after }) if retry_after.as_secs() == 2));
    world.database.run("UPDATE sign_in_throttle SET blocked_until = now() - interval '1 s'").await.unwrap();
    world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
    assert!(
        no_match(world.sign_in("acme", "admin@acme.example", "one more mistake").await),
        "a success forgives the pair"
    );
    assert!(no_match(world.sign_in("acme", "admin@acme.example", "one more mistake").await));
}

#[tokio::test]
async fn guessing_at_one_account_from_everywhere_is_slowed_down_briefly() {
    let world = World::new().await;
    world.tenant().await;
    for host in 10..30 {
        let guess =
            sign_in::with_password(&world.app, origin(host), "acme", "admin@acme.example", "wrong wrong wrong".into())
                .await;
        assert!(no_match(guess), "{host}");
    }
    let limited = sign_in::with_password(&world.app, origin(99), "acme", "admin@acme.example", PASSWORD.into()).await;
    assert!(
        matches!(limited, Err(Error::RateLimited { retry_after }) if retry_after.as_secs() <= 30),
        "K09: nobody is locked out for long"
    );
    assert_eq!(world.number("SELECT count(*) FROM sign_in_throttle WHERE octet_length(subject) <> 32").await, 0);
}

#[tokio::test]
async fn a_hash_of_older_parameters_is_replaced_at_the_next_sign_in() {
    let world = World::new().await;
    let (org, _) = world.tenant().await;
    let phc = async || {
        world.database.texts("SELECT p.phc FROM user_passwords p JOIN users u ON u.id = p.user_id WHERE u.email = 'admin@acme.example'").await.unwrap()
    };
    assert!(phc().await[0].contains("m=8,"));
    let stronger = world.replica(Unlike { seed: 2, params: Params::new(64, 1, 1).unwrap(), ..Unlike::default() });
    let (signed_in, added) = world
        .added(org, sign_in::with_password(&stronger, origin(1), "acme", "admin@acme.example", PASSWORD.into()))
        .await;
    signed_in.unwrap();
    assert!(phc().await[0].contains("m=64,"));
    assert_eq!(added, ["session.started"], "nothing about the account changed");
    let after = phc().await;
    sign_in::with_password(&stronger, origin(1), "acme", "admin@acme.example", PASSWORD.into()).await.unwrap();
    assert_eq!(phc().await, after, "once is enough");
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let other = world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
    let admin = admin.again().await.unwrap();
    let (out, added) = world.added(org, sign_in::sign_out(&admin)).await;
    out.unwrap();
    assert_eq!(added, ["session.ended"]);
    assert!(matches!(admin.again().await, Err(Error::Unauthenticated)));
    world.enter::<Tenant>(other.cookie).await.unwrap();
    let (again, added) = world.added(org, sign_in::sign_out(&admin)).await;
    assert!(matches!(again, Err(Error::Unauthenticated)), "{again:?}");
    assert_eq!(added, Vec::<String>::new(), "a second click changes nothing");
}

#[tokio::test]
async fn a_session_ends_after_its_time_and_without_use() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let id = admin.identity().session_id;
    for (expired, meanwhile) in [
        ("last_seen_at = now() - make_interval(secs => idle_seconds + 1)", "last_seen_at = now()"),
        ("expires_at = now() - interval '1 s'", "expires_at = now() + interval '1 h'"),
    ] {
        world.database.run(&format!("UPDATE sessions SET {expired} WHERE id = '{id}'")).await.unwrap();
        assert!(matches!(admin.again().await, Err(Error::Unauthenticated)), "{expired}");
        world.database.run(&format!("UPDATE sessions SET {meanwhile} WHERE id = '{id}'")).await.unwrap();
        admin.again().await.unwrap();
    }
}

#[tokio::test]
async fn a_session_that_was_made_up_is_none() {
    let world = World::new().await;
    world.tenant().await;
    for cookie in [0, 1, u128::MAX] {
        assert!(matches!(world.enter::<Tenant>(cookie).await, Err(Error::Unauthenticated)));
    }
}

#[tokio::test]
async fn an_operator_signs_in_like_everybody_and_enters_both_realms() {
    let world = World::new().await;
    world.operator().await;
    let session = world.sign_in("platform", "root@platform.example", PASSWORD).await.unwrap();
    assert!(session.operator);
    world.enter::<Operator>(session.cookie).await.unwrap();
    world.enter::<Tenant>(session.cookie).await.unwrap();
}

#[tokio::test]
async fn operators_are_recorded_as_operators_from_the_moment_they_sign_in() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (acme, _) = world.org(&operator, "acme").await;
    world.sign_in("platform", "root@platform.example", PASSWORD).await.unwrap();
    world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
    let kinds = async |org: OrgId| {
        let sql = format!(
            "SELECT DISTINCT actor_kind || ' ' || action FROM audit_events
             WHERE org_id = '{org}' AND action IN ('session.started', 'user.joined') ORDER BY 1"
        );
        world.database.texts(&sql).await.unwrap()
    };
    assert_eq!(kinds(operator.identity().org_id).await, ["operator session.started", "operator user.joined"]);
    assert_eq!(kinds(acme).await, ["user session.started", "user user.joined"]);
}
