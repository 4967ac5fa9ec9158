//! Roles as they are answered.

use super::condition;
use crate::api::{duties::DutyClash, words};
use bulkhead_authz::{access::built_in, graph::RoleGraph};
use bulkhead_domain::access::{self, Preview, Reach, Replay, RoleList, Shift, Turn};
use bulkhead_model::{
    RoleId, UserId, WorkspaceId,
    access::{Assigned, Effect, Grant, InWorkspace, RoleDefinition, RoleVersion, StoredRole},
    workspace::{Workspace, WorkspaceStatus},
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A role by its id, and what it is called.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleRef {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: RoleId,
    /// What people call it.
    #[schema(example = "Auditor")]
    pub name: String,
}

impl RoleRef {
    /// A role of a graph. What the graph does not know has no name.
    pub fn of(graph: &RoleGraph, id: RoleId) -> Self {
        Self { id, name: graph.name(id).unwrap_or_default().to_owned() }
    }
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleSummary {
    /// Its id; a built-in role has the same in every organization.
    #[schema(value_type = Uuid)]
    id: RoleId,
    /// What people call it.
    #[schema(example = "Auditor")]
    name: String,
    /// Whether it is one of the four that never change.
    built_in: bool,
    /// What it is for; empty for a built-in one.
    description: String,
    /// The roles it inherits from directly.
    inherits: Vec<RoleRef>,
    /// Its own lines.
    #[schema(value_type = Vec<condition::Grant>)]
    grants: Vec<Grant>,
    /// When it was saved last; null for a built-in one.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    updated_at: Option<OffsetDateTime>,
    /// By whom: an address; null for a built-in one.
    #[schema(required, example = "ana@example.com")]
    updated_by: Option<String>,
    /// Grows with each change; null for a built-in one. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(required, example = 3)]
    version: Option<i32>,
}

impl RoleSummary {
    fn of(graph: &RoleGraph, definition: &RoleDefinition, stored: Option<&StoredRole>) -> Self {
        let RoleDefinition { id, name, inherits, grants } = definition.clone();
        Self {
            id,
            name,
            built_in: built_in(id).is_some(),
            description: stored.map(|role| role.description.clone()).unwrap_or_default(),
            inherits: inherits.into_iter().map(|parent| RoleRef::of(graph, parent)).collect(),
            grants,
            updated_at: stored.map(|role| role.updated_at),
            updated_by: stored.map(|role| role.updated_by.clone()),
            version: stored.map(|role| role.version),
        }
    }
}

/// A role of the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleListed {
    #[serde(flatten)]
    role: RoleSummary,
    /// How many users hold it themselves: active ones of a built-in role, all that are not removed of the organization's own.
    holders: i64,
}

/// The roles, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Roles {
    /// The built-in ones, strongest first; then the organization's own, by name.
    data: Vec<RoleListed>,
}

impl Roles {
    pub fn of(list: &RoleList) -> Self {
        let given = list.built_in.iter().map(|(role, holders)| {
            let definition = list.roles.catalogue().definition(*role);
            RoleListed { role: RoleSummary::of(&list.roles, &definition, None), holders: *holders }
        });
        let own = list.own.iter().map(|role| RoleListed {
            role: RoleSummary::of(&list.roles, &role.definition, Some(role)),
            holders: role.holders,
        });
        Self { data: given.chain(own).collect() }
    }
}

/// A line that counts for a role: its own, or one it inherits.
#[derive(Debug, Serialize, ToSchema)]
pub struct EffectiveLine {
    /// What it is about.
    #[schema(example = "users:read")]
    permission: String,
    /// Allowing or denying.
    #[schema(value_type = words::GrantEffect)]
    effect: Effect,
    /// When it counts.
    #[schema(value_type = Vec<Vec<condition::ConditionTest>>)]
    when: bulkhead_model::access::Condition,
    /// The same in a sentence.
    #[schema(example = "when from 192.0.2.0/24")]
    sentence: String,
    /// The role that says it.
    from: RoleRef,
}

