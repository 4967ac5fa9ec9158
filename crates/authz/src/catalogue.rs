//! Every permission there is: the console's own, and those of the resource types that operators registered.

use crate::granted;
use bulkhead_model::{
    Permission, RoleId,
    access::{
        AttributeKind, AttributeName, Condition, Effect, Grant, PermissionName, ResourceSchema, ResourceType,
        RoleDefinition,
    },
    user::Role,
};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

/// With these somebody changes what others may do, or what protects everybody: whoever newly allows one says why.
const DANGEROUS: [Permission; 7] = [
    Permission::RolesManage,
    Permission::UsersUpdate,
    Permission::SettingsUpdate,
    Permission::OrgUpdate,
    Permission::PlatformOrgsManage,
    Permission::PlatformTypesManage,
    Permission::PlatformIsolationManage,
];

/// A permission that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: PermissionName,
    /// What it lets a person do, as the end of "You cannot …".
    pub sentence: String,
    /// What people call what it is about.
    pub label: String,
    /// Whether whoever newly allows it says why.
    pub needs_reason: bool,
    /// The built-in roles that allow it.
    pub held_by: Vec<Role>,
}

/// All of them, in the order they are shown: the console's first.
#[derive(Debug, Clone)]
pub struct Catalogue {
    entries: Vec<Entry>,
    places: HashMap<PermissionName, usize>,
    attributes: HashMap<ResourceType, HashMap<AttributeName, AttributeKind>>,
}

/// What people call the console's resources.
fn label(resource: &str) -> &'static str {
    match resource {
        "self" => "Own account",
        "org" => "Organization",
        "users" => "Users",
        "roles" => "Roles",
        "workspaces" => "Workspaces",
        "decisions" => "Decisions",
        "settings" => "Settings",
        "audit" => "Audit log",
        "platform.orgs" => "All organizations",
        "platform.resource_types" => "Resource types",
        "platform.audit" => "Audit log of all organizations",
        "platform.isolation" => "Isolation",
        _ => "Other",
    }
}

fn of_console(permission: Permission) -> Entry {
    let name = PermissionName::from(permission);
    let label = label(name.resource.as_str()).to_owned();
    Entry {
        name,
        sentence: permission.sentence().to_owned(),
        label,
        needs_reason: DANGEROUS.contains(&permission),
        held_by: Role::ALL.iter().copied().filter(|role| granted(*role, permission)).collect(),
    }
}

impl Catalogue {
    /// The console's permissions together with those of registered types. Nothing registered takes a console's name.
    #[must_use]
    pub fn new(registered: &[ResourceSchema]) -> Self {
        let mut entries: Vec<Entry> = Permission::ALL.iter().copied().map(of_console).collect();
        let mut attributes = HashMap::new();
        let free = |schema: &&ResourceSchema| !is_console(&schema.name);
        for schema in registered.iter().filter(free) {
            for (action, name) in schema.actions.iter().zip(schema.permissions()) {
                let holds = |role: &Role| *role == Role::Admin || action.held_by.contains(role);
                entries.push(Entry {
                    name,
                    sentence: action.sentence.clone(),
                    label: schema.label.clone(),
                    needs_reason: action.needs_reason,
                    held_by: Role::ALL.iter().copied().filter(holds).collect(),
                });
            }
            let kinds = schema.attributes.iter().map(|attribute| (attribute.name.clone(), attribute.kind)).collect();
            attributes.insert(schema.name.clone(), kinds);
        }
        let places = entries.iter().enumerate().map(|(place, entry)| (entry.name.clone(), place)).collect();
        Self { entries, places, attributes }
    }

