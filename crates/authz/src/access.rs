//! What the person behind a request may do: by their built-in role, and by the organization's own roles that they hold.
//!
//! Built-in roles are roles like the others, with ids that never change, so one function decides about both.

use crate::{
    catalogue::Catalogue,
    decision::{self, Holder, Question, Step, Verdict},
    graph::{GraphError, RoleGraph},
    reach::{self, Reach},
    truth::{self, Circumstances, Clocks, Facts, Looked, Resource},
};
use bulkhead_model::{
    Permission, RoleId, UserId, WorkspaceId,
    access::{Assignment, Condition, Effect, PermissionName, RoleDefinition},
    org::OrgKind,
    user::Role,
};
use std::{
    fmt,
    net::IpAddr,
    ops::Deref,
    sync::{Arc, LazyLock},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// The id of a built-in role, the same in every organization.
#[must_use]
pub const fn role_id(role: Role) -> RoleId {
    let last = match role {
        Role::Admin => 1,
        Role::Manager => 2,
        Role::User => 3,
        Role::Viewer => 4,
    };
    RoleId::from_uuid(Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0a00 + last))
}

/// The built-in role of an id.
#[must_use]
pub fn built_in(id: RoleId) -> Option<Role> {
    Role::ALL.iter().copied().find(|role| role_id(*role) == id)
}

/// All roles of an organization: its own and the built-in ones, over every permission there is.
#[derive(Debug, Clone)]
pub struct Roles {
    catalogue: Arc<Catalogue>,
    graph: RoleGraph,
}

impl Roles {
    /// An organization's own roles together with the built-in ones.
    ///
    /// # Errors
    /// Why they cannot stand together.
    pub fn new(catalogue: Arc<Catalogue>, own: impl IntoIterator<Item = RoleDefinition>) -> Result<Self, GraphError> {
        let built_in = Role::ALL.iter().map(|role| catalogue.definition(*role));
        let roles: Vec<RoleDefinition> = built_in.chain(own).collect();
        Ok(Self { graph: RoleGraph::new(&roles)?, catalogue })
    }

    /// The built-in roles over the console's permissions alone: all there is to ask about a request of whoever holds none
    /// of an organization's own.
    #[must_use]
    pub fn of_console() -> Arc<Self> {
        // They inherit from nothing, so they always stand together; were they not to, nobody would be allowed anything.
        static ROLES: LazyLock<Arc<Roles>> = LazyLock::new(|| {
            let catalogue = Catalogue::console();
            let roles = Roles::new(Arc::clone(&catalogue), []);
            Arc::new(roles.unwrap_or(Roles { catalogue, graph: RoleGraph::default() }))
        });
        Arc::clone(&ROLES)
    }

    /// Every permission there is.
    #[must_use]
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// What the roles say.
    #[must_use]
    pub fn graph(&self) -> &RoleGraph {
        &self.graph
    }
}

impl Deref for Roles {
    type Target = RoleGraph;
    fn deref(&self) -> &RoleGraph {
        &self.graph
    }
}

/// A permission of the console by its name, without writing the name out for every question.
#[must_use]
pub fn name(permission: Permission) -> &'static PermissionName {
    static NAMES: LazyLock<Vec<PermissionName>> =
        LazyLock::new(|| Permission::ALL.iter().map(|permission| (*permission).into()).collect());
    &NAMES[permission as usize]
}

/// When somebody asks, and from where.
#[derive(Clone)]
pub struct Moment {
    /// By the database's clock.
    pub now: OffsetDateTime,
    /// The client's address; none where it is not known.
    pub address: Option<IpAddr>,
    /// Clocks of time zones.
    pub clocks: Arc<dyn Clocks + Send + Sync>,
}

/// Who asks: facts from the session's row and the roles of their organization.
#[derive(Clone)]
pub struct Subject {
    user: UserId,
    org_kind: OrgKind,
    roles: Arc<Roles>,
    assignments: Arc<[Assignment]>,
    moment: Moment,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("user", &self.user).field("assignments", &self.assignments).finish()
    }
}

impl Subject {
    /// Somebody with a built-in role, and others of their organization's roles.
    #[must_use]
    pub fn new(
        (user, role, org_kind): (UserId, Role, OrgKind),
        roles: Arc<Roles>,
        assigned: impl IntoIterator<Item = Assignment>,
        moment: Moment,
    ) -> Self {
        let built_in = Assignment { role: role_id(role), workspace: None, from: None, until: None };
        Self { user, org_kind, roles, assignments: std::iter::once(built_in).chain(assigned).collect(), moment }
    }

