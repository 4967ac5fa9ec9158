//! Why a decision came out as it did: what was recorded of it, what the function says today of the same moment, address and
//! resource, and what was changed in between. The two are never mixed: what is explained in full is today's.

use super::{Answer, answers, rights};
use crate::{Ctx, Error, Result};
use bulkhead_authz::{
    access::{Roles, Subject, built_in, name},
    decision::{Decider, ReasonCode, Step, Verdict},
    truth::Resource,
};
use bulkhead_db::{
    ReadTx,
    access::{self as store, Of},
    audit::{self, Reach},
    users, workspaces,
};
use bulkhead_model::{
    Permission, RoleId, UserId,
    access::{Assigned, DecidedBy, Grant, PermissionName, RoleDefinition},
    audit::{Action, AuditEvent, AuditFilter},
    page::{PageRequest, Place},
    user::{User, UserStatus},
    workspace::Places,
};
use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::Arc,
};
use time::OffsetDateTime;

/// What was asked, and under which circumstances.
#[derive(Debug, Clone)]
pub(crate) struct Occasion {
    /// About whom.
    pub user: UserId,
    /// What for, as it was written.
    pub permission: String,
    /// When.
    pub at: OffsetDateTime,
    /// From where; none where that was not known.
    pub address: Option<IpAddr>,
    /// About what.
    pub resource: Resource,
}

/// What was recorded of a decision when it was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Then {
    /// Why; none where that was not recorded.
    pub reason: Option<ReasonCode>,
    /// The way to the line that decided, as the roles were: `Auditor → inherits Reader → allows audit:read always`.
    pub by: Option<String>,
    /// The number of the roles that it was decided by.
    pub roles_version: Option<i64>,
}

/// What the function says now of what was asked then.
#[derive(Debug)]
pub struct Trace {
    /// About whom.
    pub user: User,
    /// The roles they hold now beside their built-in one.
    pub held: Vec<Assigned>,
    /// The organization's own roles.
    pub own: Vec<RoleId>,
    /// All of its roles.
    pub roles: Arc<Roles>,
    /// What would be answered now.
    pub now: Verdict,
    /// Every line that is looked at; none for what does not exist.
    pub answer: Option<Answer>,
    /// What the workspaces that its lines name are called.
    pub places: Places,
    /// What was changed since.
    pub changes: Changes,
}

/// What was changed about somebody's roles since a decision.
#[derive(Debug, Default)]
pub struct Changes {
    /// Changes of roles that they hold or that decided, and of what they hold; newest first.
    pub events: Vec<AuditEvent>,
    /// Whether there are more than are looked at.
    pub more: bool,
    /// Whether roles, or what services have, are others than those it was decided by; none where that was not recorded.
    pub any: Option<bool>,
}

/// The most changes of a kind that are looked at: the newest.
const MOST: u16 = 100;
/// Changes of roles and of workspaces, in which some count.
const OF_ROLES: [Action; 5] = [
    Action::RoleEdited,
    Action::RoleDeleted,
    Action::WorkspaceArchived,
    Action::WorkspaceRestored,
    Action::WorkspaceMemberRemoved,
];
/// Changes of what somebody holds, and of whether it counts.
const OF_USER: [Action; 6] = [
    Action::RoleAssigned,
    Action::RoleUnassigned,
    Action::RoleChanged,
    Action::UserSuspended,
    Action::UserReactivated,
    Action::UserRemoved,
];

/// Decides again, by the roles and by what the person holds now. For whoever may see roles and the audit log.
pub(crate) async fn trace(
    ctx: &Ctx,
    tx: &mut ReadTx,
    occasion: &Occasion,
    by: Option<DecidedBy>,
    then: &Then,
) -> Result<Option<Trace>> {
    let Some(user) = users::find(tx, occasion.user).await? else { return Ok(None) };
    let standing = store::standing(tx, occasion.user).await?.ok_or(Error::NotFound)?;
    let (org, version) = (ctx.identity().org_id, ctx.identity().roles_version);
    let roles = rights::roles(ctx.app(), tx, org, version).await?;
    let own = store::definitions(tx).await?;
    let held = store::assigned(tx, Of::User(occasion.user)).await?;
    let moment = rights::moment(occasion.at, occasion.address);
    let subject = rights::of_standing(occasion.user, &standing, &roles, moment);
    let permission: Option<PermissionName> = occasion.permission.parse().ok();
    let entry = permission.and_then(|permission| roles.catalogue().find(&permission).cloned());
    let answer = entry.map(|entry| answers::answer(&subject, &entry, &occasion.resource));
    let now = match (&answer, user.status) {
        (_, status) if status != UserStatus::Active => Verdict::because(ReasonCode::SubjectInactive),
        (None, _) => Verdict::because(ReasonCode::PermissionUnknown),
        (Some(answer), _) => answer.verdict,
    };
    let concerned = concerned(&own, &held, by);
    let mut changes = changes(tx, occasion, &user, &held, &concerned).await?;
    changes.any = then.roles_version.map(|then| then != version);
    let own = own.into_iter().map(|role| role.id).collect();
    let places = crate::workspaces::places_within(ctx, tx, &roles).await?;
    Ok(Some(Trace { user, held, own, roles, now, answer, places, changes }))
}

