//! A runtime role's connections to one copy, and the one way in which statements are sent: in a transaction that says
//! for whom it acts and is always rolled back.

use futures::TryStreamExt;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Either, PgConnection, Row as _, ValueRef as _};

use super::clones::{become_role, close, connect, execute, on_database};
use super::error::Result;
use super::quoting::value;
use crate::{Context, RuntimeRole, Scope};

/// A statement that takes longer than this tells nothing.
const LIMITS: &str =
    "SET statement_timeout = '5s'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = 0";

/// Who acts for a platform role, where somebody does.
pub(super) const OPERATOR: &str = "b01bead0-0000-4000-8000-0000000000aa";

/// What a transaction says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// The attacker's own organization.
    A,
    /// The attacked one.
    B,
    /// Nothing, on a connection on which nothing was ever said.
    Nothing,
    /// Empty strings: what a connection reads after a transaction that had a context.
    Empty,
    /// Something that names nobody.
    Garbage,
    /// The attacker's own organization, as an operator. Platform roles only.
    OperatorInA,
}

impl Said {
    /// In the middle of a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::A => "in its own organization",
            Self::B => "in the other organization",
            Self::Nothing => "without a context",
            Self::Empty => "with an empty context",
            Self::Garbage => "with a senseless context",
            Self::OperatorInA => "as an operator",
        }
    }
}

/// How a statement ended.
#[derive(Debug)]
pub(super) enum Answer {
    /// PostgreSQL did it.
    Done {
        /// What it returned, as text.
        rows: Vec<Vec<Option<String>>>,
        /// How many rows it touched or returned.
        affected: u64,
    },
    /// PostgreSQL refused.
    Refused {
        /// The SQLSTATE; empty when the connection was lost.
        code: String,
        message: String,
    },
}

impl Answer {
    /// One of the numbers in the first row.
    pub fn number(&self, column: usize) -> Option<i64> {
        match self {
            Self::Done { rows, .. } => rows.first()?.get(column)?.as_deref()?.parse().ok(),
            Self::Refused { .. } => None,
        }
    }

    /// The first value of the first row.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Done { rows, .. } => rows.first()?.first()?.as_deref(),
            Self::Refused { .. } => None,
        }
    }

    pub fn of(error: &sqlx::Error) -> Self {
        let database = error.as_database_error();
        Self::Refused {
            code: database.and_then(|error| error.code()).unwrap_or_default().into_owned(),
            message: database.map_or_else(|| error.to_string(), |error| error.message().to_owned()),
        }
    }
}

/// One role in one copy.
#[derive(Debug)]
pub(super) struct Session {
    /// Nothing is ever set on it.
    untouched: PgConnection,
    /// For everything else.
    pub used: PgConnection,
    /// On which the role's identity is tried to be left. In the broken copy an administrator stands behind it.
    pub identity: Option<PgConnection>,
    /// For COPY only, because it may not outlive it ([`super::attacks`], `bulk`).
    pub copying: Copying,
    /// Where more connections come from: a URL, and the role to become there.
    doorway: (SecretString, String),
    context: Context,
    scope: Scope,
    key_a: String,
    key_b: String,
}

/// A connection for COPY, and how the last ones ended.
#[derive(Debug, Default)]
pub(super) struct Copying {
    connection: Option<PgConnection>,
    /// The last COPY TO was refused.
    pub out_refused: bool,
    /// The last COPY FROM was refused.
    pub in_refused: bool,
}

/// How sessions of a role come to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Door<'a> {
    pub admin: &'a SecretString,
    /// Where the role itself signs in, when that is known.
    pub url: Option<&'a SecretString>,
    pub role: &'a RuntimeRole,
    pub context: &'a Context,
    pub key_a: &'a str,
    pub key_b: &'a str,
}

impl Session {
    /// Connects. `broken` says to which copy.
    pub async fn open(door: Door<'_>, database: &str, broken: bool) -> Result<Self> {
        let untouched = open_one(door, database, false).await?;
        let used = open_one(door, database, false).await?;
        let identity = match (broken, door.url) {
            (true, _) => Some(open_one(door, database, true).await?),
            (false, Some(_)) => Some(open_one(door, database, false).await?),
            (false, None) => None,
        };
        let url = door.url.unwrap_or(door.admin);
        Ok(Self {
            untouched,
            used,
            identity,
            copying: Copying::default(),
            doorway: (on_database(url, database)?, door.role.name.clone()),
            context: door.context.clone(),
            scope: door.role.scope,
            key_a: door.key_a.to_owned(),
            key_b: door.key_b.to_owned(),
        })
    }

