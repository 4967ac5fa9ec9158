//! Somebody else's id in every position of every use case: not found, and nothing happens.

use crate::world::World;
use bulkhead_domain::{Error, account, audit, orgs, users};
use bulkhead_model::{
    Id,
    audit::AuditFilter,
    page::{Key, PageRequest, Place},
    user::{Role, UserFilter, UserSort},
};

#[tokio::test]
async fn another_organizations_ids_are_not_found_and_untouched() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (acme, admin) = world.org(&operator, "acme").await;
    let (globex, other) = world.org(&operator, "globex").await;
    let victim = world.member(&other, "victim", Role::User).await;
    let invited = world.invited(&other, "invited", Role::User).await;
    let event = world
        .database
        .texts(&format!("SELECT id::text FROM audit_events WHERE org_id = '{globex}' LIMIT 1"))
        .await
        .unwrap()
        .remove(0);
    let digest = format!(
        "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (SELECT u::text FROM users u WHERE org_id = '{globex}'
         UNION ALL SELECT s.id::text || coalesce(s.revoked_at::text, '') FROM sessions s WHERE org_id = '{globex}'
         UNION ALL SELECT t::text FROM user_tokens t WHERE org_id = '{globex}'
         UNION ALL SELECT e.id::text FROM audit_events e WHERE org_id = '{globex}') t"
    );
    let before = world.database.texts(&digest).await.unwrap();
    let fresh = async || admin.again().await.unwrap();
    let made_up = Id::from_uuid(uuid::Uuid::from_u128(0x7f3d_1c5e_6d2b_4f0a_9a57_0c0f_fee0_0001));
    for id in [victim.identity().user_id, made_up] {
        let answers = [
            users::find(&fresh().await, id).await.err(),
            users::update(&fresh().await, id, 2, "Owned", Role::Admin).await.err(),
            users::suspend(&fresh().await, id, 2).await.err(),
            users::reactivate(&fresh().await, id, 2).await.err(),
            users::remove(&fresh().await, id, 2).await.err(),
            users::resend_invitation(&fresh().await, if id == made_up { id } else { invited.id }).await.err(),
        ];
        for (at, answer) in answers.into_iter().enumerate() {
            assert!(matches!(answer, Some(Error::NotFound)), "{at}: {answer:?}");
        }
    }
    let session = account::revoke_session(&fresh().await, victim.identity().session_id).await;
    assert!(matches!(session, Err(Error::NotFound)));
    let seen = audit::find(&fresh().await, event.parse().unwrap()).await;
    assert!(matches!(seen, Err(Error::NotFound)));
    assert_eq!(world.database.texts(&digest).await.unwrap(), before);
    assert!(
        world.actions(acme).await.iter().all(|action| !action.starts_with("access.")),
        "the watch speaks, not the use case"
    );
}

#[tokio::test]
async fn lists_show_ones_own_whatever_filter_or_cursor_is_sent() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    let (globex, other) = world.org(&operator, "globex").await;
    let victim = other.identity().user_id;
    let filters = [UserFilter::default(), UserFilter { search: "admin@".into(), ..UserFilter::default() }];
    for filter in &filters {
        for place in [
            Place::First,
            Place::After(Key { value: String::new(), id: uuid::Uuid::nil() }),
            Place::Before(Key { value: "zzz".into(), id: victim.uuid() }),
        ] {
            let list = users::list(&admin.again().await.unwrap(), filter, &PageRequest::new(place, 100)).await.unwrap();
            assert!(list.page.rows.iter().all(|user| user.email.ends_with("@acme.example")) && list.count.0 == 1);
        }
    }
    let created = UserFilter { sort: UserSort::Created, ..UserFilter::default() };
    let crooked =
        PageRequest::new(Place::After(Key { value: "'; DROP TABLE users --".into(), id: victim.uuid() }), 100);
    assert!(users::list(&admin.again().await.unwrap(), &created, &crooked).await.is_err(), "not a time");
    let wanted = [
        AuditFilter { org: Some(globex), ..AuditFilter::default() },
        AuditFilter { actor: other.identity().email.clone(), ..AuditFilter::default() },
        AuditFilter { actor: victim.to_string(), ..AuditFilter::default() },
        AuditFilter { target: globex.to_string(), ..AuditFilter::default() },
    ];
    for filter in wanted {
        let list = audit::list(&admin.again().await.unwrap(), &filter, &PageRequest::default()).await.unwrap();
        assert!(list.page.rows.iter().all(|event| event.org_id == admin.identity().org_id), "{filter:?}");
    }
}

#[tokio::test]
async fn operators_see_one_organization_at_a_time_or_all_and_say_which() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (acme, _) = world.org(&operator, "acme").await;
    let (globex, _) = world.org(&operator, "globex").await;
    let page = PageRequest::default();
    for (id, email) in [(acme, "admin@acme.example"), (globex, "admin@globex.example")] {
        let list = orgs::users(&operator.again().await.unwrap(), id, &UserFilter::default(), &page).await.unwrap();
        assert_eq!(list.page.rows.iter().map(|user| user.email.as_str()).collect::<Vec<_>>(), [email]);
        let filter = AuditFilter { org: Some(id), ..AuditFilter::default() };
        let events = audit::list_all(&operator.again().await.unwrap(), &filter, &page).await.unwrap();
        assert!(!events.page.rows.is_empty() && events.page.rows.iter().all(|event| event.org_id == id));
        assert!(events.org_names.contains_key(&id));
    }
    let all = audit::list_all(&operator.again().await.unwrap(), &AuditFilter::default(), &page).await.unwrap();
    assert_eq!(all.org_names.len(), 3, "the platform's own events are there too");
    let nowhere = Id::from_uuid(uuid::Uuid::from_u128(7));
    assert!(matches!(orgs::find(&operator.again().await.unwrap(), nowhere).await, Err(Error::NotFound)));
}
