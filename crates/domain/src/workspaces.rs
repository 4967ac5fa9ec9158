//! Workspaces: parts of an organization in which people work together, and in which roles can count.
//!
//! Archiving one takes away the roles that are held there, bringing it back gives them back; so both ask what giving and
//! taking a role asks. Who is in a workspace is [`members`]'.

mod members;

pub use members::{MemberList, add_by_address, add_member, member, members, of_user, remove_member};

use crate::{
    Ctx, Error, Result,
    access::{self, Rights, names, separation},
};
use bulkhead_authz::{
    access::{Roles, Subject},
    graph::RoleGraph,
};
use bulkhead_db::{
    ReadTx, WriteTx, access as held,
    audit::Record,
    workspaces::{self as store, NewWorkspace},
};
use bulkhead_model::{
    FieldErrors, Permission, RoleId, WorkspaceId, WorkspaceName,
    access::{Assigned, PermissionName},
    audit::{Action, TargetKind},
    error::Conflict,
    perm,
    workspace::{Member, Places, Workspace, WorkspaceStatus},
};
use std::{collections::BTreeSet, sync::Arc};
use time::OffsetDateTime;

/// The most an organization has, archived ones included: the list is one page.
pub const MOST: i64 = 200;

/// What is typed about a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// A role that is held in a workspace until then, and by how many.
type Held = (RoleId, Option<OffsetDateTime>, i64);

/// A workspace, and what is held in it. Who is in it is listed a page at a time.
#[derive(Debug)]
pub struct WorkspaceDetail {
    /// The workspace.
    pub workspace: Workspace,
    held: Vec<Held>,
    /// The organization's roles.
    graph: Arc<Roles>,
}

impl WorkspaceDetail {
    /// What somebody may do, of all that there is and not of the console's permissions alone.
    #[must_use]
    pub fn rights_of(&self, ctx: &Ctx) -> Subject {
        ctx.subject().among(Arc::clone(&self.graph))
    }

    /// How many roles are held in it.
    #[must_use]
    pub fn roles(&self) -> i64 {
        count(&self.held)
    }

    /// Whether somebody may take a member out, by the roles held in it: what these deny is given back.
    #[must_use]
    pub fn may_remove(&self, by: &Subject, member: &Member, now: OffsetDateTime) -> bool {
        lacks_to_take(by, &self.graph, self.workspace.id, &held_by(&member.roles), now).is_empty()
    }

    /// Whether somebody may archive it, or bring it back where it is archived.
    #[must_use]
    pub fn may_change_status(&self, by: &Subject, now: OffsetDateTime) -> bool {
        let lacks: Lacks = match self.workspace.status {
            WorkspaceStatus::Active => lacks_to_take,
            WorkspaceStatus::Archived => lacks_to_give,
        };
        lacks(by, &self.graph, self.workspace.id, &self.held, now).is_empty()
    }
}

/// The organization's workspaces: those in use first, by name.
pub async fn list(ctx: &Ctx) -> Result<Vec<Workspace>> {
    let mut tx = ctx.read::<perm::WorkspacesRead>().await?;
    Ok(store::list(&mut tx).await?)
}

/// What the organization's workspaces are called, as far as whoever asks may see them.
pub async fn places(ctx: &Ctx) -> Result<Places> {
    if !ctx.may(Permission::WorkspacesRead) {
        return Ok(Places::Hidden);
    }
    Ok(known(list(ctx).await?))
}

fn known(all: Vec<Workspace>) -> Places {
    Places::Known(all.into_iter().map(|workspace| (workspace.id, workspace.name)).collect())
}

/// The same for telling what roles say; nothing is read where no role names a workspace.
pub async fn places_of(ctx: &Ctx, graph: &RoleGraph) -> Result<Places> {
    match graph.names_workspaces() {
        true => places(ctx).await,
        false => Ok(Places::Hidden),
    }
}