    pub async fn close(self) {
        for connection in
            [Some(self.untouched), Some(self.used), self.identity, self.copying.connection].into_iter().flatten()
        {
            close(connection).await;
        }
    }

    /// Whether the role may reach every organization for an operator.
    pub fn is_platform(&self) -> bool {
        self.scope == Scope::Platform
    }

    /// Whether a setting is one in which this role says for whom it acts.
    pub fn is_context(&self, setting: &str) -> bool {
        setting == self.context.org_setting
            || (self.is_platform() && self.context.operator_setting.as_deref() == Some(setting))
    }

    /// The statements that say it.
    pub fn saying(&self, said: Said) -> String {
        let (org, operator) = match said {
            Said::Nothing => (None, None),
            Said::A => (Some(self.key_a.as_str()), None),
            Said::B => (Some(self.key_b.as_str()), None),
            Said::Empty => (Some(""), Some("")),
            Said::Garbage if self.scope == Scope::Platform => (Some(self.key_a.as_str()), Some("root")),
            Said::Garbage => (Some("'; --"), None),
            Said::OperatorInA => (Some(self.key_a.as_str()), Some(OPERATOR)),
        };
        let operator = operator.filter(|_| self.scope == Scope::Platform);
        [(Some(&self.context.org_setting), org), (self.context.operator_setting.as_ref(), operator)]
            .into_iter()
            .filter_map(|(setting, said)| Some(setting_statement(setting?, said?)))
            .collect()
    }

    /// Sends a statement in a transaction of its own and undoes it.
    pub async fn ask(&mut self, said: Said, sql: &str) -> Answer {
        let begin = format!("BEGIN; SET CONSTRAINTS ALL IMMEDIATE; {}", self.saying(said));
        let connection = if said == Said::Nothing { &mut self.untouched } else { &mut self.used };
        let answer = match send(connection, &begin).await {
            Answer::Done { .. } => send(connection, sql).await,
            refused => refused,
        };
        send(connection, "ROLLBACK").await;
        answer
    }

    /// A connection for one COPY, in a transaction that says `said`. It is to be given back, or given up.
    pub async fn for_copy(&mut self, said: Said) -> Result<PgConnection> {
        let mut connection = match self.copying.connection.take() {
            Some(connection) => connection,
            None => {
                let (url, role) = &self.doorway;
                enter(url, role).await?
            }
        };
        send(&mut connection, &format!("BEGIN; {}", self.saying(said))).await;
        Ok(connection)
    }

    /// Gives it back, with its transaction undone.
    pub async fn copied(&mut self, mut connection: PgConnection) {
        send(&mut connection, "ROLLBACK").await;
        self.copying.connection = Some(connection);
    }

    /// Sends statements one after the other on the used connection; the answer of the last. A failure before the last
    /// does not end it.
    pub async fn tell(&mut self, statements: &[&str]) -> Answer {
        let mut answer = Answer::Done { rows: Vec::new(), affected: 0 };
        for statement in statements {
            answer = send(&mut self.used, statement).await;
        }
        answer
    }
}

/// `SELECT set_config(…, true)`: for this transaction only.
pub(super) fn setting_statement(setting: &str, to: &str) -> String {
    format!("SELECT set_config({}, {}, true); ", value(setting), value(to))
}

async fn open_one(door: Door<'_>, database: &str, behind: bool) -> Result<PgConnection> {
    match door.url.filter(|_| !behind) {
        Some(url) => enter(&on_database(url, database)?, &door.role.name).await,
        None => enter(&on_database(door.admin, database)?, &door.role.name).await,
    }
}

/// Signs in, and becomes `role` where that is not who signed in.
async fn enter(url: &SecretString, role: &str) -> Result<PgConnection> {
    let mut connection = connect(url).await?;
    if send(&mut connection, "SELECT current_user::text").await.text() != Some(role) {
        become_role(&mut connection, role).await?;
    }
    execute(&mut connection, "preparing a session", LIMITS).await?;
    Ok(connection)
}

/// Sends one statement (or several that return one result at most).
pub(super) async fn send(connection: &mut PgConnection, sql: &str) -> Answer {
    let (mut rows, mut affected) = (Vec::new(), 0);
    let mut stream = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_many(&mut *connection);
    loop {
        match stream.try_next().await {
            Ok(Some(Either::Left(done))) => affected = done.rows_affected(),
            Ok(Some(Either::Right(row))) => rows.push(
                (0..row.len())
                    .map(|at| {
                        let raw = row.try_get_raw(at).ok().filter(|raw| !raw.is_null())?;
                        raw.as_str().ok().map(str::to_owned)
                    })
                    .collect(),
            ),
            Ok(None) => return Answer::Done { rows, affected },
            Err(error) => return Answer::of(&error),
        }
    }
}
