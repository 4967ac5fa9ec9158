//! `bulkhead rls lint`: everything that is wrong, the worst first, with the SQL that repairs it.

use std::path::PathBuf;

use bulkhead_domain::isolation::foreign::{Examination, ForeignDatabase, Profile, sarif};
use bulkhead_model::isolation::{Code, Finding, Severity};
use clap::ValueEnum;
use serde_json::json;

use super::{Answer, measure, source};
use crate::{
    cli::{
        Failure, block_on,
        exit::{FOUND, INCOMPLETE},
        sheet::{Sheet, Tone, counted, safe},
    },
    config::Environment,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// End with 6 from this severity on
    #[arg(long, value_enum, default_value_t = Threshold::Leak)]
    fail_on: Threshold,
    /// File of the repository that a code host shows the findings at; the profile where one is given
    #[arg(long, value_name = "FILE")]
    sarif_artifact: Option<PathBuf>,
    #[command(flatten)]
    source: source::Args,
    #[command(flatten)]
    measure: measure::Args,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Threshold {
    /// A row of another organization can be reached, or it cannot be excluded
    Leak,
    /// Also what becomes a leak with one more mistake
    Warning,
    /// Everything
    Hint,
}

impl Threshold {
    const fn severity(self) -> Severity {
        match self {
            Self::Leak => Severity::Leak,
            Self::Warning => Severity::Warning,
            Self::Hint => Severity::Hint,
        }
    }
}

pub(super) fn answer(args: &Args, environment: &Environment, colours: bool) -> Result<Answer, Failure> {
    let measure = args.measure.measure()?;
    let database = ForeignDatabase::new(args.source.address(environment)?, measure.profile);
    let examination = block_on(async { Ok(database.lint().await?) })?;
    let outcome = Outcome::of(&examination, database.profile(), args.fail_on);
    let text = match args.format {
        Format::Text => text(&examination, database.profile(), &outcome, colours),
        Format::Json => super::json(&as_json(&examination, database.profile(), &outcome))?,
        Format::Sarif => {
            let artifact =
                args.sarif_artifact.as_ref().or(measure.file.as_ref()).map(|path| path.display().to_string());
            let mut log = sarif(&examination.findings, artifact.as_deref());
            // SARIF's own way of saying that the absence of results means nothing.
            log["runs"][0]["invocations"][0]["toolExecutionNotifications"] = outcome
                .not_seen
                .iter()
                .map(|sentence| json!({ "level": "warning", "message": { "text": sentence } }))
                .collect();
            super::json(&log)?
        }
    };
    Ok(Answer { text, code: outcome.code() })
}

/// What the findings come to.
struct Outcome {
    counts: [usize; 3],
    found: bool,
    not_seen: Vec<String>,
}

impl Outcome {
    fn of(examination: &Examination, profile: &Profile, fail_on: Threshold) -> Self {
        let findings = &examination.findings;
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        // What was not seen is no finding about the database; it has a code of its own.
        let is_about_sight = |finding: &Finding| matches!(finding.code, Code::PolicyNotSeen | Code::RuntimeRoleMissing);
        Self {
            counts: [Severity::Leak, Severity::Warning, Severity::Hint].map(count),
            // Declared from the worst on.
            found: findings.iter().any(|finding| finding.severity <= fail_on.severity() && !is_about_sight(finding)),
            not_seen: examination.not_seen(profile),
        }
    }

    const fn code(&self) -> u8 {
        match (self.found, self.not_seen.is_empty()) {
            (true, _) => FOUND,
            (false, false) => INCOMPLETE,
            (false, true) => 0,
        }
    }

    fn word(&self) -> &'static str {
        match self.code() {
            FOUND => "found",
            INCOMPLETE => "incomplete",
            _ => "clean",
        }
    }
}

fn text(examination: &Examination, profile: &Profile, outcome: &Outcome, colours: bool) -> String {
    let Examination { catalogue, catalogue_hash, findings } = examination;
    let mut sheet = Sheet::new(colours);
    let roles: Vec<&str> = profile.runtime_roles.iter().map(|role| role.name.as_str()).collect();
    sheet.entry(
        "database",
        Tone::Quiet,
        11,
        &format!("{}, PostgreSQL {}", catalogue.database, catalogue.server_version),
    );
    sheet.entry("roles", Tone::Quiet, 11, &roles.join(", "));
    sheet.entry("catalogue", Tone::Quiet, 11, catalogue_hash);
    sheet.gap();
    for finding in findings {
        describe(&mut sheet, finding);
    }
    for sentence in &outcome.not_seen {
        sheet.entry("not seen", Tone::Careful, 11, sentence);
    }
    if !outcome.not_seen.is_empty() {
        sheet.gap();
    }
    let [leaks, warnings, hints] = outcome.counts;
    let tables = counted(catalogue.tables.len(), "table or view", "tables and views");
    let accepted = match profile.accepted.len() {
        0 => String::new(),
        n => format!(" The profile accepts {}.", counted(n, "finding", "findings")),
    };
    let counts = format!(
        "{}, {}, {} in {tables}.{accepted}",
        counted(leaks, "leak", "leaks"),
        counted(warnings, "warning", "warnings"),
        counted(hints, "hint", "hints")
    );
    let (word, tone, ending) = match outcome.code() {
        FOUND => ("FOUND", Tone::Bad, ""),
        INCOMPLETE => ("INCOMPLETE", Tone::Careful, " Not everything was seen, so this is not called clean."),
        _ => ("CLEAN", Tone::Good, ""),
    };
    sheet.entry(word, tone, 11, &format!("{counts}{ending}"));
    sheet.finish()
}

fn describe(sheet: &mut Sheet, finding: &Finding) {
    let tone = match finding.severity {
        Severity::Leak => Tone::Bad,
        Severity::Warning => Tone::Careful,
        Severity::Hint => Tone::Plain,
    };
    sheet.entry(finding.severity.code(), tone, 11, &finding.object.to_string());
    sheet.paragraph(11, &format!("{} ({})", finding.code.label(), finding.code));
    sheet.paragraph(11, &finding.sentence);
    if !finding.fix.is_empty() {
        sheet.sql(13, &finding.fix);
    }
    sheet.gap();
}

fn as_json(examination: &Examination, profile: &Profile, outcome: &Outcome) -> serde_json::Value {
    let Examination { catalogue, catalogue_hash, findings } = examination;
    let [leaks, warnings, hints] = outcome.counts;
    json!({
        "database": catalogue.database,
        "server_version": catalogue.server_version,
        "catalogue_hash": catalogue_hash,
        "tables": catalogue.tables.len(),
        "runtime_roles": profile.runtime_roles,
        "accepted": profile.accepted.len(),
        "result": outcome.word(),
        "summary": { "leaks": leaks, "warnings": warnings, "hints": hints },
        "not_seen": outcome.not_seen.iter().map(|sentence| safe(sentence)).collect::<Vec<_>>(),
        "findings": findings,
    })
}
