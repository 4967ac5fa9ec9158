//! The organizations and who is in them.

use super::{SIGN_INS, dice::Dice, names};
use bulkhead_db::demo::Demo;
use bulkhead_model::{
    id::PLATFORM_ORG,
    org::{Org, OrgKind, OrgStatus, ProvisioningState, ProvisioningStep, StepStatus},
    setting::{SettingKey, SettingValue},
    user::{Role, User, UserStatus},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use time::{Duration, OffsetDateTime};

/// A user, and what history needs to know beyond their row.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) user: User,
    /// Where they usually work, and with what.
    pub(super) address: IpAddr,
    pub(super) agent: &'static str,
    /// On how many of a hundred working days they sign in.
    pub(super) diligence: u8,
    /// When they accepted their invitation.
    pub(super) joined_at: OffsetDateTime,
    /// When they were suspended or removed.
    pub(super) until: Option<OffsetDateTime>,
}

/// An organization with its people.
#[derive(Debug)]
pub(super) struct Company {
    pub(super) org: Org,
    pub(super) people: Vec<Person>,
    /// What it overrides, since when.
    pub(super) settings: Vec<(SettingKey, SettingValue, OffsetDateTime)>,
}

/// Everybody.
#[derive(Debug)]
pub(super) struct Cast {
    /// Large, busy, years old; most of the story happens here.
    pub(super) acme: Company,
    /// Small, growing.
    pub(super) globex: Company,
    /// Tiny, new, suspended.
    pub(super) initech: Company,
    /// The operators.
    pub(super) platform: Company,
}

/// Positions in [`Cast::acme`] that the story is about; 0 to 3 are the accounts to sign in with.
pub(super) mod acme {
    pub(in crate::seed) const GIULIA: usize = 4;
    pub(in crate::seed) const REINHOLD: usize = 5;
    pub(in crate::seed) const TOMASZ: usize = 6;
    pub(in crate::seed) const INGRID: usize = 7;
}

/// How an organization is made up.
struct Shape {
    slug: &'static str,
    name: &'static str,
    plan: &'static str,
    /// Days ago.
    created: i64,
    /// Nobody has invited anyone for this many days.
    quiet: i64,
    people: std::ops::Range<usize>,
    /// How many of the last were invited and have not come yet.
    invited: usize,
    /// How many before those joined within the last two months.
    recent: usize,
    /// Positions of people who were suspended or removed.
    suspended: &'static [usize],
    removed: &'static [usize],
    /// Third number of the office's IPv4 network; all networks are reserved for documentation (RFC 5737, RFC 3849).
    office: [u8; 3],
}

const ACME: Shape = Shape {
    slug: "acme",
    name: "Acme Corp",
    plan: "business",
    created: 731,
    quiet: 0,
    people: 0..90,
    invited: 8,
    recent: 12,
    suspended: &[33, 57],
    removed: &[20, 61],
    office: [198, 51, 100],
};
const GLOBEX: Shape = Shape {
    slug: "globex",
    name: "Globex Labs",
    plan: "team",
    created: 131,
    quiet: 0,
    people: 90..114,
    invited: 2,
    recent: 7,
    suspended: &[13],
    removed: &[],
    office: [192, 0, 2],
};
const INITECH: Shape = Shape {
    slug: "initech",
    name: "Initech",
    plan: "free",
    created: 47,
    quiet: 13,
    people: 120..126,
    invited: 1,
    recent: 5,
    suspended: &[],
    removed: &[],
    office: [192, 0, 2],
};
const PLATFORM: Shape = Shape {
    slug: "platform",
    name: "Platform",
    plan: "enterprise",
    created: 731,
    quiet: 0,
    people: 114..117,
    invited: 0,
    recent: 0,
    suspended: &[],
    removed: &[],
    office: [198, 51, 100],
};

