//! Who holds which of an organization's own roles. No one gives more than they hold at that moment, for longer than they
//! hold it, or to somebody who stands above them: [`rules`](super::rules) has it all, [`many`](super::many) does it for many.

use super::{
    rights::{Rights, reaching_for, refuse},
    rules::{Cannot, Deed, Outcome, Period, Terms},
    separation,
};
use crate::{Ctx, Error, Result};
use bulkhead_authz::access::built_in;
use bulkhead_db::{
    access::{self as store, Of},
    users,
};
use bulkhead_model::{
    RoleId, UserId,
    access::{Assigned, PlacedRole},
    audit::TargetKind,
    page::{Count, Page, PageRequest},
    perm,
};

/// What somebody holds beside their built-in role.
pub async fn held(ctx: &Ctx, user: UserId) -> Result<Vec<Assigned>> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    Ok(store::assigned(&mut tx, Of::User(user)).await?)
}

/// A page of who holds a role, and how many there are.
#[derive(Debug)]
pub struct HolderList {
    /// Who, where, and from when until when; what was given last is first.
    pub page: Page<Assigned>,
    /// All that match, capped; somebody who holds it in two places counts twice.
    pub count: Count,
}

/// Who holds a role themselves, now or later. Whoever has a built-in one is in the list of users.
pub async fn holders(ctx: &Ctx, role: RoleId, search: &str, page: &PageRequest) -> Result<HolderList> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    if built_in(role).is_none() {
        store::find(&mut tx, role).await?.ok_or(Error::NotFound)?;
    }
    let count = store::count_holders(&mut tx, role, search).await?;
    Ok(HolderList { page: store::holders_page(&mut tx, role, search, page).await?, count })
}

/// Gives a role to somebody, organization-wide or in a workspace that they are in, or changes the time for which they hold it
/// there. Where somebody would newly hold duties that exclude each other, it takes a reason.
pub async fn assign(
    ctx: &Ctx,
    user: UserId,
    placed: impl Into<PlacedRole>,
    period: Period,
    reason: &str,
) -> Result<()> {
    arrange(ctx, user, placed.into(), Deed::Give(period), reason.trim()).await
}

/// Takes a role from somebody where they hold it. Where it denied one of two duties that exclude each other, it takes a reason.
pub async fn unassign(ctx: &Ctx, user: UserId, placed: impl Into<PlacedRole>, reason: &str) -> Result<()> {
    arrange(ctx, user, placed.into(), Deed::Take, reason.trim()).await
}

async fn arrange(ctx: &Ctx, user: UserId, placed: PlacedRole, deed: Deed, reason: &str) -> Result<()> {
    let (rights, mut tx) = Rights::locked::<perm::UsersUpdate>(ctx).await?;
    let mut terms = Terms::read(&mut tx, &rights, placed, deed).await?;
    let person = store::people(&mut tx, &[user], placed).await?.pop().ok_or(Error::NotFound)?;
    let outcome = terms.judge(&rights, &person);
    if outcome == Outcome::Cannot(Cannot::Removed) {
        return Err(Cannot::Removed.error());
    }
    let mut lacking = terms.lacking.clone();
    if let Outcome::Cannot(Cannot::BeyondOwnRole(more)) = &outcome {
        lacking.extend(more.iter().cloned());
    }
    if !lacking.is_empty() {
        let record = terms.said(reaching_for(TargetKind::User, user, &person.email));
        return Err(refuse(ctx, tx, record, &lacking).await);
    }
    terms.open()?;
    let record = match (terms.record(&person, &outcome), outcome) {
        (Some(record), _) => record,
        (None, Outcome::Cannot(cannot)) => return Err(cannot.error()),
        (None, _) if deed == Deed::Take => return Err(Error::NotFound),
        (None, _) => return Ok(()),
    };
    let clashes = terms.clashes(&rights, [&person]);
    separation::settle_with(&clashes, reason)?;
    terms.carry_out(&mut tx, &rights, &[user], &ctx.identity().email).await?;
    Ok(tx.commit(super::because(separation::noted(record, &clashes), reason)).await?)
}
