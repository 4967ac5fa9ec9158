//! Invitation and reset links: made here, looked up and used in [`crate::sign_in`].

use crate::{
    Result,
    sign_in::TokenPurpose,
    tx::{Realm, TokenHash, WriteTx},
};
use bulkhead_model::{Id, UserId, id::TokenId};
use time::Duration;

/// Stores the hash of a new link for a user, and who of the organization made it, if anyone did.
pub async fn insert<R: Realm>(
    tx: &mut WriteTx<R>,
    id: TokenId,
    user: UserId,
    purpose: TokenPurpose,
    hash: TokenHash,
    valid_for: Duration,
    invited_by: Option<UserId>,
) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO user_tokens (id, user_id, purpose, token_hash, created_at, expires_at, invited_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id.uuid(),
        user.uuid(),
        purpose.code(),
        hash.0.as_slice(),
        now,
        now + valid_for,
        invited_by.map(Id::uuid),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends every open link of a user for a purpose: a new one replaces the old, a changed password ends resets (F13).
pub async fn void(tx: &mut WriteTx, user: UserId, purpose: TokenPurpose) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "UPDATE user_tokens SET used_at = $3 WHERE org_id = (SELECT app.org_id()) AND user_id = $1 AND purpose = $2 AND used_at IS NULL",
        user.uuid(),
        purpose.code(),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Who made an invitation: their rights are checked again when it is accepted (E10).
pub async fn inviter(tx: &mut WriteTx, token: TokenId) -> Result<Option<UserId>> {
    Ok(sqlx::query_scalar!(
        "SELECT invited_by FROM user_tokens WHERE org_id = (SELECT app.org_id()) AND id = $1",
        token.uuid()
    )
    .fetch_optional(tx.connection())
    .await?
    .flatten()
    .map(Id::from_uuid))
}
