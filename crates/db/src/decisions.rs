//! Decisions that services asked for: every denial and a sample of the rest, until `app.sweep()` forgets them.

use crate::{
    Result,
    tx::{ReadTx, WriteTx},
};
use bulkhead_model::{DecisionId, Id, RoleId, UserId, access::Resource};
use ipnetwork::IpNetwork;
use sqlx::{FromRow, types::Json};
use std::net::IpAddr;
use time::OffsetDateTime;
use uuid::Uuid;

/// A decision to be kept.
#[derive(Debug, Clone)]
pub struct NewDecision {
    /// Its id.
    pub id: DecisionId,
    /// About whom; none where nobody has the id that was asked about.
    pub user: Option<UserId>,
    /// What was asked for, as it was written.
    pub permission: String,
    /// A reason code.
    pub reason: &'static str,
    /// How many decisions like it the row stands for.
    pub weight: i32,
    /// The role whose line decided.
    pub role: Option<RoleId>,
    /// Where the person was, as far as the service knew.
    pub address: Option<IpAddr>,
    /// What was asked about.
    pub resource: Resource,
}

/// Keeps decisions, all of them in one statement.
pub async fn keep(tx: &mut WriteTx, decisions: &[NewDecision], by: &str) -> Result<()> {
    let now = tx.now();
    let mut sql = sqlx::QueryBuilder::new(
        "INSERT INTO decisions (id, decided_at, user_id, permission, reason, weight, role_id, address, resource, asked_by) ",
    );
    sql.push_values(decisions, |mut row, decision| {
        row.push_bind(decision.id.uuid())
            .push_bind(now)
            .push_bind(decision.user.map(Id::uuid))
            .push_bind(&decision.permission)
            .push_bind(decision.reason)
            .push_bind(decision.weight)
            .push_bind(decision.role.map(Id::uuid))
            .push_bind(decision.address.map(IpNetwork::from))
            .push_bind(Json(&decision.resource))
            .push_bind(by);
    });
    sql.build().execute(tx.connection()).await?;
    Ok(())
}

/// A decision that was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// When it was made.
    pub at: OffsetDateTime,
    /// About whom.
    pub user: UserId,
    /// What was asked for, as it was written.
    pub permission: String,
    /// How many decisions like it the row stands for.
    pub weight: i32,
    /// Where the person was, as far as the service knew.
    pub address: Option<IpAddr>,
    /// What was asked about.
    pub resource: Resource,
}

/// What was decided about these users since then, the newest first, at most `limit`.
pub async fn about(tx: &mut ReadTx, users: &[UserId], since: OffsetDateTime, limit: i64) -> Result<Vec<Kept>> {
    #[derive(FromRow)]
    struct Row {
        decided_at: OffsetDateTime,
        user_id: Uuid,
        permission: String,
        weight: i32,
        address: Option<IpNetwork>,
        resource: Json<Resource>,
    }
    let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT decided_at, user_id, permission, weight, address, resource FROM decisions
         WHERE org_id = (SELECT app.org_id()) AND user_id = ANY($1) AND decided_at >= $2
         ORDER BY decided_at DESC, id LIMIT $3",
    )
    .bind(users)
    .bind(since)
    .bind(limit)
    .fetch_all(tx.connection())
    .await?;
    let kept = |row: Row| Kept {
        at: row.decided_at,
        user: Id::from_uuid(row.user_id),
        permission: row.permission,
        weight: row.weight,
        address: row.address.map(|address| address.ip()),
        resource: row.resource.0,
    };
    Ok(rows.into_iter().map(kept).collect())
}
