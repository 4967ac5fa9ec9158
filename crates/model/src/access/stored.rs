//! Roles as they are kept: with who changed them last, what they were, and who holds them.

use super::{PlacedRole, RoleDefinition};
use crate::{RoleId, UserId, WorkspaceId, workspace::WorkspaceStatus};
use time::OffsetDateTime;

/// A role of an organization's own.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRole {
    /// What it says.
    pub definition: RoleDefinition,
    /// What it is for.
    pub description: String,
    /// When it was saved last.
    pub updated_at: OffsetDateTime,
    /// By whom: an address.
    pub updated_by: String,
    /// Counts the times it was saved.
    pub version: i32,
    /// Users who hold it themselves, now or later; not those who hold a role that inherits from it.
    pub holders: i64,
}

/// A state that a role was saved in.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleVersion {
    /// Which: 1 is the first.
    pub version: i32,
    /// What it said.
    pub definition: RoleDefinition,
    /// What it was for.
    pub description: String,
    /// Why it was saved, where somebody said so.
    pub reason: String,
    /// When.
    pub saved_at: OffsetDateTime,
    /// By whom: an address.
    pub saved_by: String,
}

/// That somebody holds a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub user_email: String,
    /// Their name; empty for somebody who gave none.
    pub user_name: String,
    /// Which role.
    pub role: RoleId,
    /// What it is called.
    pub role_name: String,
    /// The workspace it counts in; everywhere in the organization without one.
    pub workspace: Option<InWorkspace>,
    /// From when on; at once where none is given.
    pub from: Option<OffsetDateTime>,
    /// Until when, not included; without end where none is given.
    pub until: Option<OffsetDateTime>,
    /// When it was given.
    pub assigned_at: OffsetDateTime,
    /// By whom: an address.
    pub assigned_by: String,
}

impl Assigned {
    /// The role, and where it counts.
    #[must_use]
    pub fn placed(&self) -> PlacedRole {
        PlacedRole { role: self.role, workspace: self.workspace.as_ref().map(|workspace| workspace.id) }
    }

    /// Whether it counts, now or later: it is not over, and not in an archived workspace.
    #[must_use]
    pub fn counts(&self, now: OffsetDateTime) -> bool {
        let archived = self.workspace.as_ref().is_some_and(|it| it.status == WorkspaceStatus::Archived);
        !archived && !self.is_over(now)
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// The workspace that a role counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InWorkspace {
    /// Which.
    pub id: WorkspaceId,
    /// What it is called.
    pub name: String,
    /// Roles in an archived one do not count.
    pub status: WorkspaceStatus,
}
