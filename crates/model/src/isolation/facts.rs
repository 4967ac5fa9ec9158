//! What a live catalogue says of relations: columns, keys, policies, grants. Read by `rls::catalogue`.

use super::{FunctionFacts, RoleFacts, SchemaFacts, SequenceFacts, Volatility};
use serde::{Deserialize, Serialize};

/// Everything the isolation page shows, as the database has it at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// PostgreSQL's version, with the minor that security fixes come in: `15.18`.
    pub server_version: String,
    /// The same as a number: `150018`.
    pub server_version_num: u32,
    /// The database's name.
    pub database: String,
    /// Every table, view and foreign table outside PostgreSQL's own schemas, by schema and name.
    pub tables: Vec<TableFacts>,
    /// Every role of the server but PostgreSQL's own, by name.
    pub roles: Vec<RoleFacts>,
    /// Schemas outside PostgreSQL's own, by name.
    pub schemas: Vec<SchemaFacts>,
    /// Functions and procedures outside PostgreSQL's own schemas that run with their owner's rights, that everybody may
    /// execute, or that a policy calls; by schema and name.
    pub functions: Vec<FunctionFacts>,
    /// Sequences outside PostgreSQL's own schemas, by schema and name.
    pub sequences: Vec<SequenceFacts>,
}

impl Catalogue {
    /// The facts about a role, where the server has it.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&RoleFacts> {
        self.roles.iter().find(|role| role.name == name)
    }
}

/// What kind of relation it is; the kinds differ in how policies apply to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// The columns in their order, dropped ones left out.
    pub columns: Vec<ColumnFacts>,
    /// The columns of the primary key, in the key's order; empty without one.
    pub primary_key: Vec<String>,
    /// What must be unique: constraints and unique indexes, by name.
    pub unique_keys: Vec<UniqueFacts>,
    /// CHECK constraints, by name.
    pub checks: Vec<CheckFacts>,
    /// The table it is a partition of or inherits from, as `schema.name`. Its policies do not apply to this one.
    pub parent: Option<String>,
    /// What a view reads directly, as `schema.name`.
    pub reads: Vec<String>,
    /// A view's SELECT.
    pub definition: Option<String>,
    /// Triggers that people made, by name.
    pub triggers: Vec<TriggerFacts>,
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL writes it.
    pub data_type: String,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// Its default, as SQL.
    pub default: Option<String>,
    /// Its value is computed from other columns; nobody may write it.
    pub generated: bool,
    /// `GENERATED … AS IDENTITY`.
    pub identity: bool,
}

/// Something that must be unique in a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UniqueFacts {
    /// The index's name, which is the constraint's too.
    pub name: String,
    /// Its key, as PostgreSQL writes each part: a column or an expression.
    pub columns: Vec<String>,
    /// Only rows for which this holds.
    pub predicate: Option<String>,
    /// It is the primary key.
    pub primary: bool,
}

/// A CHECK constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckFacts {
    /// Its name.
    pub name: String,
    /// What must hold, as PostgreSQL writes it.
    pub expression: String,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriggerFacts {
    /// Its name.
    pub name: String,
    /// The function it calls, as `schema.name`.
    pub function: String,
    /// `CREATE TRIGGER`, as PostgreSQL writes it.
    pub definition: String,
}

/// Which statements a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// The functions both expressions call, PostgreSQL's own included, by signature.
    pub calls: Vec<FunctionUse>,
}

/// A function that a policy calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionUse {
    /// `schema.name(arguments)`.
    pub signature: String,
    /// How far its result may change.
    pub volatility: Volatility,
    /// It is declared to reveal nothing of its arguments.
    pub leakproof: bool,
    /// It runs with its owner's rights.
    pub security_definer: bool,
    /// It belongs to PostgreSQL.
    pub built_in: bool,
}

/// What one role may do to a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ColumnGrant {
    /// `SELECT`, `INSERT`, `UPDATE` or `REFERENCES`.
    pub privilege: String,
    /// The columns, in the table's order.
    pub columns: Vec<String>,
}

/// One foreign key. Its check reads the other table past every policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
