//! Two months of ordinary days: people sign in, mistype, sign out, are invited, change their password.

use super::{
    SIGN_INS,
    cast::{Company, Person, office_hours},
    dice::Dice,
    log::{Doer, Log, Target},
    names,
};
use bulkhead_db::demo::DemoSession;
use bulkhead_model::{
    Permission,
    audit::{Action, AuditEvent, TargetKind},
    org::{OrgKind, OrgStatus},
    session::{Session, SignInMethod},
    user::{Role, UserStatus},
};
use time::{Duration, OffsetDateTime, Weekday};

/// How far back history goes.
pub(super) const DAYS: i64 = 60;

/// The ordinary events of one organization. Notes in its people when they were last seen.
pub(super) fn of(dice: &mut Dice, company: &mut Company, now: OffsetDateTime) -> Vec<AuditEvent> {
    let end = company.org.suspended_at.unwrap_or(now);
    let mut log = Log::new(dice, company.org.id);
    comings_and_goings(&mut log, company, now, end);
    office_work(&mut log, company, now, end);
    for person in &mut company.people {
        let end = person.until.map_or(end, |until| until.min(end));
        let signs_in = person.user.status != UserStatus::Invited;
        for day in (0..DAYS).rev().filter(|_| signs_in) {
            let midnight = (now - Duration::days(day)).replace_time(time::Time::MIDNIGHT);
            let weekend = matches!(midnight.weekday(), Weekday::Saturday | Weekday::Sunday);
            if log.dice.chance(if weekend { person.diligence / 12 } else { person.diligence }) {
                working_day(&mut log, person, midnight, now - Duration::days(DAYS), end);
            }
        }
    }
    log.events
}

fn working_day(
    log: &mut Log<'_>,
    person: &mut Person,
    midnight: OffsetDateTime,
    from: OffsetDateTime,
    end: OffsetDateTime,
) {
    let mut at = midnight + log.dice.minutes(6 * 60 + 40..11 * 60);
    if at < from.max(person.joined_at) || at + Duration::minutes(3) > end {
        return;
    }
    if log.dice.chance(4) {
        // Caps lock.
        for _ in 0..log.dice.within(1..4) {
            log.refused(at, person, person.address, person.agent);
            at += log.dice.seconds(4..30);
        }
    }
    let doer = Doer::person(person);
    let session = log.sign_in(at, person, &doer);
    let left = at + log.dice.minutes(35..9 * 60);
    if left < end && log.dice.chance(32) {
        log.add(left, &doer.in_session(session), Action::SignedOut, Target::session(session, person));
    }
    let seen = left.min(end);
    person.user.last_seen_at = person.user.last_seen_at.max(Some(seen));
}

/// Invitations and how they were answered, and those who were put out.
fn comings_and_goings(log: &mut Log<'_>, company: &mut Company, now: OffsetDateTime, end: OffsetDateTime) {
    if company.org.kind == OrgKind::Platform {
        return;
    }
    let since = now - Duration::days(DAYS);
    let host = Doer::person(company.admin(usize::MAX));
    let first = company.people.first().map(|person| person.user.id);
    for person in &mut company.people {
        let invited_at = person.user.created_at;
        // The first admin was invited by the system, when the organization was made.
        if invited_at > since && Some(person.user.id) != first {
            log.add(invited_at, &host, Action::UserInvited, Target::person(person)).after("role", person.user.role);
        }
        if person.user.status == UserStatus::Invited {
            let again = invited_at + Duration::days(4);
            if again < end && log.dice.chance(60) {
                log.add(again, &host, Action::UserInvitedAgain, Target::person(person));
            }
        } else if invited_at > since {
            joined(log, person);
        }
        if let Some(until) = person.until {
            let (action, to) = match person.user.status {
                UserStatus::Removed => (Action::UserRemoved, UserStatus::Removed),
                _ => (Action::UserSuspended, UserStatus::Suspended),
            };
            log.add(until, &host, action, Target::person(person))
                .change("status", UserStatus::Active, to)
                .after("sessions_ended", 1);
        }
    }
}

fn joined(log: &mut Log<'_>, person: &mut Person) {
    let (at, doer) = (person.joined_at, Doer::person(person));
    let request = log.dice.id_at(at);
    log.add(at, &doer, Action::UserJoined, Target::person(person))
        .change("status", UserStatus::Invited, UserStatus::Active)
        .in_request(request);
    let at = at + Duration::milliseconds(1);
    let session = log.dice.id_at(at);
    log.add(at, &doer, Action::SignedIn, Target::session(session, person))
        .after("method", "invitation")
        .in_request(request);
    person.user.last_seen_at = person.user.last_seen_at.max(Some(at));
}

