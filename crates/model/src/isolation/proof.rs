//! What a proof by attack found: one cell for every table, attack and role. Made by `rls::prove`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Attack;

/// One run of the prover. What is serialized depends on the findings only, never on the order of a map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proof {
    /// Its own id.
    pub id: Uuid,
    /// When it began, by the database's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The database whose schema was attacked.
    pub database: String,
    /// The data source that it was registered as, by its name at that time; none for an installation's own database and
    /// where the proof was made from a terminal. Only proofs that have one are written with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data_source: Option<String>,
    /// PostgreSQL's version: `15.18`.
    pub server_version: String,
    /// `rls::catalogue::hash` of the catalogue it speaks about. Another hash: this proof says nothing any more.
    pub catalogue_hash: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What it took for granted.
    pub premises: Premises,
    /// Tables, partitions and views that were attacked, as `schema.name`.
    pub tables: Vec<String>,
    /// Tables that could not be attacked, because no row of an organization could be made. Red, not skipped.
    pub could_not_plant: Vec<Unplanted>,
    /// Where the disposable copy differs from the original, and so the proof does not speak about it.
    pub clone_differs: Vec<String>,
    /// By subject, object, attack and role.
    pub cells: Vec<Cell>,
    /// The cells, counted.
    pub counts: Counts,
}

/// What a proof takes for granted about the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Premises {
    /// The roles as which it attacked.
    pub roles: Vec<AttackingRole>,
    /// Names of the column that says whose a row is.
    pub tenant_columns: Vec<String>,
    /// The table of the organizations and its key, as `schema.table.column`.
    pub root: Option<String>,
    /// The setting that names the organization.
    pub org_setting: String,
    /// The setting that names an operator.
    pub operator_setting: Option<String>,
    /// Tables declared to hold no organization's data, with the reason. They were not attacked.
    pub shared_by_design: Vec<(String, String)>,
    /// What was accepted beforehand.
    pub accepted: Vec<Acceptance>,
}

/// A role as which the prover attacked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttackingRole {
    /// Its name.
    pub name: String,
    /// It may reach every organization when acting for an operator.
    pub platform: bool,
    /// It really signed in. Otherwise an administrator's session became it with SET ROLE.
    pub signed_in: bool,
}

/// A leak, or a gap, that somebody looked at and accepts. Its cell is never green: it says what was accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AcceptedAttack))]
pub struct Acceptance {
    /// The cell's subject.
    pub subject: String,
    /// The cell's object, where it has one.
    pub object: Option<String>,
    /// The attack.
    pub attack: Attack,
    /// The role; every role without one.
    pub role: Option<String>,
    /// What is accepted is that the attack shows nothing ([`Outcome::Unproven`]), and not that it succeeds. One never
    /// stands in for the other: an accepted leak that cannot be tried any more is unproven again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
    /// Why it is acceptable.
    pub reason: String,
}

/// A table in which no canary could be planted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unplanted {
    /// As `schema.name`.
    pub table: String,
    /// What PostgreSQL said, or what is missing.
    pub why: String,
}

/// One attack on one thing as one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProofCell))]
pub struct Cell {
    /// What was attacked: a table or view as `schema.name`, a function's signature, or `session`.
    pub subject: String,
    /// The constraint or other part of it that the attack is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<String>,
    /// The attack.
    pub attack: Attack,
    /// The role that attacked.
    pub role: String,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How an attack ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CellOutcome))]
pub enum Outcome {
    /// It failed, and the same attack succeeded on the broken copy in the same run. The only green.
    Held {
        /// What stopped it.
        by: String,
    },
    /// It succeeded.
    Leaked {
        /// What it got.
        how: String,
    },
    /// It succeeded, or shows nothing, and somebody had accepted that beforehand. Never green.
    Accepted {
        /// What it got, or why it shows nothing.
        how: String,
        /// Why that was accepted.
        reason: String,
    },
    /// It says nothing: it could not be tried, or did not succeed on the broken copy either. Never green.
    Unproven {
        /// Why.
        why: String,
    },
}

impl Outcome {
    /// As the page says it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Held { .. } => "Held",
            Self::Leaked { .. } => "Leaked",
            Self::Accepted { .. } => "Accepted",
            Self::Unproven { .. } => "Unproven",
        }
    }

    /// The words that go with it.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Held { by } => by,
            Self::Leaked { how } | Self::Accepted { how, .. } => how,
            Self::Unproven { why } => why,
        }
    }
}

/// How many cells ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CellCounts))]
pub struct Counts {
    /// Green.
    pub held: u32,
    /// Red.
    pub leaked: u32,
    /// Red or unproven, and accepted.
    pub accepted: u32,
    /// Grey.
    pub unproven: u32,
}

