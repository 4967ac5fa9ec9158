//! An organization's own roles: seen, made, changed and deleted. No one writes into a role more than they hold at that
//! moment; what is checked is checked behind the organization's lock.
//!
//! Who holds a role is [`assign`]'s, what somebody may do and why [`answers`]'.

mod answers;
mod ask;
mod assign;
mod cache;
mod clocks;
mod danger;
mod difference;
mod many;
pub(crate) mod names;
mod preview;
mod records;
mod replay;
mod rights;
mod rules;
pub(crate) mod separation;
pub(crate) mod trace;

pub use answers::{Able, Answer, Supposed, Why, permissions, who_can, why};
pub use ask::{
    Asked, Decision, FoundResource, Given, KEPT_HERE, LONGEST_TEXT as LONGEST_ATTRIBUTE, MOST_ATTRIBUTES,
    MOST_QUESTIONS, Searched, Until, actions, decide, resources, subjects,
};
pub use assign::{HolderList, assign, held, holders, unassign};
pub use bulkhead_authz::reach::Reach;
pub(crate) use cache::Graphs;
pub use clocks::WallClocks;
pub use danger::newly_dangerous;
pub use difference::Difference;
pub use many::{Bulk, Line, MOST_PEOPLE, Order, People, Promise, Who, carry_out, look};
pub use preview::{Preview, Shift, preview};
pub use records::{Record as DecisionRecord, RecordList, count_records, record, records};
pub use replay::{Replay, Turn};
pub(crate) use rights::{
    Rights, catalogue, known_subject, moment, of_inviter, of_session, of_standing, reaching_for, refuse,
    somebody_can_act,
};
pub use rules::{Cannot, Deed, Outcome, Period};
pub use separation::Clash;
pub use trace::{Changes, Then, Trace};

use crate::{Ctx, Error, Result};
use bulkhead_authz::{
    access::{Roles, Subject, built_in},
    catalogue::Catalogue,
    graph::RoleGraph,
};
use bulkhead_db::{
    ReadTx,
    access::{self as store, NewRole, Of},
    audit::Record,
};
use bulkhead_model::{
    FieldErrors, RoleId, RoleName,
    access::{Assigned, DailyHours, Effect, Grant, PermissionName, RoleDefinition, RoleVersion, StoredRole, Test},
    audit::{Action, TargetKind},
    error::Conflict,
    org::OrgKind,
    perm,
    user::Role,
};
use std::{collections::HashSet, sync::Arc};

/// What is typed about a role.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Typed {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The roles it inherits from.
    pub inherits: Vec<RoleId>,
    /// What it allows and denies itself.
    pub grants: Vec<Grant>,
    /// Why it is saved.
    pub reason: String,
}

/// The longest description and reason, in characters.
const LONGEST_TEXT: usize = 500;
/// Roles that one role inherits from directly, at most.
const MOST_PARENTS: usize = 32;
/// The last minute of a day.
const LAST_MINUTE: u16 = 24 * 60 - 1;
/// Lines of one role, at most.
const MOST_GRANTS: usize = 500;
/// What the lines of one role come to as JSON, in bytes. The table takes twice as much: it writes more spaces.
const LARGEST_GRANTS: usize = 131_072;

/// The roles of an organization.
#[derive(Debug)]
pub struct RoleList {
    /// Its own, by name.
    pub own: Vec<StoredRole>,
    /// How many active users have each built-in role.
    pub built_in: Vec<(Role, i64)>,
    /// All of them together.
    pub roles: Arc<Roles>,
}

impl RoleList {
    /// What somebody may do, of all that there is and not of the console's permissions alone.
    #[must_use]
    pub fn rights_of(&self, ctx: &Ctx) -> Subject {
        ctx.subject().among(Arc::clone(&self.roles))
    }

    /// How far a role of the list reaches by itself about a permission.
    #[must_use]
    pub fn reach(&self, role: RoleId, permission: &PermissionName) -> Reach {
        self.roles.reach(role, permission)
    }
}

/// The organization's roles.
pub async fn list(ctx: &Ctx) -> Result<RoleList> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let own = store::list(&mut tx).await?;
    let roles = Arc::new(stored(&mut tx, &own).await?);
    Ok(RoleList { own, built_in: store::count_by_role(&mut tx).await?, roles })
}

