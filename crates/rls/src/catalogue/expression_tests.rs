use super::*;

const TENANT: &str = "(org_id = ( SELECT app.org_id() AS org_id))";

fn context() -> Context {
    Context {
        org_setting: "app.org_id".to_owned(),
        org_functions: vec!["app.org_id".to_owned(), "My App.org\"".to_owned()],
        operator_setting: Some("app.operator_id".to_owned()),
        operator_functions: vec!["app.operator_id".to_owned()],
    }
}

fn compares(expression: &str, column: &str) -> bool {
    Expression::new(expression, &context()).compares_tenant(column)
}

#[test]
fn the_plain_comparison_is_recognised_in_every_spelling() {
    for expression in [
        TENANT,
        "(org_id = app.org_id())",
        "(( SELECT app.org_id() AS org_id) = org_id)",
        "(users.org_id = ( SELECT app.org_id() AS org_id))",
        "((( SELECT app.operator_id() AS operator_id) IS NOT NULL) AND (org_id = ( SELECT app.org_id() AS org_id)))",
        "((org_id = ( SELECT app.org_id() AS org_id)) AND ((kind = 'a OR b'::text) OR (kind = ') OR ('::text)))",
        "(((org_id = app.org_id()) AND (kind = 'a'::text)) OR ((kind = 'b'::text) AND (org_id = app.org_id())))",
        "(org_id = (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid)",
        "(org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS \"nullif\"))",
        "(org_id = (current_setting('app.org_id'::text))::uuid)",
        "(org_id = (current_setting('App.Org_Id'::text, true))::bigint)",
        "((org_id)::text = current_setting('app.org_id'::text, true))",
        "(\"weird \"\"table\".org_id = \"My App\".\"org\"\"\"())",
    ] {
        assert!(compares(expression, "org_id"), "{expression}");
    }
    assert!(compares("(id = ( SELECT app.org_id() AS org_id))", "id"));
    assert!(compares("(\"Org \"\"Id\" = app.org_id())", "Org \"Id"));
}

#[test]
fn what_lets_other_rows_past_is_not_mistaken_for_it() {
    for expression in [
        "true",
        "(org_id IS NOT NULL)",
        "(org_id = org_id)",
        "((org_id = ( SELECT app.org_id() AS org_id)) OR true)",
        "((org_id = ( SELECT app.org_id() AS org_id)) OR (current_setting('app.role'::text, true) = 'admin'::text))",
        "(NOT (org_id = ( SELECT app.org_id() AS org_id)))",
        "(org_id <> ( SELECT app.org_id() AS org_id))",
        "(user_id = ( SELECT app.org_id() AS org_id))",
        "(org_id = COALESCE(( SELECT app.org_id() AS org_id), org_id))",
        "(org_id = (current_setting('app.other'::text, true))::uuid)",
        "(org_id = (current_setting('app.org_id'::text, true))::character varying(3))",
        "(\"left\"(org_id, 3) = app.org_id())",
        "((org_id)::character(1) = current_setting('app.org_id'::text, true))",
        "(org_id OPERATOR(public.=) app.org_id())",
        "(org_id = ANY (ARRAY[app.org_id(), other]))",
        "(org_id = ( SELECT app.org_id() AS org_id\n   FROM users))",
        "(EXISTS ( SELECT 1 FROM users u WHERE (u.org_id = ( SELECT app.org_id() AS org_id))))",
        "CASE WHEN a THEN (org_id = app.org_id()) ELSE true END",
        "(kind = '(org_id = app.org_id())'::text)",
    ] {
        assert!(!compares(expression, "org_id"), "{expression}");
    }
}

#[test]
fn an_operator_is_required_only_by_a_condition_of_its_own() {
    let requires = |text| Expression::new(text, &context()).compares_tenant_or_requires_operator("org_id");
    assert!(requires("(( SELECT app.operator_id() AS operator_id) IS NOT NULL)"));
    assert!(requires("(NULLIF(current_setting('app.operator_id'::text, true), ''::text) IS NOT NULL)"));
    assert!(requires(TENANT));
    assert!(requires("((( SELECT app.operator_id() AS operator_id) IS NOT NULL) OR (org_id = app.org_id()))"));
    assert!(!requires("((( SELECT app.operator_id() AS operator_id) IS NOT NULL) OR true)"));
    assert!(!requires("(( SELECT app.operator_id() AS operator_id) IS NULL)"));
}

