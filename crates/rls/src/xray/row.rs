//! The row a question is about: as it is, read past policies, and as it would be.

use bulkhead_model::isolation::xray::{Assignment, Command, RowAddress};
use sqlx::{PgConnection, Row as _};

use super::error::Result;
use super::session::{Answer, Session};
use super::sql::{self, Failure, identifier, literal};
use super::target::Target;
use super::{QuestionError, record};

/// Rows larger than this, as text in bytes, are not read.
const LARGEST: i32 = 8 << 20;

/// The existing row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Existing {
    /// The command has none.
    NotNeeded,
    Found {
        row: Row,
        /// Where it lies.
        place: Option<Place>,
        /// Others match as well.
        more: bool,
    },
    Missing,
    Unseen(String),
}

impl Existing {
    pub(super) fn place(&self) -> Option<&Place> {
        match self {
            Self::Found { place, .. } => place.as_ref(),
            Self::NotNeeded | Self::Missing | Self::Unseen(_) => None,
        }
    }
}

/// The row that would come to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coming {
    NotNeeded,
    Row(Row),
    /// A default or a generated column cannot be computed: PostgreSQL refuses the statement.
    Fails {
        column: String,
        failure: Failure,
    },
    Unseen(String),
}

/// A row's values, in the columns' order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) values: Vec<Option<String>>,
}

/// The physical address of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    table: String,
    ctid: String,
}

impl Place {
    /// The condition that nothing but the row fulfils. Its operators are leakproof, so PostgreSQL goes straight to the
    /// row and evaluates no policy on any other.
    pub(super) fn condition(&self) -> String {
        format!("ctid = {} AND tableoid = {}", literal(&self.ctid), literal(&self.table))
    }
}

/// The conditions of a WHERE that names the row.
pub(super) fn conditions(target: &Target, columns: &[Assignment]) -> String {
    let conditions: Vec<String> = columns
        .iter()
        .map(|(name, value)| match value {
            Some(value) => {
                let equality = target.column(name).map_or("=", |column| &column.equality);
                format!("{} {equality}{}", identifier(name), literal(value))
            }
            None => format!("{} IS NULL", identifier(name)),
        })
        .collect();
    conditions.join(" AND ")
}

/// Reads the row as the inspecting role, or says why it cannot.
pub(super) async fn find(
    connection: &mut PgConnection,
    target: &Target,
    address: Option<&RowAddress>,
) -> Result<Existing> {
    let Some(address) = address else { return Ok(Existing::NotNeeded) };
    let inspector = &target.inspector;
    if !inspector.may_select {
        return Ok(Existing::Unseen(format!("{} may not read {}.", inspector.name, target.label())));
    }
    if inspector.bound_by_policies {
        return Ok(Existing::Unseen(format!(
            "{} is itself bound by the policies of {}: looking past them takes BYPASSRLS.",
            inspector.name,
            target.label()
        )));
    }
    let place = if target.heap { "ctid::pg_catalog.text, tableoid::pg_catalog.text" } else { "NULL, NULL" };
    let name = identifier(&target.name);
    let query = format!(
        "SELECT CASE WHEN pg_catalog.octet_length(found.row) <= {LARGEST} THEN found.row END, found.ctid, found.part \
         FROM (SELECT ROW({name}.*)::pg_catalog.text, {place} FROM {} AS {name} WHERE {} LIMIT 2) AS found(row, ctid, part)",
        target.sql(),
        conditions(target, &address.columns()),
    );
    let rows = match sql::attempt(connection, &query).await? {
        Ok(rows) => rows,
        Err(failure) if failure.is_passing() => return Ok(Existing::Unseen(failure.message)),
        Err(failure) => return Err(QuestionError::InvalidValue(failure.message).into()),
    };
    let Some(first) = rows.first() else { return Ok(Existing::Missing) };
    let Some(text) = first.try_get::<Option<String>, _>(0)? else {
        return Ok(Existing::Unseen(format!("The row is larger than {} MiB.", LARGEST >> 20)));
    };
    let place = match (first.try_get(1)?, first.try_get(2)?) {
        (Some(ctid), Some(table)) => Some(Place { table, ctid }),
        _ => None,
    };
    Ok(Existing::Found { row: Row::parse(text)?, place, more: rows.len() > 1 })
}

