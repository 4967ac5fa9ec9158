//! What is deleted for good: organizations whose time to be restored is over, and audit events that are too old. The
//! functions in the database decide what is due; no runtime role can delete either in another way.

use crate::{
    Result,
    tx::{Operator, ReadTx, SystemTx},
};
use bulkhead_model::{Id, OrgId, setting::RETENTION_MIN_DAYS};
use sqlx::types::Json;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// An organization that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its id, which stays.
    pub id: OrgId,
    /// Its name, which goes.
    pub name: String,
    /// Its name in URLs, which stays with it: nobody else gets it.
    pub slug: String,
}

/// Organizations whose time to be restored is over, the longest waiting first; at most 20.
pub async fn due(tx: &mut ReadTx<Operator>) -> Result<Vec<Due>> {
    let rows = sqlx::query!(
        "SELECT id, name, slug FROM orgs WHERE status = 'pending_deletion' AND delete_after <= now()
         ORDER BY delete_after, id LIMIT 20"
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| Due { id: Id::from_uuid(row.id), name: row.name, slug: row.slug }).collect())
}

/// How long the purge of one organization may take. It is one transaction, so that a restore wins or loses as a whole.
const PURGE_TIMEOUT: &str = "SET LOCAL statement_timeout = '10min'";

/// Deletes everything of an organization that is due; how many rows went, by table. `None` when it is not due (any
/// more), or somebody decides on it at this moment.
pub async fn purge(tx: &mut SystemTx, org: OrgId) -> Result<Option<BTreeMap<String, i64>>> {
    sqlx::raw_sql(PURGE_TIMEOUT).execute(tx.connection()).await?;
    let counts =
        sqlx::query_scalar!(r#"SELECT app.purge_org($1) AS "counts: Json<BTreeMap<String, i64>>""#, org.uuid())
            .fetch_one(tx.connection())
            .await?;
    Ok(counts.map(|Json(counts)| counts))
}

/// Organizations that have events older than any plan must keep, from `after` on, in the order of their ids.
pub async fn with_old_events(tx: &mut ReadTx<Operator>, after: Option<OrgId>, limit: i64) -> Result<Vec<OrgId>> {
    let oldest_kept = crate::audit::first_id_at(tx.now() - Duration::days(RETENTION_MIN_DAYS));
    let ids = sqlx::query_scalar!(
        "SELECT o.id FROM orgs o
         WHERE ($1::uuid IS NULL OR o.id > $1) AND EXISTS (SELECT FROM audit_events e WHERE e.org_id = o.id AND e.id < $2)
         ORDER BY o.id LIMIT $3",
        after.map(Id::uuid),
        oldest_kept,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

/// When the oldest event of the transaction's organization happened.
pub async fn oldest_event(tx: &mut ReadTx<Operator>) -> Result<Option<OffsetDateTime>> {
    Ok(sqlx::query_scalar!("SELECT at FROM audit_events WHERE org_id = (SELECT app.org_id()) ORDER BY id LIMIT 1")
        .fetch_optional(tx.connection())
        .await?)
}

/// Events that were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// How many.
    pub count: i64,
    /// When the oldest happened.
    pub oldest: OffsetDateTime,
    /// When the newest happened.
    pub newest: OffsetDateTime,
}

/// Deletes the oldest events of the transaction's organization from before `older_than`, at most `limit`. `None` when
/// there are none, or another replica is deleting them. Nothing of the last [`RETENTION_MIN_DAYS`] days goes.
pub async fn expire(tx: &mut SystemTx, older_than: OffsetDateTime, limit: i32) -> Result<Option<Expired>> {
    let row = sqlx::query!(
        r#"SELECT expired AS "count!", oldest AS "oldest!", newest AS "newest!"
           FROM app.expire_audit_events((SELECT app.org_id()), $1, $2)"#,
        older_than,
        limit,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Expired { count: row.count, oldest: row.oldest, newest: row.newest }))
}
