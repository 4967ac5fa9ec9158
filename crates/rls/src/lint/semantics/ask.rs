//! The questions: a read-only transaction in which each one is asked as the role, within limits, and taken back.

use bulkhead_model::isolation::{RelationKind, TableFacts};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::lint::sql;
use crate::{Error, Profile, Result};

/// How long one question may take.
const PATIENCE: &str = "2s";
/// How many rows that exist are looked at, and how large each may be.
const EXISTING: usize = 20;
const EXISTING_BYTES: usize = 8192;
/// Ends a question, with whatever it set.
const TAKE_BACK: &str = "ROLLBACK TO SAVEPOINT question; RELEASE SAVEPOINT question";
/// After an error in many rows, how many of them are asked for one by one.
const SINGLY: usize = 64;

/// What a transaction says about for whom it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The context was never set.
    Missing,
    /// It is empty.
    Empty,
    /// It is no organization.
    Garbage,
    /// It is an organization, to which none of the rows belongs.
    Own,
}

/// The settings that a question is asked with.
pub(super) struct Situation {
    pub kind: Kind,
    /// The setting besides the context that is tried, with its value.
    pub trusted: Option<(String, String)>,
    settings: Vec<(String, String)>,
}

impl Situation {
    pub const fn without(kind: Kind, settings: Vec<(String, String)>) -> Self {
        Self { kind, trusted: None, settings }
    }

    pub const fn own(settings: Vec<(String, String)>, trusted: Option<(String, String)>) -> Self {
        Self { kind: Kind::Own, trusted, settings }
    }

    /// Whether both set the same, so that what is asked in one is asked in the other.
    pub fn sets_as(&self, other: &Self) -> bool {
        self.settings == other.settings
    }
}

/// What a condition says of some rows.
#[derive(Debug)]
pub(super) enum Answer {
    /// It is true for one of them.
    Admitted,
    /// It is false or NULL for all that it could be asked of.
    Refused,
    /// It could be asked of none.
    Failed { state: String, message: String },
}

/// Where questions are asked.
pub(super) struct Transaction<'c> {
    connection: &'c mut PgConnection,
    /// No setting of the context was ever set in this connection.
    pub is_fresh: bool,
}

impl<'c> Transaction<'c> {
    pub async fn open(connection: &'c mut PgConnection, profile: &Profile) -> Result<Self> {
        let limits = format!(
            "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{PATIENCE}'; SET LOCAL lock_timeout = '{PATIENCE}'; \
             SET LOCAL search_path = ''; SET LOCAL standard_conforming_strings = on; SET LOCAL row_security = on"
        );
        sqlx::raw_sql(AssertSqlSafe(limits)).execute(&mut *connection).await?;
        let context = &profile.context;
        let settings: Vec<&str> =
            [Some(context.org_setting.as_str()), context.operator_setting.as_deref()].into_iter().flatten().collect();
        let is_fresh = sqlx::query_scalar(
            "SELECT coalesce(bool_and(current_setting(name, true) IS NULL), true) FROM unnest($1::text[]) name",
        )
        .bind(settings)
        .fetch_one(&mut *connection)
        .await?;
        Ok(Self { connection, is_fresh })
    }

    pub const fn connection(&mut self) -> &mut PgConnection {
        self.connection
    }

    /// Whether this connection may act as the role.
    pub async fn can_become(&mut self, role: &str) -> Result<bool> {
        Ok(self.run(role, &[], "SELECT 1").await?.is_ok())
    }

    /// A few rows as this connection's own role sees them, as PostgreSQL writes a row. None where it may not look.
    pub async fn existing_rows(&mut self, facts: &TableFacts) -> Result<Vec<String>> {
        let table = sql::table(facts);
        let only = if facts.kind == RelationKind::Partitioned { "" } else { "ONLY " };
        let question = format!(
            "SELECT t::text FROM {only}{table} AS t WHERE pg_catalog.pg_column_size(t.*) <= {EXISTING_BYTES} LIMIT {EXISTING}"
        );
        self.undone(&question).await.map(|rows| rows.unwrap_or_default())
    }

    /// Asks a condition of rows made up for `columns`.
    pub async fn ask(
        &mut self,
        role: &str,
        situation: &Situation,
        facts: &TableFacts,
        condition: &str,
        rows: &MadeUp<'_>,
    ) -> Result<Answer> {
        let (alias, columns) = (sql::ident(&facts.name), rows.columns);
        let question = |tuples: &[String]| {
            format!("SELECT 1 FROM (VALUES {}) AS {alias}({columns}) WHERE {condition} LIMIT 1", tuples.join(", "))
        };
        self.ask_each(role, situation, rows.tuples, question).await
    }

    /// Asks it of rows that exist.
    pub async fn ask_existing(
        &mut self,
        role: &str,
        situation: &Situation,
        facts: &TableFacts,
        condition: &str,
        rows: &[String],
    ) -> Result<Answer> {
        let (alias, table) = (sql::ident(&facts.name), sql::table(facts));
        let question = |rows: &[String]| {
            let rows: Vec<String> = rows.iter().map(|row| sql::text(row)).collect();
            format!("SELECT 1 FROM unnest(ARRAY[{}]::{table}[]) AS {alias} WHERE {condition} LIMIT 1", rows.join(", "))
        };
        self.ask_each(role, situation, rows, question).await
    }

