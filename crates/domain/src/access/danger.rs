//! Permissions with which somebody gives themselves or others more: whoever puts one into a role says why.

use super::{Reach, preview};
use crate::{Ctx, Result};
use bulkhead_authz::{access, graph::RoleGraph};
use bulkhead_model::{FieldErrors, Permission, RoleId, access::PermissionName, org::OrgKind};

/// With these somebody changes what others may do, or what protects everybody.
pub const DANGEROUS: [Permission; 6] = [
    Permission::RolesManage,
    Permission::UsersUpdate,
    Permission::SettingsUpdate,
    Permission::OrgUpdate,
    Permission::PlatformOrgsManage,
    Permission::PlatformIsolationManage,
];

/// The dangerous ones among what a role would allow that it did not, or not always.
#[must_use]
pub fn newly_dangerous(changes: &[(PermissionName, Reach, Reach)]) -> Vec<Permission> {
    let grows = |permission: &Permission| {
        changes.iter().any(|(name, before, after)| name == access::name(*permission) && after > before)
    };
    DANGEROUS.into_iter().filter(grows).collect()
}

/// Refuses a role without a reason that newly allows something dangerous, itself or by what it inherits.
pub(super) fn must_say_why(ctx: &Ctx, before: &RoleGraph, after: &RoleGraph, role: RoleId, reason: &str) -> Result<()> {
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    let changes = preview::of_role(before, after, role);
    let mut newly = newly_dangerous(&changes);
    newly.retain(|permission| platform || !permission.is_platform());
    if newly.is_empty() || !reason.is_empty() {
        return Ok(());
    }
    let what: Vec<&str> = newly.iter().map(|permission| permission.sentence()).collect();
    let message = format!("Say why: whoever holds the role could newly {}.", what.join(", and "));
    Err(FieldErrors::one("reason", message).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_grows_is_newly_dangerous() {
        let change = |permission, before, after| (access::name(permission).clone(), before, after);
        let changes = [
            change(Permission::RolesManage, Reach::Never, Reach::Sometimes),
            change(Permission::UsersUpdate, Reach::Always, Reach::Never),
            change(Permission::SettingsUpdate, Reach::Sometimes, Reach::Always),
            change(Permission::AuditRead, Reach::Never, Reach::Always),
        ];
        assert_eq!(newly_dangerous(&changes), [Permission::RolesManage, Permission::SettingsUpdate]);
    }
}
