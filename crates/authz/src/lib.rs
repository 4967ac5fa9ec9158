//! The one decision function: who may do what, and why. No I/O, wasm-safe, deny by default.
//!
//! The server enforces with [`decision::decide`], and the console explains with [`decision::explain`], which is the same
//! function with an observer. [`access::Subject`] is how a request asks it. Nothing else in the workspace decides.
//!
//! # How to add a permission
//! Add it to `bulkhead_model::permission`, give it to roles in [`granted`], run `script/gen` and read the
//! diff of the matrix as the reviewer will.

pub mod access;
pub mod catalogue;
pub mod decision;
pub mod draft;
pub mod duties;
pub mod graph;
pub mod reach;
mod reasons;
pub mod truth;
pub mod words;

pub use reasons::reason_codes_markdown;

use bulkhead_model::{Permission, user::Role};

/// What each built-in role holds. A match without wildcard: a new permission asks here who gets it.
const fn granted(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match permission {
        P::SelfManage | P::OrgRead => true,
        P::UsersRead => matches!(role, Role::Admin | Role::Manager | Role::User | Role::Viewer),
        P::UsersInvite | P::UsersUpdate | P::UsersSuspend | P::AuditRead => matches!(role, Role::Admin | Role::Manager),
        P::SettingsRead | P::RolesRead | P::WorkspacesRead => {
            matches!(role, Role::Admin | Role::Manager | Role::Viewer)
        }
        P::OrgUpdate | P::SettingsUpdate | P::RolesManage | P::WorkspacesManage | P::DecisionsEvaluate => {
            matches!(role, Role::Admin)
        }
        P::PlatformOrgsRead | P::PlatformIsolationRead => matches!(role, Role::Admin | Role::Manager | Role::Viewer),
        P::PlatformAuditRead => matches!(role, Role::Admin | Role::Manager),
        P::PlatformOrgsManage | P::PlatformTypesManage | P::PlatformIsolationManage => matches!(role, Role::Admin),
    }
}

/// The roles that hold a permission, for "who can grant it".
pub fn roles_with(permission: Permission) -> impl Iterator<Item = Role> {
    Role::ALL.iter().copied().filter(move |role| granted(*role, permission))
}

/// The matrix of roles and permissions as Markdown, for `docs/authorization-matrix.md`.
pub fn matrix_markdown() -> String {
    let mut text = String::from(
        "# Authorization matrix\n\nPrinted from `crates/authz` by `script/gen`; read its diff in review. \
         `platform.*` permissions exist in the platform organization only.\n\n| permission | lets a person |",
    );
    for role in Role::ALL {
        text.push_str(&format!(" {} |", role.label()));
    }
    text.push_str("\n|---|---|");
    text.push_str(&":-:|".repeat(Role::ALL.len()));
    for permission in Permission::ALL {
        text.push_str(&format!("\n| `{permission}` | {} |", permission.sentence()));
        for role in Role::ALL {
            text.push_str(if granted(*role, *permission) { " yes |" } else { "  |" });
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::{Moment, Roles, Subject, name},
        decision::ReasonCode,
        truth::Clocks,
    };
    use bulkhead_model::{Id, UserId, org::OrgKind};
    use std::sync::Arc;
    use time::{OffsetDateTime, PrimitiveDateTime};

    const KINDS: [OrgKind; 2] = [OrgKind::Customer, OrgKind::Platform];

    struct NoClocks;
    impl Clocks for NoClocks {
        fn read(&self, _: &str, _: OffsetDateTime) -> Option<PrimitiveDateTime> {
            None
        }
    }

    fn subject(role: Role, org_kind: OrgKind) -> Subject {
        let moment = Moment { now: OffsetDateTime::UNIX_EPOCH, address: None, clocks: Arc::new(NoClocks) };
        let user: UserId = Id::from_uuid(uuid::Uuid::nil());
        Subject::new((user, role, org_kind), Roles::of_console(), [], moment)
    }

    fn exists_in(org_kind: OrgKind) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| org_kind == OrgKind::Platform || !p.is_platform())
    }

    #[test]
    fn a_built_in_role_allows_what_the_matrix_says() {
        for org_kind in KINDS {
            for &role in Role::ALL {
                for permission in exists_in(org_kind) {
                    let verdict = subject(role, org_kind).decide(permission);
                    assert_eq!(verdict.allowed(), granted(role, permission), "{role} {permission} {verdict:?}");
                }
            }
        }
    }

    #[test]
    fn platform_permissions_stop_at_the_platform() {
        for &role in Role::ALL {
            for &permission in Permission::ALL.iter().filter(|p| p.is_platform()) {
                let verdict = subject(role, OrgKind::Customer).decide(permission);
                assert_eq!(verdict.reason, ReasonCode::NotPlatform, "{role} {permission}");
            }
        }
    }

    #[test]
    fn an_admin_holds_everything_there_is_to_hold() {
        for org_kind in KINDS {
            for permission in exists_in(org_kind) {
                assert!(subject(Role::Admin, org_kind).holds(name(permission), None, None), "{permission}");
            }
        }
    }

    #[test]
    fn no_one_grants_what_they_do_not_hold() {
        for org_kind in KINDS {
            assert!(subject(Role::Admin, org_kind).may_assign(Role::Admin));
            assert!(!subject(Role::Manager, org_kind).may_assign(Role::Admin));
            assert!(subject(Role::Manager, org_kind).may_assign(Role::Manager));
            assert!(!subject(Role::Viewer, org_kind).may_assign(Role::Manager));
            for &granter in Role::ALL {
                for &given in Role::ALL {
                    let more = exists_in(org_kind).any(|p| granted(given, p) && !granted(granter, p));
                    assert_eq!(subject(granter, org_kind).may_assign(given), !more);
                }
            }
        }
    }

    #[test]
    fn every_permission_is_found_under_its_own_name() {
        for &permission in Permission::ALL {
            assert_eq!(name(permission).to_string(), permission.as_str());
        }
    }

    #[test]
    fn the_matrix_has_a_line_for_every_permission() {
        let matrix = matrix_markdown();
        assert_eq!(matrix.lines().filter(|line| line.starts_with("| `")).count(), Permission::ALL.len());
    }
}
