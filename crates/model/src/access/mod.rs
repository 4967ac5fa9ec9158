//! What roles say: permissions by name, grants, conditions, and the roles that hold them.
//!
//! `bulkhead_authz` decides by these; here is only what they are, how they are written, and how they read as sentences.
//! Limits are checked where text becomes a value, so that whatever has one of these types can be decided on.

mod address;
mod condition;
mod decision;
mod name;
mod outcome;
mod resource;
mod role;
mod stored;
mod value;

pub use address::AddressRange;
pub use condition::{AllOf, Comparison, Condition, DailyHours, Test, Weekdays};
pub use decision::{DecidedAbout, DecidedBy, DecisionFilter, DecisionOutcome, RecordedDecision};
pub use name::{ActionName, AttributeName, NameError, PermissionName, ResourceType};
pub use outcome::{LeftOut, Prospect};
pub use resource::{
    AttributeKind, RegisteredAction, RegisteredAttribute, Resource, ResourceSchema, StoredResourceType,
};
pub use role::{Assignment, Effect, Grant, PlacedRole, RoleDefinition};
pub use stored::{Assigned, InWorkspace, RoleVersion, StoredRole};
pub use value::Value;
