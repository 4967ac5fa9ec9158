//! A first guess at a database's profile, from its catalogue: for a person to check, never to be used unread.

use std::collections::BTreeMap;

use bulkhead_model::isolation::{Catalogue, PolicyFacts, RelationKind, RoleFacts, TableFacts};
use sqlx::{Connection, PgConnection};

use crate::{Profile, Result, catalogue, xray::settings_read};

/// What the column that says whose a row is tends to be called, the most usual first.
const TENANT_COLUMNS: [&str; 5] = ["org_id", "tenant_id", "organization_id", "account_id", "workspace_id"];

/// Something that was seen, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its name.
    pub name: String,
    /// In how many tables or policies.
    pub times: usize,
}

/// A role that may well serve requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRole {
    /// Its name.
    pub name: String,
    /// How many tables and views it has rights on.
    pub granted: usize,
    /// How many it owns: a runtime role should own none.
    pub owns: usize,
}

/// What a first look suggests, each list with the likeliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The database.
    pub database: String,
    /// The server's version.
    pub server_version: String,
    /// How many tables there are.
    pub tables: usize,
    /// Roles that sign in, are no superusers, are bound by policies, and have rights on tables.
    pub roles: Vec<DraftRole>,
    /// Columns of usual names, with the number of tables that have them.
    pub tenant_columns: Vec<Counted>,
    /// Settings that policies read, themselves or through functions, with the number of policies.
    pub settings: Vec<Counted>,
    /// Functions without arguments that policies call, as `schema.name`, with the number of policies.
    pub functions: Vec<Counted>,
}

/// Looks at a database and suggests.
///
/// # Errors
/// When the database does not answer.
pub async fn draft(connection: &mut PgConnection) -> Result<Draft> {
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let catalogue = catalogue::read(&mut transaction, &unmeasured()).await?;
    let functions = count(policies(&catalogue).flat_map(called_without_arguments));
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    // Where a function has its body as SQL, `prosrc` is empty; the definition has it in either case.
    let bodies: Vec<(String, String)> = sqlx::query_as(
        "SELECT n.nspname || '.' || f.proname, pg_catalog.pg_get_functiondef(f.oid)
         FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
         WHERE n.nspname || '.' || f.proname = ANY ($1) AND f.pronargs = 0 AND f.prokind = 'f'",
    )
    .bind(names)
    .fetch_all(&mut *transaction)
    .await?;
    transaction.rollback().await?;
    Ok(suggest(&catalogue, functions, &bodies.into_iter().collect()))
}

/// A profile that knows nothing: only what needs none is taken from what is read with it.
fn unmeasured() -> Profile {
    Profile::new(TENANT_COLUMNS.map(str::to_owned).to_vec(), "", Vec::new())
}

fn suggest(catalogue: &Catalogue, functions: Vec<Counted>, bodies: &BTreeMap<String, String>) -> Draft {
    let is_table = |facts: &&TableFacts| {
        matches!(facts.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::Partition)
    };
    let tables: Vec<&TableFacts> = catalogue.tables.iter().filter(is_table).collect();
    let columns = tables.iter().flat_map(|facts| facts.columns.iter().map(|column| column.name.clone()));
    let mut tenant_columns = count(columns.filter(|name| TENANT_COLUMNS.contains(&name.as_str())));
    // Of two that are as frequent, the more usual one.
    tenant_columns.sort_by_key(|column| {
        let usual = TENANT_COLUMNS.iter().position(|name| *name == column.name);
        (std::cmp::Reverse(column.times), usual)
    });
    let settings = count(policies(catalogue).flat_map(|policy| {
        let mut read: Vec<String> =
            policy.using.iter().chain(&policy.with_check).flat_map(|expression| settings_read(expression)).collect();
        let called = called_without_arguments(policy);
        read.extend(called.iter().filter_map(|name| bodies.get(name)).flat_map(|body| settings_read(body)));
        read.sort_unstable();
        read.dedup();
        read
    }));
    let mut roles: Vec<DraftRole> = catalogue
        .roles
        .iter()
        .filter(|role| role.login && !role.superuser && !role.bypass_rls)
        .map(|role| DraftRole {
            name: role.name.clone(),
            granted: catalogue.tables.iter().filter(|facts| is_granted(role, facts)).count(),
            owns: catalogue.tables.iter().filter(|facts| facts.owner == role.name).count(),
        })
        .filter(|role| role.granted + role.owns > 0)
        .collect();
    // Who owns things rather migrates than serves.
    roles.sort_by(|a, b| (a.owns > 0, b.granted, &a.name).cmp(&(b.owns > 0, a.granted, &b.name)));
    Draft {
        database: catalogue.database.clone(),
        server_version: catalogue.server_version.clone(),
        tables: tables.len(),
        roles,
        tenant_columns,
        settings,
        functions,
    }
}

/// Itself, or by a role that it is a member of. What everybody has says nothing about who serves requests.
fn is_granted(role: &RoleFacts, facts: &TableFacts) -> bool {
    facts.grants.iter().any(|grant| grant.role == role.name || role.member_of.contains(&grant.role))
}

fn policies(catalogue: &Catalogue) -> impl Iterator<Item = &PolicyFacts> {
    catalogue.tables.iter().flat_map(|facts| &facts.policies)
}

fn called_without_arguments(policy: &PolicyFacts) -> Vec<String> {
    let own = policy.calls.iter().filter(|call| !call.built_in);
    own.filter_map(|call| Some(call.signature.strip_suffix("()")?.to_owned())).collect()
}

/// The most frequent first, then by name.
fn count(names: impl Iterator<Item = String>) -> Vec<Counted> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *times.entry(name).or_default() += 1;
    }
    let mut counted: Vec<Counted> = times.into_iter().map(|(name, times)| Counted { name, times }).collect();
    counted.sort_by_key(|counted| std::cmp::Reverse(counted.times));
    counted
}
