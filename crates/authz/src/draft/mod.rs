//! A role while it is typed: the editor's fields, the role that they say, and what it comes to.
//!
//! The server draws the editor's page with it and reads what is sent; in the browser the same functions follow the typing.
//! So what is shown before saving cannot differ from what is said on review. Authority is nowhere here: whether something
//! may be saved is asked behind the organization's lock.

mod conditions;
mod form;
mod moment;
mod picture;
mod place;
mod row;
mod trial;
mod wire;

pub use conditions::{About, Fields, Group, Kinds, MOST_GROUPS};
pub use form::{Choice, Line, RoleForm, Step, kept};
pub use moment::is_moment;
pub use picture::{Counts, Inherited, Picture, RowPicture, Show, State, Tried};
pub use row::{MOST_ROWS, Row, value_written};
pub use trial::{Owner, Supposed, Trial};

use crate::truth::Clocks;
use bulkhead_model::{
    RoleId,
    access::{Grant, PermissionName, ResourceType, RoleDefinition},
    workspace::Places,
};

/// A permission that the role can say something about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Which.
    pub name: PermissionName,
    /// Whether whoever newly allows it says why.
    pub dangerous: bool,
}

/// What there is besides what is typed. Nothing that the page does not show to whoever types.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The role's id; any that is free for a new one.
    pub role: RoleId,
    /// Whether it is in the platform organization.
    pub platform: bool,
    /// Every other role.
    pub others: Vec<RoleDefinition>,
    /// What the role says itself as it is saved.
    pub saved: Vec<Grant>,
    /// Every permission that exists there, in the order it is shown.
    pub topics: Vec<Topic>,
    /// The resource types of services, with what conditions can compare of them. What the console's own permissions are
    /// about has nothing that could be compared.
    pub kinds: Vec<(ResourceType, Kinds)>,
    /// What workspaces are called.
    pub places: Places,
}

/// What stands under a key. These lists are short, and what would search them faster is kilobytes for the browser.
pub fn find<'a, K: PartialEq, V>(list: &'a [(K, V)], key: &K) -> Option<&'a V> {
    list.iter().find(|(of, _)| of == key).map(|(_, value)| value)
}

impl Scene {
    /// What reading a condition of a permission needs to know.
    #[must_use]
    pub fn about<'a>(&'a self, permission: &'a PermissionName, clocks: &'a dyn Clocks) -> About<'a> {
        About { permission, kinds: find(&self.kinds, &permission.resource), places: &self.places, clocks }
    }
}
