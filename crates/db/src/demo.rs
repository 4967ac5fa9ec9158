//! Writes the demo's rows in bulk. As the migrator: a history has to be backdated, and what a runtime role
//! writes is dated by the database.

mod access;

pub use access::{DemoAssignment, DemoDecision, DemoDutyConflict, DemoMember, DemoRole, DemoWorkspace};

use crate::{Error, Result, sign_in::StoredPassword};
use bulkhead_model::{
    OrgId, UserId,
    audit::AuditEvent,
    org::{Org, ProvisioningState},
    session::Session,
    setting::{SettingKey, SettingValue},
    text::normalise,
    user::User,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sqlx::{Connection, PgConnection, types::Json};
use time::OffsetDateTime;

/// Everything the demo consists of.
#[derive(Debug, Default)]
pub struct Demo {
    /// Customer organizations; the platform organization is there already.
    pub orgs: Vec<Org>,
    /// Users, operators among them.
    pub users: Vec<(OrgId, User)>,
    /// Passwords of the few who can sign in.
    pub passwords: Vec<(OrgId, UserId, StoredPassword)>,
    /// Sessions, some of them ended.
    pub sessions: Vec<DemoSession>,
    /// What organizations override, and when they did.
    pub settings: Vec<(OrgId, SettingKey, SettingValue, OffsetDateTime)>,
    /// How each organization was provisioned, and its first admin's address.
    pub steps: Vec<(OrgId, String, Vec<ProvisioningState>)>,
    /// Roles of the organizations' own, in the only version they have.
    pub roles: Vec<DemoRole>,
    /// Who holds one.
    pub assignments: Vec<DemoAssignment>,
    /// Duties that exclude each other.
    pub duty_conflicts: Vec<DemoDutyConflict>,
    /// Workspaces.
    pub workspaces: Vec<DemoWorkspace>,
    /// Who is in one.
    pub members: Vec<DemoMember>,
    /// What services asked.
    pub decisions: Vec<DemoDecision>,
    /// The history.
    pub events: Vec<AuditEvent>,
}

/// A session nobody holds the cookie of: its token's hash has no known origin.
#[derive(Debug)]
pub struct DemoSession {
    /// Whose it is.
    pub org: OrgId,
    /// What people see of it.
    pub session: Session,
    /// Random.
    pub token_hash: [u8; 32],
    /// Ends after this many seconds without a request.
    pub idle_seconds: i32,
    /// When and why it was ended.
    pub revoked: Option<(OffsetDateTime, String)>,
}

/// What was found before writing.
pub enum Begun {
    /// No customer organization: the demo can be written.
    Empty(DemoTx),
    /// There are some. Which of the accounts asked about exist and are active, as positions in the list.
    Occupied(Vec<usize>),
}

/// The transaction in which the demo is written. Dropping it leaves the database empty.
pub struct DemoTx {
    connection: PgConnection,
    now: OffsetDateTime,
}

/// Opens the transaction, holding back another process that would write the demo too.
/// `accounts` are organization slugs with addresses, looked for where the database is not empty.
///
/// # Errors
/// When the database cannot be reached as `bulkhead_migrator`.
pub async fn begin(migrate_url: &SecretString, accounts: &[(&str, &str)]) -> Result<Begun> {
    let mut connection = PgConnection::connect(migrate_url.expose_secret()).await?;
    sqlx::raw_sql("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('bulkhead.demo', 0))")
        .execute(&mut connection)
        .await?;
    // Looked at after the lock, so that the one who waited sees what the other wrote.
    let occupied = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM orgs WHERE kind = 'customer') AS "occupied!""#)
        .fetch_one(&mut connection)
        .await?;
    if !occupied {
        let now = sqlx::query_scalar!(r#"SELECT now() AS "now!""#).fetch_one(&mut connection).await?;
        return Ok(Begun::Empty(DemoTx { connection, now }));
    }
    let active = sqlx::query!(
        "SELECT o.slug, u.email FROM users u JOIN orgs o ON o.id = u.org_id
         WHERE u.status = 'active' AND u.email_norm = ANY ($1)",
        &accounts.iter().map(|(_, email)| (*email).to_owned()).collect::<Vec<_>>(),
    )
    .fetch_all(&mut connection)
    .await?;
    connection.close().await?;
    let there = |(slug, email): &(&str, &str)| active.iter().any(|row| row.slug == *slug && row.email == *email);
    Ok(Begun::Occupied((0..accounts.len()).filter(|&at| accounts.get(at).is_some_and(there)).collect()))
}

/// A model's row with the columns that only the table has.
#[derive(Serialize)]
struct OrgRow<'a> {
    #[serde(flatten)]
    org: &'a Org,
    name_norm: String,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

#[derive(Serialize)]
struct UserRow<'a> {
    org_id: OrgId,
    #[serde(flatten)]
    user: &'a User,
    email_norm: String,
    name_norm: String,
}

#[derive(Serialize)]
struct PasswordRow<'a> {
    org_id: OrgId,
    user_id: UserId,
    phc: &'a str,
    pepper_id: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    changed_at: OffsetDateTime,
}

#[derive(Serialize)]
struct SessionRow<'a> {
    org_id: OrgId,
    #[serde(flatten)]
    session: &'a Session,
    token_hash: String,
    idle_seconds: i32,
    #[serde(with = "time::serde::rfc3339::option")]
    revoked_at: Option<OffsetDateTime>,
    revoked_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct SettingRow<'a> {
    org_id: OrgId,
    key: SettingKey,
    value: &'a SettingValue,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

#[derive(Serialize)]
struct StepRow<'a> {
    org_id: OrgId,
    position: usize,
    #[serde(flatten)]
    state: &'a ProvisioningState,
    input: Option<&'a str>,
}

