//! Roles, and what they grant and deny.

use super::{Condition, PermissionName};
use crate::{
    id::{RoleId, WorkspaceId},
    org::words,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

words! {
    /// What a grant does where it counts. Of several, denying wins.
    Effect {
        Allow = "allow", "allows";
        Deny = "deny", "denies";
    }
}

/// One line of a role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// What it is about.
    pub permission: PermissionName,
    /// Allowing or denying.
    pub effect: Effect,
    /// When.
    #[serde(default)]
    pub when: Condition,
}

/// What a role says, without who holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDefinition {
    /// Its id.
    pub id: RoleId,
    /// What people call it.
    pub name: String,
    /// The roles whose grants it has as well, and theirs.
    #[serde(default)]
    pub inherits: Vec<RoleId>,
    /// Its own.
    #[serde(default)]
    pub grants: Vec<Grant>,
}

/// A role, and where it counts: a role on its own counts in the whole organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlacedRole {
    /// Which.
    pub role: RoleId,
    /// The workspace it counts in; everywhere in the organization without one.
    pub workspace: Option<WorkspaceId>,
}

impl From<RoleId> for PlacedRole {
    fn from(role: RoleId) -> Self {
        Self { role, workspace: None }
    }
}

/// That a role counts for somebody: where, and from when until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Which.
    pub role: RoleId,
    /// The workspace it counts in; everywhere in the organization without one.
    #[serde(default)]
    pub workspace: Option<WorkspaceId>,
    /// From when on.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub from: Option<OffsetDateTime>,
    /// Until when, not included.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub until: Option<OffsetDateTime>,
}
