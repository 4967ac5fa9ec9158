//! Sessions: begun in the transaction of the sign-in, ended in the transaction of what ends them.

use crate::{
    Database, Error, Result,
    tx::{Operator, ReadTx, Realm, TokenHash, WriteTx},
};
use bulkhead_model::{
    Id, SessionId, UserId,
    session::{Session, SignInMethod},
};
use ipnetwork::IpNetwork;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

/// What is known when a session begins; address and user agent come from the transaction.
#[derive(Debug, Clone)]
pub struct Begin {
    /// Its public handle, a version 7 id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// Hash of the cookie's value.
    pub token: TokenHash,
    /// How it began.
    pub method: SignInMethod,
    /// Ends after this long without a request.
    pub idle: Duration,
    /// Ends after this long in any case.
    pub lifetime: Duration,
}

/// A handle for a new session, in the order of the database's clock.
pub fn new_id<R: Realm>(tx: &ReadTx<R>) -> SessionId {
    Id::from_uuid(crate::audit::v7(tx.now()))
}

/// Begins a session. The database's clock dates it.
pub async fn begin(tx: &mut WriteTx, new: &Begin) -> Result<()> {
    let (now, origin) = (tx.now(), tx.origin.clone());
    sqlx::query!(
        "INSERT INTO sessions (id, user_id, token_hash, method, assurance, user_agent, address, created_at, last_seen_at, idle_seconds, expires_at)
         VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $7, $8, $9)",
        new.id.uuid(),
        new.user.uuid(),
        new.token.0.as_slice(),
        new.method.code(),
        origin.user_agent.as_deref().unwrap_or_default().chars().take(400).collect::<String>(),
        origin.address.map(IpNetwork::from) as _,
        now,
        i32::try_from(new.idle.whole_seconds()).unwrap_or(i32::MAX),
        now + new.lifetime,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The live sessions of a user, latest first.
pub async fn of_user<R: Realm>(tx: &mut ReadTx<R>, user: UserId) -> Result<Vec<Session>> {
    let rows = sqlx::query!(
        r#"SELECT id, user_id, method, assurance, user_agent, address AS "address: IpNetwork", created_at, last_seen_at, expires_at
           FROM sessions
           WHERE org_id = (SELECT app.org_id()) AND user_id = $1 AND revoked_at IS NULL AND expires_at > now()
             AND last_seen_at + make_interval(secs => idle_seconds) > now()
           ORDER BY last_seen_at DESC LIMIT 200"#,
        user.uuid(),
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Session {
                id: Id::from_uuid(row.id),
                user_id: Id::from_uuid(row.user_id),
                method: SignInMethod::from_code(&row.method).ok_or(Error::Corrupt { what: "sessions.method" })?,
                assurance: row.assurance,
                user_agent: row.user_agent,
                address: row.address.map(|network| network.ip()),
                created_at: row.created_at,
                last_seen_at: row.last_seen_at,
                expires_at: row.expires_at,
            })
        })
        .collect()
}

/// Ends one session of a user; `false` when there is no such live session.
pub async fn revoke(tx: &mut WriteTx, user: UserId, session: SessionId, reason: &str) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE sessions SET revoked_at = $3, revoked_reason = $4
         WHERE org_id = (SELECT app.org_id()) AND user_id = $1 AND id = $2 AND revoked_at IS NULL",
        user.uuid(),
        session.uuid(),
        now,
        reason,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every session of a user but one (or none); how many ended.
pub async fn revoke_others(tx: &mut WriteTx, user: UserId, keep: Option<SessionId>, reason: &str) -> Result<u64> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE sessions SET revoked_at = $3, revoked_reason = $4
         WHERE org_id = (SELECT app.org_id()) AND user_id = $1 AND id IS DISTINCT FROM $2 AND revoked_at IS NULL AND expires_at > $3",
        user.uuid(),
        keep.map(Id::uuid),
        now,
        reason,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected())
}

/// Ends every session of the organization named by `within`; how many ended.
pub async fn revoke_all_of_org(tx: &mut WriteTx<Operator>, reason: &str) -> Result<u64> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE sessions SET revoked_at = $1, revoked_reason = $2
         WHERE org_id = (SELECT app.org_id()) AND revoked_at IS NULL AND expires_at > $1",
        now,
        reason,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected())
}

impl Database {
    /// The data tower-sessions keeps for a live session, and when it expires.
    pub async fn session_data(&self, token: TokenHash) -> Result<Option<(Value, OffsetDateTime)>> {
        let row = sqlx::query!(
            r#"SELECT data AS "data!", expires_at AS "expires_at!" FROM app.session_data($1)"#,
            token.0.as_slice()
        )
        .fetch_optional(&self.auth)
        .await?;
        Ok(row.map(|row| (row.data, row.expires_at)))
    }

    /// Saves it. Never creates and never revives a session: `false` when it is over.
    pub async fn session_save(&self, token: TokenHash, data: &Value) -> Result<bool> {
        Ok(sqlx::query_scalar!(r#"SELECT app.session_save($1, $2) AS "saved!""#, token.0.as_slice(), data)
            .fetch_one(&self.auth)
            .await?)
    }

    /// Notes that these sessions were seen now, in one statement for many requests.
    pub async fn session_touch(&self, tokens: &[TokenHash]) -> Result<()> {
        let tokens: Vec<Vec<u8>> = tokens.iter().map(|token| token.0.to_vec()).collect();
        sqlx::query!("SELECT app.session_touch($1)", &tokens).execute(&self.auth).await?;
        Ok(())
    }

    /// Deletes rows nobody can use any more, at most `limit` of a kind; how many went.
    pub async fn sweep(&self, limit: i32) -> Result<i32> {
        Ok(sqlx::query_scalar!(r#"SELECT app.sweep($1) AS "swept!""#, limit).fetch_one(&self.auth).await?)
    }
}
