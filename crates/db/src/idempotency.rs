//! Idempotency keys: what was answered to a write, kept for a day and written in the write's own transaction.

use crate::{Result, tx::{ReadTx, Realm, WriteTx}};
use serde_json::Value;

/// An answer already given.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Location` header or redirect target.
    pub location: Option<String>,
    /// JSON body.
    pub body: Option<Value>,
}

/// Holds back other requests with this key until the transaction ends, then looks for the answer given to it.
/// The second value tells whether it was given to the same request.
pub async fn find<R: Realm>(tx: &mut ReadTx<R>, key: &str, request: &[u8; 32]) -> Result<Option<(Answer, bool)>> {
    let Some(user) = tx.scope.user() else { return Ok(None) };
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('bulkhead.idempotency:' || $1 || ':' || $2, 0))")
        .bind(user.to_string())
        .bind(key)
        .execute(tx.connection())
        .await?;
    let row = sqlx::query!(
        "SELECT request_hash, status, location, body FROM idempotency_keys
         WHERE org_id = (SELECT app.org_id()) AND user_id = $1 AND key = $2",
        user.uuid(),
        key,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| {
        let answer = Answer {
            status: u16::try_from(row.status).unwrap_or(500),
            location: row.location,
            body: row.body,
        };
        (answer, row.request_hash == request)
    }))
}

/// Keeps the answer to a request with a key.
pub async fn keep<R: Realm>(tx: &mut WriteTx<R>, key: &str, request: &[u8; 32], answer: &Answer) -> Result<()> {
    let (now, Some(user)) = (tx.now(), tx.scope.user()) else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO idempotency_keys (user_id, key, request_hash, status, location, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        user.uuid(),
        key,
        request.as_slice(),
        i16::try_from(answer.status).unwrap_or(500),
        answer.location,
        answer.body,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
