//! What the command palette finds: users in an organization, organizations in the operator console.
//!
//! The same look-up as the lists' searches, without their count: it runs while someone is typing.

use crate::{Ctx, OperatorCtx, Result};
use bulkhead_db::{orgs, users};
use bulkhead_model::{
    org::{OrgFilter, OrgSummary},
    page::{PageRequest, Place},
    perm,
    user::{User, UserFilter},
};

/// The most that is found at once.
pub const MOST: u16 = 8;

/// Users whose name or address begins with `text`, by name.
pub async fn users(ctx: &Ctx, text: &str) -> Result<Vec<User>> {
    let mut tx = ctx.read::<perm::UsersRead>().await?;
    let filter = UserFilter { search: text.to_owned(), ..UserFilter::default() };
    Ok(users::list(&mut tx, &filter, &PageRequest::new(Place::First, MOST)).await?.rows)
}

/// Organizations one of whose words begins with `text`, by name.
pub async fn organizations(ctx: &OperatorCtx, text: &str) -> Result<Vec<OrgSummary>> {
    let mut tx = ctx.read::<perm::PlatformOrgsRead>().await?;
    let filter = OrgFilter { search: text.to_owned(), ..OrgFilter::default() };
    Ok(orgs::list(&mut tx, &filter, &PageRequest::new(Place::First, MOST)).await?.rows)
}
