//! An organization's own roles: made, changed, deleted, given and taken back. No one gives, or writes into a role, more
//! than they hold at that moment; what is checked is checked after the organization's roles are locked.

mod cache;
mod names;

use crate::{Ctx, Error, Result};
use bulkhead_authz::{
    access::{self, Subject},
    graph::{GraphError, RoleGraph},
};
use bulkhead_db::{
    ReadTx, Realm, WriteTx,
    access::{self as store, NewRole, Of},
    audit::Record,
    users,
};
use bulkhead_model::{
    FieldErrors, Permission, RoleId, UserId,
    access::{Assigned, Effect, Grant, PermissionName, RoleDefinition, RoleVersion, StoredRole},
    audit::{Action, TargetKind},
    error::Conflict,
    perm,
    text::RoleName,
    user::{Role, UserStatus},
};
use time::OffsetDateTime;

pub(crate) use cache::Graphs;

/// What is typed about a role.
#[derive(Debug, Clone, Default)]
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

/// A role with everything about it.
#[derive(Debug)]
pub struct RoleDetail {
    /// The role.
    pub role: StoredRole,
    /// The organization's roles together, the built-in ones among them.
    pub graph: RoleGraph,
    /// Who holds it.
    pub holders: Vec<Assigned>,
    /// Every state it was saved in, the newest first.
    pub versions: Vec<RoleVersion>,
    /// The roles that inherit from it directly.
    pub heirs: Vec<StoredRole>,
}

/// The organization's own roles, by name.
pub async fn list<R: Realm>(ctx: &Ctx<R>) -> Result<Vec<StoredRole>> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    Ok(store::list(&mut tx).await?)
}

/// One of them.
pub async fn find(ctx: &Ctx, id: RoleId) -> Result<RoleDetail> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let all = store::list(&mut tx).await?;
    let graph = together(all.iter().map(|role| role.definition.clone()))?;
    let heirs = all.iter().filter(|role| role.definition.inherits.contains(&id)).cloned().collect();
    let role = all.into_iter().find(|role| role.definition.id == id).ok_or(Error::NotFound)?;
    let holders = store::assigned(&mut tx, Of::Role(id)).await?;
    Ok(RoleDetail { role, graph, holders, versions: store::versions(&mut tx, id).await?, heirs })
}

/// Makes a role.
pub async fn create(ctx: &Ctx, typed: &Typed) -> Result<RoleId> {
    let mut tx = ctx.write::<perm::RolesManage>().await?;
    store::lock(&mut tx).await?;
    let id: RoleId = ctx.app().new_id();
    let draft = checked(ctx, &mut tx, id, typed).await?;
    named(store::insert(&mut tx, &draft.saved(ctx)).await)?;
    let record = Record::new(Action::RoleCreated, TargetKind::Role, id, &draft.definition.name);
    tx.commit(record.after("grants", draft.grants_text()).after("inherits", draft.inherits_text())).await?;
    Ok(id)
}

/// Changes a role, for everybody who holds it, with the next request.
pub async fn change(ctx: &Ctx, id: RoleId, seen: i32, typed: &Typed) -> Result<()> {
    let mut tx = ctx.write::<perm::RolesManage>().await?;
    store::lock(&mut tx).await?;
    let old = store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if old.version != seen {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let draft = checked(ctx, &mut tx, id, typed).await?;
    if !named(store::update(&mut tx, seen, &draft.saved(ctx)).await)? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    somebody_can_act(&mut tx).await?;
    let before = Draft::of(&old, &draft);
    let record = Record::new(Action::RoleEdited, TargetKind::Role, id, &draft.definition.name)
        .change("name", &old.definition.name, &draft.definition.name)
        .change("grants", before.grants_text(), draft.grants_text())
        .change("inherits", before.inherits_text(), draft.inherits_text())
        .after("reason", &draft.reason);
    Ok(tx.commit(record).await?)
}

/// Deletes a role. Who holds it loses it; a role that others inherit from stays.
pub async fn delete(ctx: &Ctx, id: RoleId, seen: i32) -> Result<()> {
    let mut tx = ctx.write::<perm::RolesManage>().await?;
    store::lock(&mut tx).await?;
    let all = store::list(&mut tx).await?;
    let old = all.iter().find(|role| role.definition.id == id).ok_or(Error::NotFound)?;
    if let Some(heir) = all.iter().find(|role| role.definition.inherits.contains(&id)) {
        let message = format!("{} inherits from it. Take it out of that role first.", heir.definition.name);
        return Err(FieldErrors::one("role", message).into());
    }
    let holders = store::assigned(&mut tx, Of::Role(id)).await?;
    if !store::delete(&mut tx, id, seen).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = Record::new(Action::RoleDeleted, TargetKind::Role, id, &old.definition.name);
    let names: Vec<&str> = holders.iter().map(|holder| holder.user_email.as_str()).collect();
    Ok(tx.commit(record.change("holders", names.join(", "), "")).await?)
}

/// What somebody holds beside their built-in role.
pub async fn held(ctx: &Ctx, user: UserId) -> Result<Vec<Assigned>> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    Ok(store::assigned(&mut tx, Of::User(user)).await?)
}