    /// The console's permissions alone.
    #[must_use]
    pub fn console() -> Arc<Self> {
        static CONSOLE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::new(&[])));
        Arc::clone(&CONSOLE)
    }

    /// Those that can be held in an organization, in order: what only operators can hold exists in the platform's only.
    pub fn existing(&self, platform: bool) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| platform || !entry.name.is_platform())
    }

    /// One of them.
    #[must_use]
    pub fn find(&self, name: &PermissionName) -> Option<&Entry> {
        self.places.get(name).map(|place| &self.entries[*place])
    }

    /// What sort of value an attribute of a type has; none where it is not registered.
    #[must_use]
    pub fn attribute(&self, of: &ResourceType, name: &AttributeName) -> Option<AttributeKind> {
        self.attributes.get(of)?.get(name).copied()
    }

    /// The attributes of a type, by name.
    #[must_use]
    pub fn attributes(&self, of: &ResourceType) -> Vec<(&AttributeName, AttributeKind)> {
        let known = self.attributes.get(of).into_iter().flatten();
        let mut known: Vec<_> = known.map(|(name, kind)| (name, *kind)).collect();
        known.sort();
        known
    }

    /// Every registered type with its attributes, both in order. The console's own resources are not among them.
    #[must_use]
    pub fn registered(&self) -> Vec<(ResourceType, Vec<(AttributeName, AttributeKind)>)> {
        let kinds = |of| self.attributes(of).into_iter().map(|(name, kind)| (name.clone(), kind)).collect();
        let mut all: Vec<(ResourceType, _)> = self.attributes.keys().map(|of| (of.clone(), kinds(of))).collect();
        all.sort();
        all
    }

    /// A built-in role, as a role among the others.
    #[must_use]
    pub fn definition(&self, role: Role) -> RoleDefinition {
        let held = self.entries.iter().filter(|entry| entry.held_by.contains(&role));
        let grants = held.map(|entry| Grant {
            permission: entry.name.clone(),
            effect: Effect::Allow,
            when: Condition::default(),
        });
        let id: RoleId = crate::access::role_id(role);
        RoleDefinition { id, name: role.label().to_owned(), inherits: Vec::new(), grants: grants.collect() }
    }
}

/// Whether a resource is one of the console's own, or could become one: nobody else registers it.
#[must_use]
pub fn is_console(resource: &ResourceType) -> bool {
    let resource = resource.as_str();
    resource == "platform"
        || resource.starts_with("platform.")
        || Permission::ALL.iter().any(|known| known.as_str().split_once(':').is_some_and(|(of, _)| of == resource))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_model::access::{NameError, RegisteredAction, RegisteredAttribute};

    fn schema(name: &str, action: &str, held_by: &[Role]) -> Result<ResourceSchema, NameError> {
        let action = RegisteredAction {
            name: action.parse()?,
            sentence: "do it".to_owned(),
            held_by: held_by.to_vec(),
            needs_reason: true,
        };
        let attribute =
            RegisteredAttribute { name: "amount".parse()?, kind: AttributeKind::Number, description: String::new() };
        let (label, description) = ("Things".to_owned(), String::new());
        Ok(ResourceSchema {
            name: name.parse()?,
            label,
            description,
            actions: vec![action],
            attributes: vec![attribute],
        })
    }

    #[test]
    fn every_resource_of_the_console_has_a_name_for_people() {
        for entry in Catalogue::console().existing(true) {
            assert_ne!(entry.label, "Other", "{}", entry.name);
        }
    }

    #[test]
    fn an_admin_holds_what_is_registered_and_others_what_it_says() -> Result<(), NameError> {
        let catalogue = Catalogue::new(&[schema("invoices", "read", &[Role::User])?]);
        let name: PermissionName = "invoices:read".parse()?;
        for role in Role::ALL {
            let held = catalogue.definition(*role).grants.iter().any(|grant| grant.permission == name);
            assert_eq!(held, matches!(role, Role::Admin | Role::User), "{role}");
        }
        assert_eq!(catalogue.find(&name).map(|entry| entry.needs_reason), Some(true));
        let invoices = "invoices".parse()?;
        assert_eq!(catalogue.attribute(&invoices, &"amount".parse()?), Some(AttributeKind::Number));
        assert_eq!(catalogue.attribute(&invoices, &"region".parse()?), None);
        Ok(())
    }

    #[test]
    fn the_consoles_names_are_not_for_registering() -> Result<(), NameError> {
        let before = Catalogue::console().existing(true).count();
        for (name, action) in
            [("users", "fly"), ("platform.orgs", "read"), ("platform", "read"), ("platform.new", "read")]
        {
            let schema = schema(name, action, &[Role::Viewer])?;
            assert!(is_console(&schema.name), "{name}");
            assert_eq!(Catalogue::new(&[schema]).existing(true).count(), before, "{name}");
        }
        assert!(!is_console(&"userss".parse()?));
        Ok(())
    }
}
