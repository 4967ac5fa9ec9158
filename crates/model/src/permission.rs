//! Permissions: `resource:action`, and which of them exist.
//!
//! A use case names its permission as a type (`ctx.read::<perm::UsersRead>()`), so forgetting one does not compile.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A permission as a type; implemented only by the markers in [`perm`].
pub trait Perm {
    /// The permission this marker stands for.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $sentence:literal;)*) => {
        /// Everything that can be allowed or denied.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Permission { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Permission {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Permission] = &[$(Permission::$name,)*];

            /// `resource:action`, as in the API, the audit log and the documentation.
            pub const fn as_str(self) -> &'static str {
                match self { $(Permission::$name => $text,)* }
            }

            /// What it lets a person do, as the end of "You cannot …".
            pub const fn sentence(self) -> &'static str {
                match self { $(Permission::$name => $sentence,)* }
            }
        }

        /// One type a permission, for signatures.
        pub mod perm {
            use super::{Perm, Permission};
            $(
                #[doc = concat!("`", $text, "`: ", $sentence, ".")]
                pub enum $name {}
                impl Perm for $name { const PERMISSION: Permission = Permission::$name; }
            )*
        }
    };
}

permissions! {
    /// Own profile, password and sessions.
    SelfManage = "self:manage", "manage your own account";
    /// The organization's name, status and plan.
    OrgRead = "org:read", "see the organization";
    /// Rename the organization.
    OrgUpdate = "org:update", "rename the organization";
    /// List and open users.
    UsersRead = "users:read", "see users";
    /// Invite users and resend invitations.
    UsersInvite = "users:invite", "invite users";
    /// Change names and roles.
    UsersUpdate = "users:update", "change users";
    /// Suspend, reactivate and remove users.
    UsersSuspend = "users:suspend", "suspend, reactivate or remove users";
    /// Read settings.
    SettingsRead = "settings:read", "see settings";
    /// Change settings.
    SettingsUpdate = "settings:update", "change settings";
    /// Read the organization's audit log.
    AuditRead = "audit:read", "read the audit log";
    /// See every organization.
    PlatformOrgsRead = "platform.orgs:read", "see organizations";
    /// Create, edit, suspend, reactivate, deprovision, restore.
    PlatformOrgsManage = "platform.orgs:manage", "create or change organizations";
    /// Read the audit log across organizations.
    PlatformAuditRead = "platform.audit:read", "read the audit log of all organizations";
    /// Open the isolation page.
    PlatformIsolationRead = "platform.isolation:read", "see the isolation report";
    /// Handle alerts, prove isolation, look at rows through the X-ray.
    PlatformIsolationManage = "platform.isolation:manage", "handle alerts and prove isolation";
}

impl Permission {
    /// Whether only users of the platform organization can hold it.
    pub const fn is_platform(self) -> bool {
        matches!(
            self,
            Self::PlatformOrgsRead
                | Self::PlatformOrgsManage
                | Self::PlatformAuditRead
                | Self::PlatformIsolationRead
                | Self::PlatformIsolationManage
        )
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
