//! `bulkhead rls prove`: attacks a disposable copy and signs what came of it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bulkhead_domain::isolation::foreign::{
    Cancellation, ForeignDatabase, Progress, Proving, SignedProof, SigningKey, sign,
};
use bulkhead_model::isolation::Standing;
use serde_json::json;

use super::{Answer, Format, measure, source};
use crate::{
    cli::{
        Failure, block_on,
        exit::{FOUND, INCOMPLETE},
        proof::result,
        sheet::{Sheet, Tone, safe},
    },
    config::{Environment, read_secret, value::Value as _},
};

/// How often a terminal is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File that holds the address where a runtime role signs in; repeatable. Without one it is entered by SET ROLE, and
    /// what only a real sign-in can show is unproven
    #[arg(long = "sign-in", value_name = "ROLE=FILE", value_parser = sign_in)]
    sign_ins: Vec<(String, PathBuf)>,
    /// Where the signed proof is written
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// File with the key that signs, 64 hexadecimal digits (openssl rand -hex 32). Without it a fresh key signs this one
    /// proof and is forgotten
    #[arg(long, value_name = "FILE")]
    signing_key_file: Option<PathBuf>,
    /// What has not been tried after this time is unproven, at most 1h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = |text: &str| Duration::parse(text))]
    budget: Duration,
    /// The pg_dump to use, not older than the server; otherwise one is looked for
    #[arg(long, value_name = "FILE")]
    pg_dump: Option<PathBuf>,
    /// How the result is written on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    source: source::Args,
    #[command(flatten)]
    measure: measure::Args,
}

fn sign_in(text: &str) -> Result<(String, PathBuf), String> {
    let (role, file) = text.rsplit_once('=').ok_or("a role, =, and a file are needed")?;
    Ok((role.to_owned(), file.into()))
}

pub(super) fn answer(args: &Args, environment: &Environment, colours: bool) -> Result<Answer, Failure> {
    let measure = args.measure.measure()?;
    let database = ForeignDatabase::new(args.source.address(environment)?, measure.profile);
    let mut sign_ins = BTreeMap::new();
    for (role, path) in &args.sign_ins {
        if !database.profile().is_runtime(role) {
            return Err(Failure::usage(format!("--sign-in: the profile has no role {}", safe(role))));
        }
        let url = source::from_file("--sign-in", &path.display().to_string())?;
        sign_ins.insert(role.clone(), args.source.parse(&url)?);
    }
    let (key, fresh) = match &args.signing_key_file {
        Some(path) => (kept_key(path)?, false),
        None => (SigningKey::generate().map_err(|error| Failure::failed(&error))?, true),
    };
    // Before the work: what cannot be kept need not be made.
    let out = args.out.as_deref().map(PartFile::create).transpose()?;
    let proving =
        Proving { sign_ins, accepted: measure.accepted, pg_dump: args.pg_dump.clone(), budget: Some(args.budget) };
    let proof = block_on(async {
        let cancellation = Cancellation::new();
        let proving = database.prove(&proving, &cancellation, teller());
        tokio::pin!(proving);
        tokio::select! {
            proof = &mut proving => Ok(proof?),
            _ = tokio::signal::ctrl_c() => {
                cancellation.cancel();
                tokio::select! {
                    proof = &mut proving => Ok(proof?),
                    _ = tokio::signal::ctrl_c() => Err(Failure::stopped("stopped at once; the next proof drops the copies")),
                }
            }
        }
    })?;
    let signed = sign(proof, &key).map_err(|error| Failure::failed(&error))?;
    if let Some(out) = out {
        out.keep(&signed.to_bytes().map_err(|error| Failure::failed(&error))?)?;
    }
    let code = match signed.proof.standing() {
        Standing::Green => 0,
        Standing::Incomplete => INCOMPLETE,
        Standing::Red => FOUND,
    };
    let text = match args.format {
        Format::Text => text(&signed, &key, fresh, args.out.as_deref(), colours),
        Format::Json => super::json(&json!({
            "standing": signed.proof.standing(),
            "verdict": signed.proof.verdict(),
            "key": key.verifying_key().to_hex(),
            "fingerprint": key.verifying_key().fingerprint().to_string(),
            "proof": signed.proof,
        }))?,
    };
    Ok(Answer { text, code })
}

fn kept_key(path: &Path) -> Result<SigningKey, Failure> {
    let named = path.display().to_string();
    let text = read_secret(&named).map_err(|message| Failure::refused(&format!("--signing-key-file {message}")))?;
    SigningKey::from_hex(&text)
        .map_err(|_| Failure::refused(&format!("--signing-key-file {named} does not hold 64 small hexadecimal digits")))
}

/// Tells a terminal how far it is, on one line that is overwritten; anything else gets nothing.
fn teller() -> impl FnMut(Progress) + Send {
    let watched = std::io::stderr().is_terminal();
    let mut told: Option<Instant> = None;
    move |progress| {
        let last = progress.total > 0 && progress.done == progress.total;
        if !watched || (!last && told.is_some_and(|told| told.elapsed() < TELL_EVERY)) {
            return;
        }
        told = Some(Instant::now());
        let done = if progress.total > 0 { format!("{}/{} ", progress.done, progress.total) } else { String::new() };
        let line: String = format!("{done}{}", safe(&progress.doing)).chars().take(79).collect();
        // Progress that cannot be shown is not missed.
        let _ = write!(std::io::stderr(), "\r\x1b[K{}", if last { "" } else { &line });
    }
}

/// A file that appears under its name only when it is whole.
struct PartFile<'a> {
    path: &'a Path,
    part: PathBuf,
    file: File,
}

impl<'a> PartFile<'a> {
    fn create(path: &'a Path) -> Result<Self, Failure> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|error| unwritable(path, &error))?;
        Ok(Self { path, part, file })
    }

    fn keep(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_all());
        written.and_then(|()| fs::rename(&self.part, self.path)).map_err(|error| unwritable(self.path, &error))
    }
}

impl Drop for PartFile<'_> {
    fn drop(&mut self) {
        // Gone already where it was kept.
        let _ = fs::remove_file(&self.part);
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::refused(&format!("--out {} cannot be written: {error}", path.display()))
}

fn text(signed: &SignedProof, key: &SigningKey, fresh: bool, out: Option<&Path>, colours: bool) -> String {
    let proof = &signed.proof;
    let mut sheet = Sheet::new(colours);
    let line = format!("{}, PostgreSQL {}, {} ms", proof.database, proof.server_version, proof.duration_ms);
    sheet.entry("database", Tone::Quiet, 11, &line);
    sheet.entry("catalogue", Tone::Quiet, 11, &proof.catalogue_hash);
    let key = key.verifying_key();
    let whose = if fresh { "made for this proof alone" } else { "yours" };
    sheet.entry("signed by", Tone::Quiet, 11, &format!("{} ({whose})", key.fingerprint()));
    sheet.entry("key", Tone::Quiet, 11, &key.to_hex());
    if let Some(out) = out {
        sheet.entry("written to", Tone::Quiet, 11, &out.display().to_string());
    }
    sheet.gap();
    result(&mut sheet, proof);
    sheet.finish()
}