impl Counts {
    /// Counts cells.
    #[must_use]
    pub fn of(cells: &[Cell]) -> Self {
        let mut counts = Self::default();
        for cell in cells {
            match cell.outcome {
                Outcome::Held { .. } => counts.held += 1,
                Outcome::Leaked { .. } => counts.leaked += 1,
                Outcome::Accepted { .. } => counts.accepted += 1,
                Outcome::Unproven { .. } => counts.unproven += 1,
            }
        }
        counts
    }

    /// All cells.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.held + self.leaked + self.accepted + self.unproven
    }
}

/// What a proof comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Standing {
    /// An attack succeeded, or a table could not be attacked.
    Red,
    /// No attack succeeded, and not every cell was proven.
    Incomplete,
    /// Every attack failed, and every one of them can succeed.
    Green,
}

impl Proof {
    /// Whether it is red, incomplete or green.
    #[must_use]
    pub fn standing(&self) -> Standing {
        if self.counts.leaked > 0 || !self.could_not_plant.is_empty() {
            Standing::Red
        } else if self.counts.unproven > 0 || self.counts.held == 0 || !self.clone_differs.is_empty() {
            Standing::Incomplete
        } else {
            Standing::Green
        }
    }

    /// The verdict in one sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let Counts { held, leaked, accepted, unproven } = self.counts;
        let total = self.counts.total();
        let mut sentence = if leaked > 0 {
            let leaking = self.leaks().map(|cell| cell.subject.as_str()).collect::<std::collections::BTreeSet<_>>();
            format!(
                "{leaked} of {total} attacks reached another organization, in {}",
                leaking.into_iter().collect::<Vec<_>>().join(", ")
            )
        } else if held == 0 {
            "Nothing was proven".to_owned()
        } else {
            format!("{held} of {total} attacks failed and are known to succeed where protection is missing")
        };
        for (count, words) in [(accepted, "accepted as they are"), (unproven, "unproven")] {
            if count > 0 {
                sentence.push_str(&format!("; {count} {words}"));
            }
        }
        if !self.could_not_plant.is_empty() {
            sentence.push_str(&format!("; {} tables could not be attacked", self.could_not_plant.len()));
        }
        if !self.clone_differs.is_empty() {
            sentence.push_str("; the copy that was attacked differs from the original");
        }
        sentence + "."
    }

    /// The cells in which an attack succeeded and nobody had accepted that.
    pub fn leaks(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| matches!(cell.outcome, Outcome::Leaked { .. }))
    }

    /// What changed from one proof to a later one. Cells are compared by how they ended, not by the words for it.
    #[must_use]
    pub fn diff(before: &Self, after: &Self) -> ProofDifference {
        type Key<'a> = (&'a str, Option<&'a str>, Attack, &'a str);
        fn key(cell: &Cell) -> Key<'_> {
            (cell.subject.as_str(), cell.object.as_deref(), cell.attack, cell.role.as_str())
        }
        let mut pairs: BTreeMap<Key<'_>, (Option<&Cell>, Option<&Cell>)> = BTreeMap::new();
        for cell in &before.cells {
            pairs.entry(key(cell)).or_default().0 = Some(cell);
        }
        for cell in &after.cells {
            pairs.entry(key(cell)).or_default().1 = Some(cell);
        }
        let label = |cell: Option<&Cell>| cell.map(|cell| cell.outcome.label());
        let changed = pairs.into_values().filter(|(a, b)| label(*a) != label(*b));
        let unplanted = |proof: &Self| proof.could_not_plant.iter().map(|red| red.table.clone()).collect::<Vec<_>>();
        let (was, is) = (unplanted(before), unplanted(after));
        ProofDifference {
            catalogue_changed: before.catalogue_hash != after.catalogue_hash,
            cells: changed.map(|(a, b)| CellChange { before: a.cloned(), after: b.cloned() }).collect(),
            newly_unplanted: is.iter().filter(|table| !was.contains(table)).cloned().collect(),
            newly_planted: was.into_iter().filter(|table| !is.contains(table)).collect(),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = self.object.as_ref().map(|object| format!(" ({object})")).unwrap_or_default();
        let (label, detail) = (self.outcome.label(), self.outcome.detail());
        write!(formatter, "{}{object} · {} · {} · {label}: {detail}", self.subject, self.attack, self.role)
    }
}

/// What changed between two proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofDifference {
    /// They speak about different catalogues.
    pub catalogue_changed: bool,
    /// Cells that ended otherwise, came, or went.
    pub cells: Vec<CellChange>,
    /// Tables that could be attacked before and not any more.
    pub newly_unplanted: Vec<String>,
    /// Tables that could not be attacked before.
    pub newly_planted: Vec<String>,
}

/// A cell in two proofs; at least one side is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CellChange {
    /// In the earlier proof.
    pub before: Option<Cell>,
    /// In the later one.
    pub after: Option<Cell>,
}
