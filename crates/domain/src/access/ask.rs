//! Decisions for services that ask: about any user of the organization, any permission and any resource.

use super::rights;
use crate::{Ctx, Error, Result};
use bulkhead_authz::{
    access::{Roles, role_id},
    catalogue::{Catalogue, Entry},
    decision::{Decider, ReasonCode, Verdict},
};
use bulkhead_db::{
    Held,
    access::{self as store, Standing},
    decisions::NewDecision,
    users, workspaces,
};
use bulkhead_model::{
    DecisionId, Id, Permission, UserId, WorkspaceId,
    access::{ActionName, AttributeKind, AttributeName, DecidedBy, PermissionName, Resource, ResourceType, Value},
    perm,
    user::{Role, UserStatus},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// Questions of one request, at most.
pub const MOST_QUESTIONS: usize = 100;
/// Attributes of one question, at most; and the longest text of one, in bytes. What is asked about is kept.
pub const MOST_ATTRIBUTES: usize = 40;
/// See [`MOST_ATTRIBUTES`].
pub const LONGEST_TEXT: usize = 256;
/// Users looked at for one page of a search.
const LOOKED_AT: i64 = 1_000;
/// Of decisions that allow, one of this many is kept.
const SAMPLE: u8 = 20;

/// What a service asks, as it wrote it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Whose id; none for what is no user's id.
    pub user: Option<UserId>,
    /// `invoices:read`, whether or not there is such a thing.
    pub permission: String,
    /// The resource's id.
    pub id: Option<String>,
    /// Whose it is.
    pub owner: Option<UserId>,
    /// The workspace it is in.
    pub workspace: Option<WorkspaceId>,
    /// What else the service says about it.
    pub attributes: BTreeMap<String, Given>,
    /// The address of the person, as the service sees it.
    pub address: Option<IpAddr>,
}

/// The value of an attribute, before it is known of which kind it has to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Text, or a point in time as RFC 3339 writes it.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// Something that no attribute can be.
    Other,
}

impl Given {
    fn read(&self, kind: AttributeKind) -> Option<Value> {
        match (kind, self) {
            (AttributeKind::Text, Self::Text(text)) => Some(Value::Text(text.clone())),
            (AttributeKind::Time, Self::Text(text)) => OffsetDateTime::parse(text, &Rfc3339).ok().map(Value::Time),
            (AttributeKind::Number, Self::Number(number)) => Some(Value::Number(*number)),
            (AttributeKind::Boolean, Self::Boolean(is)) => Some(Value::Boolean(*is)),
            _ => None,
        }
    }
}

/// When the answers to come are not needed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Until {
    /// Never.
    #[default]
    TheEnd,
    /// After the first that denies.
    Denied,
    /// After the first that allows.
    Allowed,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Under which it is kept, where it is.
    pub kept_as: Option<DecisionId>,
    /// Why. Only [`ReasonCode::Granted`] allows.
    pub reason: ReasonCode,
}

impl Decision {
    /// Whether it may happen.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        matches!(self.reason, ReasonCode::Granted)
    }
}

/// Decides, at this moment. Denials are kept for thirty days, and a sample of the rest.
///
/// What people hold is looked up together with what other requests ask about at the same time, or remembered; what is
/// kept is committed together with theirs. A denial is not answered before that, because somebody will be told its id.
pub async fn decide(ctx: &Ctx, questions: &[Asked], until: Until) -> Result<Vec<Decision>> {
    ctx.require(Permission::DecisionsEvaluate).await?;
    ctx.let_go();
    let (app, org) = (ctx.app(), ctx.identity().org_id);
    let users: BTreeSet<UserId> = questions.iter().filter_map(|asked| asked.user).collect();
    let held = app.database().standings_together(ctx.token(), ctx.as_of(), users.into_iter().collect()).await?;
    let Held { as_of, standings } = held.ok_or(Error::Unauthenticated)?;
    let roles = match app.graphs().recall(org, as_of.roles_version) {
        Some(roles) => roles,
        None => rights::roles(app, &mut ctx.read::<perm::DecisionsEvaluate>().await?, org, as_of.roles_version).await?,
    };
    let (mut answers, mut kept) = (Vec::new(), Vec::new());
    for asked in questions {
        let standing = asked.user.and_then(|user| standings.get(&user).map(|standing| (user, &**standing)));
        let (verdict, resource) = answer(asked, standing, &roles, as_of.now);
        let id: DecisionId = app.new_id();
        let weight = weight(verdict, id);
        kept.extend(weight.map(|weight| NewDecision {
            id,
            at: as_of.now,
            by: ctx.identity().email.clone(),
            user: standing.map(|(user, _)| user),
            permission: asked.permission.clone(),
            reason: verdict.reason.code(),
            weight,
            decided_by: verdict.decider.map(by_line),
            roles_version: as_of.roles_version,
            address: asked.address,
            resource,
        }));
        answers.push(Decision { kept_as: weight.map(|_| id), reason: verdict.reason });
        match (until, verdict.allowed()) {
            (Until::Denied, false) | (Until::Allowed, true) => break,
            _ => {}
        }
    }
    keep(ctx, kept, answers.iter().all(Decision::allowed)).await?;
    Ok(answers)
}

