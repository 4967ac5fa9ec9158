//! `bulkhead proof`: what a signed proof says, checked without a database or a network.

use std::{path::PathBuf, process::ExitCode};

use bulkhead_domain::isolation::foreign::{Trust, Verified, VerifyingKey, verify};
use bulkhead_model::isolation::{Outcome, Standing};
use clap::Subcommand;

use super::{
    EXIT_CODES, Failure,
    exit::{FOUND, INCOMPLETE},
    print,
    rls::Answer,
    sheet::{Sheet, Tone, counted, safe, wants_colours},
};
use crate::config::Environment;

/// No proof is as large. A bigger file is not read into memory.
const LARGEST: u64 = 256 << 20;

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that a proof is whole and by whom it was signed
    ///
    /// Ends with 0 when it is what was signed, and with 6 when it was cut short, altered, or signed by another key than
    /// the one that is trusted. That says nothing yet about the result of the proof: ask for it with --require-green.
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The file
    file: PathBuf,
    /// The public key to trust: 64 hexadecimal digits, or a file that holds them. Without it the key in the file is
    /// used, and whose that is has to be compared by its fingerprint
    #[arg(long, value_name = "HEX|FILE")]
    key: Option<String>,
    /// End with 6 when the proof is red, and with 7 when it is incomplete
    #[arg(long)]
    require_green: bool,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let Answer { text, code } = answer(args, wants_colours(environment))?;
    print::line(&text)?;
    Ok(ExitCode::from(code))
}

/// The answer without printing it.
pub(super) fn answer(args: &Args, colours: bool) -> Result<Answer, Failure> {
    let Command::Verify(Verify { file, key, require_green }) = &args.command;
    let trusted = key.as_deref().map(trusted_key).transpose()?;
    let unreadable = |error: std::io::Error| Failure::refused(&format!("{} cannot be read: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > LARGEST {
        return Ok(refused(colours, "it is far larger than any proof", trusted.as_ref()));
    }
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let verified = match verify(&bytes, trusted.as_ref()) {
        Ok(verified) => verified,
        Err(error) => return Ok(refused(colours, &error.to_string(), trusted.as_ref())),
    };
    let code = match verified.proof.standing() {
        _ if !require_green => 0,
        Standing::Green => 0,
        Standing::Incomplete => INCOMPLETE,
        Standing::Red => FOUND,
    };
    Ok(Answer { text: accepted(&verified, colours), code })
}

/// Digits, or a file with them.
fn trusted_key(given: &str) -> Result<VerifyingKey, Failure> {
    if let Ok(key) = VerifyingKey::from_hex(given) {
        return Ok(key);
    }
    let text = std::fs::read_to_string(given).map_err(|error| {
        let why = "is neither 64 small hexadecimal digits nor a file that can be read";
        Failure::usage(format!("--key {why}: {error}"))
    })?;
    VerifyingKey::from_hex(&text).map_err(|_| Failure::usage("--key names a file without a public key in it"))
}

fn refused(colours: bool, why: &str, trusted: Option<&VerifyingKey>) -> Answer {
    let mut sheet = Sheet::new(colours);
    sheet.entry("REFUSED", Tone::Bad, 11, &format!("Nothing in this file may be believed: {why}."));
    if let Some(key) = trusted {
        sheet.entry("trusted", Tone::Quiet, 11, &format!("only the key {}, which was given", key.fingerprint()));
    }
    Answer { text: sheet.finish(), code: FOUND }
}

fn accepted(verified: &Verified, colours: bool) -> String {
    let mut sheet = Sheet::new(colours);
    let proof = &verified.proof;
    match verified.trust {
        Trust::Given(key) => {
            sheet.entry("WHOLE", Tone::Good, 11, "Nothing was altered since the trusted key signed it.");
            sheet.entry("trusted", Tone::Quiet, 11, &format!("{key}, the key that was given"));
        }
        Trust::Contained(key) => {
            sheet.entry("WHOLE", Tone::Good, 11, "Nothing was altered since the key in the file signed it.");
            sheet.entry("trusted", Tone::Careful, 11, &format!(
                "{key}, only because the file names it: anybody could have signed with a key of their own. Compare the \
                 fingerprint with the one you know, or give the key with --key."
            ));
        }
    }
    sheet.gap();
    let mut line = |word: &str, text: &str| sheet.entry(word, Tone::Quiet, 11, text);
    line("database", &format!("{}, PostgreSQL {}", proof.database, proof.server_version));
    // A time that a file can hold and this cannot write is shown as it is.
    let at = proof.at.format(&time::format_description::well_known::Rfc3339).unwrap_or_else(|_| proof.at.to_string());
    line("at", &format!("{at}, for {} ms", proof.duration_ms));
    line("catalogue", &proof.catalogue_hash);
    let roles: Vec<String> = (proof.premises.roles.iter())
        .map(|role| format!("{}{}", role.name, if role.signed_in { "" } else { " (by SET ROLE)" }))
        .collect();
    line("roles", &roles.join(", "));
    let counts = proof.counts;
    line(
        "cells",
        &format!(
            "{} held, {} leaked, {} accepted, {} unproven, in {}",
            counts.held,
            counts.leaked,
            counts.accepted,
            counts.unproven,
            counted(proof.tables.len(), "table or view", "tables and views")
        ),
    );
    sheet.gap();
    result(&mut sheet, proof);
    sheet.finish()
}

/// What leaked and what could not be attacked, and the result in a word.
pub(super) fn result(sheet: &mut Sheet, proof: &bulkhead_model::isolation::Proof) {
    for cell in proof.leaks() {
        let object = cell.object.as_ref().map(|object| format!(" ({object})")).unwrap_or_default();
        sheet.entry(
            "leaked",
            Tone::Bad,
            11,
            &format!("{}{object} as {}: {}", cell.subject, cell.role, cell.attack.title()),
        );
        sheet.paragraph(11, cell.outcome.detail());
    }
    for red in &proof.could_not_plant {
        sheet.entry("not tried", Tone::Bad, 11, &format!("{}: {}", red.table, red.why));
    }
    if !proof.clone_differs.is_empty() {
        sheet.entry("differs", Tone::Careful, 11, &format!("the copy, in {}", safe(&proof.clone_differs.join(", "))));
    }
    let mut unproven: std::collections::BTreeMap<&str, Vec<String>> = std::collections::BTreeMap::new();
    for cell in &proof.cells {
        if let Outcome::Unproven { why } = &cell.outcome {
            unproven.entry(why).or_default().push(format!("{} {} as {}", cell.subject, cell.attack, cell.role));
        }
    }
    for (why, cells) in &unproven {
        let more = if cells.len() > 1 { format!(" and {} more", cells.len() - 1) } else { String::new() };
        let first = cells.first().map(String::as_str).unwrap_or_default();
        sheet.entry("unproven", Tone::Careful, 11, &format!("{first}{more}: {why}"));
    }
    let (word, tone) = match proof.standing() {
        Standing::Green => ("GREEN", Tone::Good),
        Standing::Incomplete => ("INCOMPLETE", Tone::Careful),
        Standing::Red => ("RED", Tone::Bad),
    };
    sheet.entry(word, tone, 11, &proof.verdict());
}
