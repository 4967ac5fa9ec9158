//! Organizations: what one is, which states it has, how a list of them is asked for.

use crate::id::OrgId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A closed set of words stored as text with a CHECK: its code, its label, and back.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)* }
        impl $name {
            /// Every one, in the order people expect.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            /// The stored and API form.
            pub const fn code(self) -> &'static str { match self { $($name::$variant => $code,)* } }
            /// The word people read.
            pub const fn label(self) -> &'static str { match self { $($name::$variant => $label,)* } }
            /// Reads the stored form; unknown words are nothing, never a default.
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some($name::$variant),)* _ => None } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.code()) }
        }
    };
}
pub(crate) use words;

words! {
    /// Customers, and the one organization whose users are the operators.
    OrgKind { Customer = "customer", "Customer"; Platform = "platform", "Platform"; }
}

words! {
    /// Where an organization is in its life.
    OrgStatus {
        /// Being set up; nobody can sign in yet.
        Provisioning = "provisioning", "Provisioning";
        /// In use.
        Active = "active", "Active";
        /// Held by an operator: nobody signs in, data kept.
        Suspended = "suspended", "Suspended";
        /// Will be deleted at `delete_after` unless restored.
        PendingDeletion = "pending_deletion", "Pending deletion";
        /// Gone; the row stays so that the audit log has something to point to.
        Deleted = "deleted", "Deleted";
    }
}

/// One organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    /// Its id.
    pub id: OrgId,
    /// Its name in URLs.
    pub slug: String,
    /// Its display name.
    pub name: String,
    /// Customer or platform.
    pub kind: OrgKind,
    /// Its state.
    pub status: OrgStatus,
    /// Why it is suspended or pending deletion, in the operator's words.
    pub status_reason: Option<String>,
    /// The plan's id.
    pub plan: String,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was suspended, if it is.
    #[serde(with = "time::serde::rfc3339::option")]
    pub suspended_at: Option<OffsetDateTime>,
    /// When a pending deletion becomes final.
    #[serde(with = "time::serde::rfc3339::option")]
    pub delete_after: Option<OffsetDateTime>,
    /// Grows with each change; the ETag.
    pub version: i32,
}

/// An organization in the operators' list, with what they look for first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgSummary {
    /// The organization.
    #[serde(flatten)]
    pub org: Org,
    /// Users that are not removed.
    pub users: i64,
    /// The latest sign of life of any of its users.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_activity: Option<OffsetDateTime>,
}

/// What suspending or deprovisioning will do, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgImpact {
    /// Users that can sign in now.
    pub active_users: i64,
    /// Invitations still open.
    pub invited_users: i64,
    /// Sessions that end at once.
    pub live_sessions: i64,
}

/// A plan an organization can be on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its id, as in [`Org::plan`].
    pub id: String,
    /// Its name.
    pub name: String,
}

words! {
    /// Orders of the organization list.
    OrgSort { Name = "name", "Name"; Created = "created", "Created"; Users = "users", "Users"; }
}

/// Which organizations, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgFilter {
    /// Matches the beginning of a word of the name, or of the short name.
    pub search: String,
    /// Any of these; empty: all but deleted.
    pub status: Vec<OrgStatus>,
    /// Any of these plans; empty: all.
    pub plan: Vec<String>,
    /// The order.
    pub sort: OrgSort,
    /// Reverse the order's natural direction.
    pub descending: bool,
}

impl Default for OrgFilter {
    fn default() -> Self {
        Self { search: String::new(), status: vec![], plan: vec![], sort: OrgSort::Name, descending: false }
    }
}

words! {
    /// The steps that make an organization, in order; each is idempotent and can be tried again.
    ProvisioningStep {
        Settings = "settings", "Check the plan's settings";
        FirstAdmin = "first_admin", "Create the first admin";
        Isolation = "isolation", "Check isolation from outside and inside";
        Activation = "activation", "Activate the organization";
        Invitation = "invitation", "Send the invitation";
    }
}

words! {
    /// How far a step is.
    StepStatus { Waiting = "waiting", "Waiting"; Failed = "failed", "Failed"; Done = "done", "Done"; }
}

/// One step of provisioning and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisioningState {
    /// Which step.
    pub step: ProvisioningStep,
    /// How far.
    pub status: StepStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// What it found or why it failed, in a sentence.
    pub detail: Option<String>,
    /// When it was done.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
}
