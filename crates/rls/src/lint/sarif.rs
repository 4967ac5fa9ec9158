//! Findings as SARIF 2.1.0, which code hosts show beside a change.

use bulkhead_model::isolation::{Code, Finding, Severity};
use serde_json::{Value, json};

/// The findings as a SARIF log with one run.
///
/// A database has no files, so a result says where it is by its logical location, such as `public.users/users_tenant`;
/// its fingerprint is the code and that, and survives changes of wording. Some code hosts show nothing without a file:
/// `artifact` is one of the repository that the findings are then pinned to, such as the profile.
#[must_use]
pub fn sarif(findings: &[Finding], artifact: Option<&str>) -> Value {
    let rules: Vec<Value> = Code::ALL
        .iter()
        .map(|code| {
            json!({
                "id": code.code(),
                "shortDescription": { "text": code.label() },
                "defaultConfiguration": { "level": level(code.severity()) },
            })
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, artifact)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "invocations": [{ "executionSuccessful": true }],
            "tool": { "driver": {
                "name": "bulkhead rls lint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
        }],
    })
}

fn result(finding: &Finding, artifact: Option<&str>) -> Value {
    let object = finding.object.to_string();
    let mut location =
        json!({ "logicalLocations": [{ "fullyQualifiedName": object, "kind": finding.object.kind.code() }] });
    if let Some(artifact) = artifact {
        location["physicalLocation"] = json!({ "artifactLocation": { "uri": artifact }, "region": { "startLine": 1 } });
    }
    json!({
        "ruleId": finding.code.code(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": { "text": finding.sentence },
        "locations": [location],
        "partialFingerprints": { "finding/v1": format!("{} {object}", finding.code) },
        "properties": { "fix": finding.fix, "probe": finding.probe },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Leak => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_model::isolation::{Object, ObjectKind};

    use super::*;

    #[test]
    fn a_result_names_its_rule_its_place_and_its_fix() {
        let object = Object::named(ObjectKind::Role, "app");
        let finding = Finding::new(Code::RuntimeSuperuser, object, "It is.").fixed_by("ALTER ROLE app NOSUPERUSER;");
        let log = sarif(std::slice::from_ref(&finding), Some("rls.toml"));
        let run = &log["runs"][0];
        let result = &run["results"][0];
        assert_eq!(result["level"], "error");
        assert_eq!(result["properties"]["fix"], finding.fix);
        let location = &result["locations"][0];
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "app");
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "rls.toml");
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok());
        assert_eq!(run["tool"]["driver"]["rules"][index.unwrap_or(usize::MAX)]["id"], "runtime-superuser");
        assert_eq!(run["tool"]["driver"]["rules"].as_array().map(Vec::len), Some(Code::ALL.len()));
    }
}
