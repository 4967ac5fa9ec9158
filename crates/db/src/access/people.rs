//! What the rules about giving and taking a role ask of people: of all of them at once, however many they are.

use super::{Standing, standings};
use crate::{
    Result,
    tx::{ReadTx, Realm},
};
use bulkhead_model::{Id, UserId, WorkspaceId, access::PlacedRole};
use sqlx::FromRow;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// Somebody to whom a role may be given, or from whom it may be taken.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their name; empty for somebody who gave none.
    pub name: String,
    /// What their rights are made of.
    pub standing: Standing,
    /// From when until when they hold this role there, where they do.
    pub held: Option<(Option<OffsetDateTime>, Option<OffsetDateTime>)>,
    /// How many roles they hold in all places together, those that are over included.
    pub roles: i64,
    /// Whether they are in the workspace; nobody is where none is meant.
    pub is_member: bool,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    email: String,
    name: String,
    holds: bool,
    starts_at: Option<OffsetDateTime>,
    ends_at: Option<OffsetDateTime>,
    roles: i64,
    is_member: bool,
}

/// These users, removed ones included, in no order; those that the organization does not have are left out. Two statements.
pub async fn people<R: Realm>(tx: &mut ReadTx<R>, users: &[UserId], placed: PlacedRole) -> Result<Vec<Person>> {
    let mut standings: HashMap<UserId, Standing> = standings(tx, users).await?.into_iter().collect();
    let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT u.id, u.email, u.name, h.id IS NOT NULL AS holds, h.starts_at, h.ends_at,
                (SELECT count(*) FROM role_assignments a WHERE a.org_id = u.org_id AND a.user_id = u.id) AS roles,
                EXISTS (SELECT FROM workspace_members m
                        WHERE m.org_id = u.org_id AND m.workspace_id = $3 AND m.user_id = u.id) AS is_member
         FROM users u
         LEFT JOIN role_assignments h ON h.org_id = u.org_id AND h.user_id = u.id AND h.role_id = $2
              AND h.workspace_id IS NOT DISTINCT FROM $3
         WHERE u.org_id = (SELECT app.org_id()) AND u.id = ANY($1)",
    )
    .bind(users)
    .bind(placed.role.uuid())
    .bind(placed.workspace.map(WorkspaceId::uuid))
    .fetch_all(tx.connection())
    .await?;
    let person = |row: Row| {
        let id = Id::from_uuid(row.id);
        let held = row.holds.then_some((row.starts_at, row.ends_at));
        let Row { email, name, roles, is_member, .. } = row;
        Some(Person { id, email, name, standing: standings.remove(&id)?, held, roles, is_member })
    };
    Ok(rows.into_iter().filter_map(person).collect())
}