#[test]
fn the_context_is_to_be_read_once() {
    let per_row = |text| Expression::new(text, &context()).reads_context_per_row();
    assert!(!per_row(TENANT));
    assert!(!per_row("(org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid AS x))"));
    assert!(per_row("(org_id = app.org_id())"));
    assert!(per_row("(org_id = (current_setting('app.org_id'::text, true))::uuid)"));
    assert!(!per_row("(kind = 'app.org_id()'::text)"));
}

#[test]
fn what_is_always_true_by_its_text() {
    let always = |text| Expression::new(text, &context()).is_always_true();
    for text in ["true", "(true)", "(1 = 1)", "((kind = 'a'::text) OR true)", "('a'::text = 'a'::text)"] {
        assert!(always(text), "{text}");
    }
    for text in
        ["false", "(a = a)", "(app.org_id() = app.org_id())", "(true AND (kind = 'a'::text))", TENANT, "(1 = 2)"]
    {
        assert!(!always(text), "{text}");
    }
}

#[test]
fn settings_are_found_with_their_guards() {
    let read = |name: &str, missing_ok, nullif| SettingRead { name: Some(name.to_owned()), missing_ok, nullif };
    let settings = |text| Expression::new(text, &context()).settings();
    assert_eq!(settings("(org_id = (current_setting('a.b'::text))::uuid)"), [read("a.b", false, false)]);
    assert_eq!(
        settings(
            "((x = NULLIF(current_setting('a'::text, true), ''::text)) OR (current_setting('b'::text, true) = 'c'))"
        ),
        [read("a", true, true), read("b", true, false)]
    );
    assert_eq!(settings("(x = current_setting(y, false))")[0].name, None);
    assert_eq!(settings("(x = 'current_setting(''a'')'::text)"), []);
}

#[test]
fn a_setting_that_decides_alone_is_told_from_one_that_is_compared_with_a_column() {
    let trusted = |text| Expression::new(text, &context()).trusted_setting(&["app.org_id"]);
    for text in [
        "((org_id = app.org_id()) OR (current_setting('app.role'::text, true) = 'admin'::text))",
        "(NOT (( SELECT current_setting('app.role'::text, true) AS current_setting) = 'admin'::text))",
        "(COALESCE(current_setting('app.role'::text, true), ''::text))::boolean",
        "(NULLIF(current_setting('app.role'::text, true), ''::text) IS NOT NULL)",
    ] {
        assert_eq!(trusted(text).as_deref(), Some("app.role"), "{text}");
    }
    assert_eq!(trusted("((owner = (current_setting('app.user'::text, true))::uuid) AND (kind = 'a'::text))"), None);
    assert_eq!(trusted(TENANT), None);
}

#[test]
fn a_guard_is_what_nothing_gets_past() {
    let context = context();
    let guards = |text: &'static str| Expression::new(text, &context).guards("org_id");
    let own = Guard::Own {
        condition: "org_id = ( SELECT app.org_id() AS org_id)",
        value: "( SELECT app.org_id() AS org_id)",
    };
    let operator = Guard::Operator {
        condition: "( SELECT app.operator_id() AS operator_id) IS NOT NULL",
        value: "( SELECT app.operator_id() AS operator_id)",
    };
    assert_eq!(guards("((kind = 'a'::text) AND (org_id = ( SELECT app.org_id() AS org_id)))"), Some(vec![own]));
    assert_eq!(
        guards(
            "((org_id = ( SELECT app.org_id() AS org_id)) OR (( SELECT app.operator_id() AS operator_id) IS NOT NULL))"
        ),
        Some(vec![own, operator])
    );
    assert_eq!(guards("((org_id = ( SELECT app.org_id() AS org_id)) OR (kind = 'a'::text))"), None);
}

#[test]
fn what_a_setting_may_change_is_not_settled() {
    let context = context();
    let is_settled = |text: &'static str| {
        let expression = Expression::new(text, &context);
        expression.guards("org_id").is_some_and(|guards| expression.is_settled_but_for(&guards))
    };
    assert!(is_settled("((org_id = app.org_id()) AND (kind = 'a'::text) AND (lower(kind) <> 'b'::text))"));
    for rest in [
        "app.is_mine(kind)",
        "(kind = current_setting('app.kind'::text))",
        "(EXISTS ( SELECT 1 FROM public.members))",
        "(kind OPERATOR(app.=) 'a'::text)",
    ] {
        let text = format!("((org_id = app.org_id()) AND {rest})");
        let expression = Expression::new(&text, &context);
        let guards = expression.guards("org_id").unwrap_or_default();
        assert!(!guards.is_empty() && !expression.is_settled_but_for(&guards), "{rest}");
    }
}
