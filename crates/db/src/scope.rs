//! Who a transaction acts for. Values of these types exist only where a credential was found in the database,
//! so holding one is the proof that it was.

use bulkhead_model::{
    OrgId, RequestId, SessionId, UserId, access::Assignment, audit::ActorKind, id::PLATFORM_ORG, org::OrgKind,
    session::SignInMethod, user::Role,
};
use std::net::IpAddr;
use time::OffsetDateTime;

/// Where a request came from; written into every audit event.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The request's id, as the person sees it.
    pub request_id: Option<RequestId>,
    /// The client's address, after trusted proxies.
    pub address: Option<IpAddr>,
    /// The client's own name for itself, cut to 400 characters.
    pub user_agent: Option<String>,
}

/// Who acts, as the audit log will say.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(crate) kind: ActorKind,
    pub(crate) id: Option<UserId>,
    pub(crate) label: String,
    pub(crate) session: Option<SessionId>,
}

impl Actor {
    /// A person. Whoever belongs to the platform organization acts as an operator, whatever they do and wherever.
    pub(crate) fn person(home: OrgId, user: UserId, label: String, session: Option<SessionId>) -> Self {
        let kind = if home == PLATFORM_ORG { ActorKind::Operator } else { ActorKind::User };
        Self { kind, id: Some(user), label, session }
    }
}

/// An organization and who acts in it. Minted in this crate only, from a verified credential row.
#[derive(Debug, Clone)]
pub struct OrgScope {
    pub(crate) org: OrgId,
    pub(crate) actor: Actor,
}

impl OrgScope {
    /// What a live session stands for.
    pub(crate) fn of(identity: &Identity) -> Self {
        let (org, user, session) = (identity.org_id, identity.user_id, identity.session_id);
        Self { org, actor: Actor::person(org, user, identity.email.clone(), Some(session)) }
    }

    /// The organization.
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// The acting user, unless the system or nobody acts.
    pub fn user(&self) -> Option<UserId> {
        self.actor.id
    }
}

/// What a live session says about its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Their organization.
    pub org_id: OrgId,
    /// Their id.
    pub user_id: UserId,
    /// This session.
    pub session_id: SessionId,
    /// The organization's name in URLs.
    pub org_slug: String,
    /// The organization's display name.
    pub org_name: String,
    /// Customer or platform.
    pub org_kind: OrgKind,
    /// The organization's plan.
    pub org_plan: String,
    /// Their address.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The number of their organization's roles as they are: another one with every change of a role or a resource type.
    pub roles_version: i64,
    /// Roles of the organization's own that they hold, now or later.
    pub assignments: Vec<Assignment>,
    /// How the session began.
    pub method: SignInMethod,
    /// Its assurance level.
    pub assurance: i16,
    /// When it began.
    pub signed_in_at: OffsetDateTime,
    /// Its latest recorded request.
    pub last_seen_at: OffsetDateTime,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// The jobs that act for nobody. Each is one reason to open a [`crate::SystemTx`]; the list is reviewed like an allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemTask {
    /// Resume provisioning that a failure or restart interrupted.
    Provisioning,
    /// Record an attempt to reach another organization's object.
    CrossTenantWatch,
    /// Attack a copy of the schema and keep what was found.
    Prover,
    /// Ask how statements are planned and keep what was answered.
    PlanWatch,
    /// Create the first operator from the command line.
    BootstrapOperator,
    /// Delete organizations whose time to be restored is over.
    Purge,
    /// Delete audit events that are older than their organization's plan keeps them.
    AuditRetention,
}

impl SystemTask {
    /// The name in the audit log.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning worker",
            Self::CrossTenantWatch => "cross-tenant watch",
            Self::Prover => "prover",
            Self::PlanWatch => "plan watch",
            Self::BootstrapOperator => "command line",
            Self::Purge => "purge worker",
            Self::AuditRetention => "audit retention worker",
        }
    }
}
