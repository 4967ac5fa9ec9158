use bulkhead_model::isolation::{
    Code, ColumnFacts, ForeignKeyFacts, GrantFacts, PolicyCommand, PolicyFacts, RoleFacts, TenantColumn, UniqueFacts,
};

use super::*;
use crate::{Accepted, Context, RuntimeRole, Scope};

const TENANT: &str = "(org_id = ( SELECT app.org_id() AS org_id))";
const OPERATOR: &str = "(( SELECT app.operator_id() AS operator_id) IS NOT NULL)";

fn policy(name: &str, role: &str, expression: &str) -> PolicyFacts {
    PolicyFacts {
        name: name.to_owned(),
        command: PolicyCommand::All,
        permissive: true,
        roles: vec![role.to_owned()],
        using: Some(expression.to_owned()),
        with_check: Some(expression.to_owned()),
        calls: Vec::new(),
    }
}

fn grant(role: &str, privileges: &[&str]) -> GrantFacts {
    let privileges = privileges.iter().map(|privilege| (*privilege).to_owned()).collect();
    GrantFacts { role: role.to_owned(), privileges, columns: Vec::new() }
}

/// A table as the migrations make them.
fn notes() -> TableFacts {
    TableFacts {
        schema: "public".to_owned(),
        name: "notes".to_owned(),
        kind: RelationKind::Table,
        owner: "bulkhead_owner".to_owned(),
        comment: None,
        rls_enabled: true,
        rls_forced: true,
        security_invoker: false,
        columns: Vec::new(),
        primary_key: vec!["org_id".to_owned(), "id".to_owned()],
        unique_keys: Vec::new(),
        checks: Vec::new(),
        parent: None,
        reads: Vec::new(),
        definition: None,
        triggers: Vec::new(),
        tenant_column: Some(TenantColumn {
            name: "org_id".to_owned(),
            data_type: "uuid".to_owned(),
            nullable: false,
            default: Some("app.org_id()".to_owned()),
        }),
        tenant_index: Some("CREATE UNIQUE INDEX notes_pkey ON public.notes USING btree (org_id, id)".to_owned()),
        policies: vec![
            policy("notes_tenant", "bulkhead_app", TENANT),
            PolicyFacts {
                command: PolicyCommand::Select,
                with_check: None,
                ..policy("notes_operator", "bulkhead_operator", OPERATOR)
            },
        ],
        grants: vec![
            grant("bulkhead_app", &["DELETE", "INSERT", "SELECT", "UPDATE"]),
            grant("bulkhead_operator", &["SELECT"]),
        ],
        foreign_keys: Vec::new(),
    }
}

fn profile() -> Profile {
    let role = |name: &str, scope| RuntimeRole { name: name.to_owned(), scope };
    Profile {
        runtime_roles: vec![
            role("bulkhead_app", Scope::Tenant),
            role("bulkhead_auth", Scope::Tenant),
            role("bulkhead_operator", Scope::Platform),
        ],
        tenant_columns: vec!["org_id".to_owned()],
        root: None,
        context: Context {
            org_setting: "app.org_id".to_owned(),
            org_functions: vec!["app.org_id".to_owned()],
            operator_setting: Some("app.operator_id".to_owned()),
            operator_functions: vec!["app.operator_id".to_owned()],
        },
        shared_by_design: vec![("public.plans".to_owned(), "The same for every organization.".to_owned())],
        accepted: Vec::new(),
    }
}

/// A catalogue of notes as `change` leaves it and, for what refers to them, of plans, which all share.
fn catalogue(change: impl FnOnce(&mut TableFacts)) -> Catalogue {
    let mut facts = notes();
    change(&mut facts);
    let mut original = TableFacts { name: "originals".to_owned(), ..notes() };
    original.grants.clear();
    let plans = TableFacts { name: "plans".to_owned(), tenant_column: None, ..original.clone() };
    let mut tables = vec![original, facts];
    if tables.iter().all(|table| table.name != "plans") {
        tables.push(plans);
    }
    Catalogue {
        server_version: "15.18".to_owned(),
        server_version_num: 150_018,
        database: "test".to_owned(),
        tables,
        roles: Vec::new(),
        schemas: Vec::new(),
        functions: Vec::new(),
        sequences: Vec::new(),
    }
}

