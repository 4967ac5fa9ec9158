//! How far a role or somebody reaches under all circumstances together: for overviews and previews, where there is no
//! request to decide about. Deciding is [`crate::decision`]'s; tests hold the two against each other.

use crate::{decision::Holder, graph::RoleGraph};
use bulkhead_model::{
    RoleId,
    access::{Effect, PermissionName},
};
use time::OffsetDateTime;

/// How far something is allowed, whatever the circumstances of a single request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Under no circumstances.
    Never,
    /// Under a condition, for a time, or in a workspace.
    Sometimes,
    /// Under all circumstances, without an end.
    Always,
}

impl Reach {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Never, Self::Sometimes, Self::Always];

    /// As the API writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Sometimes => "sometimes",
            Self::Always => "always",
        }
    }
}

/// What the lines looked at so far come to.
#[derive(Default)]
struct Sum {
    allows: bool,
    always_allows: bool,
    denies: bool,
    always_denies: bool,
}

impl Sum {
    fn add(&mut self, effect: Effect, always: bool) {
        match effect {
            Effect::Allow => {
                self.allows = true;
                self.always_allows |= always;
            }
            Effect::Deny => {
                self.denies = true;
                self.always_denies |= always;
            }
        }
    }

    const fn reach(&self) -> Reach {
        match (self.allows && !self.always_denies, self.always_allows && !self.denies) {
            (false, _) => Reach::Never,
            (true, true) => Reach::Always,
            (true, false) => Reach::Sometimes,
        }
    }
}

impl RoleGraph {
    /// How far a role reaches by itself: what somebody could do who held nothing else.
    #[must_use]
    pub fn reach(&self, role: RoleId, permission: &PermissionName) -> Reach {
        let mut sum = Sum::default();
        for line in self.says(role, permission) {
            sum.add(line.effect, line.when.any.is_empty());
        }
        sum.reach()
    }
}

/// How far somebody may do something from `now` on. What is not `registered` is done by nobody.
#[must_use]
pub fn reach(
    graph: &RoleGraph,
    holder: &Holder<'_>,
    (permission, registered): (&PermissionName, bool),
    now: OffsetDateTime,
) -> Reach {
    let exists = registered && (holder.platform || !permission.is_platform());
    // What an unknown role would have denied is not known.
    if !exists || holder.assignments.iter().any(|assignment| !graph.knows(assignment.role)) {
        return Reach::Never;
    }
    let mut sum = Sum::default();
    for assignment in holder.assignments.iter().filter(|assignment| assignment.until.is_none_or(|until| until > now)) {
        let everywhere = assignment.workspace.is_none() && assignment.until.is_none();
        let counts = everywhere && assignment.from.is_none_or(|from| from <= now);
        for line in graph.says(assignment.role, permission) {
            sum.add(line.effect, counts && line.when.any.is_empty());
        }
    }
    sum.reach()
}
