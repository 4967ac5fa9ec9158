//! What follows from the facts: a verdict for every table, with its reasons.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{RelationKind, TableFacts};

/// What the catalogue proves about a table. Ordered from the worst to the safest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", content = "detail", rename_all = "snake_case")]
pub enum Verdict {
    /// A runtime role can reach rows across organizations, for these reasons.
    Exposed(Vec<Reason>),
    /// Holds no organization's data; the same for everybody, and this is why.
    SharedByDesign(String),
    /// Every way in goes through a policy on the tenant column.
    Isolated,
    /// No runtime role can reach any row.
    Locked,
}

impl Verdict {
    /// 0 is the worst.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Exposed(_) => 0,
            Self::SharedByDesign(_) => 1,
            Self::Isolated => 2,
            Self::Locked => 3,
        }
    }

    /// As the page says it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Exposed(_) => "Exposed",
            Self::SharedByDesign(_) => "Shared by design",
            Self::Isolated => "Isolated",
            Self::Locked => "Locked",
        }
    }
}

/// One way in which a table fails to keep organizations apart. Its [`Display`](fmt::Display) is a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A role that serves requests owns it.
    OwnedByRuntimeRole {
        /// The owner.
        role: String,
    },
    /// Everybody may use it.
    GrantedToPublic {
        /// What everybody may do.
        privileges: Vec<String>,
    },
    /// No policy applies at all.
    RlsDisabled,
    /// Policies do not bind the owner.
    NotForced,
    /// Rows do not say whose they are.
    NoTenantColumn,
    /// A row may belong to no organization.
    TenantColumnNullable,
    /// A policy is for everybody, not for a named role.
    PolicyToPublic {
        /// The policy.
        policy: String,
    },
    /// A policy that decides what may be written has no WITH CHECK of its own.
    MissingWithCheck {
        /// The policy.
        policy: String,
    },
    /// A permissive policy lets a role past the tenant column, and no restrictive one stops it.
    PolicyIgnoresTenant {
        /// The policy.
        policy: String,
        /// The role it lets past.
        role: String,
        /// `USING` or `WITH CHECK`.
        clause: String,
    },
    /// TRUNCATE, REFERENCES or TRIGGER, which no policy restrains.
    UnrestrainedPrivilege {
        /// Who holds it.
        role: String,
        /// What.
        privilege: String,
    },
    /// A foreign key can point to another organization's row, and its error tells whether one exists.
    ForeignKeyCrossesTenants {
        /// The constraint.
        constraint: String,
    },
    /// A view that reads with its owner's rights.
    ViewRunsAsOwner,
    /// A materialized view, to which no policy applies.
    NoPoliciesOnKind {
        /// What it is.
        kind: RelationKind,
    },
    /// A partition that can be queried past its parent's policies.
    PartitionGranted {
        /// Who may query it.
        role: String,
    },
    /// An organization's users may change what every organization shares.
    SharedButWritable {
        /// Who may write.
        role: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnedByRuntimeRole { role } => {
                write!(f, "{role} owns it, and an owner can change or drop its policies.")
            }
            Self::GrantedToPublic { privileges } => {
                write!(f, "Every role has {} on it.", privileges.join(", "))
            }
            Self::RlsDisabled => f.write_str("Row-level security is off, so its policies do nothing."),
            Self::NotForced => f.write_str("Row-level security is not forced, so the owner sees every row."),
            Self::NoTenantColumn => f.write_str("It has no org_id, so nothing says whose a row is."),
            Self::TenantColumnNullable => f.write_str("Its tenant column may be NULL: a row can belong to nobody."),
            Self::PolicyToPublic { policy } => {
                write!(f, "Policy {policy} is TO PUBLIC instead of a named role.")
            }
            Self::MissingWithCheck { policy } => {
                write!(f, "Policy {policy} has no WITH CHECK, so what may be written is not said.")
            }
            Self::PolicyIgnoresTenant { policy, role, clause } => {
                write!(f, "{clause} of policy {policy} lets {role} past the tenant column.")
            }
            Self::UnrestrainedPrivilege { role, privilege } => {
                write!(f, "{role} has {privilege}, which no policy restrains.")
            }
            Self::ForeignKeyCrossesTenants { constraint } => {
                write!(f, "Foreign key {constraint} leaves the organization out and can point to another one's row.")
            }
            Self::ViewRunsAsOwner => {
                f.write_str("The view lacks security_invoker, so it reads with its owner's rights.")
            }
            Self::NoPoliciesOnKind { kind } => {
                write!(f, "No policy applies to a {}.", kind.label())
            }
            Self::PartitionGranted { role } => {
                write!(f, "{role} can query the partition directly, past its parent's policies.")
            }
            Self::SharedButWritable { role } => {
                write!(f, "{role} may change what every organization shares.")
            }
        }
    }
}

/// Something to improve that leaks no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// No index starts with the tenant column: a small organization pays for a big one.
    NoTenantIndex,
    /// The tenant column has no default from the context, so a statement has to name the organization.
    NoTenantDefault,
    /// A policy calls the context for every row instead of once, in `(SELECT …)`.
    ContextPerRow {
        /// The policy.
        policy: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTenantIndex => f.write_str("No index starts with the tenant column."),
            Self::NoTenantDefault => f.write_str("The tenant column takes no default from the context."),
            Self::ContextPerRow { policy } => {
                write!(f, "Policy {policy} asks for the context once per row; wrap it in (SELECT …).")
            }
        }
    }
}

/// One table with what was concluded about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReport {
    /// What the catalogue says.
    pub facts: TableFacts,
    /// What follows for isolation.
    pub verdict: Verdict,
    /// What could be better.
    pub findings: Vec<Finding>,
}