/// A role with everything about it.
#[derive(Debug)]
pub struct RoleDetail {
    /// What it says.
    pub definition: RoleDefinition,
    /// What is kept about it; nothing about a built-in one.
    pub stored: Option<StoredRole>,
    /// The organization's roles together, the built-in ones among them.
    pub roles: Roles,
    /// Every state it was saved in, the newest first.
    pub versions: Vec<RoleVersion>,
    /// The roles that inherit from it directly.
    pub heirs: Vec<RoleDefinition>,
}

impl RoleDetail {
    /// The built-in role, where it is one.
    #[must_use]
    pub fn built_in(&self) -> Option<Role> {
        built_in(self.definition.id)
    }
}

/// One role.
pub async fn find(ctx: &Ctx, id: RoleId) -> Result<RoleDetail> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let all = store::list(&mut tx).await?;
    let roles = stored(&mut tx, &all).await?;
    let is_heir = |role: &&StoredRole| role.definition.inherits.contains(&id);
    let heirs = all.iter().filter(is_heir).map(|role| role.definition.clone()).collect();
    if let Some(role) = built_in(id) {
        let (definition, versions) = (roles.catalogue().definition(role), Vec::new());
        return Ok(RoleDetail { definition, stored: None, roles, versions, heirs });
    }
    let role = all.into_iter().find(|role| role.definition.id == id).ok_or(Error::NotFound)?;
    let versions = store::versions(&mut tx, id).await?;
    Ok(RoleDetail { definition: role.definition.clone(), stored: Some(role), roles, versions, heirs })
}

/// Makes a role.
pub async fn create(ctx: &Ctx, typed: &Typed) -> Result<RoleId> {
    let (rights, mut tx) = Rights::locked::<perm::RolesManage>(ctx).await?;
    let id: RoleId = ctx.app().new_id();
    let (draft, after) = Draft::read(ctx, &mut tx, id, typed).await?;
    may_shape(&rights, &after, id)?;
    danger::must_say_why(ctx, rights.roles(), &after, id, &draft.reason)?;
    let clashes = separation::of_role(&mut tx, rights.roles(), &after, id).await?;
    separation::settle(&clashes, &draft.reason)?;
    named(store::insert(&mut tx, &draft.saved(ctx)).await)?;
    store::changed(&mut tx).await?;
    let record = Record::new(Action::RoleCreated, TargetKind::Role, id, &draft.definition.name)
        .after("allows and denies", grants_text(&draft.definition))
        .after("inherits from", parents_text(&draft.definition, &after));
    tx.commit(because(separation::noted(record, &clashes), &draft.reason)).await?;
    Ok(id)
}