/// The report on the table that `change` was made to.
fn judge(change: impl FnOnce(&mut TableFacts)) -> TableReport {
    let catalogue = catalogue(change);
    let name = catalogue.tables[1].qualified();
    report(catalogue, &profile()).tables.into_iter().find(|table| table.facts.qualified() == name).unwrap()
}

fn verdict_after(change: impl FnOnce(&mut TableFacts)) -> Verdict {
    judge(change).verdict
}

fn exposed(change: impl FnOnce(&mut TableFacts)) -> Vec<Finding> {
    match verdict_after(change) {
        Verdict::Exposed(leaks) => leaks,
        _ => Vec::new(),
    }
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

/// What is wrong without being a leak.
fn noted(change: impl FnOnce(&mut TableFacts)) -> Vec<Code> {
    let report = judge(change);
    assert_eq!(report.verdict, Verdict::Isolated);
    codes(&report.findings)
}

#[test]
fn a_table_as_the_migrations_make_it_is_isolated() {
    let report = judge(|_| {});
    assert_eq!((report.verdict, report.findings), (Verdict::Isolated, Vec::new()));
}

#[test]
fn each_missing_layer_exposes_and_is_named() {
    assert_eq!(codes(&exposed(|table| table.rls_enabled = false)), [Code::RlsOff]);
    assert_eq!(codes(&exposed(|table| table.rls_forced = false)), [Code::RlsNotForced]);
    let leaks = exposed(|table| table.owner = "bulkhead_app".to_owned());
    assert_eq!(codes(&leaks), [Code::OwnedByRuntime]);
    assert!(leaks[0].sentence.contains("bulkhead_app owns it"));
    let leaks = exposed(|table| table.grants[0].privileges.push("TRUNCATE".to_owned()));
    assert_eq!(codes(&leaks), [Code::UnrestrainedPrivilege]);
    assert_eq!(leaks[0].fix, "REVOKE TRUNCATE ON public.notes FROM bulkhead_app;");
}

#[test]
fn what_leaks_nothing_by_itself_is_noted() {
    let nullable = |table: &mut TableFacts| table.tenant_column.iter_mut().for_each(|column| column.nullable = true);
    assert_eq!(noted(nullable), [Code::TenantColumnNullable]);
    // PostgreSQL checks by USING then, which compares the column.
    assert_eq!(noted(|table| table.policies[0].with_check = None), [Code::MissingWithCheck]);
    assert_eq!(noted(|table| table.tenant_index = None), [Code::TenantIndexMissing]);
}

#[test]
fn a_table_without_a_tenant_column_has_policies_that_compare_nothing() {
    let codes = codes(&exposed(|table| table.tenant_column = None));
    assert!(codes.contains(&Code::NoTenantColumn) && codes.contains(&Code::PolicyIgnoresTenant));
}

#[test]
fn permissive_policies_are_alternatives_so_one_open_one_is_enough() {
    let open = policy("notes_admin", "bulkhead_app", "(current_setting('app.role'::text, true) = 'admin'::text)");
    let with_open = open.clone();
    let leaks = exposed(|table| table.policies.push(with_open));
    let sentences: Vec<&str> = leaks.iter().map(|leak| leak.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "bulkhead_app may change org_id, and no WITH CHECK holds it: a row can be moved to another organization.",
            "USING of policy notes_admin lets bulkhead_app past the tenant column.",
            "WITH CHECK of policy notes_admin lets bulkhead_app past the tenant column."
        ]
    );
    assert_eq!(
        leaks[1].probe.as_ref().map(|probe| (probe.role.as_str(), probe.command)),
        Some(("bulkhead_app", PolicyCommand::Select))
    );
    // A restrictive policy on the tenant column holds whatever the permissive ones allow.
    let fence = PolicyFacts { permissive: false, ..policy("notes_fence", "bulkhead_app", TENANT) };
    assert_eq!(verdict_after(|table| table.policies.extend([open, fence])), Verdict::Isolated);
}

#[test]
fn a_policy_without_any_expression_admits_nothing() {
    let empty = PolicyFacts { using: None, with_check: None, ..policy("notes_empty", "bulkhead_app", "") };
    assert_eq!(noted(|table| table.policies.push(empty)), [Code::MissingWithCheck]);
}

