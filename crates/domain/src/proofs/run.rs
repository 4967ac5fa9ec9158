//! One run, from its beginning to what is kept of it.

use super::{internal, signing_key};
use crate::{App, Result, data_sources::sentence};
use bulkhead_db::{
    SystemTask, Unaudited,
    audit::Record,
    foreign::{ForeignDatabase, LONGEST_PROOF, Proving},
    inspect::{Cancellation, Inspector, Progress, sign},
    proofs,
};
use bulkhead_model::{
    DataSourceId, ProofId,
    audit::{Action, Outcome, TargetKind},
    isolation::Proof,
};
use std::time::Duration;
use tokio::sync::watch;

/// How often a run says how far it is.
const REPORT_EVERY: Duration = Duration::from_millis(700);
/// How often it says so when nothing has changed: it lives, and is told so when nobody waits for it any more.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// How long the copies may take to be dropped when a run is ended.
const CLEARING: Duration = Duration::from_secs(120);

/// What a run says whose data source is gone.
const REMOVED: &str = "The data source was removed while the run lasted, so it was ended.";
/// What one says that was taken for dead by another server.
const CLOSED: &str = "The run was closed before it ended.";
/// What it says when a server stopped answering.
const TOO_LONG: &str = "The run was ended after an hour. What it left on the server is dropped by the next one.";

/// The database that is attacked.
pub(super) enum Attacked {
    /// This product's own.
    Own(Inspector),
    /// Somebody else's.
    Source(Box<Source>),
}

/// Somebody else's database, and what it is attacked with.
pub(super) struct Source {
    pub id: DataSourceId,
    pub name: String,
    pub database: ForeignDatabase,
    pub proving: Proving,
}

impl Attacked {
    /// The event about a run of it.
    pub fn record(&self, action: Action, id: ProofId) -> Record {
        match self {
            Self::Own(_) => Record::new(action, TargetKind::Proof, id, "isolation"),
            Self::Source(source) => {
                Record::new(action, TargetKind::Proof, id, &source.name).after("data_source", source.id)
            }
        }
    }

    /// Why nobody waits for a run of it any more.
    fn not_waited_for(&self) -> String {
        match self {
            Self::Own(_) => CLOSED.to_owned(),
            Self::Source(_) => REMOVED.to_owned(),
        }
    }

    /// Attacks it. An error is a sentence for people that says nothing of where the database is.
    async fn prove(
        &self,
        cancellation: &Cancellation,
        observe: impl FnMut(Progress) + Send,
    ) -> std::result::Result<Proof, String> {
        match self {
            Self::Own(inspector) => inspector.prove(cancellation, observe).await.map_err(|error| error.to_string()),
            Self::Source(source) => match source.database.prove(&source.proving, cancellation, observe).await {
                Ok(proof) => Ok(Proof { data_source: Some(source.name.clone()), ..proof }),
                Err(error) => Err(sentence(&error.without_place())),
            },
        }
    }
}

/// Makes the proof and keeps it, or why there is none.
pub(super) async fn run(app: &App, attacked: &Attacked, id: ProofId) -> Result<()> {
    let cancellation = Cancellation::new();
    // Dropped with this future: at a shutdown the copies are removed by the next run.
    let _cancelled = cancellation.clone().drop_guard();
    let (tell, told) = watch::channel(Progress { done: 0, total: 0, doing: "copying the schema".to_owned() });
    let proving = attacked.prove(&cancellation, move |progress| {
        let _ = tell.send(progress);
    });
    let proven = tokio::select! {
        proven = proving => proven,
        () = time_out(&cancellation) => Err(TOO_LONG.to_owned()),
        never = report(app, id, told, &cancellation) => match never {},
    };
    keep(app, attacked, id, proven).await
}

async fn keep(app: &App, attacked: &Attacked, id: ProofId, proven: std::result::Result<Proof, String>) -> Result<()> {
    let mut tx = app.database().system(SystemTask::Prover).await?;
    let failure = match proven {
        Ok(proof) => {
            let sentence = proof.verdict();
            let signed = sign(proof, &signing_key(app)?).map_err(internal)?;
            let bytes = signed.to_bytes().map_err(internal)?;
            if proofs::finish(&mut tx, id, &signed.proof, &bytes).await? {
                if let Attacked::Own(_) = attacked {
                    metrics::gauge!("rls_proof_leaks").set(f64::from(signed.proof.counts.leaked));
                }
                tx.commit(attacked.record(Action::ProofFinished, id).after("result", sentence)).await?;
                return Ok(());
            }
            attacked.not_waited_for()
        }
        Err(failure) => match proofs::is_waited_for(&mut tx, id).await? {
            true => failure,
            false => attacked.not_waited_for(),
        },
    };
    match attacked {
        Attacked::Own(_) => tracing::error!(error = failure, "the proof of isolation could not be made"),
        // Not this installation's fault, and for its operator to read.
        Attacked::Source(source) => {
            tracing::warn!(data_source = %source.id, error = failure, "a data source's proof could not be made");
        }
    }
    proofs::fail(&mut tx, id, &failure).await?;
    let record = attacked.record(Action::ProofFailed, id).outcome(Outcome::Failure).reason(failure);
    tx.commit(record).await?;
    Ok(())
}

/// Ends what lasts longer than any run may, and then its clearing up: a server that stops answering is not waited for.
async fn time_out(cancellation: &Cancellation) {
    tokio::time::sleep(LONGEST_PROOF).await;
    cancellation.cancel();
    tokio::time::sleep(CLEARING).await;
}

/// Writes down how far the run is, as long as it lasts, and ends one that nobody waits for any more.
async fn report(
    app: &App,
    id: ProofId,
    mut told: watch::Receiver<Progress>,
    cancellation: &Cancellation,
) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(REPORT_EVERY).await;
        // The channel ends with the proof, and this with it.
        if let Ok(Err(_)) = tokio::time::timeout(SIGN_OF_LIFE, told.changed()).await {
            std::future::pending::<()>().await;
        }
        let progress = told.borrow_and_update().clone();
        match hear(app, id, progress).await {
            Ok(true) => {}
            Ok(false) => {
                cancellation.cancel();
                std::future::pending::<()>().await;
            }
            // Copies on a server are not left behind for a figure that was not written.
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "how far a proof is could not be written down"
                );
            }
        }
    }
}

async fn hear(app: &App, id: ProofId, Progress { done, total, doing }: Progress) -> Result<bool> {
    let mut tx = app.database().system(SystemTask::Prover).await?;
    let waited_for = proofs::hear(&mut tx, id, &doing, done, total).await?;
    tx.commit_unaudited(Unaudited::Progress).await?;
    Ok(waited_for)
}
