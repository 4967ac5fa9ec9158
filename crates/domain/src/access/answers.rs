//! Answers to "What can Ana do, and why?" and "Who can do this?", by the function that decides.

use super::{Reach, rights};
use crate::{Ctx, Error, Result};
use bulkhead_authz::{
    access::{Roles, Subject, role_id},
    catalogue::Entry,
    decision::{Step, Verdict},
    truth::{Looked, Resource},
};
use bulkhead_db::{access as store, users};
use bulkhead_model::{
    RoleId, UserId,
    access::{Assigned, PermissionName},
    org::OrgKind,
    perm,
    user::{Role, User, UserStatus},
};
use std::{net::IpAddr, sync::Arc};
use time::OffsetDateTime;

/// Whether somebody may do something, and why.
#[derive(Debug)]
pub struct Answer {
    /// What.
    pub permission: Entry,
    /// The decision.
    pub verdict: Verdict,
    /// Every line that was looked at, in the order of the roles held.
    pub steps: Vec<Step>,
    /// What each of these lines' conditions looked at, group by group.
    pub looked: Vec<Vec<Vec<Looked>>>,
}

/// The answer to one question, with everything that was looked at.
pub(super) fn answer(subject: &Subject, entry: &Entry, resource: &Resource) -> Answer {
    let (verdict, steps) = subject.explain(&entry.name, resource);
    let when = |step: &Step| subject.roles().when(step.decider.origin, step.decider.line);
    let looked = |step| when(step).map(|when| subject.look(when, resource)).unwrap_or_default();
    let looked = steps.iter().map(looked).collect();
    Answer { permission: entry.clone(), verdict, steps, looked }
}

/// Everything somebody may and may not do.
#[derive(Debug)]
pub struct Why {
    /// Who.
    pub user: User,
    /// The roles they hold beside their built-in one.
    pub held: Vec<Assigned>,
    /// The organization's roles.
    pub roles: Arc<Roles>,
    /// One answer for each permission that can be held in this organization, in the order of the documentation.
    pub answers: Vec<Answer>,
}

/// The circumstances under which somebody would ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Supposed {
    /// When; now where none is given.
    pub at: Option<OffsetDateTime>,
    /// From which address; from one that is not known where none is given.
    pub address: Option<IpAddr>,
}

/// What somebody may do under these circumstances, and why.
pub async fn why(ctx: &Ctx, user: UserId, supposed: Supposed) -> Result<Why> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let person = users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let standing = store::standing(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let own = store::list(&mut tx).await?;
    let roles = Arc::new(super::stored(&mut tx, &own).await?);
    let at = supposed.at.unwrap_or(tx.now());
    let subject = rights::of_standing(user, &standing, &roles, rights::moment(at, supposed.address));
    let existing = roles.catalogue().existing(standing.org_kind == OrgKind::Platform);
    let answers = existing.map(|entry| answer(&subject, entry, &Resource::default())).collect();
    let held = store::assigned(&mut tx, store::Of::User(user)).await?;
    Ok(Why { user: person, held, roles, answers })
}

/// Every permission that can be held in the organization, in the order it is shown.
pub async fn permissions(ctx: &Ctx) -> Result<Vec<Entry>> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    Ok(rights::catalogue(&mut tx).await?.existing(platform).cloned().collect())
}

/// Who may do something.
#[derive(Debug)]
pub struct Able {
    /// What.
    pub permission: Entry,
    /// The built-in roles that always allow it, and how many active users have each. Some of these may be denied it by a
    /// role of the organization's own; they are in `denied`.
    pub by_built_in: Vec<(Role, i64)>,
    /// Users who may because of a role of the organization's own, and how far.
    pub by_own: Vec<(UserId, String, Reach)>,
    /// Users whose built-in role allows it and who may not, or not always.
    pub denied: Vec<(UserId, String, Reach)>,
    /// The organization's own roles that allow it, and how far.
    pub roles: Vec<(RoleId, String, Reach)>,
}

/// Who may do something, at this moment or under some condition. What does not exist in the organization is not found.
pub async fn who_can(ctx: &Ctx, permission: &PermissionName) -> Result<Able> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let own = store::list(&mut tx).await?;
    let roles = Arc::new(super::stored(&mut tx, &own).await?);
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    let exists = |entry: &&Entry| platform || !entry.name.is_platform();
    let entry = roles.catalogue().find(permission).filter(exists).cloned().ok_or(Error::NotFound)?;
    let allowing = |role: Role| roles.allowed(role_id(role)).contains(&permission);
    let by_built_in = store::count_by_role(&mut tx).await?.into_iter().filter(|(role, _)| allowing(*role)).collect();
    let ids: Vec<RoleId> = own.iter().map(|role| role.definition.id).collect();
    let (mut by_own, mut denied) = (Vec::new(), Vec::new());
    for (user, email, standing) in store::holders(&mut tx, &ids).await? {
        if standing.status != UserStatus::Active {
            continue;
        }
        let reach = rights::of_standing(user, &standing, &roles, rights::moment(tx.now(), None)).reach(permission);
        match (allowing(standing.role), reach) {
            (true, Reach::Always) | (false, Reach::Never) => {}
            (true, _) => denied.push((user, email, reach)),
            (false, _) => by_own.push((user, email, reach)),
        }
    }
    let reaching = |role: &bulkhead_model::access::StoredRole| {
        let reach = roles.reach(role.definition.id, permission);
        (reach != Reach::Never).then(|| (role.definition.id, role.definition.name.clone(), reach))
    };
    let by_roles = own.iter().filter_map(reaching).collect();
    Ok(Able { permission: entry, by_built_in, by_own, denied, roles: by_roles })
}
