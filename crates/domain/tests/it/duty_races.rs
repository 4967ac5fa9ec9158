//! What a conflict of duties refuses does not happen by two changes at once either, each of which would be well alone.

use crate::{
    duties::{assign, holders, keep_apart, typed},
    resource_types::{invoices, register},
    roles::{allows, make, take},
    workspaces::{again, id},
    world::World,
};
use bulkhead_domain::{
    Error,
    access::{self, Period},
    duties::{self, Typed},
    resource_types,
};
use bulkhead_model::{
    Permission,
    duty::DutyRule::{Ask, Refuse},
    user::Role,
};

const ROUNDS: usize = 12;

#[tokio::test]
async fn two_roles_given_at_once_do_not_come_together() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    let looker = make(&admin, &allows("Looker", &[Permission::SettingsRead])).await;
    let conflict = keep_apart(&admin, Refuse).await;
    for round in 0..ROUNDS {
        let (one, other) = (again(&admin).await, again(&admin).await);
        let (read, look) = tokio::join!(
            access::assign(&one, id(&ana), reader, Period::default(), ""),
            access::assign(&other, id(&ana), looker, Period::default(), "")
        );
        assert_ne!(read.is_ok(), look.is_ok(), "round {round}: {read:?}, {look:?}");
        assert_eq!(holders(&admin, conflict).await.people, []);
        take(&admin, id(&ana), if read.is_ok() { reader } else { looker }).await;
    }
}

#[tokio::test]
async fn a_role_that_grows_and_is_given_at_once_does_not_bring_them_together() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let vic = world.member(&admin, "vic", Role::Viewer).await;
    let conflict = keep_apart(&admin, Refuse).await;
    let (mut grown, mut given) = (0, 0);
    for round in 0..ROUNDS {
        let role = make(&admin, &allows(&format!("Role {round}x"), &[])).await;
        let more = allows(&format!("Role {round}x"), &[Permission::AuditRead]);
        let (one, other) = (again(&admin).await, again(&admin).await);
        let (changed, assigned) = tokio::join!(
            access::change(&one, role, 1, &more),
            access::assign(&other, id(&vic), role, Period::default(), "")
        );
        assert_ne!(changed.is_ok(), assigned.is_ok(), "round {round}: {changed:?}, {assigned:?}");
        grown += usize::from(changed.is_ok());
        given += usize::from(assigned.is_ok());
        assert_eq!(holders(&admin, conflict).await.people, []);
    }
    assert_eq!(grown + given, ROUNDS);
}

/// Whoever gets behind the lock first: who is given both before the conflict is there keeps them and is shown, who would be
/// given both afterwards is not.
#[tokio::test]
async fn a_conflict_counts_from_the_moment_it_is_there() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let vic = world.member(&admin, "vic", Role::Viewer).await;
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    for round in 0..ROUNDS {
        let (naming, giving) = (again(&admin).await, again(&admin).await);
        let new = typed("Eyes", Refuse);
        let (made, given) = tokio::join!(
            duties::create(&naming, &new),
            access::assign(&giving, id(&vic), reader, Period::default(), "")
        );
        let conflict = made.unwrap();
        let people = holders(&admin, conflict).await.people;
        match given {
            Ok(()) => {
                assert_eq!(people.len(), 1, "round {round}");
                take(&admin, id(&vic), reader).await;
            }
            Err(Error::Duties(collision)) => assert!(collision.refused && people.is_empty(), "round {round}"),
            Err(other) => panic!("{other:?}"),
        }
        duties::delete(&again(&admin).await, conflict, 1).await.unwrap();
    }
    // The order that matters, without luck: the request began before the conflict was named.
    let giving = again(&admin).await;
    keep_apart(&admin, Refuse).await;
    let late = access::assign(&giving, id(&vic), reader, Period::default(), "").await;
    assert!(matches!(late, Err(Error::Duties(_))), "{late:?}");
    // The negative control: without it, it is given.
    let conflict = duties::list(&again(&admin).await).await.unwrap().data.remove(0).conflict;
    duties::delete(&again(&admin).await, conflict.id, conflict.version).await.unwrap();
    assign(&admin, id(&vic), reader, "").await.unwrap();
}

#[tokio::test]
async fn a_conflict_and_the_type_it_names_wait_for_each_other() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    for round in 0..8 {
        register(&operator, &invoices()).await;
        let new = Typed { first: "invoices:delete".into(), ..typed("Invoices", Ask) };
        let (ours, theirs) = (again(&admin).await, operator.again().await.unwrap());
        let name = invoices().name;
        let (made, removed) = tokio::join!(duties::create(&ours, &new), resource_types::remove(&theirs, &name, 1));
        assert_ne!(made.is_ok(), removed.is_ok(), "round {round}: {made:?}, {removed:?}");
        if let Ok(conflict) = made {
            duties::delete(&again(&admin).await, conflict, 1).await.unwrap();
            resource_types::remove(&operator.again().await.unwrap(), &name, 1).await.unwrap();
        }
    }
}