/// The same within a transaction that is open already.
pub(crate) async fn places_within(ctx: &Ctx, tx: &mut ReadTx, graph: &RoleGraph) -> Result<Places> {
    match graph.names_workspaces() && ctx.may(Permission::WorkspacesRead) {
        true => Ok(known(store::list(tx).await?)),
        false => Ok(Places::Hidden),
    }
}

/// One workspace.
pub async fn find(ctx: &Ctx, id: WorkspaceId) -> Result<WorkspaceDetail> {
    let mut tx = ctx.read::<perm::WorkspacesRead>().await?;
    let workspace = store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let held = held::held_within(&mut tx, id).await?;
    let own = held::list(&mut tx).await?;
    let graph = Arc::new(access::stored(&mut tx, &own).await?);
    Ok(WorkspaceDetail { workspace, held, graph })
}

/// Makes a workspace. Nobody is in it yet.
pub async fn create(ctx: &Ctx, typed: &Typed) -> Result<WorkspaceId> {
    let (_, mut tx) = Rights::locked::<perm::WorkspacesManage>(ctx).await?;
    let draft = Draft::read(typed)?;
    if store::count(&mut tx).await? >= MOST {
        let message =
            format!("An organization has at most {MOST} workspaces. Rename an archived one and bring it back.");
        return Err(FieldErrors::one("name", message).into());
    }
    let id: WorkspaceId = ctx.app().new_id();
    named(store::insert(&mut tx, id, draft.saved()).await)?;
    let record = Record::new(Action::WorkspaceCreated, TargetKind::Workspace, id, draft.name.as_str())
        .after("description", &draft.description);
    tx.commit(record).await?;
    Ok(id)
}

/// Renames or describes a workspace, an archived one as well.
pub async fn change(ctx: &Ctx, id: WorkspaceId, seen: i32, typed: &Typed) -> Result<()> {
    let mut tx = ctx.write::<perm::WorkspacesManage>().await?;
    let old = seen_as(&mut tx, id, seen).await?;
    let draft = Draft::read(typed)?;
    if old.name == draft.name.as_str() && old.description == draft.description {
        return Ok(());
    }
    if !named(store::update(&mut tx, id, seen, draft.saved()).await)? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = Record::new(Action::WorkspaceChanged, TargetKind::Workspace, id, draft.name.as_str())
        .change("name", &old.name, &draft.name)
        .change("description", &old.description, &draft.description);
    Ok(tx.commit(record).await?)
}

/// Archives a workspace: members and their roles are kept, and the roles do not count any more. What a role denies there is
/// given back by that, so it must be held.
pub async fn archive(ctx: &Ctx, id: WorkspaceId, seen: i32) -> Result<()> {
    let to = WorkspaceStatus::Archived;
    set_status(ctx, (id, seen), to, (Action::WorkspaceArchived, ""), lacks_to_take).await
}

/// Brings an archived workspace back, with the roles that are held in it. What they allow is given by that, so it must be
/// held; where somebody would newly hold duties that exclude each other by it, it takes a reason.
pub async fn restore(ctx: &Ctx, id: WorkspaceId, seen: i32, reason: &str) -> Result<()> {
    let to = WorkspaceStatus::Active;
    set_status(ctx, (id, seen), to, (Action::WorkspaceRestored, reason.trim()), lacks_to_give).await
}

/// What somebody lacks for what becomes of these roles.
type Lacks = fn(&Subject, &RoleGraph, WorkspaceId, &[Held], OffsetDateTime) -> Vec<PermissionName>;

