//! What people may do, from what is stored: by the session for every request, and once more behind the lock for whatever
//! changes what somebody may do.

use super::clocks::WallClocks;
use crate::{App, Ctx, Error, Result};
use bulkhead_authz::{
    access::{self, Moment, Roles, Subject},
    catalogue::Catalogue,
    graph::RoleGraph,
};
use bulkhead_db::{
    Identity, Origin, ReadTx, Realm, WriteTx,
    access::{self as store, Standing},
    audit::Record,
    resource_types,
};
use bulkhead_model::{
    OrgId, Perm, RoleId, UserId, WorkspaceId,
    access::{Assignment, PermissionName, RoleDefinition},
    audit::{Action, Outcome, TargetKind},
    error::Conflict,
    perm,
    text::capitalised,
    user::{Role, UserStatus},
};
use std::{
    collections::{BTreeSet, HashSet},
    net::IpAddr,
    sync::{Arc, LazyLock},
};
use time::OffsetDateTime;

/// Whoever a session stands for. Most people hold no role of their organization's own: nothing is read for them.
pub(crate) async fn of_session<R: Realm>(
    app: &App,
    identity: &Identity,
    tx: &mut ReadTx<R>,
    origin: &Origin,
) -> Result<Subject> {
    if let Some(subject) = known_subject(app, identity, tx.now(), origin) {
        return Ok(subject);
    }
    let roles = roles(app, tx, identity.org_id, identity.roles_version).await?;
    Ok(subject_of(identity, roles, moment(tx.now(), origin.address)))
}

/// The same without a transaction, where what their roles allow is known here already.
pub(crate) fn known_subject(app: &App, identity: &Identity, now: OffsetDateTime, origin: &Origin) -> Option<Subject> {
    let roles = match identity.assignments.is_empty() {
        // It is asked about the console's permissions only, so what is registered beside them does not matter.
        true => Roles::of_console(),
        false => app.graphs().recall(identity.org_id, identity.roles_version)?,
    };
    Some(subject_of(identity, roles, moment(now, origin.address)))
}

fn subject_of(identity: &Identity, roles: Arc<Roles>, moment: Moment) -> Subject {
    let who = (identity.user_id, identity.role, identity.org_kind);
    Subject::new(who, roles, identity.assignments.iter().cloned(), moment)
}

/// The roles of the organization of a transaction, by their number.
pub(super) async fn roles<R: Realm>(app: &App, tx: &mut ReadTx<R>, org: OrgId, version: i64) -> Result<Arc<Roles>> {
    if let Some(roles) = app.graphs().recall(org, version) {
        return Ok(roles);
    }
    let (catalogue, own) = (catalogue(tx).await?, store::definitions(tx).await?);
    // What was stored stood together. If it does not any more, nobody who holds one of them may do anything.
    let roles = Roles::new(catalogue, own).map_err(|error| {
        tracing::error!(%org, %error, "roles that do not stand together");
        Error::Internal(Box::new(error))
    })?;
    let roles = Arc::new(roles);
    app.graphs().keep(org, version, &roles);
    Ok(roles)
}

/// Every permission there is at this moment.
pub(crate) async fn catalogue<R: Realm>(tx: &mut ReadTx<R>) -> Result<Arc<Catalogue>> {
    let registered: Vec<_> = resource_types::list(tx).await?.into_iter().map(|stored| stored.schema).collect();
    Ok(Arc::new(Catalogue::new(&registered)))
}

pub(crate) fn moment(now: OffsetDateTime, address: Option<IpAddr>) -> Moment {
    static CLOCKS: LazyLock<Arc<WallClocks>> = LazyLock::new(|| Arc::new(WallClocks));
    Moment { now, address, clocks: Arc::<WallClocks>::clone(&CLOCKS) }
}

/// Somebody who is not behind the request.
pub(crate) fn of_standing(user: UserId, standing: &Standing, roles: &Arc<Roles>, moment: Moment) -> Subject {
    let who = (user, standing.role, standing.org_kind);
    Subject::new(who, Arc::clone(roles), standing.assignments.iter().cloned(), moment)
}

