//! Plain SQL for tests of crates that do not name sqlx: arranging rows and looking behind the policies.

use super::{HarnessError, TestDatabase};
use bulkhead_db::TOLD_AFTER;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

impl TestDatabase {
    /// Runs statements as the migrator, whom policies do not bind. Ends, as every change of the product does, when no server
    /// remembers what was before it.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn run(&self, sql: &str) -> Result<(), HarnessError> {
        run(&self.as_migrator(), sql).await?;
        tokio::time::sleep(TOLD_AFTER).await;
        Ok(())
    }

    /// Runs statements as a superuser: for breaking something on purpose.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn sabotage(&self, sql: &str) -> Result<(), HarnessError> {
        run(&self.as_superuser(), sql).await
    }

    /// The one number that a query answers, read as the migrator.
    ///
    /// # Errors
    /// When PostgreSQL refuses, or the answer is not one `bigint`.
    pub async fn number(&self, sql: &str) -> Result<i64, HarnessError> {
        let mut connection = PgConnection::connect(self.as_migrator().expose_secret()).await?;
        let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(number)
    }

    /// The one column of text that a query answers, read as the migrator.
    ///
    /// # Errors
    /// When PostgreSQL refuses, or the column is not text or holds NULL.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>, HarnessError> {
        texts(&self.as_migrator(), sql).await
    }
}

/// The one column of text that a query answers, on any server.
///
/// # Errors
/// When PostgreSQL refuses, or the column is not text or holds NULL.
pub async fn texts(url: &SecretString, sql: &str) -> Result<Vec<String>, HarnessError> {
    let mut connection = PgConnection::connect(url.expose_secret()).await?;
    let texts = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(texts)
}

/// Runs statements, on any server.
///
/// # Errors
/// When PostgreSQL refuses.
pub async fn run(url: &SecretString, sql: &str) -> Result<(), HarnessError> {
    let mut connection = PgConnection::connect(url.expose_secret()).await?;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    Ok(connection.close().await?)
}
