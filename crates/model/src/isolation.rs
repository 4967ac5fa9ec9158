//! The isolation report: what the live catalogue says about every table, and the verdict on it.
//!
//! Read by `db::catalog` (queries) and judged there (`verdict`); shown by the isolation page.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Everything the isolation page shows, as the database has it at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// PostgreSQL's version, with the minor that security fixes come in: `15.18`.
    pub server_version: String,
    /// Every table, view and foreign table outside PostgreSQL's own schemas, by schema and name.
    pub tables: Vec<TableFacts>,
}

/// What kind of relation it is; the kinds differ in how policies apply to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// An ordinary table.
    Table,
    /// A partitioned table: its policies apply when it is queried by its own name.
    Partitioned,
    /// A partition: its parent's policies do not apply when it is queried directly.
    Partition,
    /// A view: runs as its owner, unless made with `security_invoker`.
    View,
    /// A materialized view: no policy ever applies to it.
    MaterializedView,
    /// A foreign table: its rows are another server's.
    Foreign,
}

impl RelationKind {
    /// As a person would call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Partitioned => "partitioned table",
            Self::Partition => "partition",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Foreign => "foreign table",
        }
    }
}

/// One table (or view) as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFacts {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// The role that owns it.
    pub owner: String,
    /// `COMMENT ON TABLE`, where there is one.
    pub comment: Option<String>,
    /// Row-level security is enabled.
    pub rls_enabled: bool,
    /// Row-level security binds the owner too.
    pub rls_forced: bool,
    /// A view that runs with the rights of who asks.
    pub security_invoker: bool,
    /// The column that says which organization a row belongs to: `org_id`, and `id` in `orgs` itself.
    pub tenant_column: Option<TenantColumn>,
    /// The first valid index that starts with the tenant column, as its definition.
    pub tenant_index: Option<String>,
    /// Its policies, by name.
    pub policies: Vec<PolicyFacts>,
    /// What each role may do to it, the owner's own rights left out; `PUBLIC` is everybody.
    pub grants: Vec<GrantFacts>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKeyFacts>,
}

impl TableFacts {
    /// `schema.name`, as the page's address has it.
    #[must_use]
    pub fn qualified(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// The column that says which organization a row belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantColumn {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL writes it.
    pub data_type: String,
    /// Whether a row may belong to no organization.
    pub nullable: bool,
    /// Its default, as SQL: `app.org_id()`, so that inserts need not name it.
    pub default: Option<String>,
}

/// Which statements a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PolicyCommand {
    /// Every statement.
    All,
    /// SELECT.
    Select,
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

impl PolicyCommand {
    /// As SQL.
    #[must_use]
    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the policy decides which existing rows are seen or touched.
    #[must_use]
    pub const fn reads(self) -> bool {
        !matches!(self, Self::Insert)
    }

    /// Whether the policy decides which rows may come to be.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::All | Self::Insert | Self::Update)
    }
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFacts {
    /// Its name.
    pub name: String,
    /// The statements it is about.
    pub command: PolicyCommand,
    /// Permissive policies are alternatives (OR); restrictive ones must all hold (AND).
    pub permissive: bool,
    /// Roles it is `TO`; `PUBLIC` is everybody.
    pub roles: Vec<String>,
    /// The USING expression, as PostgreSQL writes it.
    pub using: Option<String>,
    /// The WITH CHECK expression, as PostgreSQL writes it.
    pub with_check: Option<String>,
}

/// What one role may do to a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantFacts {
    /// The role, or `PUBLIC`.
    pub role: String,
    /// Rights on the whole table: `SELECT`, `INSERT` …
    pub privileges: Vec<String>,
    /// Rights on single columns.
    pub columns: Vec<ColumnGrant>,
}

impl GrantFacts {
    /// Whether the role holds `privilege`, on the table or on any column.
    #[must_use]
    pub fn holds(&self, privilege: &str) -> bool {
        self.privileges.iter().any(|held| held == privilege)
            || self.columns.iter().any(|column| column.privilege == privilege)
    }
}

/// A right on some columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnGrant {
    /// `SELECT`, `INSERT`, `UPDATE` or `REFERENCES`.
    pub privilege: String,
    /// The columns, in the table's order.
    pub columns: Vec<String>,
}

/// One foreign key. Its check reads the other table past every policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKeyFacts {
    /// The constraint's name.
    pub name: String,
    /// Its columns, in the key's order.
    pub columns: Vec<String>,
    /// The table it points to, with its schema.
    pub references: String,
    /// The columns it points to.
    pub referenced_columns: Vec<String>,
    /// The other table belongs to organizations too.
    pub to_tenant_table: bool,
    /// The tenant columns of both tables are paired in the key, so it cannot point to another organization's row.
    pub keeps_tenant: bool,
}

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