/// Settings, roles, passwords, and doors tried that are somebody else's.
fn office_work(log: &mut Log<'_>, company: &mut Company, now: OffsetDateTime, end: OffsetDateTime) {
    let host = Doer::person(company.admin(usize::MAX));
    for (key, value, at) in &company.settings {
        let target = Target(TargetKind::Settings, key.to_string(), key.label().to_owned());
        log.add(*at, &host, Action::SettingsChanged, target).change("value", key.default_value(), value).change(
            "source",
            "platform",
            "organization",
        );
    }
    let since = now - Duration::days(DAYS);
    for person in &mut company.people {
        let open = person.joined_at.max(since);
        let end = person.until.map_or(end, |until| until.min(end));
        let minutes = (end - open).whole_minutes() - 60;
        if person.user.status == UserStatus::Invited || person.diligence == 0 || minutes < 60 {
            continue;
        }
        let some_time = |log: &mut Log<'_>| open + log.dice.minutes(10..minutes);
        if log.dice.chance(9) {
            let at = some_time(log);
            log.add(at, &Doer::person(person), Action::PasswordChanged, Target::person(person))
                .after("sessions_ended", few(at));
        }
        if log.dice.chance(8) {
            let at = some_time(log);
            let nobody = Doer::nobody(person.address, person.agent);
            log.add(at, &nobody, Action::PasswordResetAsked, Target::person(person));
            log.add(at + Duration::minutes(3), &Doer::person(person), Action::PasswordReset, Target::person(person))
                .after("sessions_ended", few(at));
        }
        if log.dice.chance(5) {
            let at = some_time(log);
            log.add(at, &Doer::person(person), Action::SessionsRevoked, Target::person(person))
                .after("sessions_ended", 2);
        }
        if person.user.role == Role::User && log.dice.chance(9) {
            let at = office_hours(some_time(log)).max(open);
            log.add(at, &host, Action::RoleChanged, Target::person(person)).change("role", Role::Viewer, Role::User);
            person.user.version += 1;
        }
        if matches!(person.user.role, Role::User | Role::Viewer) && log.dice.chance(12) {
            let door = log.dice.pick(&[Permission::AuditRead, Permission::UsersInvite, Permission::SettingsUpdate]);
            let at = some_time(log);
            log.denied(at, &Doer::person(person), door);
        }
    }
}

/// How many sessions a change of password ended: something small that is the same for the same moment.
fn few(at: OffsetDateTime) -> u8 {
    at.second() % 3
}

/// The sessions open at this moment, with the sign-ins they began with.
pub(super) fn live_sessions(
    dice: &mut Dice,
    company: &mut Company,
    now: OffsetDateTime,
    events: &mut Vec<AuditEvent>,
) -> Vec<DemoSession> {
    let mut sessions = Vec::new();
    if company.org.status != OrgStatus::Active {
        return sessions;
    }
    let idle = company.idle_minutes();
    let mut log = Log::new(dice, company.org.id);
    for person in
        company.people.iter_mut().filter(|person| person.user.status == UserStatus::Active && person.diligence > 0)
    {
        let shown = SIGN_INS.iter().any(|known| known.email == person.user.email);
        let devices = if shown { 3 } else { u8::from(log.dice.chance(person.diligence / 2)) };
        for device in 0..devices {
            let agent = if device == 0 { person.agent } else { log.dice.pick(&names::AGENTS) };
            let began = now - log.dice.minutes(20..3 * 24 * 60);
            let seen = began.max(now - log.dice.minutes(1..idle - 30));
            let doer = Doer::person_from(person, person.address, agent);
            let id = log.sign_in(began, person, &doer);
            person.user.last_seen_at = person.user.last_seen_at.max(Some(seen));
            sessions.push(DemoSession {
                org: company.org.id,
                session: Session {
                    id,
                    user_id: person.user.id,
                    method: SignInMethod::Password,
                    assurance: 1,
                    user_agent: agent.to_owned(),
                    address: Some(person.address),
                    created_at: began,
                    last_seen_at: seen,
                    expires_at: began + Duration::hours(336),
                },
                token_hash: log.dice.bytes(),
                idle_seconds: i32::try_from(idle * 60).unwrap_or(i32::MAX),
                revoked: None,
            });
        }
    }
    events.append(&mut log.events);
    sessions
}