/// Keeps decisions: afterwards, where they are a sample.
async fn keep(ctx: &Ctx, decisions: Vec<NewDecision>, is_sample: bool) -> Result<()> {
    if decisions.is_empty() {
        return Ok(());
    }
    let (database, scope) = (ctx.app().database().clone(), ctx.scope().clone());
    let keep = async move { Ok(database.keep_together(&scope, decisions).await?) };
    if is_sample {
        ctx.app().later("keep a sample of decisions", keep);
        return Ok(());
    }
    keep.await
}

fn by_line(decider: Decider) -> DecidedBy {
    let Decider { assigned, workspace, origin, line } = decider;
    DecidedBy { assigned, workspace, origin, line }
}

/// How many decisions like it a kept one stands for; none for one that is not kept. Ids are random, so they are the dice.
fn weight(verdict: Verdict, id: DecisionId) -> Option<i32> {
    match verdict.allowed() {
        false => Some(1),
        true => id.uuid().as_u128().is_multiple_of(SAMPLE.into()).then_some(SAMPLE.into()),
    }
}

/// The decision, and what it was about as far as that could be read.
fn answer(
    asked: &Asked,
    who: Option<(UserId, &Standing)>,
    roles: &Arc<Roles>,
    now: OffsetDateTime,
) -> (Verdict, Resource) {
    let resource =
        Resource { id: asked.id.clone(), owner: asked.owner, workspace: asked.workspace, attributes: BTreeMap::new() };
    let Some((user, standing)) = who else {
        return (Verdict::because(ReasonCode::SubjectUnknown), resource);
    };
    if standing.status != UserStatus::Active {
        return (Verdict::because(ReasonCode::SubjectInactive), resource);
    }
    let Ok(permission) = asked.permission.parse::<PermissionName>() else {
        return (Verdict::because(ReasonCode::PermissionUnknown), resource);
    };
    if roles.catalogue().find(&permission).is_none() {
        return (Verdict::because(ReasonCode::PermissionUnknown), resource);
    }
    let Some(attributes) = attributes(asked, &permission, roles.catalogue()) else {
        return (Verdict::because(ReasonCode::AttributeUnknown), resource);
    };
    let resource = Resource { attributes, ..resource };
    let subject = rights::of_standing(user, standing, roles, rights::moment(now, asked.address));
    (subject.decide_about(&permission, &resource), resource)
}

/// What is said about the resource, as its type says; none where something of it is not registered or of another kind.
fn attributes(
    asked: &Asked,
    permission: &PermissionName,
    catalogue: &Catalogue,
) -> Option<BTreeMap<AttributeName, Value>> {
    let read = |(name, given): (&String, &Given)| {
        let name: AttributeName = name.parse().ok()?;
        let kind = catalogue.attribute(&permission.resource, &name)?;
        Some((name, given.read(kind)?))
    };
    asked.attributes.iter().map(read).collect()
}

/// What somebody may do to a resource: of all actions of its type, in the order they are registered. Nothing is kept.
pub async fn actions(ctx: &Ctx, of: &ResourceType, asked: &Asked) -> Result<Vec<ActionName>> {
    let mut tx = ctx.read::<perm::DecisionsEvaluate>().await?;
    let identity = ctx.identity();
    let roles = rights::roles(ctx.app(), &mut tx, identity.org_id, identity.roles_version).await?;
    let users: Vec<UserId> = asked.user.into_iter().collect();
    let standings = store::standings(&mut tx, &users).await?;
    let standing = standings.first().map(|(user, standing)| (*user, standing));
    let may = |entry: &&Entry| {
        let asked = Asked { permission: entry.name.to_string(), ..asked.clone() };
        answer(&asked, standing, &roles, tx.now()).0.allowed()
    };
    let entries = roles.catalogue().existing(true).filter(|entry| entry.name.resource == *of);
    Ok(entries.filter(may).map(|entry| entry.name.action.clone()).collect())
}

