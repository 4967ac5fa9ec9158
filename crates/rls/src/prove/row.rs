//! One row to be made: what is fixed, what may be chosen, and the search for a choice that PostgreSQL takes.

use std::collections::BTreeMap;
use std::fmt;

use bulkhead_model::isolation::{ColumnFacts, TableFacts, UniqueFacts};
use sqlx::postgres::PgDatabaseError;
use sqlx::{AssertSqlSafe, PgConnection, Row as _, ValueRef as _};

use super::error::{Result, while_};
use super::quoting::{mentions, name, names, relation, value_or_null};
use super::survey::TypeFacts;
use super::values::{Owner, Seed, candidates};

/// Values by column, as text; NULL is `None`.
pub(super) type Row = BTreeMap<String, Option<String>>;

/// Inserts that one row may cost. Two columns of one constraint with all their candidates fit.
const TRIES: u32 = 800;

/// Why a row could not be made.
#[derive(Debug, Clone)]
pub(super) struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A row that is being looked for.
#[derive(Debug)]
pub(super) struct Draft<'t> {
    table: String,
    owner: Owner,
    variant: u32,
    /// Values that are settled.
    pub fixed: Row,
    /// Columns that take the value of another one of the same row.
    pub same: Vec<(String, String)>,
    choices: Vec<Choice<'t>>,
}

#[derive(Debug)]
struct Choice<'t> {
    column: &'t ColumnFacts,
    facts: TypeFacts,
    constraints: Vec<String>,
    values: Vec<Option<String>>,
    at: usize,
    /// Raised when a value is taken already.
    renewed: u32,
}

impl<'t> Draft<'t> {
    pub fn new(table: &str, owner: Owner, variant: u32) -> Self {
        let (fixed, same, choices) = (Row::new(), Vec::new(), Vec::new());
        Self { table: table.to_owned(), owner, variant, fixed, same, choices }
    }

    /// Adds a column whose value is open.
    pub fn choose(
        &mut self,
        column: &'t ColumnFacts,
        facts: TypeFacts,
        values: Vec<Option<String>>,
        constraints: Vec<String>,
    ) {
        self.choices.push(Choice { column, facts, constraints, values, at: 0, renewed: 0 });
    }

    fn values(&self) -> Row {
        let mut row = self.fixed.clone();
        for choice in &self.choices {
            row.insert(choice.column.name.clone(), choice.values.get(choice.at).cloned().flatten());
        }
        for (column, referenced) in &self.same {
            row.insert(column.clone(), row.get(referenced).cloned().flatten());
        }
        row
    }

    /// Inserts until PostgreSQL takes it: what was given, and the whole row.
    pub async fn settle(
        mut self,
        copy: &mut PgConnection,
        table: &TableFacts,
    ) -> Result<std::result::Result<(Row, Row), Failure>> {
        for _ in 0..TRIES {
            let given = self.values();
            let error = match insert(copy, table, &given).await? {
                Ok(row) => return Ok(Ok((given, row))),
                Err(error) => error,
            };
            let goes_on = match error.code.as_str() {
                "23514" => self.next_for_check(table, &error),
                "23505" | "23P01" => self.renew(table, &error),
                code if code.starts_with("22") || code == "42804" => self.next_for_type(copy).await?,
                _ => false,
            };
            if !goes_on {
                return Ok(Err(Failure(error.message)));
            }
        }
        Ok(Err(Failure("no combination of values that its constraints allow was found".to_owned())))
    }

    /// The next combination of the columns that the violated constraint speaks about.
    fn next_for_check(&mut self, table: &TableFacts, error: &Refusal) -> bool {
        let Some(constraint) = &error.constraint else {
            // No partition takes the row: the bounds were given to every column as candidates.
            return advance(self.choices.iter_mut().filter(|choice| choice.values.len() > 1).collect());
        };
        let of_table = table.checks.iter().find(|check| check.name == *constraint);
        let involved = self.choices.iter_mut().filter(|choice| match of_table {
            Some(check) => mentions(&check.expression, &choice.column.name),
            None => choice.facts.checks.iter().any(|(name, _)| name == constraint),
        });
        advance(involved.collect())
    }

