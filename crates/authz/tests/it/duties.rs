//! Duties that exclude each other, against the slow way and against what is decided.

use crate::{
    reference::said,
    world::{World, permission, world},
};
use bulkhead_authz::{
    access::{Moment, Roles, Subject},
    catalogue::{Catalogue, is_console},
    decision::decide,
    duties::{Sides, holds_both},
};
use bulkhead_model::{
    Permission, RoleId, WorkspaceId,
    access::{Assignment, Condition, Effect, Grant, PermissionName, RoleDefinition},
    duty::DutyPair,
    org::OrgKind,
    user::Role,
};
use proptest::prelude::*;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

fn pair() -> impl Strategy<Value = DutyPair> {
    (permission(), permission()).prop_filter_map("a pair has two sides", |(one, other)| DutyPair::new(one, other))
}

fn both(world: &World, pair: &DutyPair) -> bool {
    holds_both(&world.graph(), &world.holder(), pair, |_| world.registered, world.now)
}

/// Whether something could be allowed at a moment in a place: every line of every role, one after the other.
fn could(world: &World, permission: &PermissionName, at: OffsetDateTime, place: Option<WorkspaceId>) -> bool {
    if !world.registered || (permission.is_platform() && !world.platform) {
        return false;
    }
    let place = if is_console(&permission.resource) { None } else { place };
    let (mut allowed, mut denied) = (false, false);
    for held in &world.assignments {
        let Some(said) = said(world, held.role) else { return false };
        let begun = held.from.is_none_or(|from| from <= at);
        let over = held.until.is_some_and(|until| until <= at);
        if !begun || over || (held.workspace.is_some() && held.workspace != place) {
            continue;
        }
        for grant in said.iter().filter(|grant| grant.permission == *permission) {
            match grant.effect {
                Effect::Allow => allowed = true,
                Effect::Deny => denied |= grant.when.any.is_empty(),
            }
        }
    }
    allowed && !denied
}

/// Every moment at which something begins or ends, in every place.
fn slowly(world: &World, pair: &DutyPair) -> bool {
    let turns = world.assignments.iter().flat_map(|held| [held.from, held.until]).flatten();
    let moments: Vec<OffsetDateTime> = std::iter::once(world.now).chain(turns.filter(|at| *at > world.now)).collect();
    let mut places: Vec<Option<WorkspaceId>> = world.assignments.iter().map(|held| held.workspace).collect();
    places.push(None);
    moments.iter().any(|at| {
        places.iter().any(|place| could(world, pair.first(), *at, *place) && could(world, pair.second(), *at, *place))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_slow_way_agrees(world in world(), pair in pair()) {
        prop_assert_eq!(both(&world, &pair), slowly(&world, &pair));
    }

    /// Whoever is allowed one and the other at one moment in one place, whatever else is asked about, holds both.
    #[test]
    fn whoever_is_allowed_both_holds_both(world in world(), other in world(), pair in pair(), wait in 0..14i64) {
        let later = world.now + Duration::days(wait);
        let asked = |permission: &PermissionName, from: &World| {
            let mut asked = World { permission: permission.clone(), now: later, ..world.clone() };
            asked.address = from.address;
            asked.resource = from.resource.clone();
            asked.resource.workspace = world.resource.workspace.filter(|_| !is_console(&permission.resource));
            decide(&asked.graph(), &asked.holder(), &asked.question()).allowed()
        };
        if asked(pair.first(), &world) && asked(pair.second(), &other) {
            prop_assert!(both(&world, &pair));
        }
    }

    /// Neither the order of what is held matters, nor which side is named first.
    #[test]
    fn order_does_not_matter(world in world(), pair in pair()) {
        let mut turned = world.clone();
        turned.assignments.reverse();
        let turned_pair = DutyPair::new(pair.second().clone(), pair.first().clone()).unwrap();
        prop_assert_eq!(both(&world, &pair), both(&turned, &turned_pair));
    }
}

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const MAKES: RoleId = RoleId::from_uuid(Uuid::from_u128(21));
const DELETES: RoleId = RoleId::from_uuid(Uuid::from_u128(22));
const GAG: RoleId = RoleId::from_uuid(Uuid::from_u128(23));
const CHIEF: RoleId = RoleId::from_uuid(Uuid::from_u128(24));
const PRODUCTION: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(1));
const STAGING: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(2));

fn duties() -> DutyPair {
    DutyPair::new(Permission::RolesManage.into(), Permission::AuditRead.into()).unwrap()
}

