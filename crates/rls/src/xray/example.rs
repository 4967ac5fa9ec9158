//! A row that is there, to begin a question with.

use bulkhead_model::isolation::{TableFacts, xray::Example};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::error::Result;
use super::sql::{identifier, qualified};

/// The first row that comes, and an organization beside its own. None where the table is empty, has no primary key or
/// tenant column, or may not be read.
///
/// Both look-ups of the other organization follow the order of the tenant column, so that an index on it makes them
/// cheap however many rows the first organization has.
///
/// # Errors
/// When the connection breaks.
pub async fn example(connection: &mut PgConnection, table: &TableFacts) -> Result<Option<Example>> {
    let Some(tenant) = table.tenant_column.as_ref().filter(|_| !table.primary_key.is_empty()) else {
        return Ok(None);
    };
    let (from, tenant) = (qualified(&table.schema, &table.name), identifier(&tenant.name));
    let key: Vec<String> = table.primary_key.iter().map(|column| format!("one.{}::text", identifier(column))).collect();
    let sql = format!(
        "WITH one AS (SELECT * FROM {from} WHERE {tenant} IS NOT NULL LIMIT 1)
         SELECT coalesce((SELECT other.{tenant} FROM {from} other WHERE other.{tenant} > one.{tenant} ORDER BY 1 LIMIT 1),
                         (SELECT other.{tenant} FROM {from} other WHERE other.{tenant} < one.{tenant} ORDER BY 1 DESC LIMIT 1))::text,
                {} FROM one",
        key.join(", ")
    );
    let row = match sqlx::query(AssertSqlSafe(sql)).fetch_optional(connection).await {
        Ok(row) => row,
        // Rights are missing, or the column's type has no order: then the person chooses the row.
        Err(sqlx::Error::Database(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(row) = row else { return Ok(None) };
    let mut values = Vec::with_capacity(table.primary_key.len());
    for (at, column) in table.primary_key.iter().enumerate() {
        values.push((column.clone(), row.try_get(at + 1)?));
    }
    Ok(Some(Example { key: values, other: row.try_get(0)? }))
}
