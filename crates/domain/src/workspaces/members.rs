//! Who is in a workspace. Being in one allows nothing by itself; roles are given there to those who are.

use super::{held, held_by, lacks_to_take, store};
use crate::{
    Ctx, Error, Result,
    access::{self, Rights},
};
use bulkhead_db::{ReadTx, WriteTx, access::Of, audit::Record, users};
use bulkhead_model::{
    Email, FieldErrors, UserId, WorkspaceId,
    access::Assigned,
    audit::{Action, TargetKind},
    error::Conflict,
    page::{Count, Page, PageRequest},
    perm,
    user::{User, UserStatus},
    workspace::{Member, Workspace, WorkspaceStatus},
};

/// The workspaces that somebody is in: those in use first, by name.
pub async fn of_user(ctx: &Ctx, user: UserId) -> Result<Vec<Workspace>> {
    let mut tx = ctx.read::<perm::WorkspacesRead>().await?;
    users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    Ok(store::of_user(&mut tx, user).await?)
}

/// A page of who is in a workspace, and how many are.
#[derive(Debug)]
pub struct MemberList {
    /// Who, with the roles they hold there; who was added last is first.
    pub page: Page<Member>,
    /// All that match, capped.
    pub count: Count,
}

/// Who is in a workspace.
pub async fn members(ctx: &Ctx, id: WorkspaceId, search: &str, page: &PageRequest) -> Result<MemberList> {
    let mut tx = ctx.read::<perm::WorkspacesRead>().await?;
    store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let count = store::count_members(&mut tx, id, search).await?;
    let mut page = store::members_page(&mut tx, id, search, page).await?;
    with_roles(&mut tx, id, &mut page.rows).await?;
    Ok(MemberList { page, count })
}

/// One of them.
pub async fn member(ctx: &Ctx, id: WorkspaceId, user: UserId) -> Result<Member> {
    let mut tx = ctx.read::<perm::WorkspacesRead>().await?;
    let mut found = vec![store::member(&mut tx, id, user).await?.ok_or(Error::NotFound)?];
    with_roles(&mut tx, id, &mut found).await?;
    found.pop().ok_or(Error::NotFound)
}

async fn with_roles(tx: &mut ReadTx, id: WorkspaceId, members: &mut [Member]) -> Result<()> {
    let users: Vec<UserId> = members.iter().map(|member| member.user).collect();
    for role in held::assigned(tx, Of::Members(id, &users)).await? {
        if let Some(member) = members.iter_mut().find(|member| member.user == role.user) {
            member.roles.push(role);
        }
    }
    Ok(())
}

/// Puts somebody into a workspace; done twice, it is done once.
pub async fn add_member(ctx: &Ctx, id: WorkspaceId, user: UserId) -> Result<()> {
    let (_, mut tx) = Rights::locked::<perm::WorkspacesManage>(ctx).await?;
    let workspace = store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    add(ctx, tx, &workspace, &person).await
}

/// The same by their address, as people type it.
pub async fn add_by_address(ctx: &Ctx, id: WorkspaceId, address: &str) -> Result<User> {
    let (_, mut tx) = Rights::locked::<perm::WorkspacesManage>(ctx).await?;
    let workspace = store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let email = Email::parse(address).map_err(|error| FieldErrors::one("email", error))?;
    let nobody = || FieldErrors::one("email", "Nobody in the organization has this address. Invite them first.");
    let person = users::find_by_email(&mut tx, &email).await?.ok_or_else(nobody)?;
    add(ctx, tx, &workspace, &person).await?;
    Ok(person)
}

async fn add(ctx: &Ctx, mut tx: WriteTx, workspace: &Workspace, person: &User) -> Result<()> {
    if workspace.status == WorkspaceStatus::Archived || person.status == UserStatus::Removed {
        return Err(Error::Conflict(Conflict::WrongStatus));
    }
    if !store::add_member(&mut tx, workspace.id, person.id, &ctx.identity().email).await? {
        return Ok(());
    }
    let record = Record::new(Action::WorkspaceMemberAdded, TargetKind::Workspace, workspace.id, &workspace.name);
    Ok(tx.commit(record.after("member", &person.email)).await?)
}

/// Takes somebody out of a workspace, and with that the roles they hold there: with their next request. For those, what
/// taking a role away asks is asked.
pub async fn remove_member(ctx: &Ctx, id: WorkspaceId, user: UserId) -> Result<User> {
    let (rights, mut tx) = Rights::locked::<perm::WorkspacesManage>(ctx).await?;
    let workspace = store::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let roles: Vec<Assigned> = held::assigned(&mut tx, Of::Members(id, &[user])).await?;
    let mut lacking = lacks_to_take(rights.subject(), rights.roles(), id, &held_by(&roles), tx.now());
    if !roles.is_empty() {
        lacking.extend(rights.lacks_of_user(&mut tx, user).await?);
    }
    let names: Vec<&str> = roles.iter().map(|held| held.role_name.as_str()).collect();
    if !lacking.is_empty() {
        let record = access::reaching_for(TargetKind::Workspace, id, &workspace.name)
            .after("member", &person.email)
            .after("roles held in it", names.join(", "));
        return Err(access::refuse(ctx, tx, record, &lacking).await);
    }
    if !store::remove_member(&mut tx, id, user).await? {
        return Err(Error::NotFound);
    }
    let record = Record::new(Action::WorkspaceMemberRemoved, TargetKind::Workspace, id, &workspace.name)
        .change("member", &person.email, "")
        .change("roles held in it", names.join(", "), "");
    tx.commit(record).await?;
    Ok(person)
}
