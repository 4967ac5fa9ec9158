//! Workspaces: parts of an organization, and who is in them.

use crate::{UserId, WorkspaceId, access::Assigned, org::words};
use time::OffsetDateTime;

words! {
    /// Whether roles in a workspace count.
    WorkspaceStatus {
        /// They do.
        Active = "active", "Active";
        /// They are kept and do not count, until it is brought back.
        Archived = "archived", "Archived";
    }
}

/// One workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether roles in it count.
    pub status: WorkspaceStatus,
    /// How many are in it; removed users left out.
    pub members: i64,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was changed last; its members are not part of it.
    pub updated_at: OffsetDateTime,
    /// Counts the times it was changed.
    pub version: i32,
}

/// What an organization's workspaces are called, as far as whoever reads may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// They may not.
    Hidden,
    /// All of them, in the order they are listed.
    Known(Vec<(WorkspaceId, String)>),
}

impl Places {
    /// What one is called, where that is known.
    #[must_use]
    pub fn name(&self, id: WorkspaceId) -> Option<&str> {
        self.all().iter().find(|(of, _)| *of == id).map(|(_, name)| name.as_str())
    }

    /// All that may be seen.
    #[must_use]
    pub fn all(&self) -> &[(WorkspaceId, String)] {
        match self {
            Self::Hidden => &[],
            Self::Known(places) => places,
        }
    }

    /// The place of a thing, as the end of a sentence. An id says nothing to a person, and a name that may not be seen is
    /// not said.
    #[must_use]
    pub fn told(&self, id: WorkspaceId) -> String {
        match (self, self.name(id)) {
            (_, Some(name)) => format!("it is in the workspace “{name}”"),
            (Self::Hidden, None) => "it is in a workspace that you may not see".to_owned(),
            (Self::Known(_), None) => "it is in a workspace that does not exist".to_owned(),
        }
    }
}

/// That somebody is in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// Their name; empty for somebody who gave none.
    pub name: String,
    /// Since when.
    pub added_at: OffsetDateTime,
    /// Who added them: an address.
    pub added_by: String,
    /// The roles they hold there.
    pub roles: Vec<Assigned>,
}

impl Member {
    /// The name, or the address of somebody who gave none.
    #[must_use]
    pub fn display(&self) -> &str {
        if self.name.is_empty() { &self.email } else { &self.name }
    }
}
