//! The vocabulary of Bulkhead: what every layer, the browser included, may say.
//!
//! Nothing here does I/O and everything compiles to WebAssembly. A type is here when two layers
//! must agree on it: typed ids ([`id`]), checked text ([`text`]), text made safe to look at ([`visible`]), the nouns' data ([`org`], [`user`],
//! [`workspace`], [`duty`], [`session`], [`audit`], [`attempt`], [`setting`], [`isolation`]), permissions ([`permission`]), what roles say ([`access`]), form and API
//! errors ([`error`]) and keyset paging ([`page`]).
//!
//! # How to add a noun
//! 1. An id marker in [`id`], a file of its own for the noun's data and statuses.
//! 2. Its permissions in [`permission`] and its audit actions in [`audit`].
//! 3. Then follow `docs/adding-a-feature.md` upwards through the layers.

pub mod access;
pub mod attempt;
pub mod audit;
pub mod duty;
pub mod error;
pub mod id;
pub mod isolation;
pub mod org;
pub mod page;
pub mod permission;
pub mod session;
pub mod setting;
pub mod text;
pub mod user;
pub mod visible;
pub mod workspace;

pub use error::{ErrorId, FieldError, FieldErrors};
pub use id::{
    AlertId, AttemptId, AuditEventId, DataSourceId, DecisionId, DutyConflictId, Id, OrgId, PlanId, ProofId, RequestId,
    RoleId, SessionId, UserId, WorkspaceId,
};
pub use permission::{Perm, Permission, perm};
pub use text::{DutyConflictName, Email, OrgName, RoleName, Slug, UserName, WorkspaceName};
