//! Users: roles, statuses, and how a list of them is asked for.

use crate::{id::UserId, org::words};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

words! {
    /// The built-in roles, strongest first.
    Role {
        /// Everything in the organization.
        Admin = "admin", "Admin";
        /// Users and the audit log, but not settings and not admins.
        Manager = "manager", "Manager";
        /// Ordinary use; sees who else is there.
        User = "user", "User";
        /// Reads only.
        Viewer = "viewer", "Viewer";
    }
}

words! {
    /// Where a user is in their life.
    UserStatus {
        Invited = "invited", "Invited";
        Active = "active", "Active";
        Suspended = "suspended", "Suspended";
        Removed = "removed", "Removed";
    }
}

/// One user of one organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The address as they wrote it.
    pub email: String,
    /// What they want to be called; may be empty.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Their state.
    pub status: UserStatus,
    /// When they were invited or created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Their latest request, to the minute.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_seen_at: Option<OffsetDateTime>,
    /// Grows with each change; the ETag.
    pub version: i32,
}

impl User {
    /// The name, or the address of someone who gave none.
    pub fn display(&self) -> &str {
        if self.name.is_empty() { &self.email } else { &self.name }
    }
}

words! {
    /// Orders of the user list.
    UserSort { Name = "name", "Name"; LastSeen = "last_seen", "Last seen"; Created = "created", "Created"; }
}

/// Which users, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFilter {
    /// Matches the beginning of the name or of the address.
    pub search: String,
    /// Any of these; empty: all but removed.
    pub status: Vec<UserStatus>,
    /// Any of these; empty: all.
    pub role: Vec<Role>,
    /// The order.
    pub sort: UserSort,
    /// Reverse the order's natural direction (names ascending, dates newest first).
    pub descending: bool,
}

impl Default for UserFilter {
    fn default() -> Self {
        Self { search: String::new(), status: vec![], role: vec![], sort: UserSort::Name, descending: false }
    }
}

/// What became of one line of an invitation form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteOutcome {
    /// The line as typed.
    pub line: String,
    /// The new user, or why there is none.
    pub result: Result<UserId, String>,
}
