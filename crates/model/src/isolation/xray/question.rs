//! What is asked of the Row X-ray.

use serde::{Deserialize, Serialize};

use crate::isolation::PolicyCommand;

/// What is asked. Everything is text as a person types it; PostgreSQL reads the values by the columns' types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The role whose reach is asked about.
    pub role: String,
    /// The organization it acts for, as the profile's setting has it; none is set where this is `None`.
    pub organization: Option<String>,
    /// Further settings of the transaction, such as the user or operator: name and value. Only names with a dot: what
    /// PostgreSQL itself goes by (`role`, `row_security`) cannot be set here.
    pub settings: Vec<(String, String)>,
    /// What the role does.
    pub command: Command,
    /// Shows the values of all columns. Whoever asks for that writes it into the audit log.
    pub reveal: bool,
}

/// A column and the value given for it; `None` is NULL.
pub type Assignment = (String, Option<String>);

/// What the role does to the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Reads it.
    Select {
        /// Which row.
        row: RowAddress,
    },
    /// Adds it. Columns that are not given take their defaults, evaluated as the role.
    Insert {
        /// The columns named in the statement.
        values: Vec<Assignment>,
        /// With `RETURNING *`, as most libraries write it: the policies for SELECT must then accept the new row too.
        returning: bool,
    },
    /// Changes it.
    Update {
        /// Which row.
        row: RowAddress,
        /// The columns it sets.
        changes: Vec<Assignment>,
        /// A statement that reads no column, like an UPDATE without WHERE: no policy for SELECT is asked then.
        blind: bool,
    },
    /// Removes it.
    Delete {
        /// Which row.
        row: RowAddress,
        /// A statement that reads no column, like a DELETE without WHERE: no policy for SELECT is asked then.
        blind: bool,
    },
}

impl Command {
    /// The policies' name for it.
    #[must_use]
    pub const fn kind(&self) -> PolicyCommand {
        match self {
            Self::Select { .. } => PolicyCommand::Select,
            Self::Insert { .. } => PolicyCommand::Insert,
            Self::Update { .. } => PolicyCommand::Update,
            Self::Delete { .. } => PolicyCommand::Delete,
        }
    }

    /// The existing row it is about; an INSERT has none.
    #[must_use]
    pub const fn address(&self) -> Option<&RowAddress> {
        match self {
            Self::Select { row } | Self::Update { row, .. } | Self::Delete { row, .. } => Some(row),
            Self::Insert { .. } => None,
        }
    }

    /// The values the statement names, of an INSERT or UPDATE.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        match self {
            Self::Insert { values, .. } => values,
            Self::Update { changes, .. } => changes,
            Self::Select { .. } | Self::Delete { .. } => &[],
        }
    }

    /// Whether the statement reads columns, so that PostgreSQL asks the policies for SELECT as well.
    #[must_use]
    pub const fn reads(&self) -> bool {
        match self {
            Self::Select { .. } => true,
            Self::Insert { returning, .. } => *returning,
            Self::Update { blind, .. } | Self::Delete { blind, .. } => !*blind,
        }
    }
}

/// Which row is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "columns", rename_all = "snake_case")]
pub enum RowAddress {
    /// The values of the whole primary key, in any order.
    Key(Vec<(String, String)>),
    /// Columns with these values; for a table without a primary key. Where several rows match, the first one in the
    /// table's own order is explained, and the ladder says that there are more.
    Filter(Vec<Assignment>),
}

impl RowAddress {
    /// The columns it compares, with their values.
    #[must_use]
    pub fn columns(&self) -> Vec<Assignment> {
        match self {
            Self::Key(key) => key.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect(),
            Self::Filter(filter) => filter.clone(),
        }
    }
}
