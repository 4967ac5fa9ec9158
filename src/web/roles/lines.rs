//! What roles say, in words.

use crate::web::text::one_line;
use bulkhead_authz::{
    graph::RoleGraph,
    words::{name_of, sentence},
};
use bulkhead_model::{
    access::{Grant, RoleDefinition},
    workspace::Places,
};
use bulkhead_ui::DiffField;

/// The roles that one inherits from, by name.
pub fn parents(graph: &RoleGraph, role: &RoleDefinition) -> String {
    let names: Vec<String> = role.inherits.iter().map(|parent| name_of(graph, *parent)).collect();
    names.join(", ")
}

/// How one state of a role differs from another, field by field.
pub fn differences(
    (graph, places): (&RoleGraph, &Places),
    before: Option<(&RoleDefinition, &str)>,
    after: (&RoleDefinition, &str),
) -> Vec<DiffField> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let grants = |role: &RoleDefinition, permission: &str| {
        let of = |grant: &&Grant| grant.permission.to_string() == permission;
        let lines = role.grants.iter().filter(of).map(|grant| sentence(grant, places));
        text(&lines.collect::<Vec<_>>().join("; "))
    };
    let role = before.map(|(role, _)| role);
    let mut fields = vec![
        DiffField::new("name", role.and_then(|role| text(&role.name)), text(&after.0.name)),
        DiffField::new(
            "description",
            before.and_then(|(_, description)| text(&one_line(description))),
            text(&one_line(after.1)),
        ),
        DiffField::new(
            "inherits from",
            role.and_then(|role| text(&parents(graph, role))),
            text(&parents(graph, after.0)),
        ),
    ];
    let named = role.into_iter().chain([after.0]).flat_map(|role| &role.grants);
    let named: std::collections::BTreeSet<String> = named.map(|grant| grant.permission.to_string()).collect();
    fields.extend(named.iter().map(|permission| {
        DiffField::new(permission, role.and_then(|role| grants(role, permission)), grants(after.0, permission))
    }));
    fields.retain(|field| field.before != field.after);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_model::{
        Permission, RoleId,
        access::{Condition, Effect},
    };

    #[test]
    fn only_what_differs_is_listed() {
        let grant = |permission: Permission, effect| Grant {
            permission: permission.into(),
            effect,
            when: Condition::default(),
        };
        let id = RoleId::from_uuid(uuid::Uuid::nil());
        let role = |grants| RoleDefinition { id, name: "Auditor".to_owned(), inherits: Vec::new(), grants };
        let before = role(vec![grant(Permission::UsersRead, Effect::Allow), grant(Permission::OrgRead, Effect::Allow)]);
        let after = role(vec![grant(Permission::UsersRead, Effect::Deny), grant(Permission::OrgRead, Effect::Allow)]);
        let text = |text: &str| Some(text.to_owned());
        let graph = RoleGraph::default();
        let known = (&graph, &Places::Hidden);
        assert_eq!(
            differences(known, Some((&before, "")), (&after, "For audits")),
            [
                DiffField::new("description", None, text("For audits")),
                DiffField::new("users:read", text("Allows"), text("Denies")),
            ]
        );
        assert_eq!(differences(known, None, (&before, "")).len(), 3, "everything of a new one");
    }
}
