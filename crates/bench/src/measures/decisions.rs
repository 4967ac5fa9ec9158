//! What one decision about roles costs: ten roles held, each inheriting over five steps, two hundred permissions, three
//! conditions on the line that decides. Cedar answers the same questions beside it, and has to agree about every one.

#[cfg(feature = "yardstick")]
mod cedar;
pub(super) mod over_http;

use std::{collections::BTreeMap, time::Instant};

use bulkhead_authz::{
    decision::{self, Holder, Question, ReasonCode},
    graph::RoleGraph,
    truth::{Circumstances, Clocks, Facts, Resource},
};
use bulkhead_model::{
    Id, RoleId, UserId,
    access::{
        AllOf, Assignment, Comparison, Condition, DailyHours, Effect, Grant, PermissionName, RoleDefinition, Test,
        Value, Weekdays,
    },
};
use time::{OffsetDateTime, PrimitiveDateTime, macros::datetime};
use uuid::Uuid;

use crate::{Result, cpu, measures::Plan, pairs::Spread, report::Report};

/// Roles that the person holds.
const HELD: usize = 10;
/// Roles on the way from one of them to the last that it inherits from.
const DEEP: usize = 5;
/// Permissions in all of them together.
const PERMISSIONS: usize = 200;
/// Microseconds of CPU that a decision may take.
const GOAL: f64 = 2.0;

/// A time zone database is no part of a decision's cost that two engines could be compared by.
struct Utc;

impl Clocks for Utc {
    fn read(&self, zone: &str, at: OffsetDateTime) -> Option<PrimitiveDateTime> {
        (zone == "Etc/UTC").then(|| PrimitiveDateTime::new(at.date(), at.time()))
    }
}

/// A Tuesday, during the hours of the condition.
const NOW: OffsetDateTime = datetime!(2026-11-24 10:30 UTC);
const ADDRESS: &str = "192.0.2.7";
const AMOUNT: f64 = 250.0;

/// Whose roles are asked.
struct World {
    graph: RoleGraph,
    assignments: Vec<Assignment>,
    permissions: Vec<PermissionName>,
    resource: Resource,
}

fn role(number: usize) -> RoleId {
    Id::from_uuid(Uuid::from_u128(0x10_0000 + number as u128))
}

fn user() -> UserId {
    Id::from_uuid(Uuid::from_u128(7))
}

/// Days and hours, a network, and an attribute: all three hold.
fn three_tests() -> Result<Condition> {
    let hours = DailyHours { days: Weekdays::WORKDAYS, from: 480, until: 1080, zone: "Etc/UTC".to_owned() };
    let amount =
        Test::Attribute { name: "amount".parse()?, is: Comparison::Below, values: vec![Value::Number(1000.0)] };
    let tests = vec![Test::Hours(hours), Test::Address { ranges: vec!["192.0.2.0/24".parse()?] }, amount];
    Ok(Condition { any: vec![AllOf { tests }] })
}

/// The permissions of one role: each of the fifty has four of its own.
fn of_role(number: usize) -> std::ops::Range<usize> {
    let each = PERMISSIONS / (HELD * DEEP);
    number * each..(number + 1) * each
}

fn permission_text(number: usize) -> String {
    format!("things-{}:act-{number}", number % 20)
}

/// What a permission's line does: the last of a role is denied as well, the first has the three conditions.
fn effects(number: usize) -> Result<Vec<(Effect, Condition)>> {
    let each = PERMISSIONS / (HELD * DEEP);
    Ok(match number % each {
        0 => vec![(Effect::Allow, three_tests()?)],
        last if last == each - 1 => vec![(Effect::Allow, Condition::default()), (Effect::Deny, Condition::default())],
        _ => vec![(Effect::Allow, Condition::default())],
    })
}

