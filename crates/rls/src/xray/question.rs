//! Questions that cannot be answered, told from those that can before anything runs.

use bulkhead_model::isolation::xray::{Assignment, Command, Question, RowAddress};

use super::target::{Column, Target};

/// What is wrong with a question. Each is a sentence for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The database has no such table, or hides it.
    #[error("there is no table {0}")]
    NoSuchTable(String),
    /// A view, materialized view or foreign table: policies belong to tables.
    #[error("{0} is not a table; ask about the tables it reads")]
    NotATable(String),
    /// The server has no such role.
    #[error("there is no role {0}")]
    NoSuchRole(String),
    /// The table has no such column.
    #[error("there is no column {0}")]
    NoSuchColumn(String),
    /// A column was given twice.
    #[error("column {0} is given twice")]
    Repeated(String),
    /// The key is not the table's.
    #[error("the row is named by {}", key_sentence(.0))]
    WrongKey(Vec<String>),
    /// A filter without a column, or an UPDATE that sets none.
    #[error("{0} needs at least one column")]
    NoColumns(&'static str),
    /// PostgreSQL computes the column itself.
    #[error("column {0} is computed by PostgreSQL and takes no value")]
    Computed(String),
    /// PostgreSQL does not read the text as a value of the column's type.
    #[error("a value is not one of its column's type: {0}")]
    InvalidValue(String),
    /// A setting that PostgreSQL itself goes by, or that has no name.
    #[error("{0:?} is not a setting of an application: such a name has a dot in it")]
    NotASetting(String),
    /// PostgreSQL's texts hold every character but this.
    #[error("a text contains the character U+0000, which PostgreSQL does not store")]
    Nul,
}

fn key_sentence(key: &[String]) -> String {
    if key.is_empty() {
        "a filter, because the table has no primary key".to_owned()
    } else {
        format!("its whole primary key: {}", key.join(", "))
    }
}

/// What can be seen without the database.
pub(super) fn check_form(question: &Question) -> Result<(), QuestionError> {
    let row = question.command.address().map(RowAddress::columns).unwrap_or_default();
    let assignments = question.command.assignments();
    let texts = [&question.schema, &question.table, &question.role].into_iter().chain(&question.organization);
    let settings = question.settings.iter().flat_map(|(name, value)| [name, value]);
    let given = row.iter().chain(assignments).flat_map(|(name, value)| std::iter::once(name).chain(value));
    if texts.chain(settings).chain(given).any(|text| text.contains('\0')) {
        return Err(QuestionError::Nul);
    }
    if let Some((name, _)) = question.settings.iter().find(|(name, _)| !name.contains('.')) {
        return Err(QuestionError::NotASetting(name.clone()));
    }
    check_once(&row)?;
    check_once(assignments)?;
    if question.command.address().is_some() && row.is_empty() {
        return Err(QuestionError::NoColumns("a filter"));
    }
    if matches!(&question.command, Command::Update { changes, .. } if changes.is_empty()) {
        return Err(QuestionError::NoColumns("an UPDATE"));
    }
    Ok(())
}

fn check_once(columns: &[Assignment]) -> Result<(), QuestionError> {
    let repeated =
        columns.iter().enumerate().find(|(at, (name, _))| columns[..*at].iter().any(|(earlier, _)| earlier == name));
    repeated.map_or(Ok(()), |(_, (name, _))| Err(QuestionError::Repeated(name.clone())))
}

/// What needs the table.
pub(super) fn check_against(question: &Question, target: &Target) -> Result<(), QuestionError> {
    let row = question.command.address().map(RowAddress::columns).unwrap_or_default();
    for (name, _) in row.iter().chain(question.command.assignments()) {
        target.column(name).ok_or_else(|| QuestionError::NoSuchColumn(name.clone()))?;
    }
    if let Some(RowAddress::Key(columns)) = question.command.address() {
        let whole = columns.len() == target.key.len()
            && target.key.iter().all(|key| columns.iter().any(|(name, _)| name == key));
        if !whole || target.key.is_empty() {
            return Err(QuestionError::WrongKey(target.key.clone()));
        }
    }
    let computed = |column: &&Column| column.generated.is_some() || column.always;
    let assigned = question.command.assignments().iter().filter_map(|(name, _)| target.column(name));
    assigned.filter(computed).map(|column| Err(QuestionError::Computed(column.name.clone()))).next().unwrap_or(Ok(()))
}