    /// The same person over other roles of their organization, with what their request began with.
    #[must_use]
    pub fn among(&self, roles: Arc<Roles>) -> Self {
        Self { roles, ..self.clone() }
    }

    /// The roles that they are decided by.
    #[must_use]
    pub const fn roles(&self) -> &Arc<Roles> {
        &self.roles
    }

    /// Every test of a condition, group by group, with what it sees of a resource now and whether it holds.
    #[must_use]
    pub fn look(&self, when: &Condition, resource: &Resource) -> Vec<Vec<Looked>> {
        let Moment { now, address, clocks } = &self.moment;
        let circumstances = Circumstances { now: *now, address: *address, clocks: &**clocks };
        truth::look(when, &Facts { user: self.user, resource, circumstances })
    }

    /// Whether they may do something in the console, and why.
    #[must_use]
    pub fn decide(&self, permission: Permission) -> Verdict {
        self.ask(name(permission), true, &Resource::default(), |graph, holder, question| {
            decision::decide(graph, holder, question)
        })
    }

    /// Whether they may do something to a resource.
    #[must_use]
    pub fn decide_about(&self, permission: &PermissionName, resource: &Resource) -> Verdict {
        self.ask(permission, self.exists(permission), resource, |graph, holder, question| {
            decision::decide(graph, holder, question)
        })
    }

    /// Whether they may do something to a resource and why, with every line that was looked at.
    #[must_use]
    pub fn explain(&self, permission: &PermissionName, resource: &Resource) -> (Verdict, Vec<Step>) {
        self.ask(permission, self.exists(permission), resource, |graph, holder, question| {
            decision::explain(graph, holder, question)
        })
    }

    fn ask<T>(
        &self,
        permission: &PermissionName,
        registered: bool,
        resource: &Resource,
        answer: impl FnOnce(&RoleGraph, &Holder<'_>, &Question<'_>) -> T,
    ) -> T {
        let Moment { now, address, clocks } = &self.moment;
        let circumstances = Circumstances { now: *now, address: *address, clocks: &**clocks };
        let facts = Facts { user: self.user, resource, circumstances };
        answer(&self.roles, &self.holder(), &Question { permission, registered, facts })
    }

    /// Nobody is allowed what does not exist.
    pub(crate) fn exists(&self, permission: &PermissionName) -> bool {
        self.roles.catalogue.find(permission).is_some()
    }

    /// When and from where they ask.
    pub(crate) fn moment(&self) -> &Moment {
        &self.moment
    }