/// Works out the row that an INSERT or UPDATE would leave behind, before triggers: defaults and generated columns are
/// evaluated as the role.
pub(super) async fn come(
    session: &mut Session<'_>,
    target: &Target,
    command: &Command,
    existing: &Existing,
) -> Result<Coming> {
    let given = command.assignments();
    let named = |name: &str| given.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone());
    let values: Vec<Option<String>> = match (command, existing) {
        (Command::Insert { .. }, _) => match defaults(session, target, &named).await? {
            Ok(values) => values,
            Err(coming) => return Ok(coming),
        },
        (Command::Update { .. }, Existing::Found { row, .. }) => {
            let changed = target.columns.iter().zip(&row.values);
            changed.map(|(column, old)| named(&column.name).unwrap_or_else(|| old.clone())).collect()
        }
        (Command::Update { .. }, _) => {
            return Ok(Coming::Unseen("It follows from a row that was not read.".to_owned()));
        }
        (Command::Select { .. } | Command::Delete { .. }, _) => return Ok(Coming::NotNeeded),
    };
    let row = normalised(session.connection, target, &values).await?;
    generated(session, target, row).await
}

async fn defaults(
    session: &mut Session<'_>,
    target: &Target,
    named: &impl Fn(&str) -> Option<Option<String>>,
) -> Result<std::result::Result<Vec<Option<String>>, Coming>> {
    let mut values = Vec::with_capacity(target.columns.len());
    let mut missing = Vec::new();
    for (at, column) in target.columns.iter().enumerate() {
        let given = named(&column.name);
        if let (None, Some(default)) = (&given, &column.default) {
            missing.push((at, format!("SELECT ({default})::pg_catalog.text")));
        }
        values.push(given.flatten());
    }
    Ok(fill(session, target, &mut values, missing).await?.map_or(Ok(values), Err))
}

/// Generated columns are computed last, from the others.
async fn generated(session: &mut Session<'_>, target: &Target, row: Row) -> Result<Coming> {
    let source = target.source(&row.text);
    let columns = target.columns.iter().enumerate();
    let missing: Vec<(usize, String)> = columns
        .filter_map(|(at, column)| {
            let expression = column.generated.as_ref()?;
            Some((at, format!("SELECT ({expression})::pg_catalog.text FROM {source}")))
        })
        .collect();
    if missing.is_empty() {
        return Ok(Coming::Row(row));
    }
    let mut values = row.values;
    if let Some(coming) = fill(session, target, &mut values, missing).await? {
        return Ok(coming);
    }
    Ok(Coming::Row(normalised(session.connection, target, &values).await?))
}

/// Evaluates what is missing; answers only if that is not possible.
async fn fill(
    session: &mut Session<'_>,
    target: &Target,
    values: &mut [Option<String>],
    missing: Vec<(usize, String)>,
) -> Result<Option<Coming>> {
    let (places, queries): (Vec<usize>, Vec<String>) = missing.into_iter().unzip();
    for (at, answer) in places.into_iter().zip(session.ask(&queries).await?) {
        let column = target.columns[at].name.clone();
        match answer {
            Answer::Value(value) => values[at] = value,
            Answer::NoRow => values[at] = None,
            Answer::Failed { failure, .. } => return Ok(Some(Coming::Fails { column, failure })),
            Answer::Unseen(reason) => return Ok(Some(Coming::Unseen(format!("Of column {column}, {reason}.")))),
        }
    }
    Ok(None)
}

/// The row as PostgreSQL writes it once it has read every value by its column's type.
async fn normalised(connection: &mut PgConnection, target: &Target, values: &[Option<String>]) -> Result<Row> {
    let query = format!("SELECT ROW(({}::{}).*)::pg_catalog.text", literal(&record::write(values)), target.sql());
    let rows =
        sql::attempt(connection, &query).await?.map_err(|failure| QuestionError::InvalidValue(failure.message))?;
    let text = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
    Row::parse(text)
}

impl Row {
    fn parse(text: String) -> Result<Self> {
        let values =
            record::parse(&text).ok_or_else(|| crate::Error::Unexpected("a row that is not one".to_owned()))?;
        Ok(Self { text, values })
    }
}
