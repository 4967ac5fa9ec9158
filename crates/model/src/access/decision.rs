//! Decisions as they are recorded: what was asked for, what came out, and by which line.

use super::Resource;
use crate::{
    id::{DecisionId, RoleId, UserId, WorkspaceId},
    org::words,
};
use std::net::IpAddr;
use time::OffsetDateTime;

/// The line that decided, and by which of the held roles it counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecidedBy {
    /// The role they held.
    pub assigned: RoleId,
    /// Where they held it; in the whole organization without a workspace.
    pub workspace: Option<WorkspaceId>,
    /// The role that says it: that one, or one that it inherits from.
    pub origin: RoleId,
    /// Its place among the lines of the origin, from 0.
    pub line: usize,
}

/// Somebody a decision is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedAbout {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their name; empty where none is known.
    pub name: String,
}

impl DecidedAbout {
    /// What to call them: their name, or their address.
    #[must_use]
    pub fn display(&self) -> &str {
        if self.name.is_empty() { &self.email } else { &self.name }
    }
}

/// A decision that a service asked for, as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedDecision {
    /// Its id: the service has it from the answer.
    pub id: DecisionId,
    /// When it was made.
    pub at: OffsetDateTime,
    /// About whom; nobody where the organization has no such user.
    pub about: Option<DecidedAbout>,
    /// What was asked for, as it was written.
    pub permission: String,
    /// A reason code; only `granted` allows.
    pub reason: String,
    /// How many decisions like it the row stands for.
    pub weight: i32,
    /// The role that says the line which decided, where one did.
    pub role: Option<RoleId>,
    /// All of that line's way; not of decisions that are older than it was recorded.
    pub decided_by: Option<DecidedBy>,
    /// The number of the roles that it was decided by.
    pub roles_version: Option<i64>,
    /// Where the person was, as far as the service knew.
    pub address: Option<IpAddr>,
    /// What was asked about.
    pub resource: Resource,
    /// Whose credential asked: an address.
    pub asked_by: String,
}

words! {
    /// What came out of a decision.
    DecisionOutcome {
        Allowed = "allowed", "Allowed";
        Denied = "denied", "Denied";
    }
}

/// Which recorded decisions. Always newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    /// The beginning of the person's address, or their id.
    pub person: String,
    /// Exactly this permission, as it was written.
    pub permission: String,
    /// Either outcome; none: both.
    pub outcome: Option<DecisionOutcome>,
    /// Any of these reason codes; empty: all.
    pub reason: Vec<String>,
    /// Not before this moment.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
}
