//! A run of the prover, as the list of proofs shows it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Counts, Standing};
use crate::{DataSourceId, ProofId, org::words};

words! {
    /// Where a run is.
    RunStatus {
        Running = "running", "Running";
        Finished = "finished", "Finished";
        Failed = "failed", "Failed";
    }
}

/// The data source that a run is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenSource {
    /// Which one; none when it was removed since.
    pub id: Option<DataSourceId>,
    /// What it was called when the run began.
    pub name: String,
}

/// A run of the prover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRun {
    /// Version 7: sorts in time.
    pub id: ProofId,
    /// What it is about; none for this product's own database.
    pub source: Option<ProvenSource>,
    /// Where it is.
    pub status: RunStatus,
    /// The operator who asked for it; none where the schedule or a changed catalogue did.
    pub requested_by: Option<String>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// What it is doing, in words.
    pub doing: String,
    /// Cells that are settled, and all; 0 while they are not known.
    pub progress: (u32, u32),
    /// The catalogue it speaks about; known at the end.
    pub catalogue_hash: Option<String>,
    /// Red, incomplete or green; known at the end.
    pub standing: Option<Standing>,
    /// What it comes to, in a sentence.
    pub sentence: Option<String>,
    /// How the cells ended.
    pub counts: Counts,
    /// Why it failed.
    pub failure: Option<String>,
}
