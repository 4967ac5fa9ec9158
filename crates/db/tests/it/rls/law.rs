//! What must hold in every cell, and where it does not.

use super::specimens::{SPECIMENS, Specimen};
use sqlx::{AssertSqlSafe, PgConnection};

/// The organization whose context is set, and the one that is aimed at.
pub const A: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub const B: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const STRANGER: &str = "cccccccc-0000-4000-8000-000000000001";
const SOMEONE: &str = "dddddddd-0000-4000-8000-000000000001";

/// Whose transactions are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    App,
    Operator,
}

/// What a transaction says about itself: a name for messages, the organization, the operator.
struct Context {
    name: &'static str,
    org: Option<&'static str>,
    operator: Option<&'static str>,
}

const fn context(name: &'static str, org: Option<&'static str>, operator: Option<&'static str>) -> Context {
    Context { name, org, operator }
}

impl Actor {
    pub const fn role(self) -> &'static str {
        match self {
            Self::App => "bulkhead_app",
            Self::Operator => "bulkhead_operator",
        }
    }

    /// The first says nothing at all, on a connection on which nothing was ever said; that one can only be first.
    const fn contexts(self) -> [Context; 6] {
        match self {
            Self::App => [
                context("without a context", None, None),
                context("with an empty context", Some(""), None),
                context("with a senseless context", Some("'; --"), None),
                context("in an organization that does not exist", Some(STRANGER), None),
                context("in A", Some(A), None),
                context("in A, calling itself an operator", Some(A), Some(SOMEONE)),
            ],
            Self::Operator => [
                context("without a context", None, None),
                context("with empty contexts", Some(""), Some("")),
                context("with a senseless operator", Some(A), Some("root")),
                context("in A, as no operator", Some(A), None),
                context("as an operator, nowhere", None, Some(SOMEONE)),
                context("as an operator, in A", Some(A), Some(SOMEONE)),
            ],
        }
    }

    /// Whether rows of `org` are this context's own: only those may be written, and read unless said otherwise.
    fn own(self, context: &Context, org: &str) -> bool {
        context.org == Some(org) && (self == Self::App || context.operator == Some(SOMEONE))
    }

    fn reads(self, context: &Context, specimen: &Specimen, org: &str) -> bool {
        self.own(context, org)
            || self == Self::Operator && context.operator == Some(SOMEONE) && specimen.operator_reads_all
    }
}

/// How a statement ended.
enum End {
    Rows(usize),
    /// Row-level security or a missing grant said no, or the context could not be read as an id.
    Refused,
    /// Something else went wrong, which means that protection did not come first.
    Failed(String),
}

/// Runs a statement in a context and undoes it.
async fn attempt(connection: &mut PgConnection, context: &Context, statement: &str) -> End {
    let mut prelude = "SAVEPOINT cell".to_owned();
    for (name, value) in [("org_id", context.org), ("operator_id", context.operator)] {
        if let Some(value) = value {
            prelude.push_str(&format!("; SELECT set_config('app.{name}', '{}', true)", value.replace('\'', "''")));
        }
    }
    sqlx::raw_sql(AssertSqlSafe(prelude)).execute(&mut *connection).await.unwrap();
    let counted = statement.starts_with("SELECT");
    let result = match counted {
        true => {
            sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).fetch_all(&mut *connection).await.map(|rows| rows.len())
        }
        false => sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut *connection)
            .await
            .map(|done| usize::try_from(done.rows_affected()).unwrap()),
    };
    sqlx::raw_sql("ROLLBACK TO cell").execute(connection).await.unwrap();
    match result {
        Ok(rows) => End::Rows(rows),
        Err(error) => match error.as_database_error().and_then(|error| error.code()).as_deref() {
            Some("42501" | "22P02") => End::Refused,
            _ => End::Failed(error.to_string()),
        },
    }
}

/// Every cell of these tables in which more was possible than should be.
pub async fn violations(connection: &mut PgConnection, actor: Actor, specimens: &[Specimen]) -> Vec<String> {
    let mut found = Vec::new();
    for context in actor.contexts() {
        for specimen in specimens {
            let Specimen { table, tenant, update, .. } = specimen;
            for (org, name) in [(A, "A"), (B, "B")] {
                let mut cells = Vec::new();
                if !actor.reads(&context, specimen, org) {
                    cells.push(("select", format!("SELECT 1 FROM {table} WHERE {tenant} = '{org}'")));
                }
                if !actor.own(&context, org) {
                    cells.push(("update", format!("UPDATE {table} SET {update} = {update} WHERE {tenant} = '{org}'")));
                    cells.push(("delete", format!("DELETE FROM {table} WHERE {tenant} = '{org}'")));
                    cells.push(("insert", specimen.insert(org, true)));
                    cells.push(("move", format!("UPDATE {table} SET {tenant} = '{org}'")));
                }
                for (what, statement) in cells {
                    match attempt(connection, &context, &statement).await {
                        End::Refused | End::Rows(0) => {}
                        End::Rows(rows) => {
                            found.push(format!("{table}: {what} of {name} {} reached {rows} rows", context.name))
                        }
                        End::Failed(error) => {
                            found.push(format!("{table}: {what} of {name} {} got as far as: {error}", context.name))
                        }
                    }
                }
            }
            if !actor.own(&context, A)
                && let End::Rows(1..) = attempt(connection, &context, &specimen.insert(A, false)).await
            {
                found.push(format!("{table}: insert into nowhere {}", context.name));
            }
            // Whoever owns a table can put its protection aside; TRUNCATE is restrained by no policy.
            for statement in
                [format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"), format!("TRUNCATE {table} CASCADE")]
            {
                if !matches!(attempt(connection, &context, &statement).await, End::Refused) {
                    found.push(format!("{table}: {statement} {}", context.name));
                }
            }
        }
    }
    found
}

/// Where a role can do more or less with its own organization's rows than its specimen says. Without this, a matrix
/// of a role that cannot do anything at all would be green.
pub async fn unlike_granted(connection: &mut PgConnection, actor: Actor) -> Vec<String> {
    let own = actor.contexts().into_iter().rfind(|context| actor.own(context, A)).unwrap();
    let mut found = Vec::new();
    for specimen in SPECIMENS {
        let Specimen { table, tenant, update, .. } = specimen;
        let granted = if actor == Actor::App { specimen.app } else { specimen.operator };
        let cells = [
            ('s', format!("SELECT 1 FROM {table} WHERE {tenant} = '{A}'")),
            ('i', specimen.insert(A, false)),
            ('u', format!("UPDATE {table} SET {update} = {update}")),
            ('d', format!("DELETE FROM {table}")),
        ];
        for (right, statement) in cells {
            let possible = matches!(attempt(connection, &own, &statement).await, End::Rows(1..));
            if possible != granted.contains(right) {
                found.push(format!("{table}: {statement} {}", if possible { "worked" } else { "did not work" }));
            }
        }
    }
    found
}

/// Tables of which a role can read anything at all.
pub async fn reachable(mut connection: PgConnection) -> Vec<&'static str> {
    let (mut found, nowhere) = (Vec::new(), context("without a context", None, None));
    for specimen in SPECIMENS {
        let statement = format!("SELECT 1 FROM {} LIMIT 1", specimen.table);
        if !matches!(attempt(&mut connection, &nowhere, &statement).await, End::Refused) {
            found.push(specimen.table);
        }
    }
    found
}
