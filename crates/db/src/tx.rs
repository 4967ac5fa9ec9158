//! Transactions. There is no other way to a table, and none to open one without a scope.
//!
//! A request's first transaction is opened by [`Database::enter`] in one round trip: `BEGIN`, the session's
//! look-up and the tenant context travel in one message. Reads never commit: dropping a [`ReadTx`] gives the
//! connection back, and the pool ends the transaction off the request's path.

use crate::{
    Database, Error, Result, audit,
    idempotency::{self, Done, Once},
    memory,
    pools::run_first,
    scope::{Actor, Identity, OrgScope, Origin, SystemTask},
    statements::{Recorded, Statements},
};
use bulkhead_model::{
    Id, OrgId, access::Assignment, audit::ActorKind, id::PLATFORM_ORG, org::OrgKind, perm, permission::Place,
    session::SignInMethod, user::Role,
};
use sqlx::{
    PgConnection, PgPool, Row,
    pool::PoolConnection,
    postgres::{PgRow, PgValueFormat, Postgres},
    types::Json,
};
use std::{fmt::Write, marker::PhantomData, sync::Arc};
use time::{OffsetDateTime, macros::format_description};
use tokio::time::sleep;
use uuid::Uuid;

pub(crate) mod sealed {
    pub trait Realm: Send + Sync + 'static {
        const NAME: &'static str;
        const ROLE: &'static str;
        fn pool(database: &crate::Database) -> &sqlx::PgPool;
    }
}

/// Which role a transaction runs as: [`Tenant`] or [`Operator`].
pub trait Realm: sealed::Realm + Admits<perm::Anywhere> {}

/// That permissions of a place can be used in a realm. What only operators hold opens nothing as `bulkhead_app`.
#[diagnostic::on_unimplemented(
    message = "permissions of `{P}` cannot be used in the realm `{Self}`",
    note = "what only operators hold is asked for on an operator's context"
)]
pub trait Admits<P: Place> {}
impl Admits<perm::Anywhere> for Tenant {}
impl Admits<perm::Anywhere> for Operator {}
impl Admits<perm::PlatformOnly> for Operator {}

/// Inside one organization, as `bulkhead_app`.
#[derive(Debug)]
pub enum Tenant {}
/// The operator console, as `bulkhead_operator`: its own pool, its own policies.
#[derive(Debug)]
pub enum Operator {}

impl sealed::Realm for Tenant {
    const NAME: &'static str = "tenant";
    const ROLE: &'static str = "bulkhead_app";
    fn pool(database: &Database) -> &PgPool {
        &database.app
    }
}
impl sealed::Realm for Operator {
    const NAME: &'static str = "operator";
    const ROLE: &'static str = "bulkhead_operator";
    fn pool(database: &Database) -> &PgPool {
        &database.operator
    }
}
impl Realm for Tenant {}
impl Realm for Operator {}

/// SHA-256 of a secret the browser holds: a session cookie, an invitation or reset link.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A transaction that only reads. Dropping it ends it.
pub struct ReadTx<R: Realm = Tenant> {
    connection: PoolConnection<Postgres>,
    statements: Arc<Statements>,
    pub(crate) scope: OrgScope,
    pub(crate) origin: Origin,
    now: OffsetDateTime,
    /// The acting user's own organization; differs from the scope's where an operator acts within another.
    home: OrgId,
    once: Option<Once>,
    realm: PhantomData<fn() -> R>,
}

/// A transaction that may write. It commits with an audit record or not at all; dropping it rolls back.
pub struct WriteTx<R: Realm = Tenant>(ReadTx<R>);

/// A [`WriteTx`] of a [`SystemTask`], in the operator realm.
pub type SystemTx = WriteTx<Operator>;

impl<R: Realm> ReadTx<R> {
    /// The database's clock at the start of this transaction: the one clock all replicas share.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// Who this transaction acts for, and where.
    pub fn scope(&self) -> &OrgScope {
        &self.scope
    }

    /// Turns a transaction that was opened to read into one that may write.
    pub fn into_write(self) -> WriteTx<R> {
        WriteTx(self)
    }

