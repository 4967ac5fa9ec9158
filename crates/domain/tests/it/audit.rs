//! A change and its event are one: neither is ever there without the other.

use crate::world::{PASSWORD, World, origin};
use bulkhead_domain::{Error, account, audit, orgs, sign_in, users};
use bulkhead_model::{
    audit::{Action, AuditFilter, Outcome},
    page::{PageRequest, Place},
    user::Role,
};

#[tokio::test]
async fn a_change_whose_event_cannot_be_written_does_not_happen() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let id = ana.identity().user_id;
    world
        .database
        .sabotage("CREATE FUNCTION public.no_events() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''disk full''; END';
                   CREATE TRIGGER no_events BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION public.no_events()")
        .await
        .unwrap();
    let attempts = [
        users::update(&admin.again().await.unwrap(), id, 2, "Ana", Role::Manager).await.err(),
        users::suspend(&admin.again().await.unwrap(), id, 2).await.err(),
        users::invite(&admin.again().await.unwrap(), "bob@acme.example", Role::User, "").await.err(),
        account::revoke_session(&ana.again().await.unwrap(), ana.identity().session_id).await.err(),
        world.sign_in("acme", "ana@acme.example", PASSWORD).await.err(),
    ];
    for refused in attempts {
        assert!(matches!(refused, Some(Error::Internal(_))), "{refused:?}");
    }
    assert_eq!(world.role_and_status(id).await, ("user".into(), "active".into()));
    assert_eq!(world.number("SELECT count(*) FROM users WHERE email LIKE 'bob@%'").await, 0);
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox WHERE recipient LIKE 'bob@%'").await, 0);
    assert_eq!(
        world.number(&format!("SELECT count(*) FROM sessions WHERE org_id = '{org}' AND revoked_at IS NULL")).await,
        2
    );
}

#[tokio::test]
async fn an_event_says_who_where_and_with_what() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let request =
        bulkhead_model::RequestId::from_uuid(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
    let from = bulkhead_domain::Origin { request_id: Some(request), user_agent: Some("ü".repeat(500)), ..origin(7) };
    let session =
        sign_in::with_password(&world.app, from.clone(), "acme", "admin@acme.example", PASSWORD.into()).await.unwrap();
    let ctx =
        bulkhead_domain::Ctx::enter(&world.app, bulkhead_domain::session_hash(session.cookie), from).await.unwrap();
    users::invite(&ctx, "ana@acme.example\nbob@acme.example", Role::User, "").await.unwrap();
    let filter = AuditFilter { action: vec![Action::UserInvited], ..AuditFilter::default() };
    let list = audit::list(&admin.again().await.unwrap(), &filter, &PageRequest::default()).await.unwrap();
    let event = &list.page.rows[0];
    assert_eq!(
        (list.count.0, event.actor_label.as_str(), event.actor_id),
        (2, "admin@acme.example", Some(admin.identity().user_id))
    );
    assert_eq!((event.address, event.request_id, event.outcome), (origin(7).address, Some(request), Outcome::Success));
    assert_eq!(event.session_id, Some(ctx.identity().session_id));
    assert_eq!(event.user_agent.as_ref().unwrap().chars().count(), 400, "cut, not refused");
    let detail = audit::find(&admin.again().await.unwrap(), event.id).await.unwrap();
    assert_eq!(detail.same_request.len(), 2, "the other invitation and the sign-in");
}

#[tokio::test]
async fn a_denial_is_an_event_too() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let user = world.member(&admin, "user", Role::User).await;
    let denied = async {
        let page = PageRequest::default();
        assert!(matches!(
            audit::list(&user.again().await.unwrap(), &AuditFilter::default(), &page).await,
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(
            orgs::rename_current(&user.again().await.unwrap(), 1, "Mine").await,
            Err(Error::Forbidden(_))
        ));
    };
    let ((), added) = world.added(org, denied).await;
    assert_eq!(added, ["access.denied", "access.denied"]);
    let reasons = world
        .database
        .texts("SELECT reason FROM audit_events WHERE action = 'access.denied' ORDER BY id")
        .await
        .unwrap();
    assert_eq!(reasons, ["audit:read", "org:update"]);
}