#[test]
fn an_update_policy_that_checks_nothing_moves_rows_to_another_organization() {
    let update = PolicyFacts {
        command: PolicyCommand::Update,
        with_check: Some("true".to_owned()),
        ..policy("notes_update", "bulkhead_app", TENANT)
    };
    let leaks = exposed(|table| table.policies.push(update));
    assert_eq!(codes(&leaks), [Code::TenantColumnMutable, Code::WithCheckLooser]);
    assert_eq!(leaks[1].fix, "ALTER POLICY notes_update ON public.notes WITH CHECK (org_id = (SELECT app.org_id()));");
}

#[test]
fn operators_may_cross_organizations_and_users_may_not() {
    let leaks = exposed(|table| table.policies[0].using = Some(OPERATOR.to_owned()));
    assert_eq!(codes(&leaks), [Code::PolicyIgnoresTenant]);
    let leaks = exposed(|table| table.policies[1].using = Some("true".to_owned()));
    assert_eq!(codes(&leaks), [Code::PolicyAlwaysTrue]);
    assert!(leaks[0].fix.contains("(SELECT app.operator_id()) IS NOT NULL"));
}

#[test]
fn everybody_is_nobody_in_particular() {
    let report = judge(|table| table.policies[0].roles = vec!["PUBLIC".to_owned()]);
    assert!(codes(&report.findings).contains(&Code::PolicyToPublic));
    let leaks = exposed(|table| table.grants.push(grant("PUBLIC", &["SELECT"])));
    assert_eq!(codes(&leaks), [Code::GrantedToPublic]);
}

#[test]
fn a_foreign_key_must_carry_the_organization() {
    let key = |keeps_tenant| ForeignKeyFacts {
        name: "notes_user_fkey".to_owned(),
        columns: vec!["user_id".to_owned()],
        references: "public.originals".to_owned(),
        referenced_columns: vec!["id".to_owned()],
        to_tenant_table: true,
        keeps_tenant,
    };
    assert_eq!(verdict_after(|table| table.foreign_keys.push(key(true))), Verdict::Isolated);
    let leaks = exposed(|table| table.foreign_keys.push(key(false)));
    assert_eq!(codes(&leaks), [Code::ForeignKeyCrossesTenants]);
    assert!(leaks[0].fix.contains("FOREIGN KEY (org_id, user_id) REFERENCES public.originals (org_id, id)"));
}

#[test]
fn a_key_that_can_be_guessed_tells_what_others_have() {
    let with_key = |data_type: &str, columns: &[&str]| {
        let (data_type, columns) = (data_type.to_owned(), columns.iter().map(|name| (*name).to_owned()).collect());
        noted(move |table| {
            table.columns = vec![ColumnFacts {
                name: "code".to_owned(),
                data_type,
                nullable: false,
                default: None,
                generated: false,
                identity: false,
            }];
            table.unique_keys =
                vec![UniqueFacts { name: "notes_key".to_owned(), columns, predicate: None, primary: false }];
        })
    };
    assert_eq!(with_key("text", &["code"]), [Code::UniqueWithoutTenant]);
    assert_eq!(with_key("text", &["org_id", "code"]), []);
    assert_eq!(with_key("uuid", &["code"]), [], "nobody guesses 74 random bits");
}

#[test]
fn no_rights_or_no_policy_means_locked() {
    assert_eq!(verdict_after(|table| table.grants.clear()), Verdict::Locked);
    assert_eq!(verdict_after(|table| table.policies.clear()), Verdict::Locked);
}

#[test]
fn kinds_that_policies_do_not_reach() {
    let over = |kind, read: &'static str| {
        move |table: &mut TableFacts| (table.kind, table.reads) = (kind, vec![format!("public.{read}")])
    };
    assert_eq!(codes(&exposed(over(RelationKind::View, "originals"))), [Code::ViewRunsAsOwner]);
    let shared = verdict_after(over(RelationKind::View, "plans"));
    assert!(matches!(shared, Verdict::SharedByDesign(_)), "{shared:?}");
    let invoker = verdict_after(|table| {
        over(RelationKind::View, "originals")(table);
        table.security_invoker = true;
    });
    assert_eq!(invoker, Verdict::Isolated);
    let leaks = exposed(over(RelationKind::MaterializedView, "originals"));
    assert_eq!(codes(&leaks), [Code::MaterializedViewOverTenants]);
    assert_eq!(codes(&exposed(|table| table.kind = RelationKind::Foreign)), [Code::ForeignTable]);
    // Its own policies hold; that it has rights of its own is still one way too many.
    assert_eq!(noted(|table| table.kind = RelationKind::Partition), [Code::PartitionGranted]);
    let bare = |table: &mut TableFacts| (table.kind, table.rls_enabled) = (RelationKind::Partition, false);
    assert_eq!(codes(&exposed(bare)), [Code::PartitionUnprotected]);
}