    /// Where statements run; their text and duration are recorded, their values are not.
    pub(crate) fn connection(&mut self) -> Recorded<'_> {
        Recorded::new(&mut self.connection, &self.statements, R::ROLE)
    }

    /// The connection itself, for what takes one. What runs on it is not recorded.
    pub(crate) fn unrecorded(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl<R: Realm> WriteTx<R> {
    /// Makes this the one transaction in which the request with this key happens: its commit writes the key down.
    /// Answers what was done if it already has, no sooner than the first time.
    pub async fn once(&mut self, once: Once) -> Result<Option<Done>> {
        let done = idempotency::claim(&mut self.0, &once).await?;
        if done.is_some() {
            sleep(memory::TOLD_AFTER).await;
        }
        self.0.once = Some(once);
        Ok(done)
    }
}

impl ReadTx<Operator> {
    /// Names the organization that the following statements are about. Operators read across organizations;
    /// a write is only allowed by the policies where its row belongs to the organization named here.
    pub async fn within(&mut self, org: OrgId) -> Result<()> {
        set_org(self.unrecorded(), org).await?;
        self.scope.org = org;
        Ok(())
    }
}

async fn set_org(connection: &mut PgConnection, org: OrgId) -> Result<()> {
    sqlx::query("SELECT set_config('app.org_id', $1, true)").bind(org.to_string()).execute(connection).await?;
    Ok(())
}

impl<R: Realm> std::ops::Deref for WriteTx<R> {
    type Target = ReadTx<R>;
    fn deref(&self) -> &ReadTx<R> {
        &self.0
    }
}
impl<R: Realm> std::ops::DerefMut for WriteTx<R> {
    fn deref_mut(&mut self) -> &mut ReadTx<R> {
        &mut self.0
    }
}

/// The few changes that no one needs to find in an audit log. Reviewed like an allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unaudited {
    /// A password was hashed again with newer parameters; nothing about the account changed.
    Rehash,
    /// The request was a repetition that had already been answered.
    Replay,
    /// What a service was answered; it stands in a table of its own, as far as it is kept.
    Decision,
    /// How far a run is. Its beginning and its end have events.
    Progress,
}

impl<R: Realm> WriteTx<R> {
    /// Commits the change together with its audit record; neither can be had without the other.
    pub async fn commit(self, record: audit::Record) -> Result<()> {
        self.commit_all(vec![record]).await
    }

    /// Commits one change that is several events, such as an invitation of many. At least one.
    ///
    /// Ends when the change counts on every server, which is a moment after the commit (`memory`).
    pub async fn commit_all(mut self, records: Vec<audit::Record>) -> Result<()> {
        debug_assert!(!records.is_empty(), "a change without an audit event");
        let is_waited_for = records.iter().any(audit::Record::changes_something);
        audit::append(&mut self, &records).await?;
        if let (Some(once), Some(first)) = (self.0.once.take(), records.first()) {
            // The key belongs to the user, so it lies in the user's organization, whichever was written to.
            let home = self.0.home;
            set_org(self.0.unrecorded(), home).await?;
            idempotency::keep(&mut self.0, &once, &first.done()).await?;
        }
        self.end().await?;
        if is_waited_for {
            sleep(memory::TOLD_AFTER).await;
        }
        Ok(())
    }

    /// Commits a change that is on the short list of those without an event.
    pub async fn commit_unaudited(self, why: Unaudited) -> Result<()> {
        tracing::debug!(?why, "committed without an audit event");
        self.end().await
    }

    async fn end(mut self) -> Result<()> {
        // COMMIT of a transaction that an earlier error aborted answers ROLLBACK instead of failing; the SELECT
        // before it fails in such a transaction, so that a caller who swallowed the error is told.
        sqlx::raw_sql("SELECT 1; COMMIT").execute(self.0.unrecorded()).await?;
        Ok(())
    }
}

impl Database {
    /// Opens the first transaction of a signed-in request: who the session stands for, and their scope set.
    /// `None` when the session, its user or its organization is not live, or (in the operator realm) when the
    /// organization is not the platform. One round trip.
    pub async fn enter<R: Realm>(&self, token: TokenHash, origin: Origin) -> Result<Option<(Identity, ReadTx<R>)>> {
        // The simple query protocol takes no parameters. The only value in this text is a 32-byte digest
        // written as 64 hexadecimal digits, so there is nothing to inject (docs/adr/0003-one-round-trip.md).
        let mut sql = String::with_capacity(128);
        sql.push_str("BEGIN; EXECUTE bulkhead_enter('\\x");
        for byte in token.0 {
            let _ = write!(sql, "{byte:02x}");
        }
        let _ = write!(sql, "', '{}')", R::NAME);
        let (connection, row) = run_first(R::pool(self), &sql).await?;
        let Some(row) = row else { return Ok(None) };
        let identity = identity(&row)?;
        let scope = OrgScope::of(&identity);
        let (now, home) = (moment(&row, "now")?, scope.org);
        let statements = Arc::clone(&self.statements);
        Ok(Some((
            identity,
            ReadTx { connection, statements, scope, origin, now, home, once: None, realm: PhantomData },
        )))
    }

    /// Opens a transaction in a scope that another credential than a session has minted (see `sign_in`, `tokens`).
    pub async fn write(&self, scope: OrgScope, origin: Origin) -> Result<WriteTx> {
        self.begin::<Tenant>(scope, origin, None).await.map(WriteTx)
    }

    /// Opens a transaction of a system task in the platform organization; `within` moves it to another.
    pub async fn system(&self, task: SystemTask) -> Result<SystemTx> {
        self.system_for(task, Origin::default()).await
    }