/// What was checked behind the lock: the roles as they are, and what the acting person may do by them.
pub(crate) struct Rights {
    roles: Arc<Roles>,
    subject: Subject,
    version: i64,
}

impl Rights {
    /// Locks the organization's roles and reads what the acting person holds: what their request began with may be older.
    ///
    /// # Errors
    /// Whoever lost `P` in the meantime is refused like somebody who never had it.
    pub(crate) async fn locked<P: Perm<Place = perm::Anywhere>>(ctx: &Ctx) -> Result<(Self, WriteTx)> {
        let mut tx = ctx.write::<P>().await?;
        let version = store::lock(&mut tx).await?;
        let identity = ctx.identity();
        let roles = roles(ctx.app(), &mut tx, identity.org_id, version).await?;
        let standing =
            store::standing(&mut tx, identity.user_id).await?.filter(|user| user.status == UserStatus::Active);
        let standing = standing.ok_or(Error::Unauthenticated)?;
        let who = (identity.user_id, standing.role, standing.org_kind);
        let at = moment(tx.now(), ctx.origin().address);
        let rights = Self { subject: Subject::new(who, Arc::clone(&roles), standing.assignments, at), roles, version };
        if rights.subject.decide(P::PERMISSION).allowed() {
            return Ok((rights, tx));
        }
        drop(tx);
        Err(ctx.denied_by(P::PERMISSION, &rights.subject, version).await)
    }

    /// The same as the request began with it and without the lock, for what only looks at what would happen.
    pub(super) async fn seen<P: Perm<Place = perm::Anywhere>>(ctx: &Ctx) -> Result<(Self, ReadTx)> {
        let mut tx = ctx.read::<P>().await?;
        let (org, version) = (ctx.identity().org_id, ctx.identity().roles_version);
        let roles = roles(ctx.app(), &mut tx, org, version).await?;
        Ok((Self { subject: ctx.subject().among(Arc::clone(&roles)), roles, version }, tx))
    }

    /// The roles as they are.
    pub(crate) fn roles(&self) -> &Arc<Roles> {
        &self.roles
    }

    /// The number of the roles: another one once any of them is changed.
    pub(super) fn version(&self) -> i64 {
        self.version
    }

    /// The acting person.
    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Which of these permissions the acting person does not hold until then, in a workspace or organization-wide.
    pub(super) fn lacks<'a>(
        &self,
        permissions: impl IntoIterator<Item = &'a PermissionName>,
        until: Option<OffsetDateTime>,
        within: Option<WorkspaceId>,
    ) -> Vec<PermissionName> {
        self.subject.lacks(permissions, until, within)
    }

    /// What the acting person does not hold of a built-in role.
    pub(crate) fn lacks_of_role(&self, role: Role) -> Vec<PermissionName> {
        self.lacks(self.roles.allowed(access::role_id(role)), None, None)
    }

    /// What the acting person does not hold of all that a user holds, now or later. Nobody arranges what stands above them.
    pub(crate) async fn lacks_of_user(&self, tx: &mut WriteTx, user: UserId) -> Result<Vec<PermissionName>> {
        let standing = store::standing(tx, user).await?.ok_or(Error::NotFound)?;
        let mut lacking = Vec::new();
        for (role, until, workspace) in counting(&standing, tx.now()) {
            lacking.extend(self.lacks(self.roles.allowed(role), until, workspace));
        }
        lacking.sort();
        lacking.dedup();
        Ok(lacking)
    }
}

/// Which roles count for somebody, now or later: until when, and in which workspace. The built-in one is the first.
pub(super) fn counting(
    standing: &Standing,
    now: OffsetDateTime,
) -> impl Iterator<Item = (RoleId, Option<OffsetDateTime>, Option<WorkspaceId>)> {
    let counts = move |held: &&Assignment| held.until.is_none_or(|until| until > now);
    let own = standing.assignments.iter().filter(counts).map(|held| (held.role, held.until, held.workspace));
    std::iter::once((access::role_id(standing.role), None, None)).chain(own)
}

