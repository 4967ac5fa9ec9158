//! Duties that exclude each other (separation of duties: NIST RBAC, static): who could do both of two things.
//!
//! What counts is what could be allowed at all, at one time and in one place: with or without a condition, from now on.
//! A line that denies without a condition takes its permission away where and for as long as it counts, as it does when
//! [`decide`](crate::decision::decide) is asked; one with a condition may not count just then. A place is the organization,
//! where what is held organization-wide counts, or a workspace, where that counts together with what is held there. What
//! the console does is in no workspace.

use crate::{
    access::{Subject, role_id},
    catalogue::is_console,
    decision::Holder,
    graph::RoleGraph,
    reach::Reach,
};
use bulkhead_model::{
    RoleId, WorkspaceId,
    access::{Assignment, Effect, PermissionName},
    duty::DutyPair,
    user::Role,
};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// Whether somebody could do both of two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sides {
    /// They could not.
    Apart,
    /// They could, and so could every admin: an admin arranges who may do what, so nothing keeps two duties apart for one.
    Admin,
    /// They could.
    Both,
}

impl Sides {
    /// Whether the rule about the two is broken by it.
    #[must_use]
    pub const fn breaks(self) -> bool {
        matches!(self, Self::Both)
    }
}

/// What a change of the count of lines that apply is about.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// When; from the beginning on without one.
    at: Option<OffsetDateTime>,
    /// Which of the two.
    side: usize,
    effect: Effect,
    /// One more, or one less.
    by: i32,
}

/// How many lines apply to one of the two.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    allow: i32,
    deny: i32,
}

impl RoleGraph {
    /// Whether a role by itself would let whoever holds it do both.
    #[must_use]
    pub fn allows_both(&self, role: RoleId, pair: &DutyPair) -> bool {
        [pair.first(), pair.second()].iter().all(|permission| self.reach(role, permission) != Reach::Never)
    }
}

impl Subject {
    /// Whether they could do both, from now on.
    #[must_use]
    pub fn sides(&self, pair: &DutyPair) -> Sides {
        let (holder, now) = (self.holder(), self.moment().now);
        let exists = |permission: &PermissionName| self.exists(permission);
        match holds_both(self.roles(), &holder, pair, exists, now) {
            false => Sides::Apart,
            true if is_admin(&holder) => Sides::Admin,
            true => Sides::Both,
        }
    }
}

/// Whether somebody has the built-in role Admin itself. A role that inherits from it is the organization's own, as any other.
fn is_admin(holder: &Holder<'_>) -> bool {
    holder.assignments.iter().any(|held| held.role == role_id(Role::Admin))
}

/// Whether somebody could do both of two things from `now` on. What does not exist is done by nobody.
#[must_use]
pub fn holds_both(
    graph: &RoleGraph,
    holder: &Holder<'_>,
    pair: &DutyPair,
    exists: impl Fn(&PermissionName) -> bool,
    now: OffsetDateTime,
) -> bool {
    let sides = [pair.first(), pair.second()];
    let possible = |permission: &PermissionName| exists(permission) && (holder.platform || !permission.is_platform());
    // What an unknown role would have denied is not known, so nothing is allowed.
    if !sides.iter().all(|side| possible(side)) || holder.assignments.iter().any(|held| !graph.knows(held.role)) {
        return false;
    }
    let workspaces: BTreeSet<WorkspaceId> = holder.assignments.iter().filter_map(|held| held.workspace).collect();
    let mut places = std::iter::once(None).chain(workspaces.into_iter().map(Some));
    places.any(|place| together(turns(graph, holder, sides, place, now)))
}

/// When which lines begin and cease to apply in a place.
fn turns(
    graph: &RoleGraph,
    holder: &Holder<'_>,
    sides: [&PermissionName; 2],
    place: Option<WorkspaceId>,
    now: OffsetDateTime,
) -> Vec<Turn> {
    let mut turns = Vec::new();
    let in_workspaces = sides.map(|permission| !is_console(&permission.resource));
    let comes =
        |held: &&Assignment| held.until.is_none_or(|until| until > now && held.from.is_none_or(|from| from < until));
    for held in holder.assignments.iter().filter(comes) {
        for (side, permission) in sides.into_iter().enumerate() {
            let there = held.workspace.is_none() || (held.workspace == place && in_workspaces[side]);
            if !there {
                continue;
            }
            for line in graph.says(held.role, permission) {
                if line.effect == Effect::Deny && !line.when.any.is_empty() {
                    continue;
                }
                let effect = line.effect;
                turns.push(Turn { at: held.from.filter(|from| *from > now), side, effect, by: 1 });
                if held.until.is_some() {
                    turns.push(Turn { at: held.until, side, effect, by: -1 });
                }
            }
        }
    }
    turns
}

/// Whether at any time both are allowed and neither is denied. What happens at one moment happens together: an end is not
/// included, so who takes over as somebody else leaves holds nothing together with them.
fn together(mut turns: Vec<Turn>) -> bool {
    // None, the beginning, comes before every moment.
    turns.sort_by_key(|turn| turn.at);
    let mut counts = [Count::default(); 2];
    turns.chunk_by(|one, other| one.at == other.at).any(|at_once| {
        for turn in at_once {
            let count = &mut counts[turn.side];
            match turn.effect {
                Effect::Allow => count.allow += turn.by,
                Effect::Deny => count.deny += turn.by,
            }
        }
        counts.iter().all(|count| count.allow > 0 && count.deny == 0)
    })
}
