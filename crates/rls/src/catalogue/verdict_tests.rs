use bulkhead_model::isolation::{ForeignKeyFacts, TenantColumn};

use super::*;
use crate::{Context, RuntimeRole};

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
    }
}

fn judge(change: impl FnOnce(&mut TableFacts)) -> Verdict {
    let mut facts = notes();
    change(&mut facts);
    verdict(&facts, &profile())
}

fn exposed(change: impl FnOnce(&mut TableFacts)) -> Vec<Reason> {
    match judge(change) {
        Verdict::Exposed(reasons) => reasons,
        _ => Vec::new(),
    }
}

fn past(policy: &str, role: &str, clause: &str) -> Reason {
    Reason::PolicyIgnoresTenant { policy: policy.to_owned(), role: role.to_owned(), clause: clause.to_owned() }
}

#[test]
fn a_table_as_the_migrations_make_it_is_isolated() {
    assert_eq!(judge(|_| {}), Verdict::Isolated);
    assert_eq!(findings(&notes()), []);
}

#[test]
fn each_missing_layer_exposes_and_is_named() {
    assert_eq!(exposed(|table| table.rls_enabled = false), [Reason::RlsDisabled]);
    assert_eq!(exposed(|table| table.rls_forced = false), [Reason::NotForced]);
    let reasons = exposed(|table| table.owner = "bulkhead_app".to_owned());
    assert_eq!(reasons, [Reason::OwnedByRuntimeRole { role: "bulkhead_app".to_owned() }]);
    let reasons = exposed(|table| table.tenant_column.iter_mut().for_each(|column| column.nullable = true));
    assert_eq!(reasons, [Reason::TenantColumnNullable]);
    let reasons = exposed(|table| table.policies[0].with_check = None);
    assert_eq!(reasons, [Reason::MissingWithCheck { policy: "notes_tenant".to_owned() }]);
    let reasons = exposed(|table| table.grants[0].privileges.push("TRUNCATE".to_owned()));
    let truncate = Reason::UnrestrainedPrivilege { role: "bulkhead_app".to_owned(), privilege: "TRUNCATE".to_owned() };
    assert_eq!(reasons, [truncate]);
}

#[test]
fn a_table_without_a_tenant_column_has_policies_that_compare_nothing() {
    let reasons = exposed(|table| table.tenant_column = None);
    assert_eq!(reasons[0], Reason::NoTenantColumn);
}

#[test]
fn permissive_policies_are_alternatives_so_one_open_one_is_enough() {
    let open = policy("notes_admin", "bulkhead_app", "(current_setting('app.role'::text, true) = 'admin'::text)");
    let expected = [past("notes_admin", "bulkhead_app", "USING"), past("notes_admin", "bulkhead_app", "WITH CHECK")];
    let with_open = open.clone();
    assert_eq!(exposed(|table| table.policies.push(with_open)), expected);
    // A restrictive policy on the tenant column holds whatever the permissive ones allow.
    let fence = PolicyFacts { permissive: false, ..policy("notes_fence", "bulkhead_app", TENANT) };
    assert_eq!(judge(|table| table.policies.extend([open, fence])), Verdict::Isolated);
}

#[test]
fn an_update_policy_that_checks_nothing_moves_rows_to_another_organization() {
    let update = PolicyFacts {
        command: PolicyCommand::Update,
        with_check: Some("true".to_owned()),
        ..policy("notes_update", "bulkhead_app", TENANT)
    };
    assert_eq!(exposed(|table| table.policies.push(update)), [past("notes_update", "bulkhead_app", "WITH CHECK")]);
}

#[test]
fn operators_may_cross_organizations_and_users_may_not() {
    assert_eq!(
        exposed(|table| table.policies[0].using = Some(OPERATOR.to_owned())),
        [past("notes_tenant", "bulkhead_app", "USING")]
    );
    let reasons = exposed(|table| table.policies[1].using = Some("true".to_owned()));
    assert_eq!(reasons, [past("notes_operator", "bulkhead_operator", "USING")]);
}

#[test]
fn everybody_is_nobody_in_particular() {
    let reasons = exposed(|table| table.policies[0].roles = vec!["PUBLIC".to_owned()]);
    assert!(reasons.contains(&Reason::PolicyToPublic { policy: "notes_tenant".to_owned() }));
    let reasons = exposed(|table| table.grants.push(grant("PUBLIC", &["SELECT"])));
    assert!(reasons.contains(&Reason::GrantedToPublic { privileges: vec!["SELECT".to_owned()] }));
}

#[test]
fn a_foreign_key_must_carry_the_organization() {
    let key = |keeps_tenant| ForeignKeyFacts {
        name: "notes_user_fkey".to_owned(),
        columns: vec!["user_id".to_owned()],
        references: "public.users".to_owned(),
        referenced_columns: vec!["id".to_owned()],
        to_tenant_table: true,
        keeps_tenant,
    };
    assert_eq!(judge(|table| table.foreign_keys.push(key(true))), Verdict::Isolated);
    let crossing = Reason::ForeignKeyCrossesTenants { constraint: "notes_user_fkey".to_owned() };
    assert_eq!(exposed(|table| table.foreign_keys.push(key(false))), [crossing]);
}

#[test]
fn no_rights_or_no_policy_means_locked() {
    assert_eq!(judge(|table| table.grants.clear()), Verdict::Locked);
    assert_eq!(judge(|table| table.policies.clear()), Verdict::Locked);
}

#[test]
fn kinds_that_policies_do_not_reach() {
    assert_eq!(exposed(|table| table.kind = RelationKind::View), [Reason::ViewRunsAsOwner]);
    let invoker = judge(|table| (table.kind, table.security_invoker) = (RelationKind::View, true));
    assert_eq!(invoker, Verdict::Isolated);
    let reasons = exposed(|table| table.kind = RelationKind::MaterializedView);
    assert_eq!(reasons, [Reason::NoPoliciesOnKind { kind: RelationKind::MaterializedView }]);
    assert_eq!(exposed(|table| table.kind = RelationKind::Partition).len(), 2, "app and operator can both query it");
}

#[test]
fn shared_tables_stand_on_the_list_and_are_read_only_for_users() {
    let share = |table: &mut TableFacts| {
        table.name = "plans".to_owned();
        table.tenant_column = None;
        table.policies.clear();
        (table.rls_enabled, table.rls_forced) = (false, false);
    };
    let read_only = judge(|table| {
        share(table);
        table.grants = vec![grant("bulkhead_app", &["SELECT"])];
    });
    assert!(matches!(read_only, Verdict::SharedByDesign(_)));
    assert_eq!(exposed(share), [Reason::SharedButWritable { role: "bulkhead_app".to_owned() }]);
}

#[test]
fn the_worst_come_first() {
    let order =
        [Verdict::Exposed(Vec::new()), Verdict::SharedByDesign(String::new()), Verdict::Isolated, Verdict::Locked];
    assert!(order.is_sorted_by_key(Verdict::rank));
}
