//! What the person behind a request may do: by their built-in role, and by the organization's own roles that they hold.
//!
//! Built-in roles are roles like the others, with ids that never change, so one function decides about both.

use crate::{
    decision::{self, Assignment, Holder, Question, Verdict},
    graph::{GraphError, RoleGraph},
    truth::{Circumstances, Clocks, Facts, Resource},
};
use bulkhead_model::{
    Permission, RoleId, UserId,
    access::{Condition, Effect, Grant, PermissionName, RoleDefinition},
    org::OrgKind,
    user::Role,
};
use std::{net::IpAddr, sync::Arc};
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

/// A built-in role, as a role among the others.
#[must_use]
pub fn definition(role: Role) -> RoleDefinition {
    let held = Permission::ALL.iter().filter(|permission| crate::granted(role, **permission));
    let grants = held.map(|permission| Grant {
        permission: (*permission).into(),
        effect: Effect::Allow,
        when: Condition::default(),
    });
    RoleDefinition { id: role_id(role), name: role.label().to_owned(), inherits: Vec::new(), grants: grants.collect() }
}

/// An organization's own roles together with the built-in ones.
///
/// # Errors
/// Why they cannot stand together.
pub fn graph(own: impl IntoIterator<Item = RoleDefinition>) -> Result<RoleGraph, GraphError> {
    let roles: Vec<RoleDefinition> = Role::ALL.iter().map(|role| definition(*role)).chain(own).collect();
    RoleGraph::new(&roles)
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
    role: Role,
    org_kind: OrgKind,
    graph: Arc<RoleGraph>,
    assignments: Arc<[Assignment]>,
    moment: Moment,
}

impl Subject {
    /// Somebody with a built-in role, and roles of the organization that `graph` knows.
    #[must_use]
    pub fn new(
        (user, role, org_kind): (UserId, Role, OrgKind),
        graph: Arc<RoleGraph>,
        assigned: impl IntoIterator<Item = Assignment>,
        moment: Moment,
    ) -> Self {
        let built_in = Assignment { role: role_id(role), workspace: None, from: None, until: None };
        let assignments = std::iter::once(built_in).chain(assigned).collect();
        Self { user, role, org_kind, graph, assignments, moment }
    }

    /// Their built-in role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether they may do something in the console, and why.
    #[must_use]
    pub fn decide(&self, permission: Permission) -> Verdict {
        self.decide_about(&permission.into(), true, &Resource::default())
    }

    /// Whether they may do something to a resource, and why. What is not `registered` is denied.
    #[must_use]
    pub fn decide_about(&self, permission: &PermissionName, registered: bool, resource: &Resource) -> Verdict {
        let Moment { now, address, clocks } = &self.moment;
        let circumstances = Circumstances { now: *now, address: *address, clocks: &**clocks };
        let facts = Facts { user: self.user, resource, circumstances };
        decision::decide(&self.graph, &self.holder(), &Question { permission, registered, facts })
    }

    /// Whether they hold a permission whatever the circumstances, until `until` at least (none: without end): only what is
    /// held like that can be given to somebody else, whose circumstances are others.
    #[must_use]
    pub fn holds(&self, permission: &PermissionName, until: Option<OffsetDateTime>) -> bool {
        if permission.is_platform() && self.org_kind != OrgKind::Platform {
            return false;
        }
        let lasts = |assignment: &&Assignment| {
            let to_the_end = assignment.until.is_none_or(|end| until.is_some_and(|until| until <= end));
            let has_begun = assignment.from.is_none_or(|from| from <= self.moment.now);
            assignment.workspace.is_none() && has_begun && to_the_end
        };
        let says = |assignment: &Assignment, effect: Effect, always: bool| {
            let lines = self.graph.lines(assignment.role, permission).unwrap_or_default();
            lines.iter().any(|line| line.effect == effect && (!always || line.when.any.is_empty()))
        };
        let is_known = self.assignments.iter().all(|assignment| self.graph.knows(assignment.role));
        is_known
            && self.assignments.iter().filter(lasts).any(|assignment| says(assignment, Effect::Allow, true))
            && !self.assignments.iter().any(|assignment| says(assignment, Effect::Deny, false))
    }

    /// The permissions of `role`, its own and inherited, that this person could not give to somebody until `until`. None is
    /// missing: no one grants what they do not hold.
    #[must_use]
    pub fn cannot_give(&self, graph: &RoleGraph, role: RoleId, until: Option<OffsetDateTime>) -> Vec<PermissionName> {
        let allows = |name: &&PermissionName| {
            let lines = graph.lines(role, name).unwrap_or_default();
            lines.iter().any(|line| line.effect == Effect::Allow)
        };
        // Where nobody can hold them, platform permissions of a built-in role count for nothing.
        let counts = |name: &&PermissionName| self.org_kind == OrgKind::Platform || !name.is_platform();
        let given = graph.permissions(role).into_iter().filter(allows).filter(counts);
        given.filter(|name| !self.holds(name, until)).cloned().collect()
    }

    fn holder(&self) -> Holder<'_> {
        Holder { user: self.user, platform: self.org_kind == OrgKind::Platform, assignments: &self.assignments }
    }
}
