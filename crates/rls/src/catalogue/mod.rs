//! Reads a live catalogue.
//!
//! What is read is what PostgreSQL does, not what the migrations meant to say: a policy that somebody dropped by hand is
//! gone at the next reload.

pub(crate) mod expression;
mod policies;
pub(crate) mod text;

use bulkhead_model::isolation::{
    Catalogue, CheckFacts, ColumnFacts, ColumnGrant, ForeignKeyFacts, GrantFacts, PolicyFacts, TableFacts,
    TenantColumn, TriggerFacts, UniqueFacts,
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::types::Json;

use crate::{Error, Profile, Result};

/// Reads everything outside PostgreSQL's own schemas. Any role may: the catalogue is readable by everybody, which is
/// why no organization's user is ever shown it. In a REPEATABLE READ transaction it is read as of one moment.
///
/// # Errors
/// When the database does not answer, or answers in a shape this version does not know.
pub async fn read(connection: &mut PgConnection, profile: &Profile) -> Result<Catalogue> {
    let before = Manner::of(connection).await?;
    Manner::for_reading().take(connection).await?;
    let catalogue = read_qualified(connection, profile).await?;
    before.take(connection).await?;
    Ok(catalogue)
}

/// What PostgreSQL's own tables looked like. Equal ones of one database mean that [`read`] has the same to say; a change
/// makes another one, also when it is taken back later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowVersions(String);

impl RowVersions {
    /// As they were read.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The versions of all rows that [`read`] reads, which takes a small part of its time. In a REPEATABLE READ transaction
/// they are those of its beginning: facts read after them may be newer, never older.
///
/// # Errors
/// When the database does not answer.
pub async fn row_versions(connection: &mut PgConnection) -> Result<RowVersions> {
    let before = Manner::of(connection).await?;
    Manner::for_reading().take(connection).await?;
    let versions: String = sqlx::query_scalar(VERSIONS).fetch_one(&mut *connection).await?;
    before.take(connection).await?;
    Ok(RowVersions::of(versions))
}

/// How PostgreSQL answers. A transaction that fails takes a change of it back by itself.
#[derive(sqlx::FromRow)]
struct Manner {
    search_path: String,
    jit: String,
}

impl Manner {
    /// With no search path everything is written with its schema, whoever asks; and nothing that a stranger put into a
    /// schema answers in the place of PostgreSQL's own catalogue. Compiling the query would take longer than running
    /// it: 7 s for 500 tables.
    fn for_reading() -> Self {
        Self { search_path: String::new(), jit: "off".to_owned() }
    }

    async fn of(connection: &mut PgConnection) -> Result<Self> {
        let asked =
            "SELECT pg_catalog.current_setting('search_path') AS search_path, pg_catalog.current_setting('jit') AS jit";
        Ok(sqlx::query_as(asked).fetch_one(connection).await?)
    }

    async fn take(&self, connection: &mut PgConnection) -> Result<()> {
        sqlx::query("SELECT pg_catalog.set_config('search_path', $1, false), pg_catalog.set_config('jit', $2, false)")
            .bind(&self.search_path)
            .bind(&self.jit)
            .execute(connection)
            .await?;
        Ok(())
    }
}

async fn read_qualified(connection: &mut PgConnection, profile: &Profile) -> Result<Catalogue> {
    let (server_version, version_num, database): (String, i32, String) = sqlx::query_as(
        "SELECT split_part(current_setting('server_version'), ' ', 1), current_setting('server_version_num')::int, \
                current_database()::text",
    )
    .fetch_one(&mut *connection)
    .await?;
    let (root_table, root_column) =
        profile.root.as_ref().map(|root| (root.table.as_str(), root.column.as_str())).unzip();
    let rows: Vec<Row> = sqlx::query_as(TABLES)
        .bind(&profile.tenant_columns)
        .bind(root_table)
        .bind(root_column)
        .fetch_all(&mut *connection)
        .await?;
    let mut policies = policies::read(connection).await?;
    let with_policies = |row: Row| {
        let own = policies.remove(&row.relation).unwrap_or_default();
        row.with(own)
    };
    let tables = rows.into_iter().map(with_policies).collect::<Result<Vec<_>>>()?;
    let around: Surroundings = sqlx::query_as(SURROUNDINGS).fetch_one(connection).await?;
    Ok(Catalogue {
        server_version,
        server_version_num: u32::try_from(version_num).unwrap_or_default(),
        database,
        tables,
        roles: parsed(around.roles)?,
        schemas: parsed(around.schemas)?,
        functions: parsed(around.functions)?,
        sequences: parsed(around.sequences)?,
    })
}

/// SHA-256 over everything that decides who reaches what, as 64 hexadecimal digits. Two catalogues with the same hash
/// isolate alike; the database's own name and PostgreSQL's version are left out.
#[must_use]
pub fn hash(catalogue: &Catalogue) -> String {
    use std::fmt::Write as _;
    let Catalogue { tables, roles, schemas, functions, sequences, .. } = catalogue;
    // Lists, never maps, so the bytes depend on nothing but the facts.
    let bytes = serde_json::to_vec(&(tables, roles, schemas, functions, sequences)).unwrap_or_default();
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One row a table; the lists come as JSON. The owner's own rights are left out of the grants: they show in
/// every table and say nothing that `owner` does not.
const TABLES: &str = include_str!("tables.sql");
const VERSIONS: &str = include_str!("versions.sql");
const SURROUNDINGS: &str = include_str!("surroundings.sql");

#[derive(sqlx::FromRow)]
struct Row {
    relation: Oid,
    schema: String,
    name: String,
    kind: String,
    owner: String,
    comment: Option<String>,
    rls_enabled: bool,
    rls_forced: bool,
    security_invoker: bool,
    columns: Json<Vec<ColumnFacts>>,
    primary_key: Json<Vec<String>>,
    unique_keys: Json<Vec<UniqueFacts>>,
    checks: Json<Vec<CheckFacts>>,
    parent: Option<String>,
    reads: Json<Vec<String>>,
    definition: Option<String>,
    triggers: Json<Vec<TriggerFacts>>,
    tenant_column: Option<Json<TenantColumn>>,
    tenant_index: Option<String>,
    table_grants: Json<Vec<TableGrantRow>>,
    column_grants: Json<Vec<ColumnGrantRow>>,
    foreign_keys: Json<Vec<ForeignKeyFacts>>,
}

#[derive(sqlx::FromRow)]
struct Surroundings {
    roles: serde_json::Value,
    schemas: serde_json::Value,
    functions: serde_json::Value,
    sequences: serde_json::Value,
}

#[derive(serde::Deserialize)]
struct TableGrantRow {
    role: String,
    privileges: Vec<String>,
}

#[derive(serde::Deserialize)]
struct ColumnGrantRow {
    role: String,
    privilege: String,
    columns: Vec<String>,
}

fn parsed<T: DeserializeOwned>(list: serde_json::Value) -> Result<Vec<T>> {
    serde_json::from_value(list).map_err(|error| Error::Unexpected(error.to_string()))
}

impl Row {
    fn with(self, policies: Vec<PolicyFacts>) -> Result<TableFacts> {
        Ok(TableFacts {
            schema: self.schema,
            name: self.name,
            kind: policies::word(self.kind)?,
            owner: self.owner,
            comment: self.comment,
            rls_enabled: self.rls_enabled,
            rls_forced: self.rls_forced,
            security_invoker: self.security_invoker,
            columns: self.columns.0,
            primary_key: self.primary_key.0,
            unique_keys: self.unique_keys.0,
            checks: self.checks.0,
            parent: self.parent,
            reads: self.reads.0,
            definition: self.definition,
            triggers: self.triggers.0,
            tenant_column: self.tenant_column.map(|column| column.0),
            tenant_index: self.tenant_index,
            policies,
            grants: merge(self.table_grants.0, self.column_grants.0),
            foreign_keys: self.foreign_keys.0,
        })
    }
}

/// One entry a role, in alphabetical order.
fn merge(tables: Vec<TableGrantRow>, columns: Vec<ColumnGrantRow>) -> Vec<GrantFacts> {
    let mut grants: Vec<GrantFacts> = tables
        .into_iter()
        .map(|row| GrantFacts { role: row.role, privileges: row.privileges, columns: Vec::new() })
        .collect();
    for ColumnGrantRow { role, privilege, columns } in columns {
        let column = ColumnGrant { privilege, columns };
        match grants.iter_mut().find(|grant| grant.role == role) {
            Some(grant) => grant.columns.push(column),
            None => grants.push(GrantFacts { role, privileges: Vec::new(), columns: vec![column] }),
        }
    }
    grants.sort_by(|a, b| a.role.cmp(&b.role));
    grants
}
