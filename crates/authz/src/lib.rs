//! The one decision function: who may do what, and why. No I/O, wasm-safe, deny by default.
//!
//! The server enforces with [`decide`]; the console explains with the same [`Decision`]; the matrix in
//! `docs/authorization-matrix.md` is printed from it. Nothing else in the workspace decides.
//!
//! # How to add a permission
//! Add it to `bulkhead_model::permission`, give it to roles in [`granted`], run `script/gen` and read the
//! diff of the matrix as the reviewer will.

pub mod access;
pub mod decision;
pub mod graph;
pub mod truth;

use bulkhead_model::{Permission, org::OrgKind, user::Role};
use serde::{Deserialize, Serialize};

/// Who asks: facts from the session's row, nothing from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Their role in their organization.
    pub role: Role,
    /// Whether theirs is the platform organization.
    pub org_kind: OrgKind,
}

/// Why a decision came out as it did. Codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The role holds the permission.
    GrantedByRole,
    /// The role does not hold it.
    NotInRole,
    /// It exists in the platform organization only.
    NotPlatform,
}

/// The answer, with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether it may happen.
    pub allowed: bool,
    /// Why.
    pub reason: Reason,
}

/// Decides.
pub fn decide(subject: Subject, permission: Permission) -> Decision {
    let reason = if permission.is_platform() && subject.org_kind != OrgKind::Platform {
        Reason::NotPlatform
    } else if granted(subject.role, permission) {
        Reason::GrantedByRole
    } else {
        Reason::NotInRole
    };
    Decision { allowed: matches!(reason, Reason::GrantedByRole), reason }
}

/// What each built-in role holds. A match without wildcard: a new permission asks here who gets it.
const fn granted(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match permission {
        P::SelfManage | P::OrgRead => true,
        P::UsersRead => matches!(role, Role::Admin | Role::Manager | Role::User | Role::Viewer),
        P::UsersInvite | P::UsersUpdate | P::UsersSuspend | P::AuditRead => matches!(role, Role::Admin | Role::Manager),
        P::SettingsRead => matches!(role, Role::Admin | Role::Manager | Role::Viewer),
        P::OrgUpdate | P::SettingsUpdate => matches!(role, Role::Admin),
        P::PlatformOrgsRead | P::PlatformIsolationRead => matches!(role, Role::Admin | Role::Manager | Role::Viewer),
        P::PlatformAuditRead => matches!(role, Role::Admin | Role::Manager),
        P::PlatformOrgsManage | P::PlatformIsolationManage => matches!(role, Role::Admin),
    }
}

/// The roles that hold a permission, for "who can grant it".
pub fn roles_with(permission: Permission) -> impl Iterator<Item = Role> {
    Role::ALL.iter().copied().filter(move |role| granted(*role, permission))
}

/// Whether a subject may give `role` to someone, or act on someone who has it: only where they hold every
/// permission the role holds (no one grants what they do not hold).
pub fn may_assign(subject: Subject, role: Role) -> bool {
    Permission::ALL
        .iter()
        .filter(|permission| subject.org_kind == OrgKind::Platform || !permission.is_platform())
        .all(|permission| !granted(role, *permission) || decide(subject, *permission).allowed)
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

    const KINDS: [OrgKind; 2] = [OrgKind::Customer, OrgKind::Platform];

    #[test]
    fn platform_permissions_stop_at_the_platform() {
        for &role in Role::ALL {
            for &permission in Permission::ALL.iter().filter(|p| p.is_platform()) {
                let decision = decide(Subject { role, org_kind: OrgKind::Customer }, permission);
                assert_eq!(decision, Decision { allowed: false, reason: Reason::NotPlatform }, "{role} {permission}");
            }
        }
    }

    #[test]
    fn an_admin_holds_everything_there_is_to_hold() {
        for org_kind in KINDS {
            for &permission in Permission::ALL.iter().filter(|p| org_kind == OrgKind::Platform || !p.is_platform()) {
                assert!(decide(Subject { role: Role::Admin, org_kind }, permission).allowed, "{permission}");
            }
        }
    }

    #[test]
    fn no_one_grants_what_they_do_not_hold() {
        for org_kind in KINDS {
            let subject = |role| Subject { role, org_kind };
            assert!(may_assign(subject(Role::Admin), Role::Admin));
            assert!(!may_assign(subject(Role::Manager), Role::Admin));
            assert!(may_assign(subject(Role::Manager), Role::Manager));
            assert!(!may_assign(subject(Role::Viewer), Role::Manager));
            for &granter in Role::ALL {
                for &given in Role::ALL {
                    let more = Permission::ALL.iter().any(|p| {
                        (org_kind == OrgKind::Platform || !p.is_platform())
                            && granted(given, *p)
                            && !granted(granter, *p)
                    });
                    assert_eq!(may_assign(subject(granter), given), !more);
                }
            }
        }
    }

    #[test]
    fn the_matrix_has_a_line_for_every_permission() {
        let matrix = matrix_markdown();
        assert_eq!(matrix.lines().filter(|line| line.starts_with("| `")).count(), Permission::ALL.len());
    }
}
