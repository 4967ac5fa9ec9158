//! What surrounds the tables: functions that lend their owner's rights, sequences, schemas.

use bulkhead_model::isolation::{Code, Finding, FunctionFacts, Object, ObjectKind, SchemaFacts, SequenceFacts};

use super::survey::Survey;
use super::{PUBLIC, sql};
use crate::Scope;

/// Every finding about functions, sequences and schemas.
pub(super) fn lint(survey: &Survey<'_>) -> Vec<Finding> {
    let catalogue = survey.catalogue;
    let definers = catalogue.functions.iter().filter(|function| function.security_definer);
    let mut findings: Vec<Finding> = definers.flat_map(|function| definer(survey, function)).collect();
    findings.extend(catalogue.sequences.iter().flat_map(|sequence| counter(survey, sequence)));
    findings.extend(catalogue.schemas.iter().filter_map(|schema| creatable(survey, schema)));
    findings
}

fn definer(survey: &Survey<'_>, function: &FunctionFacts) -> Vec<Finding> {
    let (signature, owner, quoted) = (function.signature(), &function.owner, sql::function(function));
    let about = |code, sentence| Finding::new(code, Object::named(ObjectKind::Function, signature.as_str()), sentence);
    let mut findings = Vec::new();
    let fixed =
        format!("ALTER FUNCTION {quoted} SET search_path = pg_catalog, {}, pg_temp;", sql::ident(&function.schema));
    match function.search_path.as_deref() {
        None => {
            let sentence = format!(
                "{signature} runs as {owner} with the caller’s search_path, so the caller decides which tables and functions its names mean."
            );
            findings.push(about(Code::DefinerSearchPath, sentence).fixed_by(fixed));
        }
        Some(path) if searches_temporary_first(path) => {
            let sentence = format!(
                "{signature} runs as {owner} and its search_path does not end with pg_temp, so a temporary table of the caller comes before the real one."
            );
            findings.push(about(Code::DefinerTempSchema, sentence).fixed_by(fixed));
        }
        Some(_) => {}
    }
    let roles: Vec<&str> =
        survey.identities.iter().map(|identity| identity.name).filter(|name| executes(function, name)).collect();
    if executes(function, PUBLIC) {
        let sentence = format!("Everybody may run {signature}, which has the rights of {owner}.");
        let fix = format!("REVOKE EXECUTE ON FUNCTION {quoted} FROM PUBLIC;");
        findings.push(about(Code::DefinerExecutableByPublic, sentence).fixed_by(fix));
    } else if !roles.is_empty() {
        let sentence = format!(
            "{} may run {signature}, which has the rights of {owner}: what it answers is held by its own text, not by policies.",
            roles.join(", ")
        );
        let fix = format!(
            "REVOKE EXECUTE ON FUNCTION {quoted} FROM {};\n-- or, where it answers the minimum on purpose, accept it in the profile with the reason.",
            sql::idents(roles)
        );
        findings.push(about(Code::DefinerExecutableByRuntime, sentence).fixed_by(fix));
    }
    findings
}

fn executes(function: &FunctionFacts, role: &str) -> bool {
    function.executable_by.iter().any(|executor| executor == role)
}

/// Without `pg_temp` in the list the temporary schema comes first, for tables at least. It does harm only where names
/// are looked up in another schema than PostgreSQL's own: with an empty path every name is written with its schema.
fn searches_temporary_first(path: &str) -> bool {
    let schemas: Vec<&str> = path.split(',').map(|schema| schema.trim().trim_matches('"')).collect();
    let looks_up = schemas.iter().any(|schema| !schema.is_empty() && *schema != "pg_catalog");
    looks_up && schemas.last() != Some(&"pg_temp")
}

/// A sequence counts the rows of every organization.
fn counter(survey: &Survey<'_>, sequence: &SequenceFacts) -> Vec<Finding> {
    // One that counts for a table that all share tells nothing of anybody.
    let table = sequence.owned_by.as_deref().and_then(|column| column.rsplit_once('.')).map(|(table, _)| table);
    if table.is_some_and(|table| survey.table(table).is_some() && !survey.holds_tenants(table)) {
        return Vec::new();
    }
    let name = format!("{}.{}", sequence.schema, sequence.name);
    let quoted = format!("{}.{}", sql::ident(&sequence.schema), sql::ident(&sequence.name));
    let mut findings: Vec<Finding> = Vec::new();
    for identity in survey.identities.iter().filter(|identity| identity.scope == Scope::Tenant) {
        for grant in sequence.grants.iter().filter(|grant| identity.has(&grant.role)) {
            let role = &grant.role;
            let object = Object::named(ObjectKind::Sequence, name.as_str());
            let reads: Vec<&str> = ["SELECT", "UPDATE"].into_iter().filter(|right| grant.holds(right)).collect();
            let finding = if !reads.is_empty() {
                let sentence = format!(
                    "{role} has {} on sequence {name}, whose value tells how many rows all organizations made.",
                    reads.join(", ")
                );
                let fix = format!("REVOKE {} ON SEQUENCE {quoted} FROM {};", reads.join(", "), sql::role(role));
                Finding::new(Code::SequenceReadable, object, sentence).fixed_by(fix)
            } else if grant.holds("USAGE") {
                let sentence = format!(
                    "{role} draws from sequence {name}; the numbers tell how many rows all organizations made."
                );
                let fix = format!(
                    "-- An identity column needs no right on its sequence, and a uuid tells nothing:\nREVOKE USAGE ON SEQUENCE {quoted} FROM {};",
                    sql::role(role)
                );
                Finding::new(Code::SequenceUsable, object, sentence).fixed_by(fix)
            } else {
                continue;
            };
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

fn creatable(survey: &Survey<'_>, schema: &SchemaFacts) -> Option<Finding> {
    let name = &schema.name;
    let creator = survey.identities.iter().find_map(|identity| {
        let grant = schema.grants.iter().find(|grant| identity.has(&grant.role) && grant.holds("CREATE"));
        grant.map(|grant| grant.role.as_str()).or_else(|| (schema.owner == identity.name).then_some(identity.name))
    })?;
    let sentence = format!(
        "{creator} may create tables and functions in schema {name}: what it makes there answers in the place of what was meant, and has no policies."
    );
    let fix = format!("REVOKE CREATE ON SCHEMA {} FROM {};", sql::ident(name), sql::role(creator));
    Some(
        Finding::new(Code::SchemaCreateGranted, Object::named(ObjectKind::Schema, name.as_str()), sentence)
            .fixed_by(fix),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_path_is_safe_when_the_temporary_schema_comes_last_or_nothing_is_looked_up() {
        for path in ["pg_catalog, public, pg_temp", "", "\"\"", "pg_catalog", "public,pg_temp"] {
            assert!(!searches_temporary_first(path), "{path}");
        }
        for path in ["public", "pg_catalog, public", "pg_temp, public"] {
            assert!(searches_temporary_first(path), "{path}");
        }
    }
}
