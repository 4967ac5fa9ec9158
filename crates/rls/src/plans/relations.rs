//! What the catalogue says about the tables of a plan.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::{Profile, Result};

/// By schema and name.
pub(super) type Relations = BTreeMap<(String, String), Relation>;

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Relation {
    /// Row-level security is on, for it or for a table that it is a partition of.
    pub(super) row_security: bool,
    pub(super) tenant_column: Option<String>,
    /// None where PostgreSQL never counted.
    pub(super) rows: Option<f64>,
    /// Indexes whose first column is the tenant column.
    pub(super) tenant_indexes: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    schema: String,
    name: String,
    row_security: bool,
    tenant_column: Option<String>,
    rows: f32,
    tenant_indexes: Vec<String>,
}

/// Reads the named tables.
pub(super) async fn read(
    connection: &mut PgConnection,
    profile: &Profile,
    names: &[(String, String)],
) -> Result<Relations> {
    let (schemas, tables): (Vec<&str>, Vec<&str>) = names.iter().map(|(s, t)| (s.as_str(), t.as_str())).unzip();
    let (root, key) = profile.root.as_ref().map(|root| (root.table.as_str(), root.column.as_str())).unzip();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT n.nspname::text AS schema, c.relname::text AS name, c.reltuples AS rows, t.attname::text AS tenant_column,
                c.relrowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) a(oid)
                                            JOIN pg_catalog.pg_class p ON p.oid = a.oid WHERE p.relrowsecurity) AS row_security,
                ARRAY(SELECT i.relname::text FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
                      WHERE x.indrelid = c.oid AND x.indkey[0] = t.attnum ORDER BY 1) AS tenant_indexes
         FROM unnest($1::text[], $2::text[]) asked(schema, name)
         JOIN pg_catalog.pg_namespace n ON n.nspname = asked.schema
         JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = asked.name
         LEFT JOIN LATERAL (
             SELECT a.attname, a.attnum FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND CASE WHEN n.nspname || '.' || c.relname = $4 THEN a.attname = $5 ELSE a.attname = ANY ($3) END
             ORDER BY array_position($3, a.attname::text) LIMIT 1) t ON true",
    )
    .bind(&schemas)
    .bind(&tables)
    .bind(&profile.tenant_columns)
    .bind(root)
    .bind(key)
    .fetch_all(connection)
    .await?;
    let facts = |row: Row| {
        let Row { schema, name, row_security, tenant_column, rows, tenant_indexes } = row;
        let rows = (rows >= 0.0).then(|| f64::from(rows));
        ((schema, name), Relation { row_security, tenant_column, rows, tenant_indexes })
    };
    Ok(rows.into_iter().map(facts).collect())
}