    /// Whether every condition is refused for all of its rows and for the existing ones, in one statement. `false` says
    /// nothing about any one of them: it was admitted, or it was an error.
    pub async fn refuses_all(
        &mut self,
        role: &str,
        situation: &Situation,
        facts: &TableFacts,
        conditions: &[(&str, Vec<MadeUp<'_>>)],
        existing: &[String],
    ) -> Result<bool> {
        let (alias, table) = (sql::ident(&facts.name), sql::table(facts));
        let mut questions: Vec<String> = conditions
            .iter()
            .flat_map(|(condition, made_up)| made_up.iter().map(move |rows| (condition, rows)))
            .map(|(condition, rows)| {
                let (tuples, columns) = (rows.tuples.join(", "), rows.columns);
                format!("SELECT 1 FROM (VALUES {tuples}) AS {alias}({columns}) WHERE {condition}")
            })
            .collect();
        if !existing.is_empty() {
            let rows: Vec<String> = existing.iter().map(|row| sql::text(row)).collect();
            let any: Vec<String> = conditions.iter().map(|(condition, _)| format!("({condition})")).collect();
            let (rows, any) = (rows.join(", "), any.join(" OR "));
            questions.push(format!("SELECT 1 FROM unnest(ARRAY[{rows}]::{table}[]) AS {alias} WHERE {any}"));
        }
        let question = format!("{} LIMIT 1", questions.join(" UNION ALL "));
        Ok(self.run(role, &situation.settings, &question).await? == Ok(0))
    }

    /// All at once; and where that is an error, one by one, because an error in one row says nothing of the others.
    async fn ask_each(
        &mut self,
        role: &str,
        situation: &Situation,
        rows: &[String],
        question: impl Fn(&[String]) -> String,
    ) -> Result<Answer> {
        let (mut answer, timed_out) = match self.run(role, &situation.settings, &question(rows)).await? {
            Ok(0) => return Ok(Answer::Refused),
            Ok(_) => return Ok(Answer::Admitted),
            Err((state, message)) => {
                let timed_out = state == "57014";
                (Answer::Failed { state, message }, timed_out)
            }
        };
        if timed_out || rows.len() < 2 {
            return Ok(answer);
        }
        for row in rows.iter().take(SINGLY) {
            match self.run(role, &situation.settings, &question(std::slice::from_ref(row))).await? {
                Ok(0) => answer = Answer::Refused,
                Ok(_) => return Ok(Answer::Admitted),
                Err(_) => {}
            }
        }
        Ok(answer)
    }

    /// How many rows `question` answers to the role, or PostgreSQL's code and words for why not.
    async fn run(
        &mut self,
        role: &str,
        settings: &[(String, String)],
        question: &str,
    ) -> Result<std::result::Result<usize, (String, String)>> {
        let role = sql::ident(role);
        let settings: String = settings
            .iter()
            .map(|(name, value)| format!("SET LOCAL {} = {}; ", setting(name), sql::text(value)))
            .collect();
        // In one round trip, unless it is an error.
        let asked = format!("SAVEPOINT question; SET LOCAL ROLE {role}; {settings}{question}; {TAKE_BACK}");
        match sqlx::raw_sql(AssertSqlSafe(asked)).fetch_all(&mut *self.connection).await {
            Ok(rows) => Ok(Ok(rows.len())),
            Err(sqlx::Error::Database(error)) => {
                self.take_back().await?;
                Ok(Err((error.code().unwrap_or_default().into_owned(), error.message().to_owned())))
            }
            Err(error) => Err(Error::Database(error)),
        }
    }

    /// The first column of what `question` answers to this connection's own role. None where it is an error.
    async fn undone(&mut self, question: &str) -> Result<Option<Vec<String>>> {
        let asked = format!("SAVEPOINT question; {question}; {TAKE_BACK}");
        match sqlx::raw_sql(AssertSqlSafe(asked)).fetch_all(&mut *self.connection).await {
            Ok(rows) => Ok(Some(rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?)),
            Err(sqlx::Error::Database(_)) => {
                self.take_back().await?;
                Ok(None)
            }
            Err(error) => Err(Error::Database(error)),
        }
    }

    async fn take_back(&mut self) -> Result<()> {
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT question; RELEASE SAVEPOINT question")
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

/// Rows that were made up, as the tuples of a VALUES list.
pub(super) struct MadeUp<'a> {
    /// Their columns, as SQL.
    pub columns: &'a str,
    /// Each row, as SQL.
    pub tuples: &'a [String],
}

/// A setting's name as SET takes it: each part is a name of its own.
fn setting(name: &str) -> String {
    name.split('.').map(sql::ident).collect::<Vec<_>>().join(".")
}
