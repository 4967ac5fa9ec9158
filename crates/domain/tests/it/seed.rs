//! The demo, in a real database and through the front door.

use crate::world::{Unlike, World, origin};
use bulkhead_domain::{Error, Operator, Tenant, audit, orgs, seed, sign_in};
use bulkhead_identity::Params;
use bulkhead_model::{audit::AuditFilter, org::OrgStatus, page::PageRequest, user::Role};
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_demo_is_quick_complete_and_written_once() {
    let world = World::new().await;
    let app = world.replica(Unlike { seed: 3, params: Params::OWASP, ..Unlike::default() });
    let url = world.database.as_migrator();
    let begun = Instant::now();
    let (one, other) = tokio::join!(seed::demo(&app, &url, 1), seed::demo(&app, &url, 1));
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?} for two at once", begun.elapsed());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.already ^ other.already);
    assert_eq!(one.sign_ins, other.sign_ins);
    assert_eq!(world.number("SELECT count(*) FROM orgs WHERE kind = 'customer'").await, 3);
    let users = world.number("SELECT count(*) FROM users").await;
    assert!((115..=130).contains(&users), "{users}");

    for account in one.sign_ins {
        let session =
            sign_in::with_password(&app, origin(1), account.org_slug, account.email, account.password.into()).await;
        if account.org_slug == "initech" {
            assert!(matches!(session, Err(Error::Invalid(_))), "suspended");
            continue;
        }
        let cookie = bulkhead_domain::session_hash(session.unwrap().cookie);
        let ctx = bulkhead_domain::Ctx::<Tenant>::enter(&app, cookie, origin(1)).await.unwrap();
        assert_eq!(ctx.identity().role, account.role, "{}", account.email);
        if account.org_slug == "platform" && account.role == Role::Admin {
            let operator = bulkhead_domain::Ctx::<Operator>::enter(&app, cookie, origin(1)).await.unwrap();
            let list = orgs::list(&operator, &Default::default(), &PageRequest::default()).await.unwrap();
            let shown: Vec<_> =
                list.page.rows.iter().map(|row| (row.org.slug.as_str(), row.org.status, row.users > 4)).collect();
            assert_eq!(
                shown,
                [
                    ("acme", OrgStatus::Active, true),
                    ("globex", OrgStatus::Active, true),
                    ("initech", OrgStatus::Suspended, true)
                ]
            );
            assert!(orgs::overview(&operator.again().await.unwrap()).await.unwrap().provisioning.is_empty());
            let all = audit::list_all(
                &operator.again().await.unwrap(),
                &AuditFilter::default(),
                &PageRequest::new(bulkhead_model::page::Place::First, 100),
            )
            .await
            .unwrap();
            assert!(all.count.0 > 2_000, "{}", all.count);
        }
        if account.org_slug == "acme" && account.role == Role::Admin {
            // However many others failed to sign in since: that depends on the day.
            let guesses =
                "SELECT count(*) FROM audit_events WHERE action = 'session.refused' AND address = '203.0.113.77'";
            assert!(world.number(guesses).await > 20);
        }
    }
}

#[tokio::test]
async fn a_database_with_customers_is_left_alone_and_production_is_refused() {
    let world = World::new().await;
    let (_, _) = world.tenant().await;
    let before = world.number("SELECT count(*) FROM users").await;
    let seeded = seed::demo(&world.app, &world.database.as_migrator(), 1).await.unwrap();
    assert_eq!(
        (seeded.already, seeded.sign_ins.len()),
        (true, 1),
        "only the admin happens to have an address of the demo"
    );
    assert_eq!(world.number("SELECT count(*) FROM users").await, before);
    let production = world.replica(Unlike { seed: 4, production: true, ..Unlike::default() });
    let refused = seed::demo(&production, &world.database.as_migrator(), 1).await;
    assert!(matches!(refused, Err(seed::SeedError::Production)));
}
