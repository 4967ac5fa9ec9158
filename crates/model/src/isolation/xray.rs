//! The Row X-ray: why one role, acting for one organization, reaches one row or does not.
//!
//! A [`Question`] goes in, a [`Ladder`] comes out: one [`Rung`] for every layer in the order PostgreSQL goes through
//! them, every policy evaluated on that very row ([`Check`]), what follows ([`Verdict`]), and what PostgreSQL really
//! did when the command was run and rolled back ([`Reality`]).

mod question;

use serde::{Deserialize, Serialize};

use super::PolicyCommand;

pub use question::{Assignment, Command, Question, RowAddress};

/// A row that is there, to begin a question with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its primary key, column by column, each value as PostgreSQL writes it.
    pub key: Vec<(String, String)>,
    /// An organization that has rows in the same table and is not the row's own.
    pub other: Option<String>,
}

/// The answer. Serialised, it is what a page shows and what `--json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// `schema.table`.
    pub table: String,
    /// The role asked about.
    pub role: String,
    /// What it does.
    pub command: PolicyCommand,
    /// The layers, from the top: role, schema, grants, row security, settings, rows, policies.
    pub rungs: Vec<Rung>,
    /// The settings in force while the policies were evaluated, read back from PostgreSQL.
    pub settings: Vec<Setting>,
    /// The existing row, as far as it may be shown.
    pub row: Option<Vec<Field>>,
    /// The row that would come to be.
    pub new_row: Option<Vec<Field>>,
    /// Which policies decide about which row, with what each of them says. All checks must hold.
    pub checks: Vec<Check>,
    /// What follows.
    pub verdict: Verdict,
    /// What PostgreSQL did.
    pub reality: Reality,
    /// What limits the answer, and side effects that no rollback undoes, each as a sentence.
    pub notes: Vec<String>,
}

impl Ladder {
    /// The rung of a layer.
    #[must_use]
    pub fn rung(&self, kind: RungKind) -> Option<&Rung> {
        self.rungs.iter().find(|rung| rung.kind == kind)
    }
}

/// One layer and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Which layer.
    pub kind: RungKind,
    /// Whether it lets the command through.
    pub outcome: Outcome,
    /// Why, in a plain sentence.
    pub sentence: String,
}

/// A layer of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RungKind {
    /// What the role is: superuser, `BYPASSRLS`, owner, and what it can become.
    Role,
    /// `USAGE` on the schema.
    Schema,
    /// Rights on the table and the columns the statement names.
    Grants,
    /// Whether policies bind this role on this table.
    RowSecurity,
    /// The context of the transaction.
    Settings,
    /// The existing row, read past policies.
    Row,
    /// The row that would come to be.
    NewRow,
    /// The policies together.
    Policies,
}

impl RungKind {
    /// As the page says it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Schema => "Schema",
            Self::Grants => "Grants",
            Self::RowSecurity => "Row-level security",
            Self::Settings => "Settings in force",
            Self::Row => "The row",
            Self::NewRow => "The new row",
            Self::Policies => "Policies",
        }
    }
}

/// Whether a layer lets the command through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does.
    Passes,
    /// It does not.
    Stops,
    /// It could not be seen; the sentence says what was missing. Never to be shown as safe.
    Unknown,
}

/// A setting as PostgreSQL reads it back inside the transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value; `None` where it was never set in this session.
    pub value: Option<String>,
}

/// A column of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The column.
    pub column: String,
    /// Its value, as far as it may be shown.
    pub value: Shown,
}

/// A value, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "shown", rename_all = "snake_case")]
pub enum Shown {
    /// NULL.
    Null,
    /// As PostgreSQL writes it.
    Value {
        /// At most 200 characters of it.
        text: String,
        /// There is more.
        truncated: bool,
    },
    /// Hidden: it may be somebody's personal data.
    Masked {
        /// The column's type.
        data_type: String,
        /// How long it is, roughly.
        length: LengthClass,
    },
}

/// How long a hidden value is, as text, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LengthClass {
    /// 0
    Empty,
    /// 1 to 20
    Short,
    /// 21 to 200
    Medium,
    /// More than 200
    Long,
}

/// Policies that must together accept one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The row they look at.
    pub row: RowSide,
    /// The command whose policies they are: an UPDATE that reads asks those for SELECT too.
    pub command: PolicyCommand,
    /// The expressions that decide.
    pub clause: Clause,
    /// How they combine, with what each says: `All` of the restrictive ones and of `Any` of the permissive ones.
    pub tree: Node,
}

