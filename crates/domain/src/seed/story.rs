//! What there is to find.

use super::{
    cast::{Cast, Company, Person, acme},
    dice::Dice,
    log::{Doer, Log, Target},
};
use bulkhead_model::{
    Permission,
    audit::{Action, AuditEvent, Outcome, TargetKind},
    org::OrgStatus,
    setting::SettingKey,
    user::{Role, User, UserStatus},
};
use std::net::{IpAddr, Ipv4Addr};
use time::{Duration, OffsetDateTime};

/// Where the night of guessing came from (TEST-NET-3, RFC 5737).
pub(super) const INTRUDER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 77));
const INTRUDERS_TOOL: &str = "python-requests/2.32.4";

/// Tells all of it; changes the people it happens to.
pub(super) fn tell(dice: &mut Dice, cast: &mut Cast, now: OffsetDateTime) -> Vec<AuditEvent> {
    let mut events = guessed(dice, &mut cast.acme, now - Duration::days(9));
    events.extend(reaching_up(dice, &cast.acme, now - Duration::days(4)));
    events.extend(next_door(dice, &cast.globex, &cast.acme, now - Duration::minutes(2 * 24 * 60 + 211)));
    events.extend(made_and_suspended(dice, &cast.initech, &cast.platform));
    events.extend(operators(dice, &cast.platform, now));
    events
}

/// A night of guessing at one account. The throttle makes it slow (five for free, then ever longer waits up to a
/// quarter of an hour), and patience gets there. What follows takes four minutes; it is found in the morning.
fn guessed(dice: &mut Dice, company: &mut Company, day: OffsetDateTime) -> Vec<AuditEvent> {
    let mut at = day.replace_time(time::macros::time!(21:52:11));
    let mut log = Log::new(dice, company.org.id);
    let giulia = &company.people[acme::GIULIA];
    for attempt in 0..37_i64 {
        log.refused(at, giulia, INTRUDER, INTRUDERS_TOOL);
        let wait = if attempt < 5 { 2 } else { (1_i64 << (attempt - 5).min(10)).min(900) };
        at += Duration::seconds(wait) + log.dice.seconds(1..8);
    }
    let thief = Doer::person_from(giulia, INTRUDER, INTRUDERS_TOOL);
    let session = log.sign_in(at, giulia, &thief);
    let thief = thief.in_session(session);
    let reinhold = Target::person(&company.people[acme::REINHOLD]);
    log.add(at + Duration::seconds(71), &thief, Action::RoleChanged, reinhold.clone()).change(
        "role",
        Role::Viewer,
        Role::Admin,
    );
    let outsider = outsider(log.dice, at + Duration::seconds(118));
    let helpdesk = Target::person(&outsider);
    log.add(outsider.user.created_at, &thief, Action::UserInvited, helpdesk.clone()).after("role", Role::Admin);
    let notice = Target(
        TargetKind::Settings,
        SettingKey::InviteNotifyAdmins.to_string(),
        SettingKey::InviteNotifyAdmins.label().to_owned(),
    );
    log.add(at + Duration::seconds(204), &thief, Action::SettingsChanged, notice.clone()).change("value", "on", "off");

    // Ana comes to work.
    let mut at = at.replace_time(time::macros::time!(08:31:40));
    let ana = company.admin(acme::GIULIA);
    let ana = Doer::person(ana).in_session(log.sign_in(at, ana, &Doer::person(ana)));
    at += Duration::minutes(16);
    log.add(at, &ana, Action::UserSuspended, Target::person(giulia))
        .change("status", UserStatus::Active, UserStatus::Suspended)
        .after("sessions_ended", 2);
    at += Duration::seconds(44);
    log.add(at, &ana, Action::RoleChanged, reinhold.clone()).change("role", Role::Admin, Role::Viewer);
    let put_out = at + Duration::seconds(20);
    log.add(put_out, &ana, Action::UserSuspended, reinhold)
        .change("status", UserStatus::Active, UserStatus::Suspended)
        .after("sessions_ended", 0);
    at += Duration::seconds(65);
    log.add(at, &ana, Action::UserRemoved, helpdesk)
        .change("status", UserStatus::Invited, UserStatus::Removed)
        .after("sessions_ended", 0);
    at += Duration::minutes(3);
    log.add(at, &ana, Action::SettingsChanged, notice).change("value", "off", "on");
    at += Duration::minutes(44);
    log.add(at, &ana, Action::UserReactivated, Target::person(giulia)).change(
        "status",
        UserStatus::Suspended,
        UserStatus::Active,
    );
    at += Duration::minutes(4);
    log.add(at, &Doer::nobody(giulia.address, giulia.agent), Action::PasswordResetAsked, Target::person(giulia));
    at += Duration::minutes(2);
    log.add(at, &Doer::person(giulia), Action::PasswordReset, Target::person(giulia)).after("sessions_ended", 0);
    let events = log.events;

    company.people[acme::GIULIA].user.version += 2;
    let reinhold = &mut company.people[acme::REINHOLD];
    reinhold.user.status = UserStatus::Suspended;
    reinhold.user.version += 3;
    reinhold.until = Some(put_out);
    company.people.push(outsider);
    events
}