fn subject(role: Role, held: impl IntoIterator<Item = Assignment>) -> Subject {
    let says = |id: RoleId, effect, permission: Permission| {
        let grant = Grant { permission: permission.into(), effect, when: Condition::default() };
        RoleDefinition { id, name: id.to_string(), inherits: Vec::new(), grants: vec![grant] }
    };
    let chief = RoleDefinition {
        id: CHIEF,
        name: "chief".to_owned(),
        inherits: vec![bulkhead_authz::access::role_id(Role::Admin)],
        grants: Vec::new(),
    };
    let roles = [
        says(MAKES, Effect::Allow, Permission::RolesManage),
        says(DELETES, Effect::Allow, Permission::AuditRead),
        says(GAG, Effect::Deny, Permission::AuditRead),
        chief,
    ];
    let roles = Arc::new(Roles::new(Catalogue::console(), roles).unwrap());
    let moment = Moment { now: NOW, address: None, clocks: Arc::new(crate::world::FixedClocks) };
    Subject::new((bulkhead_model::Id::from_uuid(Uuid::nil()), role, OrgKind::Customer), roles, held, moment)
}

fn held(role: RoleId) -> Assignment {
    Assignment { role, workspace: None, from: None, until: None }
}

#[test]
fn an_admin_is_no_breach_and_whoever_inherits_from_admin_is() {
    assert_eq!(subject(Role::Admin, []).sides(&duties()), Sides::Admin);
    assert_eq!(subject(Role::Admin, [held(MAKES), held(DELETES)]).sides(&duties()), Sides::Admin);
    assert_eq!(subject(Role::Admin, [held(GAG)]).sides(&duties()), Sides::Apart);
    assert_eq!(subject(Role::User, [held(CHIEF)]).sides(&duties()), Sides::Both);
    assert_eq!(subject(Role::Manager, []).sides(&duties()), Sides::Apart);
    assert_eq!(subject(Role::Manager, [held(MAKES)]).sides(&duties()), Sides::Both, "one by each role");
    assert!(Sides::Both.breaks() && !Sides::Admin.breaks() && !Sides::Apart.breaks());
}

#[test]
fn one_after_the_other_is_not_together() {
    let until = |role, hours| Assignment { until: Some(NOW + Duration::hours(hours)), ..held(role) };
    let from = |role, hours| Assignment { from: Some(NOW + Duration::hours(hours)), ..held(role) };
    let sides = |assigned: [Assignment; 2]| subject(Role::Viewer, assigned).sides(&duties());
    assert_eq!(sides([until(MAKES, 5), from(DELETES, 5)]), Sides::Apart, "an end is not included");
    assert_eq!(sides([until(MAKES, 5), from(DELETES, 4)]), Sides::Both);
    assert_eq!(sides([until(MAKES, 0), held(DELETES)]), Sides::Apart, "over already");
    let gagged = |gag| subject(Role::Viewer, [held(MAKES), until(DELETES, 5), gag]).sides(&duties());
    assert_eq!(gagged(until(GAG, 5)), Sides::Apart, "denied for as long");
    assert_eq!(gagged(until(GAG, 4)), Sides::Both, "the denial ends first");
}

#[test]
fn the_console_is_in_no_workspace_and_services_are() {
    let there = |role, workspace| Assignment { workspace: Some(workspace), ..held(role) };
    let sides = subject(Role::Viewer, [there(MAKES, PRODUCTION), there(DELETES, PRODUCTION)]).sides(&duties());
    assert_eq!(sides, Sides::Apart, "neither counts for the console");
    let world = |workspaces: [Option<WorkspaceId>; 2]| {
        let grant = |permission: &str| Grant {
            permission: permission.parse().unwrap(),
            effect: Effect::Allow,
            when: Condition::default(),
        };
        let role = |id, permission: &str| RoleDefinition {
            id,
            name: permission.to_owned(),
            inherits: Vec::new(),
            grants: vec![grant(permission)],
        };
        let roles = [role(MAKES, "backups:create"), role(DELETES, "backups:delete")];
        let graph = bulkhead_authz::graph::RoleGraph::new(&roles).unwrap();
        let assignments = [MAKES, DELETES].into_iter().zip(workspaces);
        let assignments: Vec<_> = assignments.map(|(role, workspace)| Assignment { workspace, ..held(role) }).collect();
        let user = bulkhead_model::Id::from_uuid(Uuid::nil());
        let holder = bulkhead_authz::decision::Holder { user, platform: false, assignments: &assignments };
        let pair = DutyPair::new("backups:create".parse().unwrap(), "backups:delete".parse().unwrap()).unwrap();
        holds_both(&graph, &holder, &pair, |_| true, NOW)
    };
    assert!(world([Some(PRODUCTION), Some(PRODUCTION)]) && world([None, Some(PRODUCTION)]) && world([None, None]));
    assert!(!world([Some(PRODUCTION), Some(STAGING)]));
}
