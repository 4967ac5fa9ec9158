//! Resource types that operators register, and what they mean for the roles of every organization.

use crate::{
    roles::{allows, make, refused},
    world::World,
};
use bulkhead_domain::{
    Error, OperatorCtx,
    access::{self, Reach, Typed},
    resource_types,
};
use bulkhead_model::{
    access::{
        AllOf, AttributeKind, Comparison, Condition, Effect, Grant, PermissionName, RegisteredAction,
        RegisteredAttribute, ResourceSchema, Test, Value,
    },
    error::Conflict,
    user::Role,
};

pub fn action(name: &str, held_by: &[Role]) -> RegisteredAction {
    let sentence = format!("{name} invoices");
    RegisteredAction { name: name.parse().unwrap(), sentence, held_by: held_by.to_vec(), needs_reason: false }
}

pub fn attribute(name: &str, kind: AttributeKind) -> RegisteredAttribute {
    RegisteredAttribute { name: name.parse().unwrap(), kind, description: String::new() }
}

/// Invoices: managers and users read them, admins delete them; of an amount, and paid or not.
pub fn invoices() -> ResourceSchema {
    ResourceSchema {
        name: "invoices".parse().unwrap(),
        label: "Invoices".to_owned(),
        description: "What customers owe.".to_owned(),
        actions: vec![action("read", &[Role::Manager, Role::User]), action("delete", &[])],
        attributes: vec![attribute("amount", AttributeKind::Number), attribute("due", AttributeKind::Time)],
    }
}

pub async fn register(operator: &OperatorCtx, schema: &ResourceSchema) {
    resource_types::register(&operator.again().await.unwrap(), schema).await.unwrap();
}

pub fn permission(text: &str) -> PermissionName {
    text.parse().unwrap()
}

/// A role with one line about something registered.
pub fn says(name: &str, what: &str, effect: Effect, when: Condition) -> Typed {
    let grants = vec![Grant { permission: permission(what), effect, when }];
    Typed { name: name.into(), grants, reason: "For a test".into(), ..Typed::default() }
}

fn below(attribute: &str, value: Value) -> Condition {
    let test = Test::Attribute { name: attribute.parse().unwrap(), is: Comparison::Below, values: vec![value] };
    Condition { any: vec![AllOf { tests: vec![test] }] }
}

#[tokio::test]
async fn what_is_registered_can_be_held_in_every_organization() {
    let world = World::new().await;
    let operator = world.operator().await;
    let platform = operator.identity().org_id;
    let (_, admin) = world.org(&operator, "acme").await;
    let (_, other) = world.org(&operator, "globex").await;
    let unknown = says("Clerk", "invoices:read", Effect::Allow, Condition::default());
    let refusal = refused(access::create(&admin.again().await.unwrap(), &unknown).await, "grants");
    assert_eq!(refusal, "There is no permission invoices:read.");

    let ((), added) = world.added(platform, register(&operator, &invoices())).await;
    assert_eq!(added, ["resource_type.registered"]);
    for admin in [&admin, &other] {
        let able = access::who_can(&admin.again().await.unwrap(), &permission("invoices:read")).await.unwrap();
        let roles: Vec<Role> = able.by_built_in.iter().map(|(role, _)| *role).collect();
        assert_eq!(roles, [Role::Admin, Role::Manager, Role::User]);
        assert_eq!(able.permission.sentence, "read invoices");
        // The graph that was kept from before does not know it: another number is another graph.
        make(admin, &unknown).await;
    }
    let ana = world.member(&admin, "ana", Role::Viewer).await;
    let clerk = access::list(&admin.again().await.unwrap()).await.unwrap().own[0].definition.id;
    crate::roles::give(&admin, &ana, clerk).await;
    let able = access::who_can(&admin.again().await.unwrap(), &permission("invoices:read")).await.unwrap();
    assert_eq!(able.by_own.iter().map(|(.., reach)| *reach).collect::<Vec<_>>(), [Reach::Always]);
}

#[tokio::test]
async fn nobody_gives_what_is_registered_and_not_theirs() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let lead = make(&admin, &allows("Lead", &[bulkhead_model::Permission::RolesManage])).await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    crate::roles::give(&admin, &mia, lead).await;
    let make_as_mia = |what| {
        let (mia, typed) = (&mia, says("Clerk", what, Effect::Allow, Condition::default()));
        async move { access::create(&mia.again().await.unwrap(), &typed).await }
    };
    make_as_mia("invoices:read").await.unwrap();
    let refusal = refused(make_as_mia("invoices:delete").await, "grants");
    assert!(refusal.starts_with("You do not hold invoices:delete yourself"), "{refusal}");
    let typed = says("Clerk two", "invoices:delete", Effect::Allow, Condition::default());
    let refusal = refused(access::preview(&mia.again().await.unwrap(), None, &typed).await.map(|_| ()), "grants");
    assert!(refusal.starts_with("You do not hold invoices:delete yourself"), "{refusal}");
}

