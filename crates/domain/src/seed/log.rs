//! Events of the past, in the form in which the product writes them.

use super::{cast::Person, dice::Dice};
use bulkhead_model::{
    OrgId, RequestId, SessionId, UserId,
    audit::{Action, ActorKind, AuditEvent, Outcome, TargetKind},
    id::PLATFORM_ORG,
};
use std::net::IpAddr;
use time::OffsetDateTime;

/// Who did it, and from where.
#[derive(Debug, Clone)]
pub(super) struct Doer {
    kind: ActorKind,
    id: Option<UserId>,
    label: String,
    session: Option<SessionId>,
    from: Option<(IpAddr, &'static str)>,
}

impl Doer {
    /// A person at their usual place.
    pub(super) fn person(person: &Person) -> Self {
        Self::person_from(person, person.address, person.agent)
    }

    /// Whoever it is that uses a person's account from somewhere.
    pub(super) fn person_from(person: &Person, address: IpAddr, agent: &'static str) -> Self {
        Self {
            kind: ActorKind::User,
            id: Some(person.user.id),
            label: person.user.email.clone(),
            session: None,
            from: Some((address, agent)),
        }
    }

    /// A person of the platform organization, in the operator console.
    pub(super) fn operator(person: &Person) -> Self {
        Self { kind: ActorKind::Operator, ..Self::person(person) }
    }

    /// Nobody signed in.
    pub(super) fn nobody(address: IpAddr, agent: &'static str) -> Self {
        let label = "nobody signed in".to_owned();
        Self { kind: ActorKind::Anonymous, id: None, label, session: None, from: Some((address, agent)) }
    }

    /// One of the system's own tasks.
    pub(super) fn system(label: &str) -> Self {
        Self { kind: ActorKind::System, id: None, label: label.to_owned(), session: None, from: None }
    }

    pub(super) fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }
}

/// What it was done to: kind, id, and what it was called.
#[derive(Debug, Clone)]
pub(super) struct Target(pub(super) TargetKind, pub(super) String, pub(super) String);

impl Target {
    pub(super) fn person(person: &Person) -> Self {
        Self(TargetKind::User, person.user.id.to_string(), person.user.email.clone())
    }

    pub(super) fn session(session: SessionId, of: &Person) -> Self {
        Self(TargetKind::Session, session.to_string(), of.user.email.clone())
    }

    pub(super) fn org(org: &bulkhead_model::org::Org) -> Self {
        Self(TargetKind::Org, org.id.to_string(), org.name.clone())
    }

    pub(super) fn permission(permission: bulkhead_model::Permission) -> Self {
        Self(TargetKind::Page, permission.to_string(), permission.sentence().to_owned())
    }
}

/// The events of one organization.
pub(super) struct Log<'a> {
    pub(super) dice: &'a mut Dice,
    org: OrgId,
    pub(super) events: Vec<AuditEvent>,
}

impl<'a> Log<'a> {
    pub(super) fn new(dice: &'a mut Dice, org: OrgId) -> Self {
        Self { dice, org, events: Vec::new() }
    }

    /// Writes an event that succeeded, in a request of its own; what is special about it is said afterwards.
    pub(super) fn add(&mut self, at: OffsetDateTime, doer: &Doer, action: Action, target: Target) -> Entry<'_> {
        let Target(target_kind, target_id, target_label) = target;
        let request_id = doer.from.map(|_| self.dice.id_at(at));
        self.events.push(AuditEvent {
            id: self.dice.id_at(at),
            org_id: self.org,
            at,
            // As `db::scope::Actor::person` has it.
            actor_kind: match doer.kind {
                ActorKind::User if self.org == PLATFORM_ORG => ActorKind::Operator,
                kind => kind,
            },
            actor_id: doer.id,
            actor_label: doer.label.clone(),
            action,
            target_kind,
            target_id,
            target_label,
            outcome: Outcome::Success,
            reason: None,
            address: doer.from.map(|(address, _)| address),
            user_agent: doer.from.map(|(_, agent)| agent.to_owned()),
            request_id,
            session_id: doer.session,
            before: None,
            after: None,
        });
        let last = self.events.len() - 1;
        Entry(&mut self.events[last])
    }

    /// A sign-in with a password; the session it began.
    pub(super) fn sign_in(&mut self, at: OffsetDateTime, person: &Person, doer: &Doer) -> SessionId {
        let session = self.dice.id_at(at);
        self.add(at, doer, Action::SignedIn, Target::session(session, person)).after("method", "password");
        session
    }

    /// A sign-in that did not match.
    pub(super) fn refused(&mut self, at: OffsetDateTime, person: &Person, address: IpAddr, agent: &'static str) {
        self.add(at, &Doer::nobody(address, agent), Action::SignInFailed, Target::person(person))
            .outcome(Outcome::Failure)
            .reason("no_match");
    }

    /// A page or action that a person's role does not hold.
    pub(super) fn denied(&mut self, at: OffsetDateTime, doer: &Doer, permission: bulkhead_model::Permission) {
        self.add(at, doer, Action::AccessDenied, Target::permission(permission))
            .outcome(Outcome::Denied)
            .reason(permission.as_str());
    }
}

/// The event just written.
pub(super) struct Entry<'a>(&'a mut AuditEvent);

impl Entry<'_> {
    pub(super) fn outcome(self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    pub(super) fn reason(self, reason: &str) -> Self {
        self.0.reason = Some(reason.to_owned());
        self
    }

    pub(super) fn change(self, field: &str, before: impl ToString, after: impl ToString) -> Self {
        self.0.before.get_or_insert_default().insert(field.to_owned(), before.to_string());
        self.after(field, after)
    }

    pub(super) fn after(self, field: &str, value: impl ToString) -> Self {
        self.0.after.get_or_insert_default().insert(field.to_owned(), value.to_string());
        self
    }

    pub(super) fn in_request(self, request: RequestId) -> Self {
        self.0.request_id = Some(request);
        self
    }
}