impl World {
    fn new() -> Result<Self> {
        let names = (0..PERMISSIONS).map(|number| permission_text(number).parse());
        let permissions: Vec<PermissionName> = names.collect::<std::result::Result<_, _>>()?;
        let mut definitions = Vec::new();
        for number in 0..HELD * DEEP {
            let mut grants = Vec::new();
            for permission in of_role(number) {
                for (effect, when) in effects(permission)? {
                    grants.push(Grant { permission: permissions[permission].clone(), effect, when });
                }
            }
            // Five in a row: the first of them is held, each inherits from the next.
            let inherits = if number % DEEP + 1 < DEEP { vec![role(number + 1)] } else { Vec::new() };
            definitions.push(RoleDefinition { id: role(number), name: format!("Role {number}"), inherits, grants });
        }
        let held = (0..HELD).map(|number| role(number * DEEP));
        let assignments = held.map(|role| Assignment { role, workspace: None, from: None, until: None }).collect();
        let attributes = BTreeMap::from([("amount".parse()?, Value::Number(AMOUNT))]);
        let resource = Resource { attributes, ..Resource::default() };
        Ok(Self { graph: RoleGraph::new(&definitions)?, assignments, permissions, resource })
    }

    fn decide(&self, permission: &PermissionName) -> Result<ReasonCode> {
        let circumstances = Circumstances { now: NOW, address: Some(ADDRESS.parse()?), clocks: &Utc };
        let holder = Holder { user: user(), platform: false, assignments: &self.assignments };
        let facts = Facts { user: user(), resource: &self.resource, circumstances };
        Ok(decision::decide(&self.graph, &holder, &Question { permission, registered: true, facts }).reason)
    }
}

/// Microseconds of this thread's CPU that one of these questions takes, again and again.
fn microseconds(plan: &Plan, count: usize, mut ask: impl FnMut(usize) -> Result<bool>) -> Result<Vec<f64>> {
    let mut each = Vec::new();
    for round in 0..=plan.pairs() {
        let (begin, until) = (cpu::of_this_thread(), Instant::now() + plan.slice() / 4);
        let mut asked: u32 = 0;
        while Instant::now() < until {
            for number in 0..count {
                // What nobody looks at might not be computed.
                std::hint::black_box(ask(number)?);
                asked += 1;
            }
        }
        if round > 0 {
            each.push((cpu::of_this_thread() - begin) * 1e6 / f64::from(asked));
        }
    }
    Ok(each)
}

pub(super) fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    report.section("A decision: 10 roles held, 5 deep, 200 permissions");
    let world = World::new()?;
    let kinds = [
        ("allowed under three conditions", ReasonCode::Granted, 0),
        ("allowed without a condition", ReasonCode::Granted, 1),
        ("denied in spite of being allowed", ReasonCode::Denied, 3),
    ];
    for (what, expected, position) in kinds {
        let asked: Vec<PermissionName> =
            world.permissions.iter().skip(position).step_by(PERMISSIONS / (HELD * DEEP)).cloned().collect();
        for permission in &asked {
            let reason = world.decide(permission)?;
            if reason != expected {
                return Err(format!("{permission} is {reason:?} and not {expected:?}").into());
            }
        }
        let ours = microseconds(plan, asked.len(), |number| Ok(world.decide(&asked[number])? == expected))?;
        judge(report, what, Spread::of(ours));
        beside(plan, report, what, &asked, expected == ReasonCode::Granted)?;
    }
    let unknown: PermissionName = "things-0:fly".parse()?;
    let ours = microseconds(plan, 1, |_| Ok(world.decide(&unknown)? == ReasonCode::NotGranted))?;
    judge(report, "granted by nothing", Spread::of(ours));
    beside(plan, report, "granted by nothing", &[unknown], false)
}

fn judge(report: &mut Report, what: &str, spread: Spread) {
    report.judged(what, text(spread), &format!("< {GOAL} µs"), spread.median < GOAL);
}

fn text(spread: Spread) -> String {
    format!("{:.2} µs ({:.2}–{:.2})", spread.median, spread.low, spread.high)
}

#[cfg(feature = "yardstick")]
fn beside(plan: &Plan, report: &mut Report, what: &str, asked: &[PermissionName], allowed: bool) -> Result<()> {
    let yardstick = cedar::Yardstick::new()?;
    for permission in asked {
        if yardstick.allows(permission)? != allowed {
            return Err(format!("Cedar does not agree about {permission}").into());
        }
    }
    let theirs = microseconds(plan, asked.len(), |number| yardstick.allows(&asked[number]))?;
    report.note(format!("{what}, Cedar"), text(Spread::of(theirs)));
    Ok(())
}

#[cfg(not(feature = "yardstick"))]
fn beside(_: &Plan, _: &mut Report, _: &str, _: &[PermissionName], _: bool) -> Result<()> {
    Ok(())
}