#[tokio::test]
async fn reading_leaves_no_event() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let reading = async {
        users::list(&admin.again().await.unwrap(), &Default::default(), &PageRequest::default()).await.unwrap();
        users::find(&admin.again().await.unwrap(), admin.identity().user_id).await.unwrap();
        audit::list(&admin.again().await.unwrap(), &AuditFilter::default(), &PageRequest::default()).await.unwrap();
        account::list_sessions(&admin.again().await.unwrap()).await.unwrap();
        orgs::current(&admin.again().await.unwrap()).await.unwrap();
    };
    let ((), added) = world.added(org, reading).await;
    assert_eq!(added, Vec::<String>::new());
}

#[tokio::test]
async fn the_log_pages_both_ways_and_filters() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    for wave in 0..3 {
        let lines: Vec<String> = (0..7).map(|n| format!("u{wave}{n}@acme.example")).collect();
        users::invite(&admin.again().await.unwrap(), &lines.join("\n"), Role::User, "").await.unwrap();
    }
    let filter = AuditFilter { action: vec![Action::UserInvited], actor: "admin@".into(), ..AuditFilter::default() };
    let list = async |place| {
        audit::list(&admin.again().await.unwrap(), &filter, &PageRequest::new(place, 8)).await.unwrap().page
    };
    let first = list(Place::First).await;
    let second = list(Place::After(first.next.clone().unwrap())).await;
    let third = list(Place::After(second.next.clone().unwrap())).await;
    assert_eq!((first.rows.len(), second.rows.len(), third.rows.len(), third.next.clone()), (8, 8, 5, None));
    let ids: Vec<_> = [&first, &second, &third].iter().flat_map(|page| &page.rows).map(|event| event.id).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first");
    // One form's lines in reverse, so that oldest first they read as they were typed.
    assert_eq!(
        first.rows.iter().map(|event| event.target_label.as_str()).take(2).collect::<Vec<_>>(),
        ["u26@acme.example", "u25@acme.example"]
    );
    assert_eq!(list(Place::Before(third.previous.unwrap())).await.rows, second.rows);
    let target = first.rows[3].target_id.clone();
    let one = AuditFilter { target, ..AuditFilter::default() };
    assert_eq!(audit::list(&admin.again().await.unwrap(), &one, &PageRequest::default()).await.unwrap().count.0, 1);
    let at = first.rows[0].at;
    let between = AuditFilter { from: Some(at), until: Some(at + time::Duration::milliseconds(1)), ..filter.clone() };
    assert_eq!(audit::list(&admin.again().await.unwrap(), &between, &PageRequest::default()).await.unwrap().count.0, 7);
}

#[tokio::test]
async fn nobody_who_serves_requests_can_change_the_log() {
    let world = World::new().await;
    let allowed = "SELECT role || ' ' || privilege
        FROM unnest(ARRAY['bulkhead_app', 'bulkhead_operator', 'bulkhead_auth', 'bulkhead_definer']) role,
        unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) privilege WHERE has_table_privilege(role, 'audit_events', privilege)
        ORDER BY 1";
    // Nobody signs in as the definer; what its two functions delete is held by the tests of `retention`.
    assert_eq!(world.database.texts(allowed).await.unwrap(), ["bulkhead_definer DELETE"]);
    let sign_in = "SELECT count(*) FROM pg_roles WHERE rolname = 'bulkhead_definer' AND rolcanlogin";
    assert_eq!(world.number(sign_in).await, 0);
    let may_delete = "SELECT p.proname::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE r.rolname = 'bulkhead_definer' AND (p.prosrc ILIKE '%DELETE FROM audit_events%' OR p.prosrc ILIKE '%EXECUTE%')
        ORDER BY 1";
    assert_eq!(world.database.texts(may_delete).await.unwrap(), ["expire_audit_events", "purge_org"]);
}