/// From when until when somebody holds a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// At once where none is given.
    pub from: Option<OffsetDateTime>,
    /// Without end where none is given.
    pub until: Option<OffsetDateTime>,
}

/// Gives a role to somebody, or changes the time for which they hold it.
pub async fn assign(ctx: &Ctx, user: UserId, role: RoleId, period: Period) -> Result<()> {
    let mut tx = ctx.write::<perm::UsersUpdate>().await?;
    store::lock(&mut tx).await?;
    if period.until.is_some_and(|until| until <= tx.now() || period.from.is_some_and(|from| from >= until)) {
        return Err(FieldErrors::one("until", "The end is after the beginning, and not over yet.").into());
    }
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    if person.status == UserStatus::Removed {
        return Err(Error::Conflict(Conflict::WrongStatus));
    }
    let graph = together(store::definitions(&mut tx).await?)?;
    let name = graph.name(role).filter(|_| access::built_in(role).is_none()).ok_or(Error::NotFound)?.to_owned();
    // Who touches somebody holds what they hold: nobody arranges what stands above them.
    let subject = again(ctx, &graph);
    let beyond = subject.cannot_give(&graph, role, period.until);
    if !beyond.is_empty() || !subject.cannot_give(&graph, access::role_id(person.role), None).is_empty() {
        drop(tx);
        return Err(beyond_own(ctx, &name, &beyond).await);
    }
    let id = ctx.app().new_id();
    store::assign(&mut tx, (id, user, role), (period.from, period.until), &ctx.identity().email).await?;
    somebody_can_act(&mut tx).await?;
    let moment = |at: Option<OffsetDateTime>| at.map(|at| at.to_string()).unwrap_or_default();
    let record = Record::new(Action::RoleAssigned, TargetKind::User, user, &person.email)
        .after("role", &name)
        .after("from", moment(period.from))
        .after("until", moment(period.until));
    Ok(tx.commit(record).await?)
}

/// Takes a role from somebody. What is taken need not be held: it can only make less possible, or end a denial, which
/// only somebody may who holds what was denied.
pub async fn unassign(ctx: &Ctx, user: UserId, role: RoleId) -> Result<()> {
    let mut tx = ctx.write::<perm::UsersUpdate>().await?;
    store::lock(&mut tx).await?;
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let graph = together(store::definitions(&mut tx).await?)?;
    let name = graph.name(role).ok_or(Error::NotFound)?.to_owned();
    let subject = again(ctx, &graph);
    let denied = graph.denied(role).into_iter().filter(|denied| !subject.holds(denied, None)).cloned().collect::<Vec<_>>();
    if !denied.is_empty() || !subject.cannot_give(&graph, access::role_id(person.role), None).is_empty() {
        drop(tx);
        return Err(beyond_own(ctx, &name, &denied).await);
    }
    if !store::unassign(&mut tx, user, role).await? {
        return Err(Error::NotFound);
    }
    somebody_can_act(&mut tx).await?;
    let record = Record::new(Action::RoleUnassigned, TargetKind::User, user, &person.email);
    Ok(tx.commit(record.change("role", name, "")).await?)
}

/// A role that may be saved.
struct Draft {
    definition: RoleDefinition,
    name_key: String,
    description: String,
    reason: String,
    /// What the parents are called, for the audit log.
    parents: Vec<String>,
}

impl Draft {
    fn saved<'a>(&'a self, ctx: &'a Ctx) -> NewRole<'a> {
        NewRole {
            definition: &self.definition,
            name_key: &self.name_key,
            description: &self.description,
            reason: &self.reason,
            by: &ctx.identity().email,
        }
    }

    fn of(old: &StoredRole, now: &Self) -> Self {
        Self {
            definition: old.definition.clone(),
            name_key: now.name_key.clone(),
            description: old.description.clone(),
            reason: String::new(),
            parents: old.definition.inherits.iter().map(ToString::to_string).collect(),
        }
    }

