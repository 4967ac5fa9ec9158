//! Acts as the role that is asked about, with its context, and asks PostgreSQL to evaluate expressions there.

use bulkhead_model::isolation::xray::{Question, Setting};
use sqlx::{PgConnection, Row};

use super::error::Result;
use super::masking::message;
use super::sql::{self, Failure, identifier, literal};
use super::target::Target;
use crate::Profile;

/// Names of the statements it prepares begin with this.
const PREPARED: &str = "bulkhead_xray_";
const SAVEPOINT: &str = "bulkhead_xray_role";
const LEAVE: &str = "ROLLBACK TO SAVEPOINT bulkhead_xray_role; RELEASE SAVEPOINT bulkhead_xray_role";

/// The transaction of one question.
pub(super) struct Session<'c> {
    pub(super) connection: &'c mut PgConnection,
    path: String,
    become_role: String,
    context: Vec<(String, String)>,
}

/// What PostgreSQL made of one query of one column, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its first row.
    Value(Option<String>),
    /// It has no row.
    NoRow,
    /// It failed; `early` if it does before any row is looked at.
    Failed { failure: Failure, early: bool },
    /// It could not be asked as the role would ask it.
    Unseen(String),
}

impl<'c> Session<'c> {
    /// Nothing runs yet.
    pub(super) fn new(
        connection: &'c mut PgConnection,
        target: &Target,
        profile: &Profile,
        question: &Question,
    ) -> Self {
        let mut context: Vec<(String, String)> =
            target.role.initial_settings().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if let Some(organization) = &question.organization {
            context.push((profile.context.org_setting.clone(), organization.clone()));
        }
        context.extend(question.settings.iter().cloned());
        Self {
            connection,
            path: target.role.search_path().to_owned(),
            become_role: format!("SET LOCAL ROLE {}", identifier(&target.role.name)),
            context,
        }
    }

    /// Whether the inspecting role may become the role; otherwise PostgreSQL's message.
    pub(super) async fn may_become(&mut self) -> Result<std::result::Result<(), Failure>> {
        let tried = format!("SAVEPOINT {SAVEPOINT}; {}; ROLLBACK TO SAVEPOINT {SAVEPOINT}", self.become_role);
        Ok(sql::attempt(self.connection, &tried).await?.map(|_| ()))
    }

    /// Whether the context can be set by the role; otherwise PostgreSQL's message.
    pub(super) async fn may_set_context(&mut self) -> Result<std::result::Result<(), Failure>> {
        let tried = format!("SAVEPOINT {SAVEPOINT}; {}; ROLLBACK TO SAVEPOINT {SAVEPOINT}", self.entering());
        Ok(sql::attempt(self.connection, &tried).await?.map(|_| ()))
    }

    /// The role and its context, as statements.
    fn entering(&self) -> String {
        let settings = self.context.iter().fold(String::new(), |sql, (name, value)| {
            sql + &format!("; SELECT pg_catalog.set_config({}, {}, true)", literal(name), literal(value))
        });
        format!("{}; {}{settings}", set_path(&self.path), self.become_role)
    }

    /// Becomes the role, until [`leave`](Self::leave).
    pub(super) async fn enter(&mut self) -> Result<()> {
        sql::run(self.connection, &format!("SAVEPOINT {SAVEPOINT}; {}", self.entering())).await
    }

    /// Becomes the inspecting role again. Nothing that was done since is left, but for sequences.
    pub(super) async fn leave(&mut self) -> Result<()> {
        sql::run(self.connection, LEAVE).await
    }

