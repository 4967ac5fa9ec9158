//! Who holds which of an organization's own roles. No one gives more than they hold at that moment, for longer than they
//! hold it, or to somebody who stands above them.

use super::rights::{Rights, reaching_for, refuse, somebody_can_act};
use crate::{Ctx, Error, Result};
use bulkhead_authz::access::built_in;
use bulkhead_db::{
    access::{self as store, Of},
    audit::Record,
    users,
};
use bulkhead_model::{
    FieldErrors, RoleId, UserId,
    access::Assigned,
    audit::{Action, TargetKind},
    error::Conflict,
    perm,
    user::UserStatus,
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

/// Gives a role to somebody, or changes the time for which they hold it.
pub async fn assign(ctx: &Ctx, user: UserId, role: RoleId, period: Period) -> Result<()> {
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
    let name = roles.name(role).filter(|_| built_in(role).is_none()).ok_or(Error::NotFound)?.to_owned();
    let mut lacking = rights.lacks(roles.allowed(role), period.until);
    lacking.extend(rights.lacks_of_user(&mut tx, user).await?);
    if !lacking.is_empty() {
        let record = reaching_for(TargetKind::User, user, &person.email).after("role", &name);
        return Err(refuse(ctx, tx, record, &lacking).await);
    }
    let before = store::assigned(&mut tx, Of::User(user)).await?.into_iter().find(|held| held.role == role);
    let before = before.map(|held| Period { from: held.from, until: held.until });
    if before == Some(period) {
        return Ok(());
    }
    store::assign(&mut tx, (user, role), (period.from, period.until), &ctx.identity().email).await?;
    somebody_can_act(&mut tx, rights.roles()).await?;
    let record = Record::new(Action::RoleAssigned, TargetKind::User, user, &person.email).after("role", &name).change(
        "held",
        before.map_or_else(String::new, sentence),
        sentence(period),
    );
    Ok(tx.commit(record).await?)
}

/// Takes a role from somebody. What it allows need not be held, it only becomes less; what it denied does, because that is
/// given back.
pub async fn unassign(ctx: &Ctx, user: UserId, role: RoleId) -> Result<()> {
    let (rights, mut tx) = Rights::locked::<perm::UsersUpdate>(ctx).await?;
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let name = rights.roles().name(role).ok_or(Error::NotFound)?.to_owned();
    let mut lacking = rights.lacks(rights.roles().denied(role), None);
    lacking.extend(rights.lacks_of_user(&mut tx, user).await?);
    if !lacking.is_empty() {
        let record = reaching_for(TargetKind::User, user, &person.email).after("role", &name);
        return Err(refuse(ctx, tx, record, &lacking).await);
    }
    if !store::unassign(&mut tx, user, role).await? {
        return Err(Error::NotFound);
    }
    let record = Record::new(Action::RoleUnassigned, TargetKind::User, user, &person.email);
    Ok(tx.commit(record.change("role", name, "")).await?)
}

/// As the audit log says it.
fn sentence(period: Period) -> String {
    let said = |word: &str, at: Option<OffsetDateTime>| {
        at.and_then(|at| at.format(&Rfc3339).ok()).map(|at| format!("{word} {at}"))
    };
    let parts: Vec<String> = said("from", period.from).into_iter().chain(said("until", period.until)).collect();
    if parts.is_empty() { "without end".to_owned() } else { parts.join(" ") }
}
