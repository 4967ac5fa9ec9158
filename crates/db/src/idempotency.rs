//! Idempotency keys: a write that carries one is done once, however often it is sent
//! (draft-ietf-httpapi-idempotency-key-header). The key is written by the commit of the write itself.

use crate::{
    Error, Result,
    tx::{ReadTx, Realm},
};
use bulkhead_model::{audit::TargetKind, error::Conflict};

/// A key and the request it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// As the client chose it, 1 to 200 characters; meaningful per user only.
    pub key: String,
    /// A fingerprint of method, path and body, under a key that is not in the database once a context has it.
    pub request: [u8; 32],
}

/// What the write made or changed when it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Kind of the first event's target.
    pub kind: TargetKind,
    /// Its id.
    pub id: String,
}

/// Holds back other requests with this key until the transaction ends, then tells whether it was done before.
/// The same key with another request is a conflict.
pub(crate) async fn claim<R: Realm>(tx: &mut ReadTx<R>, once: &Once) -> Result<Option<Done>> {
    let Some(user) = tx.scope.user() else { return Ok(None) };
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('bulkhead.idempotency:' || $1 || ':' || $2, 0))")
        .bind(user.to_string())
        .bind(&once.key)
        .execute(tx.connection())
        .await?;
    let row = sqlx::query!(
        "SELECT request_hash, target_kind, target_id FROM idempotency_keys
         WHERE org_id = (SELECT app.org_id()) AND user_id = $1 AND key = $2",
        user.uuid(),
        once.key,
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.request_hash != once.request {
        return Err(Error::Conflict(Conflict::IdempotencyKeyReused));
    }
    let kind =
        TargetKind::from_code(&row.target_kind).ok_or(Error::Corrupt { what: "idempotency_keys.target_kind" })?;
    Ok(Some(Done { kind, id: row.target_id }))
}

/// Writes the key down beside the change it came with.
pub(crate) async fn keep<R: Realm>(tx: &mut ReadTx<R>, once: &Once, done: &Done) -> Result<()> {
    let (now, Some(user)) = (tx.now(), tx.scope.user()) else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO idempotency_keys (user_id, key, request_hash, target_kind, target_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        user.uuid(),
        once.key,
        once.request.as_slice(),
        done.kind.code(),
        done.id,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