/// The door that was to stay open.
fn outsider(dice: &mut Dice, invited_at: OffsetDateTime) -> Person {
    Person {
        user: User {
            id: dice.id(),
            email: "helpdesk@acme-support.example".to_owned(),
            name: String::new(),
            role: Role::Admin,
            status: UserStatus::Removed,
            created_at: invited_at,
            last_seen_at: None,
            version: 2,
        },
        address: INTRUDER,
        agent: INTRUDERS_TOOL,
        diligence: 0,
        joined_at: invited_at,
        until: Some(invited_at),
    }
}

/// A manager who wants what admins have: is denied it again and again, gives a friend what a manager can give,
/// and is denied once more. An admin takes it back the next day.
fn reaching_up(dice: &mut Dice, company: &Company, day: OffsetDateTime) -> Vec<AuditEvent> {
    let (tomasz, ingrid) = (&company.people[acme::TOMASZ], &company.people[acme::INGRID]);
    let mut at = day.replace_time(time::macros::time!(16:47:02));
    let mut log = Log::new(dice, company.org.id);
    let session = log.sign_in(at, tomasz, &Doer::person(tomasz));
    let manager = Doer::person(tomasz).in_session(session);
    let doors =
        [Permission::SettingsUpdate, Permission::SettingsUpdate, Permission::OrgUpdate, Permission::PlatformOrgsRead];
    for door in doors {
        at += log.dice.seconds(6..90);
        log.denied(at, &manager, door);
    }
    at += Duration::seconds(52);
    log.add(at, &manager, Action::RoleChanged, Target::person(ingrid)).change("role", Role::Viewer, Role::Manager);
    for door in [Permission::PlatformAuditRead, Permission::SettingsUpdate] {
        at += log.dice.seconds(20..70);
        log.denied(at, &manager, door);
    }
    let ana = Doer::person(company.admin(acme::GIULIA));
    let next_day = at + Duration::hours(17);
    log.add(next_day, &ana, Action::RoleChanged, Target::person(ingrid)).change("role", Role::Manager, Role::Viewer);
    log.events
}

/// Somebody of one organization tries addresses of another. Both learn of it, each what is theirs to know.
fn next_door(dice: &mut Dice, from: &Company, to: &Company, mut at: OffsetDateTime) -> Vec<AuditEvent> {
    let curious = &from.people[3];
    let watch = Doer::system("cross-tenant watch");
    let mut events = Vec::new();
    let aims = [
        Target(TargetKind::Org, to.org.slug.clone(), String::new()),
        Target(TargetKind::User, to.people[0].user.id.to_string(), String::new()),
        Target(TargetKind::User, to.people[1].user.id.to_string(), String::new()),
    ];
    for Target(kind, id, _) in aims {
        at += dice.seconds(9..60);
        let mut log = Log::new(dice, from.org.id);
        let target = Target(kind, id.clone(), "an object that is not in this organization".to_owned());
        log.add(at, &watch, Action::CrossTenantAttempt, target)
            .outcome(Outcome::Denied)
            .reason("page")
            .after("actor", &curious.user.email);
        events.append(&mut log.events);
        let mut log = Log::new(dice, to.org.id);
        let target = Target(kind, id, "an attempt from outside was refused".to_owned());
        log.add(at + Duration::milliseconds(4), &watch, Action::CrossTenantAttempt, target)
            .outcome(Outcome::Denied)
            .reason("page");
        events.append(&mut log.events);
    }
    events
}

/// Initech: made seven weeks ago, and held for its bills.
fn made_and_suspended(dice: &mut Dice, company: &Company, platform: &Company) -> Vec<AuditEvent> {
    let (org, admin) = (&company.org, &company.people[0]);
    let operator = Doer::operator(&platform.people[0]);
    let mut log = Log::new(dice, org.id);
    log.add(org.created_at, &operator, Action::OrgCreated, Target::org(org))
        .after("slug", &org.slug)
        .after("plan", &org.plan)
        .after("admin", &admin.user.email);
    let worker = Doer::system("provisioning worker");
    for state in company.steps() {
        let (Some(at), Some(detail)) = (state.finished_at, state.detail) else { continue };
        log.add(at, &worker, Action::OrgStepFinished, Target::org(org)).after("step", state.step).reason(&detail);
    }
    if let (Some(at), Some(reason)) = (org.suspended_at, &org.status_reason) {
        log.add(at, &operator, Action::OrgSuspended, Target::org(org))
            .change("status", OrgStatus::Active, OrgStatus::Suspended)
            .after("sessions_ended", 2)
            .reason(reason);
        // They notice.
        for minutes in [3 * 60 + 12, 3 * 60 + 13, 26 * 60 + 40] {
            log.refused(at + Duration::minutes(minutes), admin, admin.address, admin.agent);
        }
    }
    log.events
}

/// The operators' own log: one of them asks for more than a viewer has.
fn operators(dice: &mut Dice, platform: &Company, now: OffsetDateTime) -> Vec<AuditEvent> {
    let viewer = &platform.people[2];
    let mut log = Log::new(dice, platform.org.id);
    let at = now - Duration::minutes(6 * 24 * 60 + 402);
    let session = log.sign_in(at, viewer, &Doer::person(viewer));
    log.denied(at + Duration::minutes(7), &Doer::operator(viewer).in_session(session), Permission::PlatformOrgsManage);
    log.denied(at + Duration::minutes(8), &Doer::operator(viewer).in_session(session), Permission::PlatformAuditRead);
    log.events
}
