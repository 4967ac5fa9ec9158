//! Permissions with which somebody gives themselves or others more, or does what cannot be undone: whoever puts one into a
//! role says why.

use super::{Reach, preview};
use crate::{Ctx, Result};
use bulkhead_authz::{
    access::Roles,
    catalogue::{Catalogue, Entry},
    graph::RoleGraph,
};
use bulkhead_model::{FieldErrors, RoleId, access::PermissionName, org::OrgKind};

/// The dangerous ones among what a role would allow that it did not, or not always. What only operators can hold counts
/// for nothing elsewhere, whichever role says it.
#[must_use]
pub fn newly_dangerous<'a>(
    catalogue: &'a Catalogue,
    changes: &[(PermissionName, Reach, Reach)],
    platform: bool,
) -> Vec<&'a Entry> {
    let grows = |entry: &&Entry| {
        entry.needs_reason && changes.iter().any(|(name, before, after)| *name == entry.name && after > before)
    };
    catalogue.existing(platform).filter(grows).collect()
}

/// Refuses a role without a reason that newly allows something dangerous, itself or by what it inherits.
pub(super) fn must_say_why(ctx: &Ctx, before: &RoleGraph, after: &Roles, role: RoleId, reason: &str) -> Result<()> {
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    let changes = preview::of_role(before, after, role);
    because(&newly_dangerous(after.catalogue(), &changes, platform), "whoever holds the role", reason)
}

/// Refuses to go on without a reason where `who` could newly do something dangerous.
pub(super) fn because(newly: &[&Entry], who: &str, reason: &str) -> Result<()> {
    if newly.is_empty() || !reason.is_empty() {
        return Ok(());
    }
    let what: Vec<&str> = newly.iter().map(|entry| entry.sentence.as_str()).collect();
    Err(FieldErrors::one("reason", format!("Say why: {who} could newly {}.", what.join(", "))).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_authz::access::name;
    use bulkhead_model::Permission as P;

    #[test]
    fn only_what_grows_and_exists_there_is_newly_dangerous() {
        let change = |permission, before, after| (name(permission).clone(), before, after);
        let changes = [
            change(P::RolesManage, Reach::Never, Reach::Sometimes),
            change(P::UsersUpdate, Reach::Always, Reach::Never),
            change(P::SettingsUpdate, Reach::Sometimes, Reach::Always),
            change(P::AuditRead, Reach::Never, Reach::Always),
            change(P::PlatformOrgsManage, Reach::Never, Reach::Always),
        ];
        let catalogue = Catalogue::console();
        let newly = |platform| -> Vec<&PermissionName> {
            newly_dangerous(&catalogue, &changes, platform).into_iter().map(|entry| &entry.name).collect()
        };
        assert_eq!(newly(false), [name(P::RolesManage), name(P::SettingsUpdate)]);
        assert_eq!(newly(true), [name(P::RolesManage), name(P::SettingsUpdate), name(P::PlatformOrgsManage)]);
    }
}
