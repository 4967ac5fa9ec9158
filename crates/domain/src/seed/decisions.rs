//! What a service of Acme's asked: the support desk restores backups of staging, and tried it on production as well. Whoever
//! edits the role sees what a change would have meant for that.

use super::{cast::Company, dice::Dice, roles::SUPPORT_DESK};
use bulkhead_authz::decision::ReasonCode;
use bulkhead_db::demo::{Demo, DemoDecision};
use bulkhead_model::access::{
    AllOf, AttributeName, Comparison, Condition, Effect, Grant, NameError, Resource, Test, Value,
};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// The permission, which is registered with the first migration of resource types.
const RESTORE: &str = "backups:execute";
const STAGING: &str = "staging";
const PRODUCTION: &str = "production";

/// The line of the role. The names are constants; a test reads them.
pub(super) fn restores_of_staging() -> Option<Grant> {
    let grant = || -> Result<Grant, NameError> {
        let values = vec![Value::Text(STAGING.to_owned())];
        let test = Test::Attribute { name: environment()?, is: Comparison::Equals, values };
        let when = Condition { any: vec![AllOf { tests: vec![test] }] };
        Ok(Grant { permission: RESTORE.parse()?, effect: Effect::Allow, when })
    };
    grant().ok()
}

fn environment() -> Result<AttributeName, NameError> {
    "environment".parse()
}

/// What was asked about the people of the support desk, in the last weeks.
pub(super) fn of_acme(dice: &mut Dice, acme: &Company, now: OffsetDateTime, demo: &mut Demo) {
    let Some(role) = demo.roles.iter().find(|role| role.definition.name == SUPPORT_DESK) else { return };
    let restores = role.definition.grants.iter().position(|grant| grant.permission.to_string() == RESTORE);
    let (Some(line), role) = (restores, role.definition.id) else { return };
    let Ok(environment) = environment() else { return };
    let given: Vec<_> = demo.assignments.iter().filter(|held| held.role_id == role).collect();
    for held in given {
        for question in 0..dice.within(3..7) {
            let at = (now - Duration::hours(1) - dice.minutes(0..27 * 24 * 60)).max(held.assigned_at);
            let (place, reason, weight) = match question % 3 {
                0 => (PRODUCTION, ReasonCode::ConditionFalse, 1),
                _ => (STAGING, ReasonCode::Granted, 20),
            };
            let attributes = BTreeMap::from([(environment.clone(), Value::Text(place.to_owned()))]);
            demo.decisions.push(DemoDecision {
                org_id: acme.org.id,
                id: dice.id(),
                decided_at: at,
                user_id: held.user_id,
                permission: RESTORE.to_owned(),
                reason: reason.code(),
                weight,
                role_id: role,
                assigned_role_id: role,
                line,
                resource: Resource {
                    id: Some(format!("{place}-{}", 100 + question)),
                    attributes,
                    ..Resource::default()
                },
                asked_by: acme.people[0].user.email.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_support_desk_restores_staging() {
        let line = restores_of_staging().map(|grant| format!("{} {}", grant.permission, grant.when));
        assert_eq!(line.as_deref(), Some("backups:execute when its environment is “staging”"));
    }
}