impl DemoTx {
    /// The database's clock; the history ends here.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// Writes everything and commits. One statement a table: the rows travel as one JSON array.
    ///
    /// # Errors
    /// When a row does not fit its table; nothing is written then.
    pub async fn write(mut self, demo: &Demo) -> Result<()> {
        let now = self.now;
        self.organizations(demo).await?;
        self.people(demo, now).await?;
        self.roles(demo).await?;
        self.duty_conflicts(demo).await?;
        self.workspaces(demo).await?;
        self.assignments(demo).await?;
        self.decisions(demo).await?;
        sqlx::query!(
            "INSERT INTO audit_events (org_id, id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label,
                 outcome, reason, address, user_agent, request_id, session_id, before, after)
             SELECT org_id, id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label,
                 outcome, reason, address, user_agent, request_id, session_id, before, after
             FROM jsonb_populate_recordset(NULL::audit_events, $1)",
            Json(&demo.events) as _,
        )
        .execute(&mut self.connection)
        .await?;
        sqlx::raw_sql("COMMIT").execute(&mut self.connection).await?;
        self.connection.close().await.map_err(Error::from)
    }

    async fn organizations(&mut self, demo: &Demo) -> Result<()> {
        let orgs: Vec<_> = demo
            .orgs
            .iter()
            .map(|org| OrgRow {
                org,
                name_norm: normalise(&org.name),
                updated_at: org.suspended_at.unwrap_or(org.created_at),
            })
            .collect();
        sqlx::query!(
            "INSERT INTO orgs (id, slug, name, name_norm, kind, status, plan, status_reason, suspended_at, delete_after, created_at, updated_at, version)
             SELECT id, slug, name, name_norm, kind, status, plan, status_reason, suspended_at, delete_after, created_at, updated_at, version
             FROM jsonb_populate_recordset(NULL::orgs, $1)",
            Json(orgs) as _,
        )
        .execute(&mut self.connection)
        .await?;
        let settings: Vec<_> = demo
            .settings
            .iter()
            .map(|(org, key, value, at)| SettingRow { org_id: *org, key: *key, value, updated_at: *at })
            .collect();
        sqlx::query!(
            "INSERT INTO org_settings (org_id, key, value, updated_at)
             SELECT org_id, key, value, updated_at FROM jsonb_populate_recordset(NULL::org_settings, $1)",
            Json(settings) as _,
        )
        .execute(&mut self.connection)
        .await?;
        let steps: Vec<_> = demo
            .steps
            .iter()
            .flat_map(|(org_id, email, states)| {
                states.iter().enumerate().map(move |(position, state)| StepRow {
                    org_id: *org_id,
                    position,
                    state,
                    input: (state.step == bulkhead_model::org::ProvisioningStep::FirstAdmin).then_some(email),
                })
            })
            .collect();
        sqlx::query!(
            "INSERT INTO provisioning_steps (org_id, step, position, status, attempts, detail, input, finished_at)
             SELECT org_id, step, position, status, attempts, detail, input, finished_at
             FROM jsonb_populate_recordset(NULL::provisioning_steps, $1)",
            Json(steps) as _,
        )
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    async fn people(&mut self, demo: &Demo, now: OffsetDateTime) -> Result<()> {
        let users: Vec<_> = demo
            .users
            .iter()
            .map(|(org_id, user)| UserRow {
                org_id: *org_id,
                user,
                email_norm: user.email.to_ascii_lowercase(),
                name_norm: normalise(&user.name),
            })
            .collect();
        sqlx::query!(
            "INSERT INTO users (org_id, id, email, email_norm, name, name_norm, role, status, created_at, updated_at, last_seen_at, version)
             SELECT org_id, id, email, email_norm, name, name_norm, role, status, created_at, created_at, last_seen_at, version
             FROM jsonb_populate_recordset(NULL::users, $1)",
            Json(users) as _,
        )
        .execute(&mut self.connection)
        .await?;
        let passwords: Vec<_> = demo
            .passwords
            .iter()
            .map(|(org_id, user_id, stored)| PasswordRow {
                org_id: *org_id,
                user_id: *user_id,
                phc: &stored.phc,
                pepper_id: &stored.pepper_id,
                changed_at: now,
            })
            .collect();
        sqlx::query!(
            "INSERT INTO user_passwords (org_id, user_id, phc, pepper_id, changed_at)
             SELECT org_id, user_id, phc, pepper_id, changed_at FROM jsonb_populate_recordset(NULL::user_passwords, $1)",
            Json(passwords) as _,
        )
        .execute(&mut self.connection)
        .await?;
        let sessions: Vec<_> = demo.sessions.iter().map(SessionRow::from).collect();
        sqlx::query!(
            "INSERT INTO sessions (org_id, id, user_id, token_hash, method, assurance, user_agent, address, created_at, last_seen_at,
                 idle_seconds, expires_at, revoked_at, revoked_reason)
             SELECT org_id, id, user_id, token_hash, method, assurance, user_agent, address, created_at, last_seen_at,
                 idle_seconds, expires_at, revoked_at, revoked_reason
             FROM jsonb_populate_recordset(NULL::sessions, $1)",
            Json(sessions) as _,
        )
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }
}

impl<'a> From<&'a DemoSession> for SessionRow<'a> {
    fn from(demo: &'a DemoSession) -> Self {
        Self {
            org_id: demo.org,
            session: &demo.session,
            token_hash: format!("\\x{}", crate::setup::hexadecimal(&demo.token_hash)),
            idle_seconds: demo.idle_seconds,
            revoked_at: demo.revoked.as_ref().map(|(at, _)| *at),
            revoked_reason: demo.revoked.as_ref().map(|(_, why)| why.as_str()),
        }
    }
}