/// What somebody who invited may still give, by what they hold now.
pub(crate) async fn of_inviter(app: &App, tx: &mut WriteTx, inviter: UserId) -> Result<Option<Subject>> {
    let version = store::lock(tx).await?;
    let standing = store::standing(tx, inviter).await?.filter(|user| user.status == UserStatus::Active);
    let Some(standing) = standing else { return Ok(None) };
    let org = tx.scope().org();
    let roles = roles(app, tx, org, version).await?;
    Ok(Some(of_standing(inviter, &standing, &roles, moment(tx.now(), None))))
}

/// Refuses what would leave no active admin who can do all that an admin can: a role that denies can take from all of
/// them what nobody could give back.
pub(crate) async fn somebody_can_act(tx: &mut WriteTx, graph: &RoleGraph) -> Result<()> {
    match unhindered(tx, graph).await? {
        Some(admins) if admins.is_empty() => Err(Error::Conflict(Conflict::LastAdmin)),
        _ => Ok(()),
    }
}

/// Active admins who can do all that an admin can; none where no role denies anything, so that all of them can. Conditions,
/// times and workspaces are not asked for: the deciding moment may be any, and who is denied something in one workspace can
/// give it to nobody organization-wide.
pub(super) async fn unhindered<R: Realm>(tx: &mut ReadTx<R>, graph: &RoleGraph) -> Result<Option<BTreeSet<UserId>>> {
    if !graph.denies_anything() {
        return Ok(None);
    }
    let admins = store::roles_of_admins(tx).await?;
    let held: BTreeSet<RoleId> = admins.iter().flat_map(|(_, roles)| roles).copied().collect();
    let hindering: BTreeSet<RoleId> = held.into_iter().filter(|role| hinders(graph, *role)).collect();
    let free =
        |(user, roles): (UserId, Vec<RoleId>)| roles.iter().all(|role| !hindering.contains(role)).then_some(user);
    Ok(Some(admins.into_iter().filter_map(free).collect()))
}

/// Whether a role denies something that admins can do.
pub(super) fn hinders(graph: &RoleGraph, role: RoleId) -> bool {
    let denied = graph.denied(role);
    if denied.is_empty() {
        return false;
    }
    let everything: HashSet<&PermissionName> = graph.allowed(access::role_id(Role::Admin)).into_iter().collect();
    denied.into_iter().any(|permission| everything.contains(permission))
}

/// The organization's roles together with the built-in ones, as somebody wants them to be.
pub(super) fn together(catalogue: Arc<Catalogue>, own: impl IntoIterator<Item = RoleDefinition>) -> Result<Roles> {
    use bulkhead_authz::graph::GraphError;
    use bulkhead_model::FieldErrors;
    Roles::new(catalogue, own).map_err(|error| match error {
        GraphError::Cycle(_) | GraphError::TooDeep { .. } => {
            FieldErrors::one("inherits", format!("{}.", capitalised(&error.to_string()))).into()
        }
        GraphError::TooMany => {
            let most = bulkhead_authz::graph::MOST_ROLES;
            FieldErrors::one("name", format!("An organization has at most {most} roles of its own.")).into()
        }
        GraphError::TooMuch => {
            let most = bulkhead_authz::graph::MOST_LINES;
            let message = format!("All roles together, with what they inherit, have at most {most} lines.");
            FieldErrors::one("grants", message).into()
        }
        GraphError::UnknownParent { .. } | GraphError::Twice => {
            FieldErrors::one("inherits", "One of these roles is not there any more. Choose again.").into()
        }
    })
}

/// Refuses what only somebody could do who holds more, and writes the attempt down in a transaction of its own: the one it
/// was made in may carry an idempotency key, and nothing was done.
pub(crate) async fn refuse(ctx: &Ctx, tx: WriteTx, record: Record, lacking: &[PermissionName]) -> Error {
    drop(tx);
    let names: Vec<String> = lacking.iter().map(ToString::to_string).collect();
    let record = record.outcome(Outcome::Denied).reason("beyond_own_role").after("lacking", names.join(", "));
    ctx.deny(record).await.err().unwrap_or(Error::BeyondOwnRole)
}

/// The record of someone who reached for what goes beyond their own role.
pub(crate) fn reaching_for(kind: TargetKind, id: impl ToString, label: &str) -> Record {
    Record::new(Action::AccessDenied, kind, id, label)
}