/// Everybody, as of now.
pub(super) fn companies(dice: &mut Dice, now: OffsetDateTime) -> Cast {
    let mut acme = company(dice, &ACME, now);
    let text = |text: &str| SettingValue::Text(text.to_owned());
    acme.settings = vec![
        (SettingKey::SessionIdleMinutes, SettingValue::Integer(480), now - Duration::hours(38 * 24 + 5)),
        (SettingKey::SignInNotice, text("Authorized use only. Activity is recorded."), now - Duration::hours(37 * 24)),
        (SettingKey::SupportEmail, text("it-help@acme.example"), now - Duration::hours(21 * 24 + 2)),
        (SettingKey::InviteNotifyAdmins, SettingValue::Switch(true), now - Duration::hours(30 * 24 + 3)),
    ];
    // The one whom nobody missed, and the two who know each other.
    acme.people[acme::REINHOLD].diligence = 0;
    acme.people[acme::REINHOLD].user.last_seen_at = Some(now - Duration::days(97));
    acme.people[acme::TOMASZ].diligence = 95;
    let mut globex = company(dice, &GLOBEX, now);
    globex.settings = vec![
        (SettingKey::InvitationDays, SettingValue::Integer(3), now - Duration::hours(52 * 24 + 1)),
        (SettingKey::SupportEmail, text("ops@globex.example"), now - Duration::hours(52 * 24)),
    ];
    let mut initech = company(dice, &INITECH, now);
    initech.org.status = OrgStatus::Suspended;
    initech.org.suspended_at = Some(now - Duration::minutes(12 * 24 * 60 + 97));
    initech.org.status_reason = Some("Invoice 2026-0417 is 60 days overdue; three reminders unanswered.".to_owned());
    initech.org.version = 3;
    Cast { acme, globex, initech, platform: company(dice, &PLATFORM, now) }
}

impl Cast {
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Company> {
        [&mut self.acme, &mut self.globex, &mut self.initech, &mut self.platform].into_iter()
    }
}

fn company(dice: &mut Dice, shape: &Shape, now: OffsetDateTime) -> Company {
    let platform = shape.slug == "platform";
    let created_at = now - Duration::days(shape.created) + dice.minutes(0..300);
    let org = Org {
        id: if platform { PLATFORM_ORG } else { dice.id() },
        slug: shape.slug.to_owned(),
        name: shape.name.to_owned(),
        kind: if platform { OrgKind::Platform } else { OrgKind::Customer },
        status: OrgStatus::Active,
        status_reason: None,
        plan: shape.plan.to_owned(),
        created_at,
        suspended_at: None,
        delete_after: None,
        version: 2,
    };
    let count = shape.people.len();
    let people = (0..count).map(|at| person(dice, shape, at, created_at, now)).collect();
    Company { org, people, settings: Vec::new() }
}

fn person(dice: &mut Dice, shape: &Shape, at: usize, org_created: OffsetDateTime, now: OffsetDateTime) -> Person {
    let (name, mailbox) = names::PEOPLE[shape.people.start + at];
    let account = SIGN_INS.iter().filter(|known| known.org_slug == shape.slug).nth(at);
    let status = match at {
        at if at + shape.invited >= shape.people.len() => UserStatus::Invited,
        at if shape.suspended.contains(&at) => UserStatus::Suspended,
        at if shape.removed.contains(&at) => UserStatus::Removed,
        _ => UserStatus::Active,
    };
    let recent = at + shape.invited + shape.recent >= shape.people.len();
    let created_at = match (at, status) {
        (_, UserStatus::Invited) => office_hours(now - Duration::days(shape.quiet) - dice.minutes(90..12 * 24 * 60)),
        (0, _) => org_created + dice.minutes(1..3),
        _ if recent => office_hours(now - dice.minutes(15 * 24 * 60..(shape.created.min(58) - 2) * 24 * 60)),
        (1..8, _) => org_created + dice.minutes(60..4 * 24 * 60),
        _ => now - dice.minutes(62 * 24 * 60..shape.created * 24 * 60 - 300),
    };
    let until = matches!(status, UserStatus::Suspended | UserStatus::Removed)
        .then(|| office_hours(now - dice.minutes(5 * 24 * 60..40 * 24 * 60)));
    let invited = status == UserStatus::Invited;
    let user = User {
        id: dice.id(),
        email: account.map_or_else(|| format!("{mailbox}@{}.example", shape.slug), |known| known.email.to_owned()),
        name: if invited { String::new() } else { name.to_owned() },
        role: account.map_or_else(|| role(at), |known| known.role),
        status,
        created_at,
        last_seen_at: None,
        version: 1 + i32::from(!invited) + i32::from(until.is_some()),
    };
    let address = match dice.chance(60) {
        true => IpAddr::V4(Ipv4Addr::new(
            shape.office[0],
            shape.office[1],
            shape.office[2],
            20 + u8::try_from(at / 24).unwrap_or(0),
        )),
        false => IpAddr::V6(Ipv6Addr::from(
            (0x2001_0db8_u128 << 96) | (u128::from(u64::from_be_bytes(dice.bytes())) << 32) | 1,
        )),
    };
    Person {
        user,
        address,
        agent: dice.pick(&names::AGENTS),
        diligence: u8::try_from(dice.within(18..88)).unwrap_or(50),
        joined_at: created_at + dice.minutes(25..30 * 60),
        until,
    }
}

