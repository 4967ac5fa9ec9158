//! `lint` and `profile`.

use bulkhead_model::isolation::Finding;
use serde_json::Value;

use super::*;

#[test]
fn a_sound_database_is_clean() {
    let shop = Shop::open(&[SOUND]);
    let said = shop.ask(&["lint"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(said.text.contains("CLEAN      0 leaks, 0 warnings, 0 hints in 1 table or view."), "{}", said.text);
    assert_eq!(shop.ask(&["lint", "--fail-on", "hint"]).code, 0);
}

#[test]
fn a_leak_is_found_in_every_format() {
    let shop = Shop::open(&[SOUND, LEAK]);
    let said = shop.ask(&["lint"]);
    assert_eq!(said.code, 6, "{}", said.text);
    assert!(said.text.contains("leak       public.orders/everybody"), "{}", said.text);
    assert!(said.text.contains("FOUND      "), "{}", said.text);

    let json: Value = serde_json::from_str(&shop.ask(&["lint", "--format", "json"]).text).unwrap();
    assert_eq!(json["result"], "found");
    let findings: Vec<Finding> = serde_json::from_value(json["findings"].clone()).unwrap();
    assert!(findings.iter().any(|finding| finding.code.code() == "policy-always-true"), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.code.code() == "policy-admits-others"), "PostgreSQL was not asked");
    assert_eq!(json["summary"]["leaks"].as_u64(), Some(findings.iter().filter(|f| f.is_leak()).count() as u64));

    let said = shop.ask(&["lint", "--format", "sarif"]);
    assert_eq!(said.code, 6);
    let sarif: Value = serde_json::from_str(&said.text).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert!(run["tool"]["driver"]["name"].is_string() && run["invocations"][0]["executionSuccessful"] == true);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for result in results {
        let location = &result["locations"][0]["physicalLocation"];
        assert!(location["artifactLocation"]["uri"].as_str().unwrap().ends_with("rls.toml"), "{result}");
        assert!(location["region"]["startLine"].is_u64() && result["message"]["text"].is_string(), "{result}");
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
}

#[test]
fn a_pipeline_says_what_it_fails_on() {
    let shop = Shop::open(&[SOUND, WARNING]);
    assert_eq!(shop.ask(&["lint"]).code, 0, "{}", shop.ask(&["lint"]).text);
    for severity in ["warning", "hint"] {
        assert_eq!(shop.ask(&["lint", "--fail-on", severity]).code, 6);
    }
}

/// A green that was not earned: who may not act as the role has asked nothing.
#[test]
fn who_may_not_look_is_not_told_that_all_is_well() {
    let shop = Shop::open(&[SOUND]);
    let profile = shop.profile();
    let url = shop.address_of(&shop.reader());
    for format in ["text", "json", "sarif"] {
        let arguments = ["bulkhead", "rls", "lint", "--profile", &profile, "--format", format];
        let said = say(&arguments, &[("BULKHEAD_RLS_DATABASE_URL", &url)]);
        assert_eq!(said.code, 7, "{}", said.text);
        assert!(!said.text.contains("CLEAN"), "{}", said.text);
    }
}

#[test]
fn a_profile_that_is_about_nobody_is_not_clean() {
    let shop = Shop::open(&[SOUND]);
    let lint = |role: &str| {
        let measured = ["--runtime-role", role, "--tenant-column", "org_id", "--org-setting", "app.org_id"];
        say(
            &[&["bulkhead", "rls", "lint"], &measured[..]].concat(),
            &[("BULKHEAD_RLS_DATABASE_URL", shop.owner().expose_secret())],
        )
    };
    for role in ["no_such_role", &shop.reader()] {
        let said = lint(role);
        assert_eq!(said.code, 7, "{}", said.text);
        assert!(said.text.contains("INCOMPLETE"), "{}", said.text);
    }
    let empty = Shop::open(&[]);
    let said = empty.ask(&["lint"]);
    assert_eq!(said.code, 7, "{}", said.text);
    assert!(said.text.contains("has no table"), "{}", said.text);
}

#[test]
fn strange_names_are_only_names() {
    let strange =
        "CREATE TABLE \"we\"\"ird; drop\" (\"or der\" int PRIMARY KEY); GRANT SELECT ON \"we\"\"ird; drop\" TO {app};
        CREATE TABLE \"x\u{1b}[2Jy\nDROP TABLE orders; --\" (id int);
        GRANT SELECT ON \"x\u{1b}[2Jy\nDROP TABLE orders; --\" TO {app};";
    let shop = Shop::open(&[SOUND, strange]);
    let said = shop.ask(&["lint"]);
    assert_eq!(said.code, 6);
    assert!(said.text.contains("public.we\"ird; drop"), "{}", said.text);
    assert!(!said.text.contains('\u{1b}') && said.text.contains("\\u{1b}[2J"), "{}", said.text);
    serde_json::from_str::<Value>(&shop.ask(&["lint", "--format", "json"]).text).unwrap();

    let said = shop.ask(&["adopt", "public.\"we\"\"ird; drop\""]);
    assert_eq!(said.code, 0, "{}", said.text);
    // Every line of what is printed is a statement of ours or a comment, whatever the table is called.
    let said = shop.ask(&["adopt", "x\u{1b}[2Jy\nDROP TABLE orders; --"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(said.text.lines().next().unwrap().ends_with("part by part."), "{}", said.text);
}

#[test]
fn a_drafted_profile_can_be_used_and_accepts_nothing() {
    let shop = Shop::open(&[SOUND, LEAK]);
    let said = say(&["bulkhead", "rls", "profile"], &[("BULKHEAD_RLS_DATABASE_URL", shop.owner().expose_secret())]);
    assert_eq!(said.code, 0, "{}", said.text);
    for words in
        ["tenant_columns = [\"org_id\"]", "org_setting = \"app.org_id\"", "\"app.org_id\"]", &shop.app(), "CHECK"]
    {
        assert!(said.text.contains(words), "{words}: {}", said.text);
    }
    let (profile, attacks) = crate::profile::parse(&said.text).unwrap();
    assert!(profile.accepted.is_empty() && profile.shared_by_design.is_empty() && attacks.is_empty());
    assert!(profile.runtime_roles.iter().all(|role| role.name != "postgres" && role.name != shop.reader()));
    let drafted = shop.file("drafted.toml", &said.text).display().to_string();
    let lint = say(
        &["bulkhead", "rls", "lint", "--profile", &drafted],
        &[("BULKHEAD_RLS_DATABASE_URL", shop.owner().expose_secret())],
    );
    assert_eq!(lint.code, 6, "{}", lint.text);

    let empty = Shop::open(&[]);
    let said = say(&["bulkhead", "rls", "profile"], &[("BULKHEAD_RLS_DATABASE_URL", empty.owner().expose_secret())]);
    assert_eq!(said.code, 7, "{}", said.text);
    assert!(crate::profile::parse(&said.text).is_err(), "a guess of nothing is not a profile");
}

/// Accepting what PostgreSQL was asked is not stale, and an entry that is about nothing is.
#[test]
fn what_is_accepted_is_gone_and_what_is_stale_is_said() {
    let shop = Shop::open(&[SOUND, LEAK]);
    let accept = |code: &str, object: &str| {
        format!("[[accepted]]\ncode = \"{code}\"\nobject = \"{object}\"\nreason = \"a list for everybody\"\n")
    };
    let mut text = std::fs::read_to_string(shop.profile()).unwrap();
    for code in ["policy-always-true", "policy-ignores-tenant", "policy-admits-others", "policy-admits-without-context"]
    {
        text += &accept(code, "public.orders/everybody");
    }
    text += &accept("rls-off", "public.gone");
    let profile = shop.file("accepting.toml", &text).display().to_string();
    let said = say(
        &["bulkhead", "rls", "lint", "--profile", &profile, "--format", "json"],
        &[("BULKHEAD_RLS_DATABASE_URL", shop.owner().expose_secret())],
    );
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(said.text.contains("rls-off public.gone"), "{}", said.text);
    assert!(!said.text.contains("policy-admits-others public.orders/everybody"), "{}", said.text);
}

/// Whoever migrates meanwhile is no reason for an error of PostgreSQL's, nor for an answer about two moments.
#[test]
fn a_catalogue_that_changes_under_the_reader_is_read_again_or_given_up() {
    let shop = Shop::open(&[SOUND]);
    let (stop, url) = (std::sync::atomic::AtomicBool::new(false), shop.owner());
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                run_sql(
                    &url,
                    "CREATE TABLE passing (id int CHECK (id > 0)); CREATE POLICY p ON passing USING (id > 1)",
                );
                run_sql(&url, "DROP TABLE passing");
            }
        });
        let said: Vec<Said> = (0..5).map(|_| shop.ask(&["lint"])).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        for said in said {
            let given_up = said.code == 7
                && ["the catalogue changed", "the catalogue could not be read whole"]
                    .iter()
                    .any(|w| said.text.contains(w));
            assert!(said.code == 0 || given_up, "{} {}", said.code, said.text);
        }
    });
    assert_eq!(shop.ask(&["lint"]).code, 0);
}
