//! Resource types of the services behind this control plane: operators register them, every organization's roles can name
//! what can be done to them, and decisions are made about them.

use crate::{Ctx, Error, OperatorCtx, Result};
use bulkhead_authz::catalogue::is_console;
use bulkhead_db::{
    Realm,
    audit::Record,
    resource_types::{self as store, Mentions},
};
use bulkhead_model::{
    FieldErrors,
    access::{RegisteredAction, RegisteredAttribute, ResourceSchema, ResourceType, StoredResourceType},
    audit::{Action, TargetKind},
    error::Conflict,
    perm,
    text::is_deceptive,
    user::Role,
};
use std::collections::HashSet;

/// Types, at most: their list is one page.
const MOST_TYPES: usize = 100;
/// Actions of all types together, at most: every role's editor shows them all.
pub const MOST_ACTIONS: usize = 200;
/// Attributes of one type, at most.
const MOST_ATTRIBUTES: usize = 40;
/// The longest description of a type or an attribute, in characters.
const LONGEST_TEXT: usize = 500;
/// The longest sentence of an action and the longest label, in characters.
const LONGEST_LABEL: usize = 60;
/// Names that questions about a resource use for something else than an attribute.
pub const RESERVED: [&str; 2] = ["owner", "workspace"];

/// All of them, by name: for whoever may see roles, which are made of them.
pub async fn list<R: Realm>(ctx: &Ctx<R>) -> Result<Vec<StoredResourceType>> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    Ok(store::list(&mut tx).await?)
}

/// One of them.
pub async fn find<R: Realm>(ctx: &Ctx<R>, name: &ResourceType) -> Result<StoredResourceType> {
    list(ctx).await?.into_iter().find(|stored| stored.schema.name == *name).ok_or(Error::NotFound)
}

/// Registers a type.
pub async fn register(ctx: &OperatorCtx, schema: &ResourceSchema) -> Result<()> {
    let mut tx = ctx.write::<perm::PlatformTypesManage>().await?;
    store::change(&mut tx).await?;
    let others = store::list(&mut tx).await?;
    check(schema, &others)?;
    store::insert(&mut tx, schema, &ctx.identity().email).await.map_err(|error| match Error::from(error) {
        Error::Conflict(Conflict::NameTaken) => {
            FieldErrors::one("name", "There is a type of this name. Change that one.").into()
        }
        other => other,
    })?;
    let record = record(Action::ResourceTypeRegistered, schema).after("actions", actions_text(schema));
    Ok(tx.commit(record.after("attributes", attributes_text(schema))).await?)
}

/// Changes a type, for every organization with its next request. An action that a role names stays.
pub async fn change(ctx: &OperatorCtx, seen: i32, schema: &ResourceSchema) -> Result<()> {
    let mut tx = ctx.write::<perm::PlatformTypesManage>().await?;
    store::change(&mut tx).await?;
    let all = store::list(&mut tx).await?;
    let is_this = |stored: &&StoredResourceType| stored.schema.name == schema.name;
    let old = all.iter().find(is_this).ok_or(Error::NotFound)?.schema.clone();
    let others: Vec<_> = all.into_iter().filter(|stored| !is_this(&stored)).collect();
    check(schema, &others)?;
    let kept: HashSet<_> = schema.permissions().collect();
    let gone: Vec<String> =
        old.permissions().filter(|name| !kept.contains(name)).map(|name| name.to_string()).collect();
    nobody_names(store::mentions(&mut tx, &gone).await?, "actions", &gone.join(", "))?;
    if !store::update(&mut tx, schema, seen, &ctx.identity().email).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = record(Action::ResourceTypeChanged, schema)
        .change("label", &old.label, &schema.label)
        .change("description", &old.description, &schema.description)
        .change("actions", actions_text(&old), actions_text(schema))
        .change("attributes", attributes_text(&old), attributes_text(schema));
    Ok(tx.commit(record).await?)
}

/// Takes out a type that no role names.
pub async fn remove(ctx: &OperatorCtx, name: &ResourceType, seen: i32) -> Result<()> {
    let mut tx = ctx.write::<perm::PlatformTypesManage>().await?;
    store::change(&mut tx).await?;
    let all = store::list(&mut tx).await?;
    let old = all.into_iter().find(|stored| stored.schema.name == *name).ok_or(Error::NotFound)?.schema;
    let permissions: Vec<String> = old.permissions().map(|name| name.to_string()).collect();
    nobody_names(store::mentions(&mut tx, &permissions).await?, "type", name.as_str())?;
    if !store::delete(&mut tx, name, seen).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = record(Action::ResourceTypeRemoved, &old).change("actions", actions_text(&old), "");
    Ok(tx.commit(record.change("attributes", attributes_text(&old), "")).await?)
}

fn record(action: Action, schema: &ResourceSchema) -> Record {
    Record::new(action, TargetKind::ResourceType, &schema.name, &schema.label)
}

