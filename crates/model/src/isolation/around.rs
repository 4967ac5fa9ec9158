//! What stands around the relations: roles, schemas, functions and sequences, which decide what policies are worth.

use super::GrantFacts;
use serde::{Deserialize, Serialize};

/// A role, with what it can become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleFacts {
    /// Its name.
    pub name: String,
    /// No check applies to it.
    pub superuser: bool,
    /// No policy applies to it.
    pub bypass_rls: bool,
    /// It may sign in.
    pub login: bool,
    /// It has the rights of the roles it is a member of without `SET ROLE`.
    pub inherit: bool,
    /// Every role it is a member of, directly or not, by name: what `SET ROLE` can make of it.
    pub member_of: Vec<String>,
}

/// A schema and who may use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchemaFacts {
    /// Its name.
    pub name: String,
    /// The role that owns it.
    pub owner: String,
    /// Who holds `USAGE` or `CREATE`, the owner's own rights left out.
    pub grants: Vec<GrantFacts>,
}

/// How far a function's result may change, as its author declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Volatility {
    /// Never.
    Immutable,
    /// Not within a statement.
    Stable,
    /// At any call: it is evaluated for every row, and no index is used for it.
    Volatile,
}

/// A function or procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionFacts {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its arguments' types, as PostgreSQL identifies it by: `uuid, text`.
    pub arguments: String,
    /// The role that owns it.
    pub owner: String,
    /// The language it is written in.
    pub language: String,
    /// How far its result may change.
    pub volatility: Volatility,
    /// It is declared to reveal nothing of its arguments.
    pub leakproof: bool,
    /// It runs with its owner's rights.
    pub security_definer: bool,
    /// The `search_path` fixed on it, where there is one.
    pub search_path: Option<String>,
    /// Roles that may execute it, its owner left out; `PUBLIC` is everybody.
    pub executable_by: Vec<String>,
}

impl FunctionFacts {
    /// `schema.name(arguments)`.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("{}.{}({})", self.schema, self.name, self.arguments)
    }
}

/// A sequence and who may use it: its value tells how many rows there ever were, in every organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SequenceFacts {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The column it counts for, as `schema.table.column`.
    pub owned_by: Option<String>,
    /// Who holds `USAGE`, `SELECT` or `UPDATE`, the owner's own rights left out.
    pub grants: Vec<GrantFacts>,
}