    /// The same, where a request caused the task and its events should say so.
    pub async fn system_for(&self, task: SystemTask, origin: Origin) -> Result<SystemTx> {
        let actor = Actor { kind: ActorKind::System, id: None, label: task.label().to_owned(), session: None };
        let scope = OrgScope { org: PLATFORM_ORG, actor };
        self.begin::<Operator>(scope, origin, Some(Uuid::nil())).await.map(WriteTx)
    }

    async fn begin<R: Realm>(&self, scope: OrgScope, origin: Origin, operator: Option<Uuid>) -> Result<ReadTx<R>> {
        // One message, as `enter` sends it: the values in its text are UUIDs, written by their own type.
        let org = scope.org.uuid();
        let sql = match operator {
            // From here on no statement of this transaction changes the organization (docs/adr/0014-sealed-context.md).
            None => format!("BEGIN; SELECT now() FROM app.seal('{org}')"),
            Some(operator) => format!(
                "BEGIN; SELECT now() FROM set_config('app.org_id', '{org}', true) AS org, \
                 set_config('app.operator_id', '{operator}', true) AS operator"
            ),
        };
        let (connection, row) = run_first(R::pool(self), &sql).await?;
        let now = moment(&row.ok_or(Error::Corrupt { what: "the beginning of a transaction" })?, "now")?;
        let (home, statements) = (scope.org, Arc::clone(&self.statements));
        Ok(ReadTx { connection, statements, scope, origin, now, home, once: None, realm: PhantomData })
    }
}

pub(crate) fn identity(row: &PgRow) -> Result<Identity> {
    let word = |column: &'static str| row.try_get::<&str, _>(column);
    Ok(Identity {
        org_id: Id::from_uuid(row.try_get("org_id")?),
        user_id: Id::from_uuid(row.try_get("user_id")?),
        session_id: Id::from_uuid(row.try_get("session_id")?),
        org_slug: row.try_get("org_slug")?,
        org_name: row.try_get("org_name")?,
        org_kind: OrgKind::from_code(word("org_kind")?).ok_or(Error::Corrupt { what: "orgs.kind" })?,
        org_plan: row.try_get("org_plan")?,
        email: row.try_get("user_email")?,
        name: row.try_get("user_name")?,
        role: Role::from_code(word("user_role")?).ok_or(Error::Corrupt { what: "users.role" })?,
        roles_version: row.try_get("roles_version")?,
        assignments: assignments(row)?,
        method: SignInMethod::from_code(word("method")?).ok_or(Error::Corrupt { what: "sessions.method" })?,
        assurance: row.try_get("assurance")?,
        signed_in_at: moment(row, "created_at")?,
        last_seen_at: moment(row, "last_seen_at")?,
        expires_at: moment(row, "expires_at")?,
    })
}

/// The roles somebody holds beside their built-in one, as `app.enter()` lists them; mostly none.
fn assignments(row: &PgRow) -> Result<Vec<Assignment>> {
    let listed: Option<Json<Vec<Assignment>>> = row.try_get("assignments")?;
    Ok(listed.map(|Json(assignments)| assignments).unwrap_or_default())
}

/// A point in time. Those of the simple protocol are text, of which sqlx 0.9.0 cannot read one without a fraction: that is
/// one request in a million, and every request of a session that began on a whole second.
pub(crate) fn moment(row: &PgRow, column: &str) -> Result<OffsetDateTime> {
    let value = row.try_get_raw(column)?;
    if value.format() == PgValueFormat::Binary {
        return Ok(row.try_get(column)?);
    }
    let text = value.as_str().map_err(sqlx::Error::Decode)?;
    read_moment(text).ok_or(Error::Corrupt { what: "a point in time" })
}

/// As PostgreSQL writes it in UTC, which every connection asks for: `2026-11-21 22:35:27.01+00`.
fn read_moment(text: &str) -> Option<OffsetDateTime> {
    let form = format_description!(
        version = 2,
        "[year]-[month]-[day] [hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory]"
    );
    OffsetDateTime::parse(text, form).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn moments_are_read_with_and_without_a_fraction() {
        assert_eq!(read_moment("2026-11-21 22:35:27.000312+00"), Some(datetime!(2026-11-21 22:35:27.000312 UTC)));
        assert_eq!(read_moment("2026-11-21 22:35:27.5+00"), Some(datetime!(2026-11-21 22:35:27.5 UTC)));
        assert_eq!(read_moment("2026-11-21 22:35:27+00"), Some(datetime!(2026-11-21 22:35:27 UTC)));
        for wrong in ["", "infinity", "2026-11-21", "2026-11-21 22:35:27", "2026-11-21 22:35:27."] {
            assert_eq!(read_moment(wrong), None, "{wrong}");
        }
    }
}
