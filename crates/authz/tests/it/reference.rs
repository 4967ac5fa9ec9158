//! The same decisions, the slow way: no index, no order, one sentence after the other.

use crate::world::{FixedClocks, World};
use bulkhead_authz::truth::Clocks;
use bulkhead_model::{
    RoleId,
    access::{Comparison, Condition, Effect, Grant, Test, Value},
};
use std::collections::BTreeSet;

/// Everything a role says, by walking up to all its ancestors.
pub fn said(world: &World, role: RoleId) -> Option<Vec<&Grant>> {
    let mut ancestors = BTreeSet::new();
    let mut waiting = vec![role];
    while let Some(one) = waiting.pop() {
        if ancestors.insert(one) {
            waiting.extend(world.roles.iter().find(|known| known.id == one)?.inherits.iter().copied());
        }
    }
    Some(world.roles.iter().filter(|known| ancestors.contains(&known.id)).flat_map(|known| &known.grants).collect())
}

/// Whether a condition holds; none where nobody can know.
pub fn holds(world: &World, condition: &Condition) -> Option<bool> {
    if condition.any.is_empty() {
        return Some(true);
    }
    let groups: Vec<Option<bool>> = condition
        .any
        .iter()
        .map(|group| {
            let tests: Vec<Option<bool>> = group.tests.iter().map(|test| test_holds(world, test)).collect();
            if tests.contains(&Some(false)) {
                Some(false)
            } else if tests.contains(&None) {
                None
            } else {
                Some(true)
            }
        })
        .collect();
    if groups.contains(&Some(true)) {
        Some(true)
    } else if groups.contains(&None) {
        None
    } else {
        Some(false)
    }
}

fn test_holds(world: &World, test: &Test) -> Option<bool> {
    let resource = &world.resource;
    match test {
        Test::Hours(hours) => {
            let shown = FixedClocks.read(&hours.zone, world.now)?;
            // Every minute of the week that is inside, written out.
            let inside = (0..7u16 * 1440).filter(|minute| {
                let day = time::Weekday::Monday.nth_next((minute / 1440) as u8);
                let of_day = minute % 1440;
                if hours.from < hours.until {
                    hours.days.contains(day) && of_day >= hours.from && of_day < hours.until
                } else {
                    (hours.days.contains(day) && of_day >= hours.from)
                        || (hours.days.contains(day.previous()) && of_day < hours.until)
                }
            });
            let now = u16::from(shown.weekday().number_days_from_monday()) * 1440
                + u16::from(shown.hour()) * 60
                + u16::from(shown.minute());
            Some(inside.into_iter().any(|minute| minute == now))
        }
        Test::Period { from, until } => {
            let early = matches!(from, Some(from) if world.now < *from);
            let late = matches!(until, Some(until) if world.now >= *until);
            Some(!early && !late)
        }
        Test::Address { ranges } => {
            let address = world.address?;
            Some(ranges.iter().any(|range| range.contains(address)))
        }
        Test::Attribute { name, is, values } => {
            let value = resource.attributes.get(name)?;
            if *is == Comparison::OneOf {
                let equal: Vec<Option<bool>> =
                    values.iter().map(|other| same_type(value, other).then(|| value == other)).collect();
                return if equal.contains(&Some(true)) {
                    Some(true)
                } else if equal.contains(&None) {
                    None
                } else {
                    Some(false)
                };
            }
            let [other] = values.as_slice() else { return None };
            if !same_type(value, other) {
                return None;
            }
            match (is, value, other) {
                (Comparison::Equals, ..) => Some(value == other),
                (Comparison::Differs, ..) => Some(value != other),
                (Comparison::BeginsWith, Value::Text(text), Value::Text(prefix)) => {
                    Some(text.starts_with(prefix.as_str()))
                }
                (Comparison::BeginsWith, ..) => None,
                (Comparison::Below, ..) => Some(value.compare(other)?.is_lt()),
                (Comparison::AtMost, ..) => Some(!value.compare(other)?.is_gt()),
                (Comparison::Above, ..) => Some(value.compare(other)?.is_gt()),
                (Comparison::AtLeast, ..) => Some(!value.compare(other)?.is_lt()),
                (Comparison::OneOf, ..) => None,
            }
        }
        Test::Owner => Some(resource.owner? == world.user),
        Test::IdPrefix { prefix } => Some(resource.id.as_ref()?.starts_with(prefix.as_str())),
        Test::Workspace { workspace } => Some(resource.workspace? == *workspace),
    }
}

fn same_type(a: &Value, b: &Value) -> bool {
    a.kind() == b.kind()
}

/// Whether it is allowed.
pub fn allowed(world: &World) -> bool {
    if !world.registered || (world.permission.is_platform() && !world.platform) {
        return false;
    }
    let mut some_allows = false;
    for assignment in &world.assignments {
        let Some(said) = said(world, assignment.role) else { return false };
        let begun = assignment.from.is_none_or(|from| world.now >= from);
        let ended = assignment.until.is_some_and(|until| world.now >= until);
        let here = assignment.workspace.is_none() || assignment.workspace == world.resource.workspace;
        if !begun || ended || !here {
            continue;
        }
        for grant in said.iter().filter(|grant| grant.permission == world.permission) {
            match (grant.effect, holds(world, &grant.when)) {
                (Effect::Deny, Some(true) | None) => return false,
                (Effect::Allow, Some(true)) => some_allows = true,
                (Effect::Deny, Some(false)) | (Effect::Allow, Some(false) | None) => {}
            }
        }
    }
    some_allows
}
