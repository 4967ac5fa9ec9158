//! One thing that is wrong, where, why, and the SQL that repairs it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Code, PolicyCommand, TableFacts};
use crate::org::words;

words! {
    /// How bad a finding is, the worst first.
    Severity {
        /// A row of another organization can be reached, or it cannot be excluded.
        Leak = "leak", "Leak";
        /// No row is reachable because of it alone; one more mistake and it may be, or it tells something.
        Warning = "warning", "Warning";
        /// Slower, or easier to get wrong.
        Hint = "hint", "Hint";
    }
}

words! {
    /// What a finding is about.
    ObjectKind {
        /// A table, view, partition or foreign table as a whole.
        Relation = "relation", "Relation";
        /// A column.
        Column = "column", "Column";
        /// A policy.
        Policy = "policy", "Policy";
        /// A constraint or unique index.
        Constraint = "constraint", "Constraint";
        /// A function or procedure.
        Function = "function", "Function";
        /// A sequence.
        Sequence = "sequence", "Sequence";
        /// A role.
        Role = "role", "Role";
        /// A schema.
        Schema = "schema", "Schema";
        /// The server itself.
        Server = "server", "Server";
        /// What the database is measured by.
        Profile = "profile", "Profile";
    }
}

/// A relation by its two names, unquoted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RelationName {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
}

impl From<&TableFacts> for RelationName {
    fn from(facts: &TableFacts) -> Self {
        Self { schema: facts.schema.clone(), name: facts.name.clone() }
    }
}

impl fmt::Display for RelationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// What a finding is about, with the names as the catalogue has them: unquoted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// The relation it is, or belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<RelationName>,
    /// Its own name, where it is not the relation itself: a column's, policy's, constraint's, role's, or a function's
    /// signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Object {
    /// A relation as a whole.
    #[must_use]
    pub fn relation(facts: &TableFacts) -> Self {
        Self { kind: ObjectKind::Relation, relation: Some(facts.into()), name: None }
    }

    /// Something that belongs to a relation.
    #[must_use]
    pub fn of(facts: &TableFacts, kind: ObjectKind, name: &str) -> Self {
        Self { kind, relation: Some(facts.into()), name: Some(name.to_owned()) }
    }

    /// Something that belongs to no relation.
    #[must_use]
    pub fn named(kind: ObjectKind, name: impl Into<String>) -> Self {
        Self { kind, relation: None, name: Some(name.into()) }
    }
}

/// `public.users`, `public.users/users_tenant`, `app.enter(bytea)`: what an accepted finding names it by.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.relation, &self.name) {
            (Some(relation), Some(name)) => write!(f, "{relation}/{name}"),
            (Some(relation), None) => write!(f, "{relation}"),
            (None, name) => f.write_str(name.as_deref().unwrap_or_default()),
        }
    }
}

/// Where the X-ray is to look for a row that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The relation.
    pub relation: RelationName,
    /// The role that reaches the row.
    pub role: String,
    /// What it does to it.
    pub command: PolicyCommand,
}

/// Something that is wrong. Its [`Display`](fmt::Display) is the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which of the known things.
    pub code: Code,
    /// How bad it is; a code's is always the same.
    pub severity: Severity,
    /// What it is about.
    pub object: Object,
    /// What is wrong and why that matters, in one sentence.
    pub sentence: String,
    /// The SQL that repairs it, with comments where a person has to choose. Empty where SQL cannot.
    pub fix: String,
    /// How to see it happen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

impl Finding {
    /// A finding of a code's severity, without a fix yet.
    #[must_use]
    pub fn new(code: Code, object: Object, sentence: impl Into<String>) -> Self {
        Self { code, severity: code.severity(), object, sentence: sentence.into(), fix: String::new(), probe: None }
    }

    /// With the SQL that repairs it.
    #[must_use]
    pub fn fixed_by(self, fix: impl Into<String>) -> Self {
        Self { fix: fix.into(), ..self }
    }

    /// With a role and statement that show it on the relation it is about.
    #[must_use]
    pub fn proved_by(mut self, role: &str, command: PolicyCommand) -> Self {
        self.probe = self.object.relation.clone().map(|relation| Probe { relation, role: role.to_owned(), command });
        self
    }

    /// Whether a row of another organization can be reached, or it cannot be excluded.
    #[must_use]
    pub fn is_leak(&self) -> bool {
        self.severity == Severity::Leak
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
