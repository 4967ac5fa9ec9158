//! Who holds which of an organization's own roles. No one gives more than they hold at that moment, for longer than they
//! hold it, or to somebody who stands above them.

use super::{
    rights::{Rights, reaching_for, refuse, somebody_can_act},
    separation,
};
use crate::{Ctx, Error, Result};
use bulkhead_authz::{access::built_in, graph::MOST_ROLES};
use bulkhead_db::{
    WriteTx,
    access::{self as store, Of},
    audit::Record,
    users, workspaces,
};
use bulkhead_model::{
    FieldErrors, UserId, WorkspaceId,
    access::{Assigned, PlacedRole},
    audit::{Action, TargetKind},
    error::Conflict,
    perm,
    user::UserStatus,
    workspace::{Workspace, WorkspaceStatus},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// From when until when somebody holds a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// At once where none is given.
    pub from: Option<OffsetDateTime>,
    /// Until when, not included; without end where none is given.
    pub until: Option<OffsetDateTime>,
}

impl Period {
    /// As the database keeps it: microseconds are its smallest part.
    fn kept(self) -> Self {
        let kept = |at: OffsetDateTime| at.replace_nanosecond(at.microsecond() * 1_000).unwrap_or(at);
        Self { from: self.from.map(kept), until: self.until.map(kept) }
    }
}

/// What somebody holds beside their built-in role.
pub async fn held(ctx: &Ctx, user: UserId) -> Result<Vec<Assigned>> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    Ok(store::assigned(&mut tx, Of::User(user)).await?)
}

/// Gives a role to somebody, organization-wide or in a workspace that they are in, or changes the time for which they hold it
/// there.
pub async fn assign(ctx: &Ctx, user: UserId, placed: impl Into<PlacedRole>, period: Period) -> Result<()> {
    assign_because(ctx, user, placed, period, "").await
}

/// The same with a reason, which it takes where somebody would newly hold duties that exclude each other.
pub async fn assign_because(
    ctx: &Ctx,
    user: UserId,
    placed: impl Into<PlacedRole>,
    period: Period,
    reason: &str,
) -> Result<()> {
    let (placed, reason): (PlacedRole, &str) = (placed.into(), reason.trim());
    let (rights, mut tx) = Rights::locked::<perm::UsersUpdate>(ctx).await?;
    let period = period.kept();
    if period.until.is_some_and(|until| until <= tx.now()) {
        return Err(FieldErrors::one("until", "This is over already. Choose a time to come.").into());
    }
    if period.until.is_some_and(|until| period.from.is_some_and(|from| from >= until)) {
        return Err(FieldErrors::one("until", "The end comes after the beginning.").into());
    }
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    if person.status == UserStatus::Removed {
        return Err(Error::Conflict(Conflict::WrongStatus));
    }
    let roles = rights.roles();
    let known = roles.name(placed.role).filter(|_| built_in(placed.role).is_none());
    let name = named(&mut tx, known.ok_or(Error::NotFound)?, placed.workspace).await?;
    let mut lacking = rights.lacks(roles.allowed(placed.role), period.until, placed.workspace);
    lacking.extend(rights.lacks_of_user(&mut tx, user).await?);
    if !lacking.is_empty() {
        let record = said(reaching_for(TargetKind::User, user, &person.email), &name);
        return Err(refuse(ctx, tx, record, &lacking).await);
    }
    let all = store::assigned(&mut tx, Of::User(user)).await?;
    let before = all.iter().find(|held| held.placed() == placed);
    if before.is_none() && all.len() >= MOST_ROLES {
        let message = format!("Somebody holds at most {MOST_ROLES} roles. Take one away first.");
        return Err(FieldErrors::one("workspace", message).into());
    }
    if let Some(workspace) = &name.workspace {
        if workspace.status == WorkspaceStatus::Archived {
            let message = "This workspace is archived. Bring it back before you give roles in it.";
            return Err(FieldErrors::one("workspace", message).into());
        }
        if !workspaces::is_member(&mut tx, workspace.id, user).await? {
            let message = "They are not in this workspace. Add them to it first.";
            return Err(FieldErrors::one("workspace", message).into());
        }
    }
    let before = before.map(|held| Period { from: held.from, until: held.until });
    if before == Some(period) {
        return Ok(());
    }
    let clashes = separation::of_assignment(&mut tx, &rights, &person, placed, period).await?;
    separation::settle_with(&clashes, reason)?;
    store::assign(&mut tx, (user, placed), (period.from, period.until), &ctx.identity().email).await?;
    somebody_can_act(&mut tx, rights.roles()).await?;
    let record = said(Record::new(Action::RoleAssigned, TargetKind::User, user, &person.email), &name);
    let record = record.change("held", before.map_or_else(String::new, sentence), sentence(period));
    Ok(tx.commit(super::because(separation::noted(record, &clashes), reason)).await?)
}

/// Takes a role from somebody where they hold it. What it allows need not be held, it only becomes less; what it denied
/// does, because that is given back.
pub async fn unassign(ctx: &Ctx, user: UserId, placed: impl Into<PlacedRole>) -> Result<()> {
    let placed: PlacedRole = placed.into();
    let (rights, mut tx) = Rights::locked::<perm::UsersUpdate>(ctx).await?;
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let known = rights.roles().name(placed.role).ok_or(Error::NotFound)?;
    let name = named(&mut tx, known, placed.workspace).await?;
    let mut lacking = rights.lacks(rights.roles().denied(placed.role), None, placed.workspace);
    lacking.extend(rights.lacks_of_user(&mut tx, user).await?);
    if !lacking.is_empty() {
        let record = said(reaching_for(TargetKind::User, user, &person.email), &name);
        return Err(refuse(ctx, tx, record, &lacking).await);
    }
    let clashes = separation::of_taking(&mut tx, &rights, &person, placed).await?;
    separation::never(&clashes)?;
    if !store::unassign(&mut tx, user, placed).await? {
        return Err(Error::NotFound);
    }
    let mut record =
        Record::new(Action::RoleUnassigned, TargetKind::User, user, &person.email).change("role", name.role, "");
    if let Some(workspace) = name.workspace {
        record = record.change("workspace", workspace.name, "");
    }
    Ok(tx.commit(separation::noted(record, &clashes)).await?)
}

/// A role, and where it counts, as people call them.
struct Named {
    role: String,
    workspace: Option<Workspace>,
}

/// Another organization's workspace is none.
async fn named(tx: &mut WriteTx, role: &str, workspace: Option<WorkspaceId>) -> Result<Named> {
    let workspace = match workspace {
        Some(id) => Some(workspaces::find(tx, id).await?.ok_or(Error::NotFound)?),
        None => None,
    };
    Ok(Named { role: role.to_owned(), workspace })
}

fn said(record: Record, name: &Named) -> Record {
    let record = record.after("role", &name.role);
    match &name.workspace {
        Some(workspace) => record.after("workspace", &workspace.name),
        None => record,
    }
}

/// As the audit log says it.
fn sentence(period: Period) -> String {
    let told = |word: &str, at: Option<OffsetDateTime>| {
        at.and_then(|at| at.format(&Rfc3339).ok()).map(|at| format!("{word} {at}"))
    };
    let parts: Vec<String> = told("from", period.from).into_iter().chain(told("until", period.until)).collect();
    if parts.is_empty() { "without end".to_owned() } else { parts.join(" ") }
}