    /// Other values in the columns of the violated key.
    fn renew(&mut self, table: &TableFacts, error: &Refusal) -> bool {
        let key = table.unique_keys.iter().find(|key| Some(&key.name) == error.constraint.as_ref());
        let mut any = false;
        for choice in &mut self.choices {
            let name = &choice.column.name;
            // A partial key also lets go of a row that no longer meets its condition.
            let is_in = |key: &UniqueFacts| {
                key.columns.iter().chain(&key.predicate).any(|part| part == name || mentions(part, name))
            };
            if key.is_some_and(|key| !is_in(key)) || choice.renewed > 4 {
                continue;
            }
            choice.renewed += 1;
            let variant = self.variant + 100 * choice.renewed;
            let seed = Seed { table: &self.table, column: name, owner: self.owner, variant };
            let constraints: Vec<&str> = choice.constraints.iter().map(String::as_str).collect();
            let values = candidates(&choice.facts, seed, choice.column.nullable, &constraints);
            // Where all values are given beforehand, the next of them is a new one.
            if values == choice.values {
                choice.at += 1;
                any |= choice.at < choice.values.len();
                choice.at = choice.at.min(choice.values.len().saturating_sub(1));
            } else {
                choice.values = values;
                any = true;
            }
        }
        any
    }

    /// Drops values that are none of their type. The error does not say which column it speaks of.
    async fn next_for_type(&mut self, copy: &mut PgConnection) -> Result<bool> {
        let mut any = false;
        for choice in &mut self.choices {
            let Some(Some(text)) = choice.values.get(choice.at) else { continue };
            let cast = format!("SELECT CAST({} AS {})", value_or_null(Some(text)), choice.column.data_type);
            if let Err(Refusal { .. }) = in_savepoint(copy, &cast).await? {
                choice.values.remove(choice.at);
                choice.at = choice.at.min(choice.values.len().saturating_sub(1));
                any = !choice.values.is_empty();
            }
        }
        Ok(any)
    }
}

/// Counts on like an odometer. `false` when every combination was there.
fn advance(mut choices: Vec<&mut Choice<'_>>) -> bool {
    for choice in &mut choices {
        choice.at += 1;
        if choice.at < choice.values.len() {
            return true;
        }
        choice.at = 0;
    }
    false
}

/// What PostgreSQL said no to.
struct Refusal {
    code: String,
    constraint: Option<String>,
    message: String,
}

async fn insert(copy: &mut PgConnection, table: &TableFacts, given: &Row) -> Result<std::result::Result<Row, Refusal>> {
    let columns: Vec<&String> = table.columns.iter().map(|column| &column.name).collect();
    let returned: Vec<String> = columns.iter().map(|column| format!("{}::text", name(column))).collect();
    let sql =
        format!("{} RETURNING {}", insert_statement(&relation(&table.schema, &table.name), given), returned.join(", "));
    Ok(match in_savepoint(copy, &sql).await? {
        Ok(Some(values)) => Ok(columns.into_iter().cloned().zip(values).collect()),
        Ok(None) => Err(Refusal {
            code: String::new(),
            constraint: None,
            message: "the row was swallowed: a trigger or a rule put nothing in its place".to_owned(),
        }),
        Err(refusal) => Err(refusal),
    })
}

/// `INSERT INTO table (…) VALUES (…)`. Who may insert may also say that an identity column takes a given value.
pub(super) fn insert_statement(table: &str, given: &Row) -> String {
    if given.is_empty() {
        return format!("INSERT INTO {table} DEFAULT VALUES");
    }
    let values: Vec<String> = given.values().map(|value| value_or_null(value.as_deref())).collect();
    format!("INSERT INTO {table} ({}) OVERRIDING SYSTEM VALUE VALUES ({})", names(given.keys()), values.join(", "))
}

/// Runs a statement so that its failure undoes nothing else; the first row it returned.
async fn in_savepoint(
    copy: &mut PgConnection,
    sql: &str,
) -> Result<std::result::Result<Option<Vec<Option<String>>>, Refusal>> {
    let doing = "planting";
    sqlx::raw_sql("SAVEPOINT attempt").execute(&mut *copy).await.map_err(while_(doing))?;
    let answer = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_optional(&mut *copy).await;
    let end = if answer.is_ok() { "RELEASE attempt" } else { "ROLLBACK TO attempt; RELEASE attempt" };
    let answer = match answer {
        Ok(row) => Ok(row.map(|row| {
            (0..row.len())
                .map(|at| {
                    row.try_get_raw(at)
                        .ok()
                        .filter(|raw| !raw.is_null())
                        .and_then(|raw| raw.as_str().ok().map(str::to_owned))
                })
                .collect()
        })),
        Err(sqlx::Error::Database(error)) => {
            let constraint = error.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::constraint);
            Err(Refusal {
                code: error.code().unwrap_or_default().into_owned(),
                constraint: constraint.map(str::to_owned),
                message: error.message().to_owned(),
            })
        }
        Err(other) => return Err(while_(doing)(other)),
    };
    sqlx::raw_sql(end).execute(copy).await.map_err(while_(doing))?;
    Ok(answer)
}