/// Changes a role, for everybody who holds it, with their next request.
pub async fn change(ctx: &Ctx, id: RoleId, seen: i32, typed: &Typed) -> Result<()> {
    let (rights, mut tx) = Rights::locked::<perm::RolesManage>(ctx).await?;
    let old = store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if old.version != seen {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let (draft, after) = Draft::read(ctx, &mut tx, id, typed).await?;
    may_shape(&rights, &after, id)?;
    danger::must_say_why(ctx, rights.roles(), &after, id, &draft.reason)?;
    let clashes = separation::of_role(&mut tx, rights.roles(), &after, id).await?;
    separation::settle(&clashes, &draft.reason)?;
    if !named(store::update(&mut tx, seen, &draft.saved(ctx)).await)? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    somebody_can_act(&mut tx, &after).await?;
    store::changed(&mut tx).await?;
    let (before, now) = (&old.definition, &draft.definition);
    let record = Record::new(Action::RoleEdited, TargetKind::Role, id, &now.name)
        .change("name", &before.name, &now.name)
        .change("description", &old.description, &draft.description)
        .change("allows and denies", grants_text(before), grants_text(now))
        .change("inherits from", parents_text(before, rights.roles()), parents_text(now, &after));
    Ok(tx.commit(because(separation::noted(record, &clashes), &draft.reason)).await?)
}

/// Deletes a role. Who holds it loses it; one that others inherit from stays.
pub async fn delete(ctx: &Ctx, id: RoleId, seen: i32, reason: &str) -> Result<()> {
    let (rights, mut tx) = Rights::locked::<perm::RolesManage>(ctx).await?;
    let all = store::list(&mut tx).await?;
    let old = all.iter().find(|role| role.definition.id == id).ok_or(Error::NotFound)?;
    if let Some(heir) = all.iter().find(|role| role.definition.inherits.contains(&id)) {
        let message = format!("{} inherits from it. Take it out of that role first.", heir.definition.name);
        return Err(FieldErrors::one("role", message).into());
    }
    may_shape(&rights, &RoleGraph::default(), id)?;
    let holders = store::assigned(&mut tx, Of::Role(id)).await?;
    let left = all.iter().filter(|role| role.definition.id != id).map(|role| role.definition.clone());
    let after = Arc::new(rights::together(Arc::clone(rights.roles().catalogue()), left)?);
    let clashes = separation::of_role(&mut tx, rights.roles(), &after, id).await?;
    let reason = reason.trim();
    separation::settle_with(&clashes, reason)?;
    if !store::delete(&mut tx, id, seen).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    store::changed(&mut tx).await?;
    let holder = |held: &Assigned| match &held.workspace {
        Some(workspace) => format!("{} in {}", held.user_email, workspace.name),
        None => held.user_email.clone(),
    };
    let holders: Vec<String> = holders.iter().map(holder).collect();
    let record = Record::new(Action::RoleDeleted, TargetKind::Role, id, &old.definition.name)
        .change("allows and denies", grants_text(&old.definition), "")
        .change("held by", holders.join(", "), "");
    Ok(tx.commit(because(separation::noted(record, &clashes), reason)).await?)
}

/// Refuses a change of a role beyond what its author holds: all that it allowed and denied, and all that it will allow.
/// Denials count, because taking one away gives something back.
fn may_shape(rights: &Rights, after: &RoleGraph, id: RoleId) -> Result<()> {
    may_shape_as(rights.subject(), rights.roles(), after, id)
}

fn may_shape_as(author: &Subject, before: &RoleGraph, after: &RoleGraph, id: RoleId) -> Result<()> {
    let concerned = before.allowed(id).into_iter().chain(before.denied(id)).chain(after.allowed(id));
    let concerned: HashSet<&PermissionName> = concerned.collect();
    // Wherever it is held, so organization-wide.
    let mut lacking = author.lacks(concerned, None, None);
    if lacking.is_empty() {
        return Ok(());
    }
    lacking.sort();
    let names: Vec<String> = lacking.iter().map(ToString::to_string).collect();
    let message = format!(
        "You do not hold {} yourself, always and without an end, so you can neither give it nor change a role that has it.",
        names.join(", ")
    );
    Err(FieldErrors::one("grants", message).into())
}

/// Refuses a text of several lines that is too long, or that hides something.
pub(crate) fn check_text(errors: &mut FieldErrors, field: &str, text: &str) {
    if text.chars().count() > LONGEST_TEXT {
        errors.add(field, format!("At most {LONGEST_TEXT} characters."));
    } else if text.chars().any(|letter| letter != '\n' && letter != '\r' && bulkhead_model::text::is_deceptive(letter))
    {
        errors.add(field, "Contains invisible or control characters. Type it again instead of pasting.");
    }
}

/// A role that reads well and stands together with the others. Whether its author may save it is asked elsewhere.
struct Draft {
    definition: RoleDefinition,
    name_key: String,
    description: String,
    reason: String,
}

impl Draft {
    /// Reads what was typed, and puts it together with the other roles.
    async fn read(ctx: &Ctx, tx: &mut ReadTx, id: RoleId, typed: &Typed) -> Result<(Self, Arc<Roles>)> {
        let mut errors = FieldErrors::new();
        let name = errors.keep("name", RoleName::parse(&typed.name));
        let name_key = name.as_ref().map(|name| names::key(name.as_str())).unwrap_or_default();
        if name.is_some() && names::is_built_in(&name_key) {
            errors.add("name", "This looks like the name of a built-in role. Choose another one.");
        }
        for (field, text) in [("description", &typed.description), ("reason", &typed.reason)] {
            check_text(&mut errors, field, text);
        }
        if typed.inherits.len() > MOST_PARENTS {
            errors.add("inherits", format!("A role inherits from at most {MOST_PARENTS} roles."));
        }
        let size = serde_json::to_vec(&typed.grants).map_or(usize::MAX, |text| text.len());
        if typed.grants.len() > MOST_GRANTS || size > LARGEST_GRANTS {
            errors.add("grants", format!("A role has at most {MOST_GRANTS} lines, and {LARGEST_GRANTS} bytes in all."));
        }
        let platform = ctx.identity().org_kind == OrgKind::Platform;
        let catalogue = rights::catalogue(tx).await?;
        for grant in &typed.grants {
            let name = &grant.permission;
            if name.is_platform() && !platform {
                errors.add("grants", format!("{name} exists for operators of the platform only."));
            } else if catalogue.find(name).is_none() {
                errors.add("grants", format!("There is no permission {name}."));
            }
            for problem in attribute_problems(&catalogue, grant) {
                errors.add("grants", problem);
            }
            for hours in hours(grant) {
                if !clocks::is_zone(&hours.zone) {
                    errors
                        .add("grants", format!("There is no time zone {}. Write one like Europe/Berlin.", hours.zone));
                }
                if hours.from.max(hours.until) > LAST_MINUTE {
                    errors.add("grants", "Hours are minutes of the day, from 0 to 1439.");
                }
            }
        }
        let name = errors.finish(name)?;
        let mut inherits = typed.inherits.clone();
        inherits.sort();
        inherits.dedup();
        let definition = RoleDefinition { id, name: name.as_str().to_owned(), inherits, grants: typed.grants.clone() };
        let others = store::definitions(tx).await?.into_iter().filter(|other| other.id != id);
        let roles = Arc::new(rights::together(catalogue, others.chain([definition.clone()]))?);
        let (description, reason) = (typed.description.trim().to_owned(), typed.reason.trim().to_owned());
        Ok((Self { definition, name_key, description, reason }, roles))
    }

    fn saved<'a>(&'a self, ctx: &'a Ctx) -> NewRole<'a> {
        NewRole {
            definition: &self.definition,
            name_key: &self.name_key,
            description: &self.description,
            reason: &self.reason,
            by: &ctx.identity().email,
        }
    }
}

/// The hours that a grant's condition names.
fn hours(grant: &Grant) -> impl Iterator<Item = &DailyHours> {
    grant.when.any.iter().flat_map(|group| &group.tests).filter_map(|test| match test {
        Test::Hours(hours) => Some(hours),
        _ => None,
    })
}

/// What a grant's condition asks of attributes that nobody registered, or with values of another kind: it could never hold.
fn attribute_problems(catalogue: &Catalogue, grant: &Grant) -> Vec<String> {
    let of = &grant.permission.resource;
    let problem = |test: &Test| {
        let Test::Attribute { name, values, .. } = test else { return None };
        match catalogue.attribute(of, name) {
            None => Some(format!("{of} have no attribute {name}.")),
            Some(kind) if values.iter().all(|value| kind.fits(value)) => None,
            Some(kind) => Some(format!("The attribute {name} of {of} is {}.", kind.label())),
        }
    };
    grant.when.any.iter().flat_map(|group| &group.tests).filter_map(problem).collect()
}

/// One line a grant, as people read them.
pub(crate) fn grants_text(definition: &RoleDefinition) -> String {
    let line = |grant: &Grant| match grant.effect {
        Effect::Allow => format!("allow {} {}", grant.permission, grant.when),
        Effect::Deny => format!("deny {} {}", grant.permission, grant.when),
    };
    definition.grants.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn parents_text(definition: &RoleDefinition, graph: &RoleGraph) -> String {
    let names: Vec<&str> = definition.inherits.iter().filter_map(|parent| graph.name(*parent)).collect();
    names.join(", ")
}

/// The record with why, where somebody said so.
pub(crate) fn because(record: Record, reason: &str) -> Record {
    if reason.is_empty() { record } else { record.reason(reason) }
}

/// Roles that are stored, together. They stood together when they were saved.
pub(crate) async fn stored(tx: &mut ReadTx, own: &[StoredRole]) -> Result<Roles> {
    let definitions = own.iter().map(|role| role.definition.clone());
    Roles::new(rights::catalogue(tx).await?, definitions).map_err(|error| Error::Internal(Box::new(error)))
}

fn named<T>(saved: bulkhead_db::Result<T>) -> Result<T> {
    saved.map_err(|error| match Error::from(error) {
        Error::Conflict(Conflict::NameTaken) => {
            FieldErrors::one("name", "Another role has this name, or one that looks the same.").into()
        }
        other => other,
    })
}
