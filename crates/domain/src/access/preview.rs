//! What a change of a role would change, for whom: computed by the function that decides.

use super::{
    Draft, Typed,
    replay::{self, Replay},
    rights,
    separation::{self, Clash},
};
use crate::{Ctx, Error, Result};
use bulkhead_authz::{
    access::{Roles, Subject},
    catalogue::Catalogue,
    graph::RoleGraph,
    reach::Reach,
};
use bulkhead_db::access as store;
use bulkhead_model::{RoleId, UserId, access::PermissionName, perm};
use std::{collections::BTreeSet, sync::Arc};

/// That somebody may do more or less than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// What it is about.
    pub permission: PermissionName,
    /// How far they may now.
    pub before: Reach,
    /// How far they would.
    pub after: Reach,
}

impl Shift {
    /// Whether they could do more.
    #[must_use]
    pub fn is_gain(&self) -> bool {
        self.after > self.before
    }
}

/// What saving would do.
#[derive(Debug)]
pub struct Preview {
    /// Who gains or loses what, by address and permission.
    pub shifts: Vec<Shift>,
    /// Users who hold the role, itself or through another one.
    pub holders: usize,
    /// What the role would allow and does not, or the other way round, whoever holds it.
    pub role: Vec<(PermissionName, Reach, Reach)>,
    /// Duties that exclude each other of which somebody, or the role by itself, would newly hold both.
    pub duties: Vec<Clash>,
    /// What was decided about its holders lately, decided again.
    pub replay: Replay,
    /// Every permission there is.
    pub catalogue: Arc<Catalogue>,
}

/// What saving a role like this would change; a new one where `id` is none. Says what is wrong with it as saving would.
pub async fn preview(ctx: &Ctx, id: Option<RoleId>, typed: &Typed) -> Result<Preview> {
    let mut tx = ctx.read::<perm::RolesManage>().await?;
    let role = id.unwrap_or_else(|| ctx.app().new_id());
    let own = store::list(&mut tx).await?;
    let before = super::stored(&mut tx, &own).await?;
    if id.is_some() && !before.knows(role) {
        return Err(Error::NotFound);
    }
    let (_, after) = Draft::read(ctx, &mut tx, role, typed).await?;
    // Whoever holds an heir of it holds it too.
    let concerned: BTreeSet<RoleId> = before.heirs(role).into_iter().chain(after.heirs(role)).collect();
    let concerned: Vec<RoleId> = concerned.into_iter().collect();
    let (now, before) = (tx.now(), Arc::new(before));
    super::may_shape_as(&ctx.subject().among(Arc::clone(&before)), &before, &after, role)?;
    let holders = store::holders(&mut tx, &concerned).await?;
    let mut shifts = Vec::new();
    for (user, email, standing) in &holders {
        let subject = |roles: &Arc<Roles>| rights::of_standing(*user, standing, roles, rights::moment(now, None));
        for (permission, was, will) in changed(reaches(&subject(&before), &after), reaches(&subject(&after), &after)) {
            shifts.push(Shift { user: *user, email: email.clone(), permission, before: was, after: will });
        }
    }
    let replay = replay::of(&mut tx, &holders, &before, &after).await?;
    let duties = separation::of_role(&mut tx, &before, &after, role).await?;
    let (role, catalogue) = (of_role(&before, &after, role), Arc::clone(after.catalogue()));
    Ok(Preview { shifts, holders: holders.len(), role, duties, replay, catalogue })
}

/// How far a role would reach further or less far, by itself.
pub(super) fn of_role(before: &RoleGraph, after: &Roles, role: RoleId) -> Vec<(PermissionName, Reach, Reach)> {
    let reaches = |graph: &RoleGraph| names(after).map(|name| (name.clone(), graph.reach(role, name))).collect();
    changed(reaches(before), reaches(after))
}

fn reaches(subject: &Subject, roles: &Roles) -> Vec<(PermissionName, Reach)> {
    names(roles).map(|name| (name.clone(), subject.reach(name))).collect()
}

fn names(roles: &Roles) -> impl Iterator<Item = &PermissionName> {
    roles.catalogue().existing(true).map(|entry| &entry.name)
}

fn changed(
    before: Vec<(PermissionName, Reach)>,
    after: Vec<(PermissionName, Reach)>,
) -> Vec<(PermissionName, Reach, Reach)> {
    let pairs = before.into_iter().zip(after).filter(|((_, was), (_, will))| was != will);
    pairs.map(|((name, was), (_, will))| (name, was, will)).collect()
}