/// Refuses to take out what roles and conflicts of duties name: they would say something about nothing.
fn nobody_names(named: Mentions, field: &str, what: &str) -> Result<()> {
    let count =
        |many: i64, one: &str, several: &str| if many == 1 { one.to_owned() } else { format!("{many} {several}") };
    let roles = (named.roles > 0).then(|| (count(named.roles, "one role", "roles"), "roles"));
    let conflicts = count(named.conflicts, "one conflict of duties", "conflicts of duties");
    let conflicts = (named.conflicts > 0).then_some((conflicts, "conflicts"));
    let (by, from): (Vec<String>, Vec<&str>) = roles.into_iter().chain(conflicts).unzip();
    if by.is_empty() {
        return Ok(());
    }
    let (by, from) = (by.join(" and "), from.join(" and "));
    let orgs = count(named.orgs, "one organization", "organizations");
    let message = format!("{what} is named by {by} of {orgs}, so it stays. Take it out of these {from} first.");
    Err(FieldErrors::one(field, message).into())
}

fn check(schema: &ResourceSchema, others: &[StoredResourceType]) -> Result<()> {
    let mut errors = FieldErrors::new();
    if is_console(&schema.name) {
        errors.add("name", format!("{} is one of the console's own. Choose another name.", schema.name));
    }
    if others.len() >= MOST_TYPES {
        errors.add("name", format!("At most {MOST_TYPES} types can be registered."));
    }
    labelled(&mut errors, "label", "", &schema.label);
    described(&mut errors, "description", "", &schema.description);
    if schema.actions.is_empty() {
        errors.add("actions", "Name at least one action: without one there is nothing to allow.");
    }
    let actions = others.iter().map(|other| other.schema.actions.len()).sum::<usize>() + schema.actions.len();
    if actions > MOST_ACTIONS {
        errors.add("actions", format!("All types together have at most {MOST_ACTIONS} actions."));
    }
    twice(&mut errors, "actions", schema.actions.iter().map(|action| action.name.as_str()));
    twice(&mut errors, "attributes", schema.attributes.iter().map(|attribute| attribute.name.as_str()));
    for RegisteredAction { name, sentence, held_by, .. } in &schema.actions {
        labelled(&mut errors, "actions", &format!("{name}: "), sentence);
        let below = held_by.iter().any(|role| matches!(role, Role::User | Role::Viewer));
        if below && !held_by.contains(&Role::Manager) {
            errors.add("actions", format!("{name}: what users or viewers may, managers may as well."));
        }
    }
    if schema.attributes.len() > MOST_ATTRIBUTES {
        errors.add("attributes", format!("A type has at most {MOST_ATTRIBUTES} attributes."));
    }
    for RegisteredAttribute { name, description, .. } in &schema.attributes {
        described(&mut errors, "attributes", &format!("{name}: "), description);
        if RESERVED.contains(&name.as_str()) {
            errors.add("attributes", format!("{name} is asked for in a way of its own. Choose another name."));
        }
    }
    Ok(errors.finish(Some(()))?)
}

fn twice<'a>(errors: &mut FieldErrors, field: &str, names: impl Iterator<Item = &'a str>) {
    let mut known = HashSet::new();
    for name in names {
        if !known.insert(name) {
            errors.add(field, format!("{name} stands there twice."));
        }
    }
}

fn labelled(errors: &mut FieldErrors, field: &str, of: &str, text: &str) {
    if text.trim().is_empty() || text.chars().count() > LONGEST_LABEL {
        errors.add(field, format!("{of}Write 1 to {LONGEST_LABEL} characters."));
    }
    honest(errors, field, of, text);
}

fn described(errors: &mut FieldErrors, field: &str, of: &str, text: &str) {
    if text.chars().count() > LONGEST_TEXT {
        errors.add(field, format!("{of}At most {LONGEST_TEXT} characters."));
    }
    honest(errors, field, of, text);
}

fn honest(errors: &mut FieldErrors, field: &str, of: &str, text: &str) {
    if text.chars().any(is_deceptive) {
        errors.add(field, format!("{of}Contains invisible or control characters. Type it again instead of pasting."));
    }
}

/// As the audit log says it: one line an action.
fn actions_text(schema: &ResourceSchema) -> String {
    let line = |action: &RegisteredAction| {
        let held: Vec<&str> = action.held_by.iter().map(|role| role.label()).collect();
        let held = if held.is_empty() { "Admin".to_owned() } else { format!("Admin, {}", held.join(", ")) };
        let reason = if action.needs_reason { "; takes a reason" } else { "" };
        format!("{}: {} ({held}{reason})", action.name, action.sentence)
    };
    schema.actions.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn attributes_text(schema: &ResourceSchema) -> String {
    let line = |attribute: &RegisteredAttribute| format!("{}: {}", attribute.name, attribute.kind.label());
    schema.attributes.iter().map(line).collect::<Vec<_>>().join("\n")
}
