//! The profile of a database as a file: TOML, strict, and refused by line.
//!
//! docs/isolation-of-your-own-database.md explains every key. The console and the `rls` commands read the same text.

pub mod draft;

use bulkhead_domain::isolation::foreign::{Accepted, Context, Profile, RootTable, RuntimeRole, Scope};
use bulkhead_model::isolation::{Acceptance, Attack, Code};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant_columns: Vec<String>,
    roles: Vec<Role>,
    context: FileContext,
    organizations: Option<Organizations>,
    #[serde(default)]
    shared: Vec<Shared>,
    #[serde(default)]
    accepted: Vec<AcceptedFinding>,
    #[serde(default)]
    accepted_attacks: Vec<AcceptedAttack>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    name: String,
    scope: Scope,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileContext {
    org_setting: String,
    #[serde(default)]
    org_functions: Vec<String>,
    operator_setting: Option<String>,
    #[serde(default)]
    operator_functions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Organizations {
    table: String,
    column: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    table: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptedFinding {
    code: Code,
    object: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptedAttack {
    subject: String,
    object: Option<String>,
    attack: Attack,
    role: Option<String>,
    reason: String,
}

/// Reads a profile, and the leaks that a proof by it accepts.
///
/// # Errors
/// Text that continues the sentence `the profile …`. It repeats no value: somebody may have put a password there.
pub fn parse(text: &str) -> Result<(Profile, Vec<Acceptance>), String> {
    let file: File = toml::from_str(text).map_err(|error| refusal(text, &error))?;
    let reasons = (file.shared.iter().map(|shared| (&shared.table, &shared.reason)))
        .chain(file.accepted.iter().map(|accepted| (&accepted.object, &accepted.reason)))
        .chain(file.accepted_attacks.iter().map(|accepted| (&accepted.subject, &accepted.reason)));
    if let Some((what, _)) = reasons.into_iter().find(|(_, reason)| reason.trim().is_empty()) {
        return Err(format!("gives no reason for {what}: what is shared or accepted says why"));
    }
    let profile = Profile {
        runtime_roles: file.roles.into_iter().map(|role| RuntimeRole { name: role.name, scope: role.scope }).collect(),
        tenant_columns: file.tenant_columns,
        root: file.organizations.map(|root| RootTable { table: root.table, column: root.column }),
        context: Context {
            org_setting: file.context.org_setting,
            org_functions: file.context.org_functions,
            operator_setting: file.context.operator_setting,
            operator_functions: file.context.operator_functions,
        },
        shared_by_design: file.shared.into_iter().map(|shared| (shared.table, shared.reason)).collect(),
        accepted: file
            .accepted
            .into_iter()
            .map(|accepted| Accepted { code: accepted.code, object: accepted.object, reason: accepted.reason })
            .collect(),
    };
    check(&profile).map_err(|problem| format!("cannot be used: {problem}"))?;
    let accepted = file.accepted_attacks.into_iter().map(|accepted| Acceptance {
        subject: accepted.subject,
        object: accepted.object,
        attack: accepted.attack,
        role: accepted.role,
        reason: accepted.reason,
    });
    Ok((profile, accepted.collect()))
}

/// `line 7: unknown field …`. Not the line itself: somebody may have put an address with a password there.
fn refusal(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let line = text.as_bytes().iter().take(start).filter(|byte| **byte == b'\n').count() + 1;
    format!("is refused at line {line}: {}", without_values(error.message()))
}

/// serde quotes a wrong value, `invalid type: string "…"`; what was expected says enough.
fn without_values(message: &str) -> String {
    let is_about_a_value = message.starts_with("invalid type") || message.starts_with("invalid value");
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if is_about_a_value => format!("expected {expected}"),
        _ => message.lines().next().unwrap_or_default().to_owned(),
    }
}

/// What a profile must say, whoever made it.
///
/// # Errors
/// A sentence.
pub fn check(profile: &Profile) -> Result<(), String> {
    let mut names = profile.runtime_roles.iter().map(|role| &role.name).chain(&profile.tenant_columns);
    if profile.runtime_roles.is_empty() {
        return Err("it names no role that serves requests".to_owned());
    }
    if profile.tenant_columns.is_empty() {
        return Err("it names no tenant column".to_owned());
    }
    if names.any(|name| name.is_empty()) {
        return Err("a role or tenant column has an empty name".to_owned());
    }
    let settings = [Some(&profile.context.org_setting), profile.context.operator_setting.as_ref()];
    if let Some(setting) = settings.into_iter().flatten().find(|setting| !setting.contains('.')) {
        return Err(format!("{setting:?} is no setting of an application: such a name has a dot in it"));
    }
    let functions = profile.context.org_functions.iter().chain(&profile.context.operator_functions);
    let tables =
        profile.root.iter().map(|root| &root.table).chain(profile.shared_by_design.iter().map(|(name, _)| name));
    match functions.chain(tables).find(|name| !name.contains('.')) {
        Some(name) => Err(format!("{name:?} must be written with its schema, such as public.{name}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "
tenant_columns = [\"org_id\"]

[context]
org_setting = \"app.org_id\"

[[roles]]
name = \"app\"
scope = \"tenant\"
";

    #[test]
    fn a_profile_is_read_whole() {
        let text = format!(
            "{WHOLE}\n[[shared]]\ntable = \"public.plans\"\nreason = \"the same for all\"\n\n[[accepted]]\ncode = \
             \"unique-without-tenant\"\nobject = \"public.t/k\"\nreason = \"random\"\n\n[[accepted_attacks]]\nsubject = \
             \"app.f()\"\nattack = \"function\"\nreason = \"a door\"\n"
        );
        let read =
            parse(&text).map(|(profile, attacks)| (profile.shared_by_design, profile.accepted.len(), attacks.len()));
        assert_eq!(read, Ok((vec![("public.plans".to_owned(), "the same for all".to_owned())], 1, 1)));
    }

    #[test]
    fn what_is_wrong_is_said_by_line_and_without_the_line() {
        for (added, line, words) in [
            ("databas_url = \"postgres://me:hunter2@host/x\"\n", 1, "unknown field"),
            ("tenant_columns = \"hunter2\"\n", 1, "expected"),
            ("[[shared]]\ntable = \"public.t\"\n", 10, "missing field `reason`"),
            ("[[accepted]]\ncode = \"hunter\"\nobject = \"x\"\nreason = \"y\"\n", 11, "unknown variant"),
        ] {
            // A table ends at the next one; a key of the file itself stands before the first.
            let text = match added {
                table if table.starts_with('[') => format!("{WHOLE}{table}"),
                key if key.starts_with("tenant_columns") => key.to_owned(),
                key => format!("{key}{WHOLE}"),
            };
            let problem = parse(&text).unwrap_err_or_default();
            assert!(problem.contains(&format!("line {line}")) && problem.contains(words), "{added}: {problem}");
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn what_says_too_little_is_refused() {
        for (from, to, words) in [
            ("[\"org_id\"]", "[]", "no tenant column"),
            ("app.org_id", "org_id", "has a dot"),
            ("name = \"app\"", "name = \"\"", "empty name"),
            (
                "scope = \"tenant\"",
                "scope = \"tenant\"\n[[shared]]\ntable = \"plans\"\nreason = \"x\"",
                "with its schema",
            ),
            ("scope = \"tenant\"", "scope = \"tenant\"\n[[shared]]\ntable = \"a.b\"\nreason = \" \"", "no reason"),
        ] {
            let problem = parse(&WHOLE.replace(from, to)).unwrap_err_or_default();
            assert!(problem.contains(words), "{words}: {problem}");
        }
    }

    trait Refusal {
        fn unwrap_err_or_default(self) -> String;
    }

    impl<T> Refusal for Result<T, String> {
        fn unwrap_err_or_default(self) -> String {
            self.err().unwrap_or_default()
        }
    }
}