/// A role with everything that counts for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleDetail {
    #[serde(flatten)]
    role: RoleSummary,
    /// What counts for whoever holds it, by permission; of one permission the role's own lines first, then by distance.
    effective: Vec<EffectiveLine>,
    /// The roles that inherit from it directly.
    heirs: Vec<RoleRef>,
}

impl RoleDetail {
    pub fn of(found: &access::RoleDetail) -> Self {
        let (graph, id) = (&found.roles, found.definition.id);
        let lines = |permission| {
            graph.says(id, permission).map(move |line| EffectiveLine {
                permission: permission.to_string(),
                effect: line.effect,
                when: line.when.clone(),
                sentence: line.when.to_string(),
                from: RoleRef::of(graph, line.origin),
            })
        };
        Self {
            role: RoleSummary::of(graph, &found.definition, found.stored.as_ref()),
            effective: graph.permissions(id).into_iter().flat_map(lines).collect(),
            heirs: found.heirs.iter().map(|heir| RoleRef { id: heir.id, name: heir.name.clone() }).collect(),
        }
    }
}

/// A state that a role was saved in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedRole {
    /// Which: 1 is the first.
    version: i32,
    /// What it was called.
    name: String,
    /// What it was for.
    description: String,
    /// The roles it inherited from, by id; some may be deleted.
    #[schema(value_type = Vec<Uuid>)]
    inherits: Vec<RoleId>,
    /// Its lines.
    #[schema(value_type = Vec<condition::Grant>)]
    grants: Vec<Grant>,
    /// Why it was saved; empty where nobody said.
    reason: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    saved_at: OffsetDateTime,
    /// By whom: an address.
    #[schema(example = "ana@example.com")]
    saved_by: String,
}

/// Every state that a role was saved in.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleVersions {
    /// The newest first.
    data: Vec<SavedRole>,
}

impl From<Vec<RoleVersion>> for RoleVersions {
    fn from(versions: Vec<RoleVersion>) -> Self {
        let saved = |version: RoleVersion| {
            let RoleVersion { version, definition, description, reason, saved_at, saved_by } = version;
            let RoleDefinition { name, inherits, grants, .. } = definition;
            SavedRole { version, name, description, inherits, grants, reason, saved_at, saved_by }
        };
        Self { data: versions.into_iter().map(saved).collect() }
    }
}

/// Somebody who holds a role.
#[derive(Debug, Serialize, ToSchema)]
pub struct Holder {
    /// Their id.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
    /// Their name; may be empty.
    name: String,
    /// Which role.
    role: RoleRef,
    /// The workspace it counts in; null for the whole organization.
    #[schema(required)]
    workspace: Option<WorkspaceRef>,
    /// From when on; null for at once.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    from: Option<OffsetDateTime>,
    /// Until when, not included; null for without end.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    until: Option<OffsetDateTime>,
    /// When it was given.
    #[serde(with = "time::serde::rfc3339")]
    assigned_at: OffsetDateTime,
    /// By whom: an address.
    #[schema(example = "ben@example.com")]
    assigned_by: String,
}

impl From<Assigned> for Holder {
    fn from(held: Assigned) -> Self {
        let Assigned { user, user_email, user_name, role, role_name, workspace, from, until, assigned_at, assigned_by } =
            held;
        let role = RoleRef { id: role, name: role_name };
        let workspace = workspace.map(WorkspaceRef::from);
        Self {
            user_id: user,
            email: user_email,
            name: user_name,
            role,
            workspace,
            from,
            until,
            assigned_at,
            assigned_by,
        }
    }
}

/// The workspace that a role counts in.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceRef {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: WorkspaceId,
    /// What it is called.
    #[schema(example = "Production")]
    name: String,
    /// Roles in an archived one are kept and do not count.
    #[schema(value_type = words::WorkspaceStatus)]
    status: WorkspaceStatus,
}