    /// The search path of the role's sessions.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Evaluates queries of one column each as the role.
    ///
    /// The inspecting role prepares them and the role executes them: a policy is stored as a parsed tree, in which the
    /// names have been looked up long ago, so the role needs no `USAGE` on the schemas of the functions it calls. The
    /// rights to execute and to read are checked at execution, as with a policy.
    pub(super) async fn ask(&mut self, queries: &[String]) -> Result<Vec<Answer>> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let refusals = self.prepare(queries).await?;
        self.enter().await?;
        let mut answers = Vec::with_capacity(queries.len());
        for (number, refusal) in refusals.iter().enumerate() {
            answers.push(match refusal {
                Some(failure) => {
                    Answer::Unseen(format!("it cannot be asked about a row on its own: {}", message(failure, false)))
                }
                None => self.execute(number).await?,
            });
        }
        let prepared = refusals.iter().enumerate().filter(|(_, refusal)| refusal.is_none());
        let forgetting: String = prepared.map(|(number, _)| format!("; DEALLOCATE {PREPARED}{number}")).collect();
        sql::run(self.connection, &format!("{LEAVE}{forgetting}; {}", set_path(""))).await?;
        Ok(answers)
    }

    /// Prepares the queries, in one round trip if none is refused; answers with the refusals.
    async fn prepare(&mut self, queries: &[String]) -> Result<Vec<Option<Failure>>> {
        let preparing: Vec<String> = queries
            .iter()
            .enumerate()
            .map(|(number, query)| format!("PREPARE {PREPARED}{number} AS {query}"))
            .collect();
        let path = set_path(&self.path);
        if sql::attempt(self.connection, &format!("{path}; {}", preparing.join("; "))).await?.is_ok() {
            return Ok(vec![None; queries.len()]);
        }
        // Prepared statements outlive the savepoint: those before the refused one are there.
        forget_prepared(self.connection).await?;
        sql::run(self.connection, &path).await?;
        let mut refusals = Vec::with_capacity(queries.len());
        for statement in preparing {
            refusals.push(sql::attempt(self.connection, &statement).await?.err());
        }
        Ok(refusals)
    }

    async fn execute(&mut self, number: usize) -> Result<Answer> {
        let failure = match sql::attempt(self.connection, &format!("EXECUTE {PREPARED}{number}")).await? {
            Ok(rows) => {
                let Some(row) = rows.first() else { return Ok(Answer::NoRow) };
                return Ok(Answer::Value(row.try_get::<Option<String>, _>(0)?));
            }
            Err(failure) => failure,
        };
        if failure.is_passing() {
            return Ok(Answer::Unseen(format!("it was not evaluated in time: {}", message(&failure, false))));
        }
        // Raised while names are looked up again, which a stored policy does not do.
        if failure.sqlstate == "42501" && !failure.in_function && failure.message.contains("for schema ") {
            return Ok(Answer::Unseen(format!("it uses names that the role cannot look up: {}", failure.message)));
        }
        let early = sql::attempt(self.connection, &format!("EXPLAIN EXECUTE {PREPARED}{number}")).await?.is_err();
        Ok(Answer::Failed { failure, early })
    }

    /// What PostgreSQL says the settings are, for the role in its context.
    pub(super) async fn settings(&mut self, names: Vec<String>) -> Result<Vec<Setting>> {
        self.enter().await?;
        let values: Vec<Option<String>> = sqlx::query_scalar(
            "SELECT pg_catalog.current_setting(n.name, true) FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY n(name, at) \
             ORDER BY n.at",
        )
        .bind(&names)
        .fetch_all(&mut *self.connection)
        .await?;
        self.leave().await?;
        Ok(names.into_iter().zip(values).map(|(name, value)| Setting { name, value }).collect())
    }

    /// Whether policies bind the role on the table, as PostgreSQL itself decides it.
    pub(super) async fn is_bound(&mut self, table: i64) -> Result<bool> {
        self.enter().await?;
        let bound = sqlx::query_scalar("SELECT pg_catalog.row_security_active($1::bigint::oid)")
            .bind(table)
            .fetch_one(&mut *self.connection)
            .await?;
        self.leave().await?;
        Ok(bound)
    }
}

fn set_path(path: &str) -> String {
    format!("SELECT pg_catalog.set_config('search_path', {}, true)", literal(path))
}

/// Forgets statements that a question left behind when it was cancelled: they outlive its transaction.
pub(super) async fn forget_prepared(connection: &mut PgConnection) -> Result<()> {
    let left: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pg_catalog.pg_prepared_statements WHERE pg_catalog.starts_with(name, $1)")
            .bind(PREPARED)
            .fetch_all(&mut *connection)
            .await?;
    for name in left {
        sql::run(connection, &format!("DEALLOCATE {}", identifier(&name))).await?;
    }
    Ok(())
}
