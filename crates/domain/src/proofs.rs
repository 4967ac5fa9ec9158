//! Proofs of isolation: attack runs on a copy of the schema, asked for by an operator, by the clock, or by a changed
//! catalogue; kept signed.

use crate::{App, Error, OperatorCtx, Result};
use bulkhead_db::{
    SystemTask, Unaudited,
    audit::Record,
    inspect::{Cancellation, Inspector, Progress, SignedProof, SigningKey},
    proofs,
};
use bulkhead_model::{
    ProofId,
    audit::{Action, Outcome, TargetKind},
    isolation::{Proof, ProofDifference, ProofRun},
    page::{Count, Page, PageRequest, Place},
    perm,
};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;

/// What the signing key of proofs is derived for. Another text would be another key.
const KEY_PURPOSE: &str = "proof of isolation, Ed25519 seed, v1";

/// How often a run says how far it is.
const REPORT_EVERY: Duration = Duration::from_millis(700);

/// A page of runs and how many there are.
#[derive(Debug)]
pub struct RunList {
    /// Runs, the newest first.
    pub page: Page<ProofRun>,
    /// All of them, capped.
    pub count: Count,
}

/// The page of proofs.
#[derive(Debug)]
pub struct ProofList {
    /// The latest runs, the newest first.
    pub runs: Vec<ProofRun>,
    /// What makes them.
    pub prover: Prover,
}

/// What makes proofs, and whether the latest still holds.
#[derive(Debug)]
pub struct Prover {
    /// Whether runs can be started: an address is set for the inspector.
    pub possible: bool,
    /// Whether the catalogue is the one that the latest finished run speaks about; unknown without an inspector or run.
    pub current: Option<bool>,
    /// The fingerprint of the key that signs.
    pub key: String,
}

/// One run with what it found.
#[derive(Debug)]
pub struct ProofDetail {
    /// The run.
    pub run: ProofRun,
    /// What it found; none while it lasts or when it failed.
    pub proof: Option<Proof>,
    /// What changed since the finished run before.
    pub difference: Option<ProofDifference>,
}

/// The latest runs and what makes them.
pub async fn list(ctx: &OperatorCtx) -> Result<ProofList> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let (runs, latest) = (proofs::list(&mut tx, &LATEST).await?.rows, proofs::latest(&mut tx).await?);
    drop(tx);
    Ok(ProofList { runs, prover: standing(ctx.app(), latest).await? })
}

/// What the page of proofs shows at most.
const LATEST: PageRequest = PageRequest { place: Place::First, limit: 100 };

/// A page of all runs.
pub async fn page(ctx: &OperatorCtx, page: &PageRequest) -> Result<RunList> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    Ok(RunList { page: proofs::list(&mut tx, page).await?, count: proofs::count(&mut tx).await? })
}

/// What makes proofs, and whether the latest still holds.
pub async fn prover(ctx: &OperatorCtx) -> Result<Prover> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let latest = proofs::latest(&mut tx).await?;
    drop(tx);
    standing(ctx.app(), latest).await
}

async fn standing(app: &App, latest: Option<(OffsetDateTime, String)>) -> Result<Prover> {
    let inspector = app.inspector();
    let current = match (inspector, latest) {
        (Some(inspector), Some((_, hash))) => Some(inspector.catalogue_hash().await? == hash),
        _ => None,
    };
    let key = signing_key(app)?.verifying_key().fingerprint().to_string();
    Ok(Prover { possible: inspector.is_some(), current, key })
}

/// One run.
pub async fn find(ctx: &OperatorCtx, id: ProofId) -> Result<ProofDetail> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let run = proofs::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let proof = kept(&proofs::document(&mut tx, id).await?)?;
    let before = match proofs::before(&mut tx, id).await? {
        Some(before) => kept(&proofs::document(&mut tx, before).await?)?,
        None => None,
    };
    let difference = before.zip(proof.as_ref()).map(|(before, proof)| Proof::diff(&before, proof));
    Ok(ProofDetail { run, proof, difference })
}

/// The signed file of a finished run.
pub async fn document(ctx: &OperatorCtx, id: ProofId) -> Result<Vec<u8>> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    proofs::document(&mut tx, id).await?.ok_or(Error::NotFound)
}