/// The latest moment before this one in the hours in which people invite, suspend and give roles, so that what is
/// done at night stands out.
pub(super) fn office_hours(at: OffsetDateTime) -> OffsetDateTime {
    let same_day = at.replace_hour(8 + at.hour() % 9).unwrap_or(at);
    if same_day > at { same_day - Duration::days(1) } else { same_day }
}

/// Who holds which role where the accounts to sign in with do not say: few admins, some managers, mostly users.
fn role(at: usize) -> Role {
    match at {
        acme::GIULIA | 8 | 40 => Role::Admin,
        acme::TOMASZ => Role::Manager,
        acme::REINHOLD | acme::INGRID => Role::Viewer,
        at if at % 12 == 9 => Role::Manager,
        at if at % 6 == 4 => Role::Viewer,
        _ => Role::User,
    }
}

impl Company {
    /// What a person holds the window of a session open for.
    pub(super) fn idle_minutes(&self) -> i64 {
        let own =
            self.settings.iter().find(|(key, ..)| *key == SettingKey::SessionIdleMinutes).map(|(_, value, _)| value);
        match own {
            Some(SettingValue::Integer(minutes)) => *minutes,
            _ => 720,
        }
    }

    /// Someone who may do what admins or managers do, other than `not`.
    pub(super) fn admin(&self, not: usize) -> &Person {
        let admins = |(at, person): &(usize, &Person)| {
            *at != not && person.user.role == Role::Admin && person.user.status == UserStatus::Active
        };
        self.people.iter().enumerate().find(admins).map_or(&self.people[0], |(_, person)| person)
    }

    /// How each step of provisioning went.
    pub(super) fn steps(&self) -> Vec<ProvisioningState> {
        let (email, plan) = (&self.people[0].user.email, &self.org.plan);
        let detail = |step: ProvisioningStep| match step {
            ProvisioningStep::Settings => format!("The plan {plan} sets what is allowed."),
            ProvisioningStep::FirstAdmin => format!("{email} is the first admin."),
            ProvisioningStep::Isolation => {
                "The tenant role sees 5 rows from inside, 0 from another organization and 0 without a context."
                    .to_owned()
            }
            ProvisioningStep::Activation => "People can sign in.".to_owned(),
            ProvisioningStep::Invitation => format!("An invitation for {email} is on its way; it works for 7 days."),
        };
        (1..)
            .zip(ProvisioningStep::ALL)
            .map(|(seconds, &step)| ProvisioningState {
                step,
                status: StepStatus::Done,
                attempts: 1,
                detail: Some(detail(step)),
                finished_at: Some(self.org.created_at + Duration::milliseconds(140 * seconds)),
            })
            .collect()
    }

    /// Hands the organization's rows over.
    pub(super) fn settle(&self, demo: &mut Demo) {
        let id = self.org.id;
        if self.org.kind == OrgKind::Customer {
            demo.orgs.push(self.org.clone());
            demo.steps.push((id, self.people[0].user.email.clone(), self.steps()));
        }
        demo.settings.extend(self.settings.iter().map(|(key, value, at)| (id, *key, value.clone(), *at)));
        demo.users.extend(self.people.iter().map(|person| (id, person.user.clone())));
    }
}
