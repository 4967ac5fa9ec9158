//! Proofs of isolation: attack runs on a copy of the schema, asked for by an operator, by the clock, or by a changed
//! catalogue; kept signed. Of this product's own database, and of data sources.

mod run;
mod source;

use self::run::{Attacked, run};
pub use self::source::{password_field, prospect, start_of_source};
use crate::{App, Error, OperatorCtx, Result, isolation::Subject};
use bulkhead_db::{
    SystemTask, data_sources,
    inspect::{SignedProof, SigningKey},
    proofs,
};
use bulkhead_model::{
    DataSourceId, ProofId,
    audit::Action,
    isolation::{Proof, ProofDifference, ProofRun},
    page::{Count, Page, PageRequest},
    perm,
};
use std::time::Duration;
use time::OffsetDateTime;

pub use bulkhead_db::foreign::{Attacker, Prospect};

/// What the signing key of proofs is derived for. Another text would be another key.
const KEY_PURPOSE: &str = "proof of isolation, Ed25519 seed, v1";

/// The page of proofs.
#[derive(Debug)]
pub struct ProofList {
    /// Runs, the newest first.
    pub runs: Vec<ProofRun>,
    /// Runs of data sources that were removed since, the newest first; beside those of this product's own database.
    pub removed: Vec<ProofRun>,
    /// Whether runs can be started: a data source has an address, and this product's own database one for its inspector.
    pub possible: bool,
    /// Whether the catalogue is the one that the latest finished run speaks about; unknown without an inspector or run, and
    /// of a data source, whose server is not asked for a list.
    pub current: Option<bool>,
    /// The fingerprint of the key that signs.
    pub key: String,
}

/// A page of runs of this product's own database, and how many there are.
#[derive(Debug)]
pub struct RunList {
    /// Runs, the newest first.
    pub page: Page<ProofRun>,
    /// All of them, capped.
    pub count: Count,
}

/// What makes proofs of this product's own database, and whether the latest still holds.
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

/// All runs of a database.
pub async fn list(ctx: &OperatorCtx, subject: Subject) -> Result<ProofList> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let source = source_of(subject);
    if let Some(id) = source {
        data_sources::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    }
    let runs = proofs::list(&mut tx, source).await?;
    let (removed, latest) = match subject {
        Subject::Own => (proofs::list_of_removed(&mut tx).await?, proofs::latest(&mut tx).await?),
        Subject::Source(_) => (Vec::new(), None),
    };
    drop(tx);
    let Prover { possible, current, key } = standing(ctx.app(), latest).await?;
    Ok(ProofList { runs, removed, possible: source.is_some() || possible, current, key })
}

/// A page of the runs of this product's own database.
pub async fn page(ctx: &OperatorCtx, page: &PageRequest) -> Result<RunList> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    Ok(RunList { page: proofs::page(&mut tx, page).await?, count: proofs::count(&mut tx).await? })
}

/// What makes proofs of this product's own database, and whether the latest still holds.
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

/// One run of a database. Those of data sources that were removed are found among this product's own.
pub async fn find(ctx: &OperatorCtx, subject: Subject, id: ProofId) -> Result<ProofDetail> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let run = proofs::find(&mut tx, source_of(subject), id).await?.ok_or(Error::NotFound)?;
    let proof = kept(&proofs::document(&mut tx, id).await?)?;
    let before = match proofs::before(&mut tx, id).await? {
        Some(before) => kept(&proofs::document(&mut tx, before).await?)?,
        None => None,
    };
    let difference = before.zip(proof.as_ref()).map(|(before, proof)| Proof::diff(&before, proof));
    Ok(ProofDetail { run, proof, difference })
}

/// The signed file of a finished run.
pub async fn document(ctx: &OperatorCtx, subject: Subject, id: ProofId) -> Result<Vec<u8>> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    proofs::find(&mut tx, source_of(subject), id).await?.ok_or(Error::NotFound)?;
    proofs::document(&mut tx, id).await?.ok_or(Error::NotFound)
}

const fn source_of(subject: Subject) -> Option<DataSourceId> {
    match subject {
        Subject::Own => None,
        Subject::Source(id) => Some(id),
    }
}

fn kept(document: &Option<Vec<u8>>) -> Result<Option<Proof>> {
    let signed = document.as_deref().map(serde_json::from_slice::<SignedProof>).transpose();
    signed.map(|signed| signed.map(|signed| signed.proof)).map_err(|error| Error::Internal(Box::new(error)))
}

/// Starts a run of this product's own database. It goes on after the answer; the list says how far it is. `None` when one
/// is running already.
pub async fn start(ctx: &OperatorCtx) -> Result<Option<ProofId>> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let attacked = Attacked::Own(ctx.app().inspector().ok_or(Error::NotFound)?.clone());
    let Some(id) = proofs::begin(&mut tx, None, Some(&ctx.identity().email)).await? else { return Ok(None) };
    tx.commit(attacked.record(Action::ProofStarted, id)).await?;
    let app = ctx.app().clone();
    ctx.app().later("proof", async move { run(&app, &attacked, id).await });
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
    let attacked = Attacked::Own(inspector.clone());
    let Some(id) = proofs::begin(&mut tx, None, None).await? else { return Ok(()) };
    tx.commit(attacked.record(Action::ProofStarted, id)).await?;
    run(app, &attacked, id).await
}

/// See [`when_due`].
const RETRY_AFTER: time::Duration = time::Duration::minutes(10);

/// The key that signs: derived from the installation's signing key, so there is nothing more to keep secret.
fn signing_key(app: &App) -> Result<SigningKey> {
    SigningKey::from_seed(&app.sealer().derive(KEY_PURPOSE)).map_err(internal)
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Internal(Box::new(error))
}
