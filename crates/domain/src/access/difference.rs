//! What people could newly do, or not do any more, when a role is given to them or taken from them.

use super::{
    rights::{Rights, moment, of_standing},
    rules::Terms,
};
use crate::Ctx;
use bulkhead_authz::access::Roles;
use bulkhead_db::access::Person;
use bulkhead_model::{access::PermissionName, org::OrgKind};
use std::{collections::HashSet, sync::Arc};

/// What people could newly do, or not do any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub permission: PermissionName,
    /// Whether giving it takes a reason.
    pub dangerous: bool,
    /// How many may do it more than before, by all that they hold.
    pub gain: usize,
    /// How many may do it less.
    pub lose: usize,
}

/// What changes for these people, computed by the function that decides, with all that they hold taken into account.
pub(super) fn of_people<'a>(
    ctx: &Ctx,
    rights: &Rights,
    terms: &Terms,
    people: impl Iterator<Item = &'a Person>,
) -> Vec<Difference> {
    let roles: &Arc<Roles> = rights.roles();
    let role = terms.placed.role;
    let said: HashSet<&PermissionName> = roles.allowed(role).into_iter().chain(roles.denied(role)).collect();
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    let mut effects: Vec<Difference> = roles
        .catalogue()
        .existing(platform)
        .filter(|entry| said.contains(&entry.name))
        .map(|entry| Difference { permission: entry.name.clone(), dangerous: entry.needs_reason, gain: 0, lose: 0 })
        .collect();
    let at = moment(terms.now, None);
    for person in people {
        let mut standing = person.standing.clone();
        let before = of_standing(person.id, &standing, roles, at.clone());
        standing.assignments = terms.applied(&standing.assignments);
        let after = of_standing(person.id, &standing, roles, at.clone());
        for effect in &mut effects {
            let (was, will) = (before.reach(&effect.permission), after.reach(&effect.permission));
            effect.gain += usize::from(will > was);
            effect.lose += usize::from(will < was);
        }
    }
    effects.retain(|effect| effect.gain + effect.lose > 0);
    effects.sort_by_key(|effect| !(effect.dangerous && effect.gain > 0));
    effects
}
