//! Resource types of the services behind this control plane: what can be done to them, and what is known about one.

use super::{ActionName, AttributeName, PermissionName, ResourceType, Value};
use crate::{UserId, WorkspaceId, org::words, user::Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

words! {
    /// What sort of value an attribute has.
    AttributeKind {
        Text = "text", "text";
        Number = "number", "a number";
        Boolean = "boolean", "yes or no";
        Time = "time", "a point in time";
    }
}

impl AttributeKind {
    /// Whether a value is of this kind.
    #[must_use]
    pub fn fits(self, value: &Value) -> bool {
        value.kind() == self.code()
    }
}

/// What can be done to resources of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredAction {
    /// `delete`.
    pub name: ActionName,
    /// What it lets a person do, as the end of "You cannot …": `delete invoices`.
    pub sentence: String,
    /// The built-in roles that allow it, beside Admin, which allows everything.
    #[serde(default)]
    pub held_by: Vec<Role>,
    /// Whether whoever newly allows it says why.
    #[serde(default)]
    pub needs_reason: bool,
}

/// What conditions can compare of resources of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredAttribute {
    /// `amount`.
    pub name: AttributeName,
    /// What sort of value it has.
    pub kind: AttributeKind,
    /// What it says about a resource.
    #[serde(default)]
    pub description: String,
}

/// A resource type with all that is registered about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceSchema {
    /// `invoices`.
    pub name: ResourceType,
    /// What people call it: `Invoices`.
    pub label: String,
    /// What it is.
    pub description: String,
    /// What can be done, in the order it is shown.
    pub actions: Vec<RegisteredAction>,
    /// What is known about one.
    pub attributes: Vec<RegisteredAttribute>,
}

impl ResourceSchema {
    /// Its permissions, one for each action.
    pub fn permissions(&self) -> impl Iterator<Item = PermissionName> {
        let named =
            |action: &RegisteredAction| PermissionName { resource: self.name.clone(), action: action.name.clone() };
        self.actions.iter().map(named)
    }
}

/// A registered resource type as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResourceType {
    /// What is registered.
    pub schema: ResourceSchema,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it was changed last.
    pub updated_at: OffsetDateTime,
    /// By whom: an address.
    pub updated_by: String,
    /// Counts the times it was saved.
    pub version: i32,
}

/// What is asked about. A question about a whole type has no id, owner or attributes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resource {
    /// Its id, as its service writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The workspace it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// What else is known about it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<AttributeName, Value>,
}
