//! Roles as they are kept: with who changed them last, what they were, and who holds them.

use super::RoleDefinition;
use crate::{RoleId, UserId};
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
    /// From when on; at once where none is given.
    pub from: Option<OffsetDateTime>,
    /// Until when, not included; without end where none is given.
    pub until: Option<OffsetDateTime>,
    /// When it was given.
    pub assigned_at: OffsetDateTime,
    /// By whom: an address.
    pub assigned_by: String,
}
