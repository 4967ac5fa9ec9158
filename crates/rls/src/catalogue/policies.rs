//! Policies with what they call. They are put together here: a database with thousands of them takes twice as long to
//! do it, as JSON.

use std::collections::HashMap;

use bulkhead_model::isolation::{FunctionUse, PolicyFacts};
use serde::de::DeserializeOwned;
use sqlx::PgConnection;
use sqlx::postgres::types::Oid;

use crate::{Error, Result};

const POLICIES: &str = include_str!("policies.sql");
const CALLS: &str = include_str!("calls.sql");
const FUNCTIONS: &str = include_str!("functions.sql");

#[derive(sqlx::FromRow)]
struct PolicyRow {
    policy: Oid,
    relation: Oid,
    name: String,
    command: String,
    permissive: bool,
    roles: Vec<Oid>,
    condition: Option<String>,
    with_check: Option<String>,
}

#[derive(sqlx::FromRow)]
struct FunctionRow {
    function: Oid,
    signature: String,
    volatility: String,
    leakproof: bool,
    security_definer: bool,
    built_in: bool,
}

/// The policies of every table, by the table's oid; each table's by name.
pub(super) async fn read(connection: &mut PgConnection) -> Result<HashMap<Oid, Vec<PolicyFacts>>> {
    let rows: Vec<PolicyRow> = sqlx::query_as(POLICIES).fetch_all(&mut *connection).await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let mut calls = calls(connection).await?;
    let roles: Vec<(Oid, String)> =
        sqlx::query_as("SELECT oid, rolname::text FROM pg_roles").fetch_all(connection).await?;
    let roles: HashMap<Oid, String> = roles.into_iter().collect();
    let name = |role: &Oid| match (role.0, roles.get(role)) {
        (0, _) => "PUBLIC".to_owned(),
        (_, Some(name)) => name.clone(),
        // As PostgreSQL says it.
        (oid, None) => format!("unknown (OID={oid})"),
    };
    let mut tables: HashMap<Oid, Vec<PolicyFacts>> = HashMap::new();
    for mut row in rows {
        row.roles.sort_by_key(|role| role.0);
        tables.entry(row.relation).or_default().push(PolicyFacts {
            name: row.name,
            command: word(row.command)?,
            permissive: row.permissive,
            roles: row.roles.iter().map(name).collect(),
            using: row.condition,
            with_check: row.with_check,
            calls: calls.remove(&row.policy).unwrap_or_default(),
        });
    }
    for policies in tables.values_mut() {
        policies.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Ok(tables)
}

/// What each policy calls, by schema, name and age.
async fn calls(connection: &mut PgConnection) -> Result<HashMap<Oid, Vec<FunctionUse>>> {
    let calls: Vec<(Oid, Oid)> = sqlx::query_as(CALLS).fetch_all(&mut *connection).await?;
    let mut callers: HashMap<Oid, Vec<Oid>> = HashMap::new();
    for (policy, function) in calls {
        callers.entry(function).or_default().push(policy);
    }
    let called: Vec<Oid> = callers.keys().copied().collect();
    let functions: Vec<FunctionRow> = sqlx::query_as(FUNCTIONS).bind(called).fetch_all(connection).await?;
    let mut found: HashMap<Oid, Vec<FunctionUse>> = HashMap::new();
    for row in functions {
        let function = FunctionUse {
            signature: row.signature,
            volatility: word(row.volatility)?,
            leakproof: row.leakproof,
            security_definer: row.security_definer,
            built_in: row.built_in,
        };
        for policy in callers.remove(&row.function).unwrap_or_default() {
            found.entry(policy).or_default().push(function.clone());
        }
    }
    Ok(found)
}

/// One of the model's words for what PostgreSQL has letters for.
pub(super) fn word<T: DeserializeOwned>(word: String) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|error| Error::Unexpected(error.to_string()))
}
