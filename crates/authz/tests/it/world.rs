//! Random organizations, roles, holders and questions. Small worlds, so that what matters meets.

use bulkhead_authz::{
    decision::{Holder, Question},
    graph::RoleGraph,
    truth::{Circumstances, Clocks, Facts, Resource},
};
use bulkhead_model::{
    RoleId, UserId, WorkspaceId,
    access::{
        AllOf, Assignment, Comparison, Condition, DailyHours, Effect, Grant, PermissionName, RoleDefinition, Test,
        Value, Weekdays,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::net::IpAddr;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset, macros::datetime};
use uuid::Uuid;

/// One question and all it depends on.
#[derive(Debug, Clone)]
pub struct World {
    pub roles: Vec<RoleDefinition>,
    pub assignments: Vec<Assignment>,
    pub user: UserId,
    pub platform: bool,
    pub permission: PermissionName,
    pub registered: bool,
    pub resource: Resource,
    pub now: OffsetDateTime,
    pub address: Option<IpAddr>,
}

/// Two zones that exist, and none else.
pub struct FixedClocks;

impl Clocks for FixedClocks {
    fn read(&self, zone: &str, at: OffsetDateTime) -> Option<PrimitiveDateTime> {
        let hours = match zone {
            "Etc/UTC" => 0,
            "Asia/Tokyo" => 9,
            _ => return None,
        };
        let there = at.to_offset(UtcOffset::from_hms(hours, 0, 0).ok()?);
        Some(PrimitiveDateTime::new(there.date(), there.time()))
    }
}

impl World {
    pub fn graph(&self) -> RoleGraph {
        RoleGraph::new(&self.roles).unwrap()
    }

    pub fn holder(&self) -> Holder<'_> {
        Holder { user: self.user, platform: self.platform, assignments: &self.assignments }
    }

    pub fn question(&self) -> Question<'_> {
        let circumstances = Circumstances { now: self.now, address: self.address, clocks: &FixedClocks };
        let facts = Facts { user: self.user, resource: &self.resource, circumstances };
        Question { permission: &self.permission, registered: self.registered, facts }
    }
}

pub fn role(number: usize) -> RoleId {
    RoleId::from_uuid(Uuid::from_u128(number as u128))
}

fn user() -> impl Strategy<Value = UserId> {
    (0..2u128).prop_map(|number| UserId::from_uuid(Uuid::from_u128(number)))
}

fn workspace() -> impl Strategy<Value = WorkspaceId> {
    (0..2u128).prop_map(|number| WorkspaceId::from_uuid(Uuid::from_u128(number)))
}

pub fn permission() -> impl Strategy<Value = PermissionName> {
    select(vec!["backups:read", "backups:delete", "platform.orgs:manage"]).prop_map(|text| text.parse().unwrap())
}

fn moment() -> impl Strategy<Value = OffsetDateTime> {
    (0..14 * 24 * 4i64).prop_map(|quarters| datetime!(2026-11-16 0:00 UTC) + time::Duration::minutes(quarters * 15))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec!["", "eu", "eu-west", "us"]).prop_map(|text| Value::Text(text.to_owned())),
        select(vec![0.0, 1.0, 1000.0]).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        moment().prop_map(Value::Time),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let days = vec(select(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), 0..7)
        .prop_map(|names| Weekdays::try_from(names.into_iter().map(str::to_owned).collect::<Vec<_>>()).unwrap());
    let zone = select(vec!["Etc/UTC", "Asia/Tokyo", "Mars/Olympus"]).prop_map(str::to_owned);
    let hours = (days, 0..1440u16, 0..1440u16, zone).prop_map(|(days, from, until, zone)| DailyHours {
        days,
        from,
        until,
        zone,
    });
    let ranges = select(vec!["192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0"]).prop_map(|text| text.parse().unwrap());
    let name = select(vec!["region", "amount"]).prop_map(|text| text.parse().unwrap());
    prop_oneof![
        hours.prop_map(Test::Hours),
        (option::of(moment()), option::of(moment())).prop_map(|(from, until)| Test::Period { from, until }),
        vec(ranges, 0..3).prop_map(|ranges| Test::Address { ranges }),
        (name, select(Comparison::ALL), vec(value(), 0..3)).prop_map(|(name, is, values)| Test::Attribute {
            name,
            is,
            values
        }),
        Just(Test::Owner),
        select(vec!["", "b-", "x"]).prop_map(|prefix| Test::IdPrefix { prefix: prefix.to_owned() }),
        workspace().prop_map(|workspace| Test::Workspace { workspace }),
    ]
}

pub fn condition() -> impl Strategy<Value = Condition> {
    let always = Just(Condition::default());
    let group = vec(test(), 0..3).prop_map(|tests| AllOf { tests });
    prop_oneof![2 => always, 3 => vec(group, 1..3).prop_map(|any| Condition { any })]
}

pub fn grant(effect: impl Strategy<Value = Effect>) -> impl Strategy<Value = Grant> {
    (permission(), effect, condition()).prop_map(|(permission, effect, when)| Grant { permission, effect, when })
}

/// Roles whose parents stand before them, so that there is no cycle.
pub fn roles() -> impl Strategy<Value = Vec<RoleDefinition>> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    vec((vec(grant(effect), 0..4), vec(any::<prop::sample::Index>(), 0..3)), 1..6).prop_map(|drawn| {
        drawn
            .into_iter()
            .enumerate()
            .map(|(number, (grants, parents))| {
                let inherits = if number == 0 {
                    Vec::new()
                } else {
                    let parents: std::collections::BTreeSet<usize> =
                        parents.into_iter().map(|parent| parent.index(number)).collect();
                    parents.into_iter().map(role).collect()
                };
                RoleDefinition { id: role(number), name: format!("role {number}"), inherits, grants }
            })
            .collect()
    })
}

fn assignment() -> impl Strategy<Value = Assignment> {
    let dates = (option::weighted(0.2, moment()), option::weighted(0.2, moment()));
    // Now and then a role that does not exist.
    let held = prop_oneof![40 => 0..5usize, 1 => Just(9)];
    (held, option::weighted(0.3, workspace()), dates).prop_map(|(number, workspace, (from, until))| Assignment {
        role: role(number),
        workspace,
        from,
        until,
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    let attributes = prop::collection::btree_map(
        select(vec!["region", "amount"]).prop_map(|text| text.parse().unwrap()),
        value(),
        0..3,
    );
    let id = option::of(select(vec!["b-1", "x-1"]).prop_map(str::to_owned));
    (id, option::of(user()), option::of(workspace()), attributes)
        .prop_map(|(id, owner, workspace, attributes)| Resource { id, owner, workspace, attributes })
}

pub fn world() -> impl Strategy<Value = World> {
    let address = option::of(select(vec!["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7", "198.51.100.1"]));
    let address = address.prop_map(|text| text.map(|text| text.parse().unwrap()));
    let who = (vec(assignment(), 0..4), user(), any::<bool>());
    let what = (permission(), prop::bool::weighted(0.95), resource());
    (roles(), who, what, moment(), address).prop_map(
        |(roles, (mut assignments, user, platform), (permission, registered, resource), now, address)| {
            // Small graphs have fewer than five roles; what is held is mostly there.
            let count = roles.len();
            for held in &mut assignments {
                if let Some(number) = (0..5).find(|number| role(*number) == held.role) {
                    held.role = role(number % count);
                }
            }
            World { roles, assignments, user, platform, permission, registered, resource, now, address }
        },
    )
}