#[test]
fn shared_tables_stand_on_the_list_and_are_read_only_for_users() {
    let share = |table: &mut TableFacts| {
        table.name = "plans".to_owned();
        table.tenant_column = None;
        table.policies.clear();
        (table.rls_enabled, table.rls_forced) = (false, false);
    };
    let read_only = verdict_after(|table| {
        share(table);
        table.grants = vec![grant("bulkhead_app", &["SELECT"])];
    });
    assert!(matches!(read_only, Verdict::SharedByDesign(_)));
    assert_eq!(codes(&exposed(share)), [Code::SharedButWritable]);
}

#[test]
fn a_role_that_is_too_strong_exposes_what_it_reaches() {
    let role = |name: &str, member_of: &[&str]| RoleFacts {
        name: name.to_owned(),
        superuser: false,
        bypass_rls: false,
        login: true,
        inherit: true,
        member_of: member_of.iter().map(|name| (*name).to_owned()).collect(),
    };
    let with = |app: RoleFacts, strong: RoleFacts| {
        let mut catalogue = catalogue(|_| {});
        catalogue.roles = vec![app, strong, role("bulkhead_auth", &[]), role("bulkhead_operator", &[])];
        let report = report(catalogue, &profile());
        (codes(&report.findings), report.tables.iter().filter(|table| table.verdict.rank() == 0).count())
    };
    let weak = || role("strong", &[]);
    assert_eq!(with(role("bulkhead_app", &[]), weak()), (vec![], 0));
    let app = RoleFacts { superuser: true, ..role("bulkhead_app", &[]) };
    assert_eq!(with(app, weak()), (vec![Code::RuntimeSuperuser], 2), "both tables of organizations, not the plans");
    let strong = RoleFacts { bypass_rls: true, ..weak() };
    assert_eq!(with(role("bulkhead_app", &["strong"]), strong), (vec![Code::RuntimeMemberOfStronger], 2));
    let owner = role("bulkhead_owner", &[]);
    assert_eq!(with(role("bulkhead_app", &["bulkhead_owner"]), owner), (vec![Code::RuntimeMemberOfOwner], 3));
    assert_eq!(with(role("bulkhead_app", &["pg_monitor"]), weak()), (vec![Code::RuntimeReadsStatistics], 0));
}

#[test]
fn grants_of_a_group_count_for_its_members() {
    let mut catalogue = catalogue(|table| {
        table.grants = vec![grant("staff", &["SELECT"])];
        table.policies = vec![policy("notes_staff", "staff", "true")];
    });
    let role = |name: &str, inherit, member_of: Vec<String>| RoleFacts {
        name: name.to_owned(),
        superuser: false,
        bypass_rls: false,
        login: true,
        inherit,
        member_of,
    };
    // Without INHERIT it takes a SET ROLE, which nobody stops.
    catalogue.roles = vec![
        role("bulkhead_app", false, vec!["staff".to_owned()]),
        role("bulkhead_auth", true, Vec::new()),
        role("bulkhead_operator", true, Vec::new()),
        role("staff", true, Vec::new()),
    ];
    assert!(codes(&super::super::lint(&catalogue, &profile())).contains(&Code::PolicyAlwaysTrue));
}

#[test]
fn what_is_accepted_is_not_reported_until_it_is_gone() {
    let accepting = |object: &str| Profile {
        accepted: vec![Accepted {
            code: Code::RlsNotForced,
            object: object.to_owned(),
            reason: "The owner cannot sign in.".to_owned(),
        }],
        ..profile()
    };
    let unforced = || catalogue(|table| table.rls_forced = false);
    let lint = super::super::lint;
    assert_eq!(codes(&lint(&unforced(), &profile())), [Code::RlsNotForced]);
    assert_eq!(codes(&lint(&unforced(), &accepting("public.notes"))), []);
    assert_eq!(codes(&lint(&catalogue(|_| {}), &accepting("public.notes"))), [Code::AcceptanceStale]);
}

#[test]
fn the_worst_come_first() {
    let order =
        [Verdict::Exposed(Vec::new()), Verdict::SharedByDesign(String::new()), Verdict::Isolated, Verdict::Locked];
    assert!(order.is_sorted_by_key(Verdict::rank));
}