async fn set_status(
    ctx: &Ctx,
    (id, seen): (WorkspaceId, i32),
    to: WorkspaceStatus,
    (action, reason): (Action, &str),
    lacks: Lacks,
) -> Result<()> {
    let (rights, mut tx) = Rights::locked::<perm::WorkspacesManage>(ctx).await?;
    let old = seen_as(&mut tx, id, seen).await?;
    if old.status == to {
        return Err(Error::Conflict(Conflict::WrongStatus));
    }
    let roles = held::held_within(&mut tx, id).await?;
    let lacking = lacks(rights.subject(), rights.roles(), id, &roles, tx.now());
    if !lacking.is_empty() {
        let record = access::reaching_for(TargetKind::Workspace, id, &old.name).after("status", to);
        return Err(access::refuse(ctx, tx, record, &lacking).await);
    }
    let clashes = match to {
        WorkspaceStatus::Active => separation::of_restoring(&mut tx, &rights, id).await?,
        WorkspaceStatus::Archived => Vec::new(),
    };
    separation::settle_with(&clashes, reason)?;
    if !store::set_status(&mut tx, id, seen, to).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = Record::new(action, TargetKind::Workspace, id, &old.name)
        .change("status", old.status, to)
        .after("members", old.members)
        .after("roles held in it", count(&roles));
    Ok(tx.commit(access::because(separation::noted(record, &clashes), reason)).await?)
}

/// What somebody lacks to take these roles away: what they deny is given back.
fn lacks_to_take(
    by: &Subject,
    graph: &RoleGraph,
    within: WorkspaceId,
    roles: &[Held],
    now: OffsetDateTime,
) -> Vec<PermissionName> {
    let counting: BTreeSet<RoleId> = counting(roles, now).map(|(role, ..)| *role).collect();
    sorted(counting.into_iter().flat_map(|role| by.lacks(graph.denied(role), None, Some(within))))
}

/// What somebody lacks to give these roles, for as long as they are held.
fn lacks_to_give(
    by: &Subject,
    graph: &RoleGraph,
    within: WorkspaceId,
    roles: &[Held],
    now: OffsetDateTime,
) -> Vec<PermissionName> {
    let lacks = |(role, until, _): &Held| by.lacks(graph.allowed(*role), *until, Some(within));
    sorted(counting(roles, now).flat_map(lacks))
}

/// Those that are not over.
fn counting(roles: &[Held], now: OffsetDateTime) -> impl Iterator<Item = &Held> {
    roles.iter().filter(move |(_, until, _)| until.is_none_or(|until| until > now))
}

fn count(roles: &[Held]) -> i64 {
    roles.iter().map(|(.., count)| count).sum()
}

fn held_by(roles: &[Assigned]) -> Vec<Held> {
    roles.iter().map(|held| (held.role, held.until, 1)).collect()
}

fn sorted(lacking: impl Iterator<Item = PermissionName>) -> Vec<PermissionName> {
    let mut lacking: Vec<PermissionName> = lacking.collect();
    lacking.sort();
    lacking.dedup();
    lacking
}

/// A workspace that still has the version somebody saw.
async fn seen_as(tx: &mut WriteTx, id: WorkspaceId, seen: i32) -> Result<Workspace> {
    let found = store::find(tx, id).await?.ok_or(Error::NotFound)?;
    match found.version == seen {
        true => Ok(found),
        false => Err(Error::Conflict(Conflict::StaleVersion)),
    }
}

/// A workspace that reads well.
struct Draft {
    name: WorkspaceName,
    name_key: String,
    description: String,
}

impl Draft {
    fn read(typed: &Typed) -> Result<Self> {
        let mut errors = FieldErrors::new();
        let name = errors.keep("name", WorkspaceName::parse(&typed.name));
        access::check_text(&mut errors, "description", &typed.description);
        let name = errors.finish(name)?;
        let name_key = names::key(name.as_str());
        Ok(Self { name, name_key, description: typed.description.trim().to_owned() })
    }

    fn saved(&self) -> NewWorkspace<'_> {
        NewWorkspace { name: self.name.as_str(), name_key: &self.name_key, description: &self.description }
    }
}

fn named<T>(saved: bulkhead_db::Result<T>) -> Result<T> {
    saved.map_err(|error| match Error::from(error) {
        Error::Conflict(Conflict::NameTaken) => {
            FieldErrors::one("name", "Another workspace has this name, or one that looks the same.").into()
        }
        other => other,
    })
}