fn kept(document: &Option<Vec<u8>>) -> Result<Option<Proof>> {
    let signed = document.as_deref().map(serde_json::from_slice::<SignedProof>).transpose();
    signed.map(|signed| signed.map(|signed| signed.proof)).map_err(|error| Error::Internal(Box::new(error)))
}

/// Starts a run. It goes on after the answer; the list says how far it is. `None` when one is running already.
pub async fn start(ctx: &OperatorCtx) -> Result<Option<ProofId>> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let Some(inspector) = ctx.app().inspector() else {
        return Err(Error::NotFound);
    };
    let Some(id) = proofs::begin(&mut tx, Some(&ctx.identity().email)).await? else { return Ok(None) };
    tx.commit(Record::new(Action::ProofStarted, TargetKind::Proof, id, "isolation")).await?;
    let (app, inspector) = (ctx.app().clone(), inspector.clone());
    ctx.app().later("proof", async move { run(&app, &inspector, id).await });
    Ok(Some(id))
}

/// Starts a run where the schedule or a changed catalogue asks for one, and waits for its end.
pub(crate) async fn when_due(app: &App, interval: Duration) -> Result<()> {
    let Some(inspector) = app.inspector() else { return Ok(()) };
    let hash = inspector.catalogue_hash().await?;
    let mut tx = app.database().system(SystemTask::Prover).await?;
    let (now, begun) = (tx.now(), proofs::latest_begun(&mut tx).await?);
    let changed = proofs::latest(&mut tx).await?.is_none_or(|(_, proven)| proven != hash);
    let due = match begun {
        None => true,
        // What fails is not tried again at once, whatever has changed.
        Some(begun) => now - begun >= interval || changed && now - begun >= RETRY_AFTER,
    };
    if !due {
        return Ok(());
    }
    let Some(id) = proofs::begin(&mut tx, None).await? else { return Ok(()) };
    tx.commit(Record::new(Action::ProofStarted, TargetKind::Proof, id, "isolation")).await?;
    run(app, inspector, id).await
}

/// See [`when_due`].
const RETRY_AFTER: time::Duration = time::Duration::minutes(10);

async fn run(app: &App, inspector: &Inspector, id: ProofId) -> Result<()> {
    let cancellation = Cancellation::new();
    // Dropped with this future: at a shutdown the copies are removed by the next run.
    let _cancelled = cancellation.clone().drop_guard();
    let (tell, told) = watch::channel(Progress { done: 0, total: 0, doing: "copying the schema".to_owned() });
    let proving = inspector.prove(&cancellation, move |progress| {
        let _ = tell.send(progress);
    });
    let proven = tokio::select! {
        proven = proving => proven,
        // Ends only with the channel, which ends with the proof.
        never = report(app, id, told) => match never? {},
    };
    let mut tx = app.database().system(SystemTask::Prover).await?;
    let record = |action| Record::new(action, TargetKind::Proof, id, "isolation");
    let record = match proven {
        Ok(proof) => {
            let sentence = proof.verdict();
            let signed = bulkhead_db::inspect::sign(proof, &signing_key(app)?).map_err(internal)?;
            let bytes = signed.to_bytes().map_err(internal)?;
            proofs::finish(&mut tx, id, &signed.proof, &bytes).await?;
            metrics::gauge!("rls_proof_leaks").set(f64::from(signed.proof.counts.leaked));
            record(Action::ProofFinished).after("result", sentence)
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the proof of isolation could not be made");
            proofs::fail(&mut tx, id, &error.to_string()).await?;
            record(Action::ProofFailed).outcome(Outcome::Failure).reason(error.to_string())
        }
    };
    tx.commit(record).await?;
    Ok(())
}

/// Writes down how far the run is, as long as it lasts.
async fn report(app: &App, id: ProofId, mut told: watch::Receiver<Progress>) -> Result<std::convert::Infallible> {
    loop {
        tokio::time::sleep(REPORT_EVERY).await;
        if told.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let Progress { done, total, doing } = told.borrow_and_update().clone();
        let mut tx = app.database().system(SystemTask::Prover).await?;
        proofs::hear(&mut tx, id, &doing, done, total).await?;
        tx.commit_unaudited(Unaudited::Progress).await?;
    }
}

/// The key that signs: derived from the installation's signing key, so there is nothing more to keep secret.
fn signing_key(app: &App) -> Result<SigningKey> {
    SigningKey::from_seed(&app.sealer().derive(KEY_PURPOSE)).map_err(internal)
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Internal(Box::new(error))
}
