//! Password hashes of the transaction's organization.

use crate::{
    Result,
    sign_in::StoredPassword,
    tx::{ReadTx, WriteTx},
};
use bulkhead_model::UserId;

/// The stored hash of a user's password, if they have one.
pub async fn find(tx: &mut ReadTx, user: UserId) -> Result<Option<StoredPassword>> {
    Ok(sqlx::query_as!(
        StoredPassword,
        "SELECT phc, pepper_id FROM user_passwords WHERE org_id = (SELECT app.org_id()) AND user_id = $1",
        user.uuid(),
    )
    .fetch_optional(tx.connection())
    .await?)
}

/// Sets a user's password hash.
pub async fn set(tx: &mut WriteTx, user: UserId, stored: &StoredPassword) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO user_passwords (user_id, phc, pepper_id, changed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (org_id, user_id) DO UPDATE SET phc = excluded.phc, pepper_id = excluded.pepper_id, changed_at = excluded.changed_at",
        user.uuid(),
        stored.phc,
        stored.pepper_id,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Replaces a hash by one of the same password with newer parameters, unless it changed meanwhile.
pub async fn rehash(tx: &mut WriteTx, user: UserId, old: &StoredPassword, new: &StoredPassword) -> Result<()> {
    sqlx::query!(
        "UPDATE user_passwords SET phc = $3, pepper_id = $4 WHERE org_id = (SELECT app.org_id()) AND user_id = $1 AND phc = $2",
        user.uuid(),
        old.phc,
        new.phc,
        new.pepper_id,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
