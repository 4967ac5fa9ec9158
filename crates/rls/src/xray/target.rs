//! The table and the role a question is about, as the catalogue has them.

use bulkhead_model::isolation::PolicyCommand;
use bulkhead_model::isolation::xray::Question;
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::QuestionError;
use super::error::Result;
use super::sql::{identifier, literal, qualified};
use crate::Profile;

/// A table, with what one role may do to it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Target {
    pub(super) oid: i64,
    pub(super) schema: String,
    pub(super) name: String,
    kind: char,
    pub(super) owner: String,
    /// Its rows have a physical address, `ctid`, that names one of them exactly.
    pub(super) heap: bool,
    pub(super) rls_enabled: bool,
    pub(super) rls_forced: bool,
    /// In their order, dropped ones left out.
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key.
    pub(super) key: Vec<String>,
    pub(super) tenant_column: Option<String>,
    /// The policies for the role, for every command, in the order in which PostgreSQL tries the permissive ones.
    pub(super) policies: Vec<Policy>,
    pub(super) policies_for_others: u32,
    triggers: Vec<Trigger>,
    /// It has rules, which turn a statement into others.
    pub(super) rewritten: bool,
    pub(super) role: Role,
    pub(super) inspector: Inspector,
}

/// A column, and what the role may do to it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data_type: String,
    pub(super) default: Option<String>,
    /// The expression it is computed by.
    pub(super) generated: Option<String>,
    pub(super) identity: bool,
    /// An identity column that takes no value from a statement.
    pub(super) always: bool,
    /// The operator that compares two of its values.
    pub(super) equality: String,
    pub(super) may_select: bool,
    pub(super) may_insert: bool,
    pub(super) may_update: bool,
}

/// A policy that is for the role.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) permissive: bool,
    pub(super) command: PolicyCommand,
    pub(super) using: Option<String>,
    pub(super) with_check: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Trigger {
    name: String,
    /// `pg_trigger.tgtype`.
    kind: u8,
}

/// The role asked about.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) superuser: bool,
    pub(super) bypass_rls: bool,
    /// It is the table's owner, or has the owner's rights.
    pub(super) owns: bool,
    /// `USAGE` on the schema.
    pub(super) usage: bool,
    /// `SELECT` on the whole table.
    pub(super) may_select: bool,
    /// `INSERT` on any column.
    pub(super) may_insert_any: bool,
    pub(super) may_delete: bool,
    /// Roles that no policy on this table holds back, and that `SET ROLE` makes of it.
    pub(super) can_become: Vec<String>,
    /// `name=value`, the strongest last.
    starts_with: Vec<String>,
}

/// The role that looks.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Inspector {
    pub(super) name: String,
    pub(super) may_select: bool,
    pub(super) bound_by_policies: bool,
}

/// Reads both. Nothing is locked.
pub(super) async fn read(connection: &mut PgConnection, profile: &Profile, question: &Question) -> Result<Target> {
    let role: Option<i64> = sqlx::query_scalar("SELECT oid::bigint FROM pg_catalog.pg_roles WHERE rolname = $1")
        .persistent(false)
        .bind(&question.role)
        .fetch_optional(&mut *connection)
        .await?;
    let role = role.ok_or_else(|| QuestionError::NoSuchRole(question.role.clone()))?;
    let target: Option<Json<Target>> = sqlx::query_scalar(include_str!("target.sql"))
        .bind(&question.schema)
        .bind(&question.table)
        .bind(role)
        .bind(&profile.tenant_columns)
        .fetch_optional(connection)
        .await?;
    let Some(Json(mut target)) = target else {
        return Err(QuestionError::NoSuchTable(format!("{}.{}", question.schema, question.table)).into());
    };
    if !matches!(target.kind, 'r' | 'p') {
        return Err(QuestionError::NotATable(target.label()).into());
    }
    // In the list of organizations the row's own key says whose it is.
    if let Some(root) = profile.root.as_ref().filter(|root| root.table == target.label()) {
        target.tenant_column = Some(root.column.clone());
    }
    Ok(target)
}

impl Target {
    /// `"schema"."name"`, as SQL.
    pub(super) fn sql(&self) -> String {
        qualified(&self.schema, &self.name)
    }

    /// `schema.name`, for people.
    pub(super) fn label(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// A row of the table, from its text, as a FROM item under the table's own name: policies mean that name when they
    /// pass the whole row to a function. A set-returning function keeps both the row's type and the planner from
    /// computing with its values ahead of time, which would evaluate what execution would have skipped.
    pub(super) fn source(&self, row: &str) -> String {
        let name = identifier(&self.name);
        format!("pg_catalog.unnest(ARRAY[{}::{}]) AS {name}", literal(row), self.sql())
    }

    /// The same for a row whose columns are all NULL, to plan with where there is no row.
    pub(super) fn no_row(&self) -> String {
        let name = identifier(&self.name);
        format!("pg_catalog.unnest(ARRAY[NULL::{}]) AS {name}", self.sql())
    }

    /// Names of triggers that fire for `command`: before it for each row, where they may change the row or skip it, and
    /// all others.
    pub(super) fn triggers(&self, command: PolicyCommand) -> (Vec<&str>, Vec<&str>) {
        let bit = match command {
            PolicyCommand::Insert => 1 << 2,
            PolicyCommand::Delete => 1 << 3,
            PolicyCommand::Update => 1 << 4,
            PolicyCommand::Select | PolicyCommand::All => 0,
        };
        let (before, after): (Vec<&Trigger>, Vec<&Trigger>) =
            self.triggers.iter().filter(|trigger| trigger.kind & bit != 0).partition(|trigger| trigger.kind & 3 == 3);
        (names(before), names(after))
    }
}

fn names(triggers: Vec<&Trigger>) -> Vec<&str> {
    triggers.into_iter().map(|trigger| trigger.name.as_str()).collect()
}

impl Role {
    /// What a session of the role has set from the start, which `SET ROLE` does not do: settings of applications (with
    /// a dot in their names), the strongest last.
    pub(super) fn initial_settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.starts_with.iter().filter_map(|setting| setting.split_once('=')).filter(|(name, _)| name.contains('.'))
    }

    /// The search path of its sessions. Functions in policies may depend on it.
    pub(super) fn search_path(&self) -> &str {
        self.starts_with
            .iter()
            .rev()
            .filter_map(|setting| setting.split_once('='))
            .find_map(|(name, path)| name.eq_ignore_ascii_case("search_path").then_some(path))
            .unwrap_or("\"$user\", public")
    }
}