/// The row a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowSide {
    /// The row as it is. Without acceptance it is silently left out.
    Existing,
    /// The row as it would be. Without acceptance the statement fails with SQLSTATE 42501.
    New,
}

/// The part of a policy that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clause {
    /// `USING`.
    Using,
    /// `WITH CHECK`, or `USING` of a policy that has none.
    WithCheck,
}

/// How policies combine, with the value at every point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "node", rename_all = "snake_case")]
pub enum Node {
    /// All must be true.
    All {
        /// What must be.
        of: Vec<Node>,
        /// What comes out.
        truth: Truth,
    },
    /// One must be true. Empty when there is no permissive policy, which means no.
    Any {
        /// The alternatives.
        of: Vec<Node>,
        /// What comes out.
        truth: Truth,
    },
    /// One policy.
    Policy(PolicyResult),
}

impl Node {
    /// What comes out.
    #[must_use]
    pub const fn truth(&self) -> &Truth {
        match self {
            Self::All { truth, .. } | Self::Any { truth, .. } => truth,
            Self::Policy(policy) => &policy.truth,
        }
    }

    /// Every policy in it, from the left.
    #[must_use]
    pub fn policies(&self) -> Vec<&PolicyResult> {
        match self {
            Self::All { of, .. } | Self::Any { of, .. } => of.iter().flat_map(Self::policies).collect(),
            Self::Policy(policy) => vec![policy],
        }
    }
}

/// What one policy says about one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyResult {
    /// The policy.
    pub policy: String,
    /// Permissive or restrictive.
    pub permissive: bool,
    /// The expression that was evaluated, as PostgreSQL writes it.
    pub expression: String,
    /// It has no WITH CHECK, so its USING decides about the new row.
    pub falls_back_to_using: bool,
    /// What PostgreSQL made of it.
    pub truth: Truth,
    /// Columns it compares plainly, with both sides.
    pub compared: Vec<Comparison>,
}

/// `column = expression`, with both values. Shown even where other values are hidden: they are what decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The column.
    pub column: String,
    /// Its value in the row.
    pub value: Shown,
    /// What it is compared with, as PostgreSQL writes it.
    pub with: String,
    /// That expression's value, for this role and context.
    pub with_value: Shown,
}

/// What PostgreSQL made of an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "truth", rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It is NULL, which does not let a row through either.
    Null,
    /// It fails, and with it the whole statement.
    Error {
        /// PostgreSQL's code.
        sqlstate: String,
        /// PostgreSQL's message; shortened where it could quote hidden values.
        message: String,
        /// It fails whatever rows there are: while the statement is planned.
        early: bool,
    },
    /// It could not be evaluated, and this is why.
    Unseen {
        /// What was missing.
        reason: String,
    },
}

/// What follows from the ladder, before the command is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// In a word.
    pub decision: Decision,
    /// In a sentence.
    pub sentence: String,
    /// SQLSTATEs the statement may end with instead: PostgreSQL does not promise the order in which it evaluates
    /// conditions, so one that fails can come before one that is false. The row is not reached in either case.
    pub may_fail_with: Vec<String>,
}

/// What becomes of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The row is seen, added, changed or removed, as far as rights and policies go.
    Reached,
    /// The statement succeeds and does not find the row.
    NotReached,
    /// The statement is refused with SQLSTATE 42501, by a missing right or a policy.
    Refused,
    /// The statement fails with one of `may_fail_with`, because a policy or default does.
    Fails,
    /// Something could not be seen, so nothing is claimed.
    Unknown,
}

/// What PostgreSQL did when the command was run as the role and rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reality", rename_all = "snake_case")]
pub enum Reality {
    /// It was run.
    Tried {
        /// What came of it.
        happened: Happened,
        /// It is what the verdict says. Where it is not, the explainer is wrong and PostgreSQL is right.
        agrees: bool,
    },
    /// It was not run, or ended for a reason that has nothing to do with rights and policies: nothing is confirmed.
    Untried {
        /// Why.
        reason: String,
    },
}

/// What came of the real command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "snake_case")]
pub enum Happened {
    /// It succeeded.
    Rows {
        /// How many rows it returned or affected.
        count: u64,
    },
    /// It failed.
    Failed {
        /// PostgreSQL's code.
        sqlstate: String,
        /// PostgreSQL's message; shortened where it could quote hidden values.
        message: String,
    },
}
