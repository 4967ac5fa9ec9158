//! Duties that Acme keeps apart: who makes backups does not delete them. One person held both when that was noticed.

use super::{
    cast::Company,
    dice::Dice,
    log::{Doer, Log, Target},
};
use crate::{access::names, duties::duties_text};
use bulkhead_db::demo::{Demo, DemoDutyConflict};
use bulkhead_model::{
    DutyConflictId,
    access::{Condition, Effect, Grant},
    audit::{Action, TargetKind},
    duty::{DutyPair, DutyRule},
};
use time::{Duration, OffsetDateTime};

/// Registered with the first migration of resource types.
const CREATE: &str = "backups:create";
const DELETE: &str = "backups:delete";
const READ: &str = "backups:read";

const NAME: &str = "Backups";
const WHY: &str = "Who makes backups does not delete them, so that no one person can make data disappear for good.";

/// The lines of a role. The names are constants; a test reads them.
fn allow(permissions: [&str; 2]) -> Vec<Grant> {
    let line = |name: &str| {
        let permission = name.parse().ok()?;
        Some(Grant { permission, effect: Effect::Allow, when: Condition::default() })
    };
    permissions.into_iter().filter_map(line).collect()
}

pub(super) fn operates_backups() -> Vec<Grant> {
    allow([CREATE, READ])
}

pub(super) fn deletes_backups() -> Vec<Grant> {
    allow([DELETE, READ])
}

fn pair() -> Option<DutyPair> {
    DutyPair::new(CREATE.parse().ok()?, DELETE.parse().ok()?)
}

/// Names them, and writes that into the history.
pub(super) fn of_acme(dice: &mut Dice, acme: &Company, now: OffsetDateTime, demo: &mut Demo) {
    let Some(pair) = pair() else { return };
    let admin = &acme.people[0];
    let mut log = Log::new(dice, acme.org.id);
    let id: DutyConflictId = log.dice.id();
    let at = now - Duration::days(6) - log.dice.minutes(1..600);
    let target = Target(TargetKind::DutyConflict, id.to_string(), NAME.to_owned());
    log.add(at, &Doer::person(admin), Action::DutyConflictCreated, target)
        .after("duties", duties_text(&pair))
        .after("why", WHY)
        .after("rule", DutyRule::Ask);
    demo.duty_conflicts.push(DemoDutyConflict {
        org_id: acme.org.id,
        id,
        name: NAME.to_owned(),
        name_key: names::key(NAME),
        first: pair.first().to_string(),
        second: pair.second().to_string(),
        why: WHY.to_owned(),
        updated_at: at,
        updated_by: admin.user.email.clone(),
    });
    demo.events.extend(log.events);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_apart_is_what_the_roles_allow() {
        let names = |grants: Vec<Grant>| grants.iter().map(|grant| grant.permission.to_string()).collect::<Vec<_>>();
        assert_eq!(names(operates_backups()), [CREATE, READ]);
        assert_eq!(names(deletes_backups()), [DELETE, READ]);
        assert_eq!(pair().as_ref().map(duties_text).as_deref(), Some("backups:create and backups:delete"));
    }
}
