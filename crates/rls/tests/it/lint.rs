//! The lint against schemas that are wrong and schemas that are right: `tests/corpus/`.

mod scale;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use bulkhead_model::isolation::{Catalogue, Code, Finding, Severity};
use bulkhead_rls::catalogue::read;
use bulkhead_rls::lint::{Proven, lint, sarif, semantics, unproven};
use bulkhead_rls::{Profile, RootTable, RuntimeRole, Scope};

use crate::database::{Blank, profile};

/// One file of the corpus.
struct Schema {
    name: String,
    text: String,
}

impl Schema {
    fn all(folder: &str) -> Vec<Self> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(corpus().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
            .into_iter()
            .map(|path| Self {
                name: path.file_stem().unwrap().to_string_lossy().into_owned(),
                text: std::fs::read_to_string(path).unwrap(),
            })
            .collect()
    }

    /// What a `-- key: values` line at its head says.
    fn directive(&self, key: &str) -> Vec<&str> {
        let line = self.text.lines().find_map(|line| line.strip_prefix("-- ")?.strip_prefix(key)?.strip_prefix(": "));
        line.map(|values| values.split_whitespace().collect()).unwrap_or_default()
    }

    fn codes(&self, key: &str) -> Vec<Code> {
        self.directive(key).into_iter().map(|code| Code::from_code(code).unwrap()).collect()
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The corpus's SaaS: users of organizations, operators of the platform, and plans that all share.
fn corpus_profile() -> Profile {
    let mut profile = profile();
    profile.runtime_roles.push(RuntimeRole { name: "bulkhead_operator".to_owned(), scope: Scope::Platform });
    profile.root = Some(RootTable { table: "public.orgs".to_owned(), column: "id".to_owned() });
    profile.context.operator_setting = Some("app.operator_id".to_owned());
    profile.context.operator_functions = vec!["app.operator_id".to_owned()];
    profile.shared_by_design = vec![("public.plans".to_owned(), "The same for every organization.".to_owned())];
    profile
}

/// A database with a schema of the corpus and, where it needs one, a role of its own.
struct Arranged {
    blank: Blank,
    profile: Profile,
    role: Option<String>,
}

impl Arranged {
    async fn with(schema: &Schema, then: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let role = format!("lint_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let prelude = std::fs::read_to_string(corpus().join("prelude.sql")).unwrap();
        let sql = format!("{prelude}\n{}\n{then}", schema.text).replace("{role}", &role);
        let mut profile = corpus_profile();
        for name in schema.directive("runtime") {
            let name = name.replace("{role}", &role);
            profile.runtime_roles.push(RuntimeRole { name, scope: Scope::Tenant });
        }
        let role = schema.text.contains("CREATE ROLE {role}").then_some(role);
        Self { blank: Blank::create(&sql).await, profile, role }
    }

    /// What the facts say and what PostgreSQL says.
    async fn judge(self) -> (Catalogue, Vec<Finding>) {
        let mut connection = self.blank.connect().await;
        let catalogue = read(&mut connection, &self.profile).await.unwrap();
        let mut findings = lint(&catalogue, &self.profile);
        findings.extend(semantics(&mut self.blank.connect().await, &catalogue, &self.profile).await.unwrap());
        if let Some(role) = self.role {
            self.blank.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
        }
        (catalogue, findings)
    }
}

fn shown(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|finding| format!("{} {}: {}", finding.code, finding.object, finding.sentence));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn each_broken_schema_is_found_by_name_and_nothing_else_is_called_a_leak() {
    let schemas = Schema::all("broken");
    assert!(schemas.len() >= 30);
    let mut wrong = Vec::new();
    for schema in schemas {
        let expected = schema.codes("expect");
        assert_eq!(expected.len(), 1, "{} names one defect", schema.name);
        let (_, findings) = Arranged::with(&schema, "").await.judge().await;
        let known = [expected.clone(), schema.codes("implies")].concat();
        let missed = !findings.iter().any(|finding| expected.contains(&finding.code));
        let unrelated = findings.iter().any(|finding| finding.is_leak() && !known.contains(&finding.code));
        let overstated = known.iter().any(|code| !findings.iter().any(|finding| finding.code == *code));
        if missed || unrelated || overstated {
            wrong.push(format!("{} expects {expected:?}, found:\n{}", schema.name, shown(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn the_corpus_has_every_code_that_a_schema_can_have() {
    let covered: Vec<Code> = Schema::all("broken").iter().flat_map(|schema| schema.codes("expect")).collect();
    // About the server's version, the last proof and the profile: each has tests of its own.
    let elsewhere = [
        Code::ServerRlsCve,
        Code::ServerStatisticsCve,
        Code::TableUnproven,
        Code::CatalogueUnproven,
        Code::AcceptanceStale,
    ];
    let missing: Vec<&Code> =
        Code::ALL.iter().filter(|code| !covered.contains(code) && !elsewhere.contains(code)).collect();
    assert_eq!(missing, [&Code::RlsOff; 0]);
}

#[tokio::test]
async fn no_sound_schema_has_a_leak_or_a_warning() {
    let schemas = Schema::all("sound");
    assert!(schemas.len() >= 10);
    let mut wrong = Vec::new();
    for schema in schemas {
        let (_, mut findings) = Arranged::with(&schema, "").await.judge().await;
        findings.retain(|finding| finding.severity != Severity::Hint);
        if !findings.is_empty() {
            wrong.push(format!("{}:\n{}", schema.name, shown(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The same sound schemas, each with one defect put in: a lint that stays silent on them would stay silent on anything.
#[tokio::test]
async fn a_defect_put_into_a_sound_schema_turns_it_red() {
    let weird = r#""My ""Schema"".x"."we""ird; drop""#;
    for (name, defect, code) in [
        ("one-table", "ALTER POLICY tenant ON notes USING (true)", Code::PolicyAlwaysTrue),
        (
            "composite-keys",
            "CREATE UNIQUE INDEX ON notes (id); ALTER TABLE comments ADD FOREIGN KEY (note) REFERENCES notes (id)",
            Code::ForeignKeyCrossesTenants,
        ),
        ("partitions-without-rights", "GRANT SELECT ON notes_0 TO bulkhead_app", Code::PartitionUnprotected),
        ("view-with-security-invoker", "ALTER VIEW titles SET (security_invoker = false)", Code::ViewRunsAsOwner),
        (
            "view-with-security-invoker",
            "GRANT SELECT ON for_the_owner TO bulkhead_app",
            Code::MaterializedViewOverTenants,
        ),
        ("exotic-names", &format!("ALTER TABLE {weird} NO FORCE ROW LEVEL SECURITY"), Code::RlsNotForced),
        (
            "exotic-names",
            &format!(r#"ALTER POLICY "it's ""mine""; --" ON {weird} USING ("select" = 'it''s')"#),
            Code::PolicyAdmitsOthers,
        ),
        (
            "domains-enums-and-generated-columns",
            "ALTER POLICY tenant ON people USING (mood = 'cross')",
            Code::PolicyAdmitsOthers,
        ),
        (
            "table-without-a-primary-key",
            "ALTER POLICY tenant ON log USING (line = 'x' AND at < now())",
            Code::PolicyAdmitsOthers,
        ),
        ("platform-policies", "ALTER POLICY operator_read ON notes USING (true)", Code::PolicyAlwaysTrue),
        ("restrictive-fence", "DROP POLICY fence ON notes", Code::PolicyAlwaysTrue),
        ("restrictive-narrowing", "ALTER POLICY tenant ON drafts USING (author IS NULL)", Code::PolicyIgnoresTenant),
        ("setting-without-a-function", "ALTER POLICY tenant ON accounts USING (org_id > 0)", Code::PolicyAdmitsOthers),
        (
            "alternatives-of-the-own-organization",
            "ALTER POLICY tenant ON notes USING (org_id = (SELECT app.org_id()) OR is_public)",
            Code::PolicyAdmitsOthers,
        ),
        ("shared-by-design", "GRANT SELECT ON throttle TO bulkhead_app", Code::NoTenantColumn),
        ("definer-as-a-trigger", "ALTER FUNCTION app.remember() RESET search_path", Code::DefinerSearchPath),
        (
            "inheritance-with-policies",
            "ALTER TABLE notes_2019 DISABLE ROW LEVEL SECURITY",
            Code::InheritanceUnprotected,
        ),
    ] {
        let schema = Schema::all("sound").into_iter().find(|schema| schema.name == name).unwrap();
        let (_, findings) = Arranged::with(&schema, defect).await.judge().await;
        assert!(findings.iter().any(|finding| finding.code == code), "{name} after {defect}:\n{}", shown(&findings));
    }
}

/// What a fix says is what makes the finding go away, whatever the names are.
#[tokio::test]
async fn fixes_are_sql_that_repairs_exotic_names_too() {
    let exotic = Schema::all("sound").into_iter().find(|schema| schema.name == "exotic-names").unwrap();
    let weird = r#""My ""Schema"".x"."we""ird; drop""#;
    for defect in [
        format!("ALTER TABLE {weird} DISABLE ROW LEVEL SECURITY"),
        format!("ALTER TABLE {weird} NO FORCE ROW LEVEL SECURITY"),
        format!(r#"ALTER POLICY "it's ""mine""; --" ON {weird} USING (true) WITH CHECK (true)"#),
        format!(r#"ALTER POLICY "it's ""mine""; --" ON {weird} TO PUBLIC"#),
        format!("GRANT TRUNCATE ON {weird} TO bulkhead_app"),
        format!("GRANT SELECT ON {weird} TO PUBLIC"),
        format!("ALTER TABLE {weird} ALTER COLUMN org_id DROP DEFAULT"),
        format!(
            "GRANT UPDATE ON {weird} TO bulkhead_app; CREATE POLICY \"x;\" ON {weird} FOR UPDATE TO bulkhead_app \
                 USING (org_id = (SELECT app.org_id())) WITH CHECK (true)"
        ),
    ] {
        let arranged = Arranged::with(&exotic, &defect).await;
        let mut connection = arranged.blank.connect().await;
        let found = lint(&read(&mut connection, &arranged.profile).await.unwrap(), &arranged.profile);
        let found: Vec<Finding> = found.into_iter().filter(|finding| finding.code != Code::AcceptanceStale).collect();
        assert!(!found.is_empty(), "{defect}");
        for finding in &found {
            arranged.blank.run(&finding.fix).await;
        }
        let left = lint(&read(&mut connection, &arranged.profile).await.unwrap(), &arranged.profile);
        let left: Vec<Finding> = left.into_iter().filter(|finding| finding.code != Code::AcceptanceStale).collect();
        assert!(left.is_empty(), "{defect}\n{}", shown(&left));
    }
}

/// A condition no text proves anything about: only rows that exist satisfy it.
#[tokio::test]
async fn rows_that_exist_are_asked_too() {
    let schema = Schema::all("sound").into_iter().find(|schema| schema.name == "one-table").unwrap();
    let defect = "ALTER POLICY tenant ON notes USING (md5(title) = 'c3fcd3d76192e4007dfb496cca67e13b');";
    let (_, findings) = Arranged::with(&schema, defect).await.judge().await;
    assert!(!findings.iter().any(|finding| finding.code == Code::PolicyAdmitsOthers), "{}", shown(&findings));
    let with_row =
        format!("{defect} INSERT INTO notes (org_id, title) VALUES (gen_random_uuid(), 'abcdefghijklmnopqrstuvwxyz')");
    let (_, findings) = Arranged::with(&schema, &with_row).await.judge().await;
    assert!(findings.iter().any(|finding| finding.code == Code::PolicyAdmitsOthers), "{}", shown(&findings));
}

/// Once a context was set in a connection nothing can be asked without one, so all tables are asked before.
#[tokio::test]
async fn every_table_is_asked_without_a_context() {
    let schema = Schema::all("broken").into_iter().find(|schema| schema.name == "context-function-raises").unwrap();
    let second = "CREATE TABLE other (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid, PRIMARY KEY (org_id, id)); \
                  SELECT app.protect('other')";
    let (_, findings) = Arranged::with(&schema, second).await.judge().await;
    let raising = findings.iter().filter(|finding| finding.code == Code::SettingWithoutMissingOk);
    let objects: Vec<String> = raising.map(|finding| finding.object.to_string()).collect();
    assert_eq!(objects, ["public.notes/tenant", "public.other/tenant"]);
}

/// A connection that may not act as the role, or was used before, says so instead of saying nothing.
#[tokio::test]
async fn what_was_not_seen_is_said() {
    let schema = Schema::all("sound").into_iter().find(|schema| schema.name == "one-table").unwrap();
    let arranged = Arranged::with(&schema, "").await;
    let mut connection = arranged.blank.connect().await;
    let catalogue = read(&mut connection, &arranged.profile).await.unwrap();
    sqlx::raw_sql("SET app.org_id = 'x'; SET SESSION AUTHORIZATION bulkhead_app")
        .execute(&mut connection)
        .await
        .unwrap();
    let findings = semantics(&mut connection, &catalogue, &arranged.profile).await.unwrap();
    let not_seen: Vec<String> = findings
        .iter()
        .filter(|finding| finding.code == Code::PolicyNotSeen)
        .map(|finding| finding.object.to_string())
        .collect();
    assert!(not_seen.contains(&"bulkhead_operator".to_owned()), "{}", shown(&findings));
    assert!(findings.iter().any(|finding| finding.sentence.contains("used before")), "{}", shown(&findings));
}

#[tokio::test]
async fn a_table_newer_than_the_proof_is_named() {
    let schema = Schema::all("sound").into_iter().find(|schema| schema.name == "one-table").unwrap();
    let arranged = Arranged::with(&schema, "").await;
    let profile = arranged.profile.clone();
    let (catalogue, _) = arranged.judge().await;
    let proven =
        Proven { catalogue_hash: bulkhead_rls::catalogue::hash(&catalogue), tables: vec!["public.notes".to_owned()] };
    assert_eq!(unproven(&catalogue, &profile, &proven), []);
    let codes = |proven| unproven(&catalogue, &profile, &proven).iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(codes(Proven { catalogue_hash: "0".repeat(64), ..proven.clone() }), [Code::CatalogueUnproven]);
    assert_eq!(codes(Proven { tables: Vec::new(), ..proven }), [Code::TableUnproven]);
}

#[test]
fn the_documentation_has_every_code_and_no_other() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rls-lint.md");
    let text = std::fs::read_to_string(path).unwrap();
    let documented: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.strip_prefix("### `")?.split_once("` · ")).collect();
    let known: Vec<(&str, &str)> = Code::ALL.iter().map(|code| (code.code(), code.severity().label())).collect();
    assert_eq!(documented, known);
    assert_eq!(sarif(&[], None)["runs"][0]["tool"]["driver"]["rules"].as_array().map(Vec::len), Some(known.len()));
}