    pub(crate) fn holder(&self) -> Holder<'_> {
        let platform = self.org_kind == OrgKind::Platform;
        Holder { user: self.user, platform, assignments: &self.assignments }
    }

    /// How far they may do something from now on, under all circumstances together.
    #[must_use]
    pub fn reach(&self, permission: &PermissionName) -> Reach {
        reach::reach(&self.roles, &self.holder(), (permission, self.exists(permission)), self.moment.now)
    }

    /// Whether they hold a permission whatever the circumstances, until `until` at least (none: without end): only what is
    /// held like that can be given to somebody else, whose circumstances are others. `within` a workspace, what they hold
    /// there counts as well; organization-wide, what is denied to them in any workspace is not theirs to give.
    #[must_use]
    pub fn holds(
        &self,
        permission: &PermissionName,
        until: Option<OffsetDateTime>,
        within: Option<WorkspaceId>,
    ) -> bool {
        if permission.is_platform() && self.org_kind != OrgKind::Platform {
            return false;
        }
        let lasts = |assignment: &&Assignment| {
            let to_the_end = assignment.until.is_none_or(|end| until.is_some_and(|until| until <= end));
            let has_begun = assignment.from.is_none_or(|from| from <= self.moment.now);
            let there = assignment.workspace.is_none() || assignment.workspace == within;
            there && has_begun && to_the_end
        };
        let allows = |assignment: &Assignment| {
            let mut said = self.roles.graph.says(assignment.role, permission);
            said.any(|line| line.effect == Effect::Allow && line.when.any.is_empty())
        };
        let denies = |assignment: &Assignment| {
            let elsewhere = within.is_some() && assignment.workspace.is_some() && assignment.workspace != within;
            !elsewhere && self.roles.graph.says(assignment.role, permission).any(|line| line.effect == Effect::Deny)
        };
        let is_known = self.assignments.iter().all(|assignment| self.roles.graph.knows(assignment.role));
        is_known && self.assignments.iter().filter(lasts).any(allows) && !self.assignments.iter().any(denies)
    }

    /// Which of these permissions they do not hold until `until`, `within` a workspace or organization-wide. No one grants what they do not hold.
    #[must_use]
    pub fn lacks<'a>(
        &self,
        permissions: impl IntoIterator<Item = &'a PermissionName>,
        until: Option<OffsetDateTime>,
        within: Option<WorkspaceId>,
    ) -> Vec<PermissionName> {
        // Where nobody can hold them, platform permissions of a built-in role count for nothing.
        let counts = |name: &&PermissionName| self.org_kind == OrgKind::Platform || !name.is_platform();
        permissions.into_iter().filter(counts).filter(|name| !self.holds(name, until, within)).cloned().collect()
    }

    /// Whether they may give a built-in role to someone, or act on someone who has it: where they hold all that it allows.
    #[must_use]
    pub fn may_assign(&self, role: Role) -> bool {
        self.lacks(self.roles.allowed(role_id(role)), None, None).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_model::access::Grant;
    use time::{Duration, PrimitiveDateTime};

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const PRODUCTION: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(1));
    const STAGING: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(2));
    const AUDITOR: RoleId = RoleId::from_uuid(Uuid::from_u128(11));
    const GAG: RoleId = RoleId::from_uuid(Uuid::from_u128(12));

    struct NoClocks;
    impl Clocks for NoClocks {
        fn read(&self, _: &str, _: OffsetDateTime) -> Option<PrimitiveDateTime> {
            None
        }
    }

    fn says(id: RoleId, effect: Effect) -> RoleDefinition {
        let grant = Grant { permission: Permission::AuditRead.into(), effect, when: Condition::default() };
        RoleDefinition { id, name: id.to_string(), inherits: Vec::new(), grants: vec![grant] }
    }

    fn held(role: RoleId, workspace: Option<WorkspaceId>) -> Assignment {
        Assignment { role, workspace, from: None, until: None }
    }

    fn viewer(assigned: impl IntoIterator<Item = Assignment>) -> Result<Subject, GraphError> {
        let roles = Roles::new(Catalogue::console(), [says(AUDITOR, Effect::Allow), says(GAG, Effect::Deny)])?;
        let moment = Moment { now: NOW, address: None, clocks: Arc::new(NoClocks) };
        let who = (UserId::from_uuid(Uuid::nil()), Role::Viewer, OrgKind::Customer);
        Ok(Subject::new(who, Arc::new(roles), assigned, moment))
    }

    /// Where somebody holds it: organization-wide, in production, in staging.
    fn where_held(subject: &Subject) -> [bool; 3] {
        [None, Some(PRODUCTION), Some(STAGING)].map(|within| subject.holds(name(Permission::AuditRead), None, within))
    }

    #[test]
    fn what_is_held_in_a_workspace_is_given_there_only() -> Result<(), GraphError> {
        assert_eq!(where_held(&viewer([])?), [false; 3]);
        assert_eq!(where_held(&viewer([held(AUDITOR, Some(PRODUCTION))])?), [false, true, false]);
        assert_eq!(where_held(&viewer([held(AUDITOR, None)])?), [true; 3]);
        let ends = Assignment { until: Some(NOW + Duration::HOUR), ..held(AUDITOR, Some(PRODUCTION)) };
        let until = |hours| Some(NOW + Duration::hours(hours));
        let subject = viewer([ends])?;
        let lasts =
            [None, until(1), until(2)].map(|until| subject.holds(name(Permission::AuditRead), until, Some(PRODUCTION)));
        assert_eq!(lasts, [false, true, false]);
        Ok(())
    }

    #[test]
    fn what_is_denied_in_a_workspace_is_given_elsewhere_only() -> Result<(), GraphError> {
        let denied = |workspace| viewer([held(AUDITOR, None), held(GAG, workspace)]);
        assert_eq!(where_held(&denied(Some(PRODUCTION))?), [false, false, true]);
        assert_eq!(where_held(&denied(None)?), [false; 3]);
        Ok(())
    }

    #[test]
    fn a_console_permission_is_not_held_by_a_workspace() -> Result<(), GraphError> {
        let subject = viewer([held(AUDITOR, Some(PRODUCTION))])?;
        assert!(!subject.decide(Permission::AuditRead).allowed());
        let there = Resource { workspace: Some(PRODUCTION), ..Resource::default() };
        assert!(subject.explain(name(Permission::AuditRead), &there).0.allowed());
        Ok(())
    }
}