/// The roles that somebody holds, that decided, and all that these inherit from.
fn concerned(own: &[RoleDefinition], held: &[Assigned], by: Option<DecidedBy>) -> BTreeSet<RoleId> {
    let parents: HashMap<RoleId, &[RoleId]> = own.iter().map(|role| (role.id, role.inherits.as_slice())).collect();
    let mut waiting: Vec<RoleId> = held.iter().map(|held| held.role).collect();
    waiting.extend(by.into_iter().flat_map(|by| [by.assigned, by.origin]));
    let mut concerned = BTreeSet::new();
    while let Some(role) = waiting.pop() {
        if concerned.insert(role) {
            waiting.extend(parents.get(&role).into_iter().flat_map(|parents| parents.iter()));
        }
    }
    concerned
}

/// What the audit log has of it.
async fn changes(
    tx: &mut ReadTx,
    occasion: &Occasion,
    user: &User,
    held: &[Assigned],
    concerned: &BTreeSet<RoleId>,
) -> Result<Changes> {
    let since = AuditFilter { from: Some(occasion.at), ..AuditFilter::default() };
    let page = PageRequest::new(Place::First, MOST);
    let of_roles = AuditFilter { action: OF_ROLES.to_vec(), ..since.clone() };
    let of_user = AuditFilter { action: OF_USER.to_vec(), target: user.id.to_string(), ..since };
    let of_roles = audit::list(tx, &of_roles, Reach::Organization, &page).await?;
    let of_user = audit::list(tx, &of_user, Reach::Organization, &page).await?;
    let names_them = |event: &AuditEvent| {
        let names = |text: &String| text.split(", ").any(|name| name.split(" in ").next() == Some(&user.email));
        event.before.iter().flat_map(|fields| fields.values()).any(names)
    };
    let is_theirs = |event: &AuditEvent| {
        let role = event.target_id.parse().is_ok_and(|role: RoleId| concerned.contains(&role));
        let place = held.iter().filter_map(|held| held.workspace.as_ref());
        let place = place.map(|workspace| workspace.id.to_string()).any(|id| id == event.target_id);
        match event.action {
            Action::RoleEdited => role,
            Action::RoleDeleted => role || names_them(event),
            Action::WorkspaceMemberRemoved => names_them(event),
            _ => place,
        }
    };
    let more = of_roles.next.is_some() || of_user.next.is_some();
    let mut events: Vec<AuditEvent> = of_roles.rows.into_iter().filter(is_theirs).chain(of_user.rows).collect();
    // An attempt changes nothing.
    events.retain(|event| event.outcome == bulkhead_model::audit::Outcome::Success);
    events.sort_by_key(|event| std::cmp::Reverse(event.id));
    Ok(Changes { events, more, any: None })
}

/// The way to a line as the roles were at a moment. A built-in role is as it is: what it allows comes from the catalogue.
pub(super) async fn as_it_was(tx: &mut ReadTx, roles: &Roles, by: DecidedBy, at: OffsetDateTime) -> Result<String> {
    let assigned = role_then(tx, roles, by.assigned, at).await?;
    let origin = match by.origin == by.assigned {
        true => None,
        false => Some(role_then(tx, roles, by.origin, at).await?),
    };
    let place = match by.workspace {
        Some(id) => {
            let workspace = workspaces::find(tx, id).await?;
            format!(" in {}", workspace.map_or_else(|| "a workspace".to_owned(), |workspace| workspace.name))
        }
        None => String::new(),
    };
    let line = origin.as_ref().unwrap_or(&assigned).grants.get(by.line);
    let line = line.map_or_else(|| "a line that is gone".to_owned(), said);
    let inherits = origin.as_ref().map(|origin| format!(" → inherits {}", origin.name)).unwrap_or_default();
    Ok(format!("{}{place}{inherits} → {line}", assigned.name))
}

async fn role_then(tx: &mut ReadTx, roles: &Roles, role: RoleId, at: OffsetDateTime) -> Result<RoleDefinition> {
    if let Some(role) = built_in(role) {
        return Ok(roles.catalogue().definition(role));
    }
    let versions = store::versions(tx, role).await?;
    let then = versions.into_iter().find(|version| version.saved_at <= at).map(|version| version.definition);
    let unknown = || RoleDefinition {
        id: role,
        name: "a role that is not known".to_owned(),
        inherits: Vec::new(),
        grants: Vec::new(),
    };
    Ok(then.unwrap_or_else(unknown))
}

fn said(grant: &Grant) -> String {
    format!("{} {} {}", grant.effect.label(), grant.permission, grant.when)
}

/// What a denial in the console is recorded with: the decision, and the way to the line that made it.
pub(crate) fn said_of(subject: &Subject, permission: Permission) -> (Verdict, Option<String>) {
    let permission = name(permission);
    let (verdict, steps) = subject.explain(permission, &Resource::default());
    let step = |decider: Decider| steps.iter().find(|step| step.decider == decider);
    (verdict, verdict.decider.and_then(step).map(|step| way(subject.roles(), permission, step)))
}

fn way(roles: &Roles, permission: &PermissionName, step: &Step) -> String {
    let name = |role| roles.name(role).unwrap_or("a role that is not known").to_owned();
    let Decider { assigned, workspace, origin, line } = step.decider;
    let place = if workspace.is_some() { " in a workspace" } else { "" };
    let between = roles.way(assigned, origin).unwrap_or_default().into_iter().skip(1);
    let inherits: String = between.map(|parent| format!(" → inherits {}", name(parent))).collect();
    let when = roles.when(origin, line).map(ToString::to_string).unwrap_or_default();
    format!("{}{place}{inherits} → {} {permission} {when}", name(assigned), step.effect.label())
}
