//! The cross-tenant watch: both organizations learn of an attempt, each what is theirs to know.

use crate::world::World;
use bulkhead_domain::watch::{Aim, Suspicion, look};
use bulkhead_model::{attempt::Surface, audit::TargetKind};

fn suspicion(aim: Aim) -> Suspicion {
    Suspicion { aim, surface: Surface::Path, route: "GET /t/{slug}/users/{id}".into(), answered_with: 404 }
}

#[tokio::test]
async fn an_attempt_is_written_down_on_both_sides() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (acme, admin) = world.org(&operator, "acme").await;
    let (globex, other) = world.org(&operator, "globex").await;
    let session = other.identity().session_id;
    let event = world
        .database
        .texts(&format!("SELECT id::text FROM audit_events WHERE org_id = '{globex}' LIMIT 1"))
        .await
        .unwrap()
        .remove(0);
    let aims = [
        Aim::OrgSlug("globex".into()),
        Aim::Object(TargetKind::User, other.identity().user_id.uuid()),
        Aim::Object(TargetKind::Session, session.uuid()),
        Aim::Object(TargetKind::AuditEvent, event.parse().unwrap()),
        Aim::Object(TargetKind::Org, globex.uuid()),
    ];
    for aim in aims {
        let ((found, theirs), ours) =
            world.added(acme, world.added(globex, look(&admin, suspicion(aim.clone())))).await;
        assert!(found.unwrap(), "{aim:?}");
        assert_eq!(
            (ours, theirs),
            (vec!["access.cross_tenant_attempt".to_owned()], vec!["access.cross_tenant_attempt".to_owned()])
        );
    }
    let told = |org| {
        format!("SELECT coalesce(after ->> 'actor', '') || '/' || coalesce(host(address), '') || '/' || coalesce(actor_label, '')
                              FROM audit_events WHERE org_id = '{org}' AND action = 'access.cross_tenant_attempt'")
    };
    assert_eq!(
        world.database.texts(&told(acme)).await.unwrap(),
        vec!["admin@acme.example/192.0.2.1/cross-tenant watch"; 5]
    );
    assert_eq!(world.database.texts(&told(globex)).await.unwrap(), vec!["//cross-tenant watch"; 5], "not by whom");
    assert_eq!(
        world
            .number(
                "SELECT count(*) FROM audit_events WHERE action = 'access.cross_tenant_attempt' AND outcome <> 'denied'"
            )
            .await,
        0
    );
}

#[tokio::test]
async fn what_does_not_exist_or_is_ones_own_is_no_attempt() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    for aim in [
        Aim::OrgSlug("nowhere".into()),
        Aim::OrgSlug("acme".into()),
        Aim::OrgSlug("' OR 1=1 --".into()),
        Aim::Object(TargetKind::User, uuid::Uuid::from_u128(7)),
        Aim::Object(TargetKind::User, admin.identity().user_id.uuid()),
        Aim::Object(TargetKind::Settings, org.uuid()),
    ] {
        let (found, added) = world.added(org, look(&admin, suspicion(aim.clone()))).await;
        assert_eq!((found.unwrap(), added), (false, Vec::new()), "{aim:?}");
    }
}