/// A page of what is searched.
#[derive(Debug, Clone, Copy, Default)]
pub struct Searched {
    /// Behind which id it begins.
    pub after: Option<Uuid>,
    /// How many are looked at, at most; a thousand without.
    pub limit: Option<u16>,
}

impl Searched {
    fn looked_at(self) -> i64 {
        self.limit.map_or(LOOKED_AT, i64::from).clamp(1, LOOKED_AT)
    }

    /// Where to go on behind the last that was looked at; nowhere where there are no more.
    fn next(self, looked_at: usize, last: Option<Uuid>) -> Option<Uuid> {
        last.filter(|_| i64::try_from(looked_at).is_ok_and(|many| many == self.looked_at()))
    }

    /// The page of a list that is short enough to be read as a whole.
    fn cut(self, mut all: Vec<FoundResource>) -> Vec<FoundResource> {
        all.sort_by_key(|found| found.id);
        let behind = all.into_iter().filter(|found| self.after.is_none_or(|after| found.id > after));
        behind.take(usize::try_from(self.looked_at()).unwrap_or_default()).collect()
    }
}

/// Active users who may do something, of a page of them by their ids, and where to go on. Nothing is kept.
pub async fn subjects(ctx: &Ctx, asked: &Asked, page: Searched) -> Result<(Vec<UserId>, Option<Uuid>)> {
    let mut tx = ctx.read::<perm::DecisionsEvaluate>().await?;
    let identity = ctx.identity();
    let roles = rights::roles(ctx.app(), &mut tx, identity.org_id, identity.roles_version).await?;
    let looked_at = store::active_standings(&mut tx, page.after.map(Id::from_uuid), page.looked_at()).await?;
    let now = tx.now();
    let may = |(user, standing): &&(UserId, Standing)| answer(asked, Some((*user, standing)), &roles, now).0.allowed();
    let found = looked_at.iter().filter(may).map(|(user, _)| *user).collect();
    Ok((found, page.next(looked_at.len(), looked_at.last().map(|(user, _)| user.uuid()))))
}

/// A resource that was found, with what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundResource {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub owner: Option<UserId>,
    /// The workspace it is in.
    pub workspace: Option<WorkspaceId>,
}

/// The types whose resources are kept here. Those of other types only their services know.
pub const KEPT_HERE: [&str; 3] = ["users", "roles", "workspaces"];

/// Resources of a type that somebody may do something to, of a page of them by their ids, and where to go on. Nothing is
/// kept. A user is their own, a workspace is in itself.
///
/// # Errors
/// [`Error::NotFound`] for a type of which nothing is kept here.
pub async fn resources(
    ctx: &Ctx,
    of: &str,
    asked: &Asked,
    page: Searched,
) -> Result<(Vec<FoundResource>, Option<Uuid>)> {
    let mut tx = ctx.read::<perm::DecisionsEvaluate>().await?;
    let identity = ctx.identity();
    let roles = rights::roles(ctx.app(), &mut tx, identity.org_id, identity.roles_version).await?;
    let person: Vec<UserId> = asked.user.into_iter().collect();
    let standings = store::standings(&mut tx, &person).await?;
    let standing = standings.first().map(|(user, standing)| (*user, standing));
    let plain = |id: Uuid| FoundResource { id, owner: None, workspace: None };
    let looked_at: Vec<FoundResource> = match of {
        "users" => {
            let users = users::ids(&mut tx, page.after, page.looked_at()).await?;
            users.into_iter().map(|user| FoundResource { owner: Some(user), ..plain(user.uuid()) }).collect()
        }
        "roles" => {
            let own = store::definitions(&mut tx).await?.into_iter().map(|role| role.id);
            page.cut(Role::ALL.iter().map(|role| role_id(*role)).chain(own).map(|role| plain(role.uuid())).collect())
        }
        "workspaces" => {
            let all = workspaces::list(&mut tx).await?.into_iter().map(|workspace| workspace.id);
            page.cut(all.map(|id| FoundResource { workspace: Some(id), ..plain(id.uuid()) }).collect())
        }
        _ => return Err(Error::NotFound),
    };
    let may = |found: &&FoundResource| {
        let (id, owner, workspace) = (Some(found.id.to_string()), found.owner, found.workspace);
        let asked = Asked { id, owner, workspace, attributes: BTreeMap::new(), ..asked.clone() };
        answer(&asked, standing, &roles, tx.now()).0.allowed()
    };
    let next = page.next(looked_at.len(), looked_at.last().map(|last| last.id));
    Ok((looked_at.iter().filter(may).cloned().collect(), next))
}
