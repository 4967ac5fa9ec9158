//! The audit log: which actions exist, what an event says, how events are asked for.

use crate::{
    id::{AuditEventId, OrgId, RequestId, SessionId, UserId},
    org::words,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use time::OffsetDateTime;

words! {
    /// Everything that is recorded. The code is stable and part of the API; the label completes "Ana …".
    Action {
        SignedIn = "session.started", "signed in";
        SignInFailed = "session.refused", "failed to sign in";
        SignedOut = "session.ended", "signed out";
        SessionRevoked = "session.revoked", "ended a session";
        SessionsRevoked = "session.revoked_others", "ended other sessions";
        PasswordChanged = "password.changed", "changed the password";
        PasswordResetAsked = "password.reset_requested", "asked for a password reset";
        PasswordReset = "password.reset", "reset the password";
        OrganizationsAsked = "account.organizations_requested", "asked which organizations know the address";
        UserInvited = "user.invited", "invited a user";
        UserInvitedAgain = "user.invitation_resent", "resent an invitation";
        UserJoined = "user.joined", "accepted an invitation";
        UserUpdated = "user.updated", "changed a user";
        RoleChanged = "user.role_changed", "changed a role";
        RoleAssigned = "user.role_assigned", "gave someone a role";
        RoleUnassigned = "user.role_unassigned", "took a role from someone";
        UserSuspended = "user.suspended", "suspended a user";
        UserReactivated = "user.reactivated", "reactivated a user";
        UserRemoved = "user.removed", "removed a user";
        RoleCreated = "role.created", "created a role";
        RoleEdited = "role.changed", "changed what a role allows";
        RoleDeleted = "role.deleted", "deleted a role";
        DutyConflictCreated = "duty_conflict.created", "named duties that exclude each other";
        DutyConflictChanged = "duty_conflict.changed", "changed duties that exclude each other";
        DutyConflictDeleted = "duty_conflict.deleted", "deleted a conflict of duties";
        WorkspaceCreated = "workspace.created", "created a workspace";
        WorkspaceChanged = "workspace.changed", "changed a workspace";
        WorkspaceArchived = "workspace.archived", "archived a workspace";
        WorkspaceRestored = "workspace.restored", "brought a workspace back";
        WorkspaceMemberAdded = "workspace.member_added", "added someone to a workspace";
        WorkspaceMemberRemoved = "workspace.member_removed", "removed someone from a workspace";
        SettingsChanged = "settings.changed", "changed settings";
        OrgCreated = "org.created", "created the organization";
        OrgProvisioned = "org.provisioned", "finished provisioning";
        OrgStepFinished = "org.step_finished", "finished a provisioning step";
        OrgStepFailed = "org.step_failed", "could not finish a provisioning step";
        OrgUpdated = "org.updated", "changed the organization";
        OrgSuspended = "org.suspended", "suspended the organization";
        OrgReactivated = "org.reactivated", "reactivated the organization";
        OrgDeprovisioned = "org.deprovisioned", "scheduled the organization's deletion";
        OrgRestored = "org.restored", "restored the organization";
        OrgPurged = "org.purged", "deleted the organization for good";
        AuditExpired = "audit.expired", "deleted audit events that were too old";
        AccessDenied = "access.denied", "was denied";
        CrossTenantAttempt = "access.cross_tenant_attempt", "aimed at another organization's object";
        ProofStarted = "proof.started", "started a proof of isolation";
        ProofFinished = "proof.finished", "finished a proof of isolation";
        ProofFailed = "proof.failed", "could not finish a proof of isolation";
        PlansExamined = "plans.examined", "asked PostgreSQL for the plans of the statements it runs";
        PlanDegraded = "plan.degraded", "noticed that a statement's plan got worse";
        PlanAccepted = "plan.accepted", "accepted a statement's plan as it is now";
        RowRevealed = "row.revealed", "looked at a row through the X-ray";
        DataSourceAdded = "data_source.added", "registered a data source";
        DataSourceChanged = "data_source.changed", "changed a data source";
        DataSourceRemoved = "data_source.removed", "removed a data source";
        ResourceTypeRegistered = "resource_type.registered", "registered a resource type";
        ResourceTypeChanged = "resource_type.changed", "changed a resource type";
        ResourceTypeRemoved = "resource_type.removed", "removed a resource type";
        AlertOpened = "alert.opened", "raised an alert";
        AlertAcknowledged = "alert.acknowledged", "acknowledged an alert";
        AlertClosed = "alert.closed", "closed an alert";
        OperatorBootstrapped = "operator.bootstrapped", "created an operator from the command line";
    }
}

words! {
    /// How it ended.
    Outcome {
        Success = "success", "Done";
        Denied = "denied", "Denied";
        Failure = "failure", "Failed";
    }
}

words! {
    /// Who acted.
    ActorKind {
        User = "user", "User";
        Operator = "operator", "Operator";
        System = "system", "System";
        Anonymous = "anonymous", "Anonymous";
    }
}

words! {
    /// What was acted on.
    TargetKind {
        Org = "org", "Organization";
        User = "user", "User";
        Session = "session", "Session";
        Role = "role", "Role";
        Workspace = "workspace", "Workspace";
        DutyConflict = "duty_conflict", "Conflict of duties";
        Settings = "settings", "Settings";
        AuditEvent = "audit_event", "Audit event";
        Page = "page", "Page";
        Alert = "alert", "Alert";
        Proof = "proof", "Proof";
        Plan = "plan", "Plan";
        Row = "row", "Row";
        DataSource = "data_source", "Data source";
        ResourceType = "resource_type", "Resource type";
        Decision = "decision", "Decision";
    }
}

/// One event, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Version 7: sorts in time.
    pub id: AuditEventId,
    /// The organization it happened in.
    pub org_id: OrgId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Kind of actor.
    pub actor_kind: ActorKind,
    /// The actor, if it is a user or an operator.
    pub actor_id: Option<UserId>,
    /// The actor's address at the time, or the system's name.
    pub actor_label: String,
    /// What was done.
    pub action: Action,
    /// Kind of target.
    pub target_kind: TargetKind,
    /// The target's id, or key.
    pub target_id: String,
    /// What the target was called at the time.
    pub target_label: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, in the actor's words or as a reason code.
    pub reason: Option<String>,
    /// From where.
    pub address: Option<IpAddr>,
    /// With which client.
    pub user_agent: Option<String>,
    /// In which request.
    pub request_id: Option<RequestId>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// The changed fields before, without secrets.
    pub before: Option<Fields>,
    /// The changed fields after, without secrets.
    pub after: Option<Fields>,
}

/// Field values by name, in alphabetical order; values are text because people and diffs read them.
pub type Fields = std::collections::BTreeMap<String, String>;

/// Which events. Always newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The beginning of the actor's address, or their id.
    pub actor: String,
    /// Any of these actions; empty: all.
    pub action: Vec<Action>,
    /// The target's id.
    pub target: String,
    /// Any of these outcomes; empty: all.
    pub outcome: Vec<Outcome>,
    /// Not before this moment.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
    /// Operators: one organization only.
    pub org: Option<OrgId>,
}