impl From<InWorkspace> for WorkspaceRef {
    fn from(workspace: InWorkspace) -> Self {
        let InWorkspace { id, name, status } = workspace;
        Self { id, name, status }
    }
}

impl From<Workspace> for WorkspaceRef {
    fn from(workspace: Workspace) -> Self {
        let Workspace { id, name, status, .. } = workspace;
        Self { id, name, status }
    }
}

/// Who holds a role, or which roles somebody holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleHolders {
    /// By the user's name, then the role's.
    data: Vec<Holder>,
}

impl From<Vec<Assigned>> for RoleHolders {
    fn from(held: Vec<Assigned>) -> Self {
        Self { data: held.into_iter().map(Holder::from).collect() }
    }
}

/// That somebody could do more or less than before.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessShift {
    /// Who.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
    /// What it is about.
    #[schema(example = "users:read")]
    permission: String,
    /// How far they may now.
    #[schema(value_type = words::Reach)]
    before: &'static str,
    /// How far they would.
    #[schema(value_type = words::Reach)]
    after: &'static str,
}

/// What a role would allow and does not, or the other way round.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleShift {
    /// What it is about.
    #[schema(example = "users:read")]
    permission: String,
    /// How far it reaches now.
    #[schema(value_type = words::Reach)]
    before: &'static str,
    /// How far it would.
    #[schema(value_type = words::Reach)]
    after: &'static str,
}

/// Requests of one person for one thing that would be answered in another way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayTurn {
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
    /// What they asked for.
    #[schema(example = "invoices:delete")]
    permission: String,
    /// Whether they would be allowed; they were denied.
    allowed: bool,
    /// How many requests, those that were allowed counted by sample.
    #[schema(example = 12)]
    requests: u64,
}

/// Recorded decisions of the last 30 days about whoever holds the role, decided again by the role as it would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleReplay {
    /// Requests that were decided again, those that were allowed counted by sample.
    tried: u64,
    /// Those that would be answered in another way, by address and permission.
    changed: Vec<ReplayTurn>,
}

impl From<Replay> for RoleReplay {
    fn from(Replay { tried, turns }: Replay) -> Self {
        let turn = |Turn { email, permission, allowed, requests }: Turn| ReplayTurn {
            email,
            permission: permission.to_string(),
            allowed,
            requests,
        };
        Self { tried, changed: turns.into_iter().map(turn).collect() }
    }
}

/// What saving a role would change.
#[derive(Debug, Serialize, ToSchema)]
pub struct RolePreview {
    /// Users who hold the role, themselves or through another one.
    holders: usize,
    /// Who would gain or lose what, by address and permission.
    users: Vec<AccessShift>,
    /// What the role by itself would gain or lose, whoever holds it.
    role: Vec<RoleShift>,
    /// Duties that exclude each other of which the role by itself, or somebody, would newly hold both.
    duties: Vec<DutyClash>,
    /// What services asked lately, answered again.
    replay: RoleReplay,
}

impl From<Preview> for RolePreview {
    fn from(preview: Preview) -> Self {
        let user = |shift: Shift| {
            let Shift { user, email, permission, before, after } = shift;
            let (before, after) = (before.code(), after.code());
            AccessShift { user_id: user, email, permission: permission.to_string(), before, after }
        };
        let role = |(permission, before, after): (bulkhead_model::access::PermissionName, Reach, Reach)| RoleShift {
            permission: permission.to_string(),
            before: before.code(),
            after: after.code(),
        };
        let Preview { shifts, holders, role: of_role, duties, replay, .. } = preview;
        let (users, role) = (shifts.into_iter().map(user).collect(), of_role.into_iter().map(role).collect());
        let duties = duties.into_iter().map(DutyClash::from).collect();
        Self { holders, users, role, duties, replay: replay.into() }
    }
}
