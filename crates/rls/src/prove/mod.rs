//! Proves isolation by attack, and distrusts its own green.
//!
//! [`prove`] copies the schema of a database into a disposable one on the same server (the original is only read:
//! `pg_dump --schema-only` and the catalogue, ACCESS SHARE at most), plants rows of two organizations in every tenant
//! table of the copy, and attacks them as the roles that serve requests. Every attack is also sent to a second copy
//! that was broken on purpose. A cell is green only when the attack failed on the first and succeeded on the second in
//! the same run; whatever could not be tried, or not be shown to be able to succeed, is unproven and says why.
//!
//! ```no_run
//! # async fn example(admin: secrecy::SecretString, profile: bulkhead_rls::Profile) -> Result<(), Box<dyn std::error::Error>> {
//! use bulkhead_rls::prove::{Cancellation, Options, SigningKey, prove, sign, verify};
//!
//! let options = Options::new(admin, profile);
//! let proof = prove(&options, &Cancellation::new(), |progress| eprintln!("{}/{}", progress.done, progress.total)).await?;
//! println!("{}", proof.verdict());
//! let file = sign(proof, &SigningKey::generate()?)?.to_bytes()?;
//! println!("{}", verify(&file, None)?);
//! # Ok(()) }
//! ```
//!
//! What it does and does not prove is said to operators in `docs/proofs.md`.

mod attacks;
mod breaking;
mod clones;
mod dump;
mod engine;
mod error;
mod field;
mod matrix;
mod planting;
mod quoting;
mod row;
mod session;
mod signature;
mod survey;
mod target;
mod values;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bulkhead_model::isolation::{Acceptance, Proof};
use secrecy::SecretString;

pub use self::clones::sweep;
pub use self::error::Error;
pub use self::signature::{
    Fingerprint, KeyError, SignedProof, SigningKey, Trust, Verified, VerifyError, VerifyingKey, sign, verify,
};
pub(crate) use quoting::name as identifier;
/// Ends a run early: `cancel()` it, from anywhere.
pub use tokio_util::sync::CancellationToken as Cancellation;

use crate::Profile;

/// The longest a run may take, whatever is asked: copies older than that are taken for abandoned.
pub const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What to prove, and with whose rights.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where an administrator connects to the database. A superuser; else a role with CREATEDB that is a member of
    /// every role that owns something. It reads the database, and creates and drops the copies.
    pub admin: SecretString,
    /// How the database keeps its organizations apart.
    pub profile: Profile,
    /// Where the runtime roles sign in, by name; the database in the URL does not matter. Without one the administrator
    /// becomes the role by SET ROLE, and what only a real sign-in can show is unproven.
    pub role_urls: BTreeMap<String, SecretString>,
    /// Leaks that somebody looked at and accepts.
    pub accepted: Vec<Acceptance>,
    /// The `pg_dump` to use. Otherwise one is looked for; it must not be older than the server.
    pub pg_dump: Option<PathBuf>,
    /// What has not been tried after this time is unproven. At most [`LONGEST`].
    pub budget: Duration,
}

impl Options {
    /// With ten minutes, and without sign-ins or acceptances.
    #[must_use]
    pub fn new(admin: SecretString, profile: Profile) -> Self {
        Self {
            admin,
            profile,
            role_urls: BTreeMap::new(),
            accepted: Vec::new(),
            pg_dump: None,
            budget: Duration::from_secs(600),
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Cells that are settled.
    pub done: usize,
    /// All cells; 0 while they are not known yet.
    pub total: usize,
    /// In words: `copying the schema`, `attacking public.users as bulkhead_app: move`.
    pub doing: String,
}

/// Attacks a copy of the database and says what got through.
///
/// The copies are dropped at the end, also after a failure or a cancellation. A future that is dropped before it is
/// done cannot drop them; the next run, or [`sweep`], does.
///
/// # Errors
/// When the database cannot be read or copied, and when the run was cancelled. Everything that merely keeps a cell
/// from being green is in the proof.
pub async fn prove(
    options: &Options,
    cancellation: &Cancellation,
    mut observe: impl FnMut(Progress) + Send,
) -> Result<Proof, Error> {
    engine::run(options, cancellation, &mut observe).await
}
