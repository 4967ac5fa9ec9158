//! Permissions: `resource:action`, and which of them exist.
//!
//! A use case names its permission as a type (`ctx.read::<perm::UsersRead>()`), so forgetting one does not compile.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A permission as a type; implemented only by the markers in [`perm`].
pub trait Perm {
    /// The permission this marker stands for.
    const PERMISSION: Permission;
    /// Where it can be used: [`perm::Anywhere`] or [`perm::PlatformOnly`]. A context of an organization does not take the
    /// latter, so a page of the operators that is given a tenant's context does not compile.
    type Place: Place;
}

/// Where a permission can be used; implemented by [`perm::Anywhere`] and [`perm::PlatformOnly`] only.
pub trait Place {
    /// Whether only users of the platform organization can hold it.
    const IS_PLATFORM: bool;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $place:ident = $text:literal, $sentence:literal;)*) => {
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

            /// Whether only users of the platform organization can hold it.
            pub const fn is_platform(self) -> bool {
                match self { $(Permission::$name => <perm::$place as Place>::IS_PLATFORM,)* }
            }
        }

        /// One type a permission, for signatures.
        pub mod perm {
            use super::{Perm, Permission, Place};

            /// The place of a permission that users of any organization can hold, for their own.
            pub enum Anywhere {}
            impl Place for Anywhere { const IS_PLATFORM: bool = false; }

            /// The place of a permission that only operators can hold.
            pub enum PlatformOnly {}
            impl Place for PlatformOnly { const IS_PLATFORM: bool = true; }

            $(
                #[doc = concat!("`", $text, "`: ", $sentence, ".")]
                pub enum $name {}
                impl Perm for $name { const PERMISSION: Permission = Permission::$name; type Place = $place; }
            )*
        }
    };
}

permissions! {
    /// Own profile, password and sessions.
    SelfManage: Anywhere = "self:manage", "manage your own account";
    /// The organization's name, status and plan.
    OrgRead: Anywhere = "org:read", "see the organization";
    /// Rename the organization.
    OrgUpdate: Anywhere = "org:update", "rename the organization";
    /// List and open users.
    UsersRead: Anywhere = "users:read", "see users";
    /// Invite users and resend invitations.
    UsersInvite: Anywhere = "users:invite", "invite users";
    /// Change names and roles.
    UsersUpdate: Anywhere = "users:update", "change users";
    /// Suspend, reactivate and remove users.
    UsersSuspend: Anywhere = "users:suspend", "suspend, reactivate or remove users";
    /// List and open roles, and see who holds them.
    RolesRead: Anywhere = "roles:read", "see roles";
    /// Create, change and delete the organization's own roles.
    RolesManage: Anywhere = "roles:manage", "create, change or delete roles";
    /// List and open workspaces, and see who is in them.
    WorkspacesRead: Anywhere = "workspaces:read", "see workspaces and their members";
    /// Create, change, archive and bring back workspaces, and change their members.
    WorkspacesManage: Anywhere = "workspaces:manage", "change workspaces and their members";
    /// Have decisions made about anybody, and recorded.
    DecisionsEvaluate: Anywhere = "decisions:evaluate", "ask for decisions on behalf of a service";
    /// Read settings.
    SettingsRead: Anywhere = "settings:read", "see settings";
    /// Change settings.
    SettingsUpdate: Anywhere = "settings:update", "change settings";
    /// Read the organization's audit log.
    AuditRead: Anywhere = "audit:read", "read the audit log";
    /// See every organization.
    PlatformOrgsRead: PlatformOnly = "platform.orgs:read", "see organizations";
    /// Create, edit, suspend, reactivate, deprovision, restore.
    PlatformOrgsManage: PlatformOnly = "platform.orgs:manage", "create or change organizations";
    /// Register, change and remove resource types.
    PlatformTypesManage: PlatformOnly = "platform.resource_types:manage", "register or change resource types";
    /// Read the audit log across organizations.
    PlatformAuditRead: PlatformOnly = "platform.audit:read", "read the audit log of all organizations";
    /// Open the isolation page.
    PlatformIsolationRead: PlatformOnly = "platform.isolation:read", "see the isolation report";
    /// Handle alerts, prove isolation, look at rows through the X-ray.
    PlatformIsolationManage: PlatformOnly = "platform.isolation:manage", "handle alerts and prove isolation";
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