#[tokio::test]
async fn conditions_compare_what_is_registered_with_values_of_its_kind() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let typed = |when| says("Clerk", "invoices:read", Effect::Allow, when);
    let refusal = |when| {
        let (admin, typed) = (&admin, typed(when));
        async move { refused(access::create(&admin.again().await.unwrap(), &typed).await, "grants") }
    };
    assert_eq!(refusal(below("colour", Value::Number(1.0))).await, "invoices have no attribute colour.");
    assert_eq!(
        refusal(below("amount", Value::Text("1".into()))).await,
        "The attribute amount of invoices is a number."
    );
    make(&admin, &typed(below("amount", Value::Number(1000.0)))).await;
}

#[tokio::test]
async fn what_a_role_names_stays_registered() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let clerk = make(&admin, &says("Clerk", "invoices:read", Effect::Deny, Condition::default())).await;
    let again = || async { operator.again().await.unwrap() };
    let less = ResourceSchema { actions: vec![action("delete", &[])], ..invoices() };
    let refusal = refused(resource_types::change(&again().await, 1, &less).await, "actions");
    assert_eq!(
        refusal,
        "invoices:read is named by one role of one organization, so it stays. Take it out of these roles first."
    );
    let name = invoices().name;
    refused(resource_types::remove(&again().await, &name, 1).await, "type");

    access::delete(&admin.again().await.unwrap(), clerk, 1, "").await.unwrap();
    let platform = operator.identity().org_id;
    let (changed, added) = world.added(platform, resource_types::change(&again().await, 1, &less)).await;
    changed.unwrap();
    assert_eq!(added, ["resource_type.changed"]);
    let stale = resource_types::remove(&again().await, &name, 1).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))), "{stale:?}");
    let (removed, added) = world.added(platform, resource_types::remove(&again().await, &name, 2)).await;
    removed.unwrap();
    assert_eq!(added, ["resource_type.removed"]);
    let gone = access::who_can(&admin.again().await.unwrap(), &permission("invoices:delete")).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
}

#[tokio::test]
async fn a_role_and_the_type_it_names_wait_for_each_other() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    for round in 1..=8 {
        register(&operator, &invoices()).await;
        let typed = says(&format!("Clerk {round}"), "invoices:read", Effect::Allow, Condition::default());
        let (ours, theirs) = (admin.again().await.unwrap(), operator.again().await.unwrap());
        let name = invoices().name;
        let (made, removed) = tokio::join!(access::create(&ours, &typed), resource_types::remove(&theirs, &name, 1));
        assert_ne!(made.is_ok(), removed.is_ok(), "round {round}: {made:?}, {removed:?}");
        if let Ok(role) = made {
            access::delete(&admin.again().await.unwrap(), role, 1, "").await.unwrap();
            resource_types::remove(&operator.again().await.unwrap(), &name, 1).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_typed_is_checked_and_only_operators_type_it() {
    let world = World::new().await;
    let operator = world.operator().await;
    let schema = invoices;
    let long = "x".repeat(61);
    let cases = [
        (ResourceSchema { name: "users".parse().unwrap(), ..schema() }, "name"),
        (ResourceSchema { name: "platform.things".parse().unwrap(), ..schema() }, "name"),
        (ResourceSchema { label: " ".into(), ..schema() }, "label"),
        (ResourceSchema { label: long, ..schema() }, "label"),
        (ResourceSchema { label: "In\u{202E}voices".into(), ..schema() }, "label"),
        (ResourceSchema { description: "x".repeat(501), ..schema() }, "description"),
        (ResourceSchema { actions: vec![], ..schema() }, "actions"),
        (ResourceSchema { actions: vec![action("read", &[]), action("read", &[])], ..schema() }, "actions"),
        (ResourceSchema { actions: vec![action("read", &[Role::Viewer])], ..schema() }, "actions"),
        (
            ResourceSchema {
                actions: (0..=resource_types::MOST_ACTIONS).map(|n| action(&format!("a{n}"), &[])).collect(),
                ..schema()
            },
            "actions",
        ),
        (ResourceSchema { attributes: vec![attribute("owner", AttributeKind::Text)], ..schema() }, "attributes"),
        (
            ResourceSchema {
                attributes: (0..41).map(|n| attribute(&format!("a{n}"), AttributeKind::Text)).collect(),
                ..schema()
            },
            "attributes",
        ),
    ];
    for (schema, field) in cases {
        refused(resource_types::register(&operator.again().await.unwrap(), &schema).await, field);
    }
    register(&operator, &schema()).await;
    refused(resource_types::register(&operator.again().await.unwrap(), &schema()).await, "name");
    let manager = world.operator_with_role("manager", Role::Manager).await;
    let denied = resource_types::register(&manager.again().await.unwrap(), &schema()).await;
    assert!(matches!(denied, Err(Error::Forbidden(_))), "{denied:?}");
}
