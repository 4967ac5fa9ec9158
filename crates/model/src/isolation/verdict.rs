//! What follows from the facts: a verdict for every table, with its reasons.

use serde::{Deserialize, Serialize};

use super::{Finding, TableFacts};

/// What the catalogue proves about a table. Ordered from the worst to the safest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", content = "detail", rename_all = "snake_case")]
pub enum Verdict {
    /// A runtime role can reach rows across organizations, or that cannot be excluded: every finding that is a leak.
    Exposed(Vec<Finding>),
    /// Holds no organization's data; the same for everybody, and this is why.
    SharedByDesign(String),
    /// Every way in goes through a policy on the tenant column.
    Isolated,
    /// No runtime role can reach any row.
    Locked,
}

impl Verdict {
    /// 0 is the worst.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Exposed(_) => 0,
            Self::SharedByDesign(_) => 1,
            Self::Isolated => 2,
            Self::Locked => 3,
        }
    }

    /// As the page says it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Exposed(_) => "Exposed",
            Self::SharedByDesign(_) => "Shared by design",
            Self::Isolated => "Isolated",
            Self::Locked => "Locked",
        }
    }
}

/// One table with what was concluded about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReport {
    /// What the catalogue says.
    pub facts: TableFacts,
    /// What follows for isolation.
    pub verdict: Verdict,
    /// What is wrong with it without being a leak, the worst first.
    pub findings: Vec<Finding>,
}