    /// One line a grant, as people read them.
    fn grants_text(&self) -> String {
        let line = |grant: &Grant| {
            let verb = if grant.effect == Effect::Allow { "allow" } else { "deny" };
            format!("{verb} {} {}", grant.permission, grant.when)
        };
        self.definition.grants.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn inherits_text(&self) -> String {
        self.parents.join(", ")
    }
}

/// What was typed, if it may be saved: it reads, it stands together with the other roles, and its author holds all that
/// it allows.
async fn checked(ctx: &Ctx, tx: &mut WriteTx, id: RoleId, typed: &Typed) -> Result<Draft> {
    let mut errors = FieldErrors::new();
    let name = errors.keep("name", RoleName::parse(&typed.name));
    let name_key = name.as_ref().map(|name| names::key(name.as_str())).unwrap_or_default();
    if name.is_some() && names::is_built_in(&name_key) {
        errors.add("name", "This looks like the name of a built-in role. Choose another one.");
    }
    if typed.description.chars().count() > 500 || typed.reason.chars().count() > 500 {
        errors.add("description", "Description and reason have at most 500 characters each.");
    }
    let platform = ctx.identity().org_kind == bulkhead_model::org::OrgKind::Platform;
    for grant in &typed.grants {
        let name = &grant.permission;
        if name.is_platform() && !platform {
            errors.add("grants", format!("{name} exists for operators of the platform only."));
        } else if !Permission::ALL.iter().any(|known| PermissionName::from(*known) == *name) {
            errors.add("grants", format!("There is no permission {name}."));
        }
    }
    let name = errors.finish(name)?;
    let definition = RoleDefinition {
        id,
        name: name.as_str().to_owned(),
        inherits: typed.inherits.clone(),
        grants: typed.grants.clone(),
    };
    let others = store::definitions(tx).await?.into_iter().filter(|other| other.id != id);
    let graph = together(others.chain([definition.clone()]))?;
    let beyond = again(ctx, &graph).cannot_give(&graph, id, None);
    if !beyond.is_empty() {
        return Err(FieldErrors::one("grants", lacking(&beyond)).into());
    }
    let parents = definition.inherits.iter().filter_map(|parent| graph.name(*parent)).map(str::to_owned).collect();
    Ok(Draft {
        definition,
        name_key,
        description: typed.description.trim().to_owned(),
        reason: typed.reason.trim().to_owned(),
        parents,
    })
}

/// Who asks, by the roles as they are behind the lock: what the request began with may be older.
fn again(ctx: &Ctx, _graph: &RoleGraph) -> Subject {
    ctx.subject().clone()
}

/// Which permissions somebody would need, as a sentence.
fn lacking(missing: &[PermissionName]) -> String {
    let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
    format!("You do not hold {} yourself, so you cannot give it.", names.join(", "))
}

/// Refuses, and writes it down, in a transaction of its own.
async fn beyond_own(ctx: &Ctx, role: &str, missing: &[PermissionName]) -> Error {
    let permission = Permission::UsersUpdate;
    let record = Record::new(Action::AccessDenied, TargetKind::Page, permission, permission.sentence())
        .outcome(bulkhead_model::audit::Outcome::Denied)
        .reason("beyond_own_role")
        .after("role", role)
        .after("lacking", lacking(missing));
    ctx.deny(record).await.err().unwrap_or(Error::BeyondOwnRole)
}

/// The organization's roles together with the built-in ones. Stored ones always stand together.
fn together(own: impl IntoIterator<Item = RoleDefinition>) -> Result<RoleGraph> {
    access::graph(own).map_err(|error| match error {
        GraphError::Cycle(_) | GraphError::TooDeep { .. } => FieldErrors::one("inherits", error).into(),
        GraphError::TooMany => Error::Conflict(Conflict::QuotaReached),
        GraphError::UnknownParent { .. } | GraphError::Twice => Error::NotFound,
    })
}

fn named<T>(saved: bulkhead_db::Result<T>) -> Result<T> {
    saved.map_err(|error| match Error::from(error) {
        Error::Conflict(Conflict::NameTaken) => {
            FieldErrors::one("name", "Another role has this name, or one that looks the same.").into()
        }
        other => other,
    })
}

/// Refuses what would leave nobody who can do all that an admin can: a role that denies can take from an admin what
/// nobody could give back.
async fn somebody_can_act<R: Realm>(tx: &mut ReadTx<R>) -> Result<()> {
    let graph = together(store::definitions(tx).await?)?;
    let admins = store::admins(tx).await?;
    let everything = access::definition(Role::Admin);
    let acts = |roles: &[RoleId]| {
        let denied = |grant: &Grant| roles.iter().any(|role| graph.denied(*role).contains(&&grant.permission));
        !everything.grants.iter().any(denied)
    };
    if admins.iter().any(|roles| acts(roles)) { Ok(()) } else { Err(Error::Conflict(Conflict::LastAdmin)) }
}
