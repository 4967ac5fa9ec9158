//! The demo: three organizations of different shape, the operators, and two months of history with something
//! in it to find. Deterministic: the same seed gives the same people, ids and events, ending now.
//!
//! What there is to find (`seed/story.rs`): an account guessed at for a night until it gave way, and what was
//! done with it; a manager reaching for more than managers have; somebody in one organization feeling for
//! another; a suspension and its reason.

mod cast;
mod decisions;
mod dice;
mod duties;
mod history;
mod log;
mod names;
mod roles;
mod story;
mod workspaces;

use crate::{App, Error, sign_in::stored_password};
use bulkhead_db::demo::{Begun, Demo, begin};
use bulkhead_identity::Password;
use bulkhead_model::user::Role;
use dice::Dice;
use secrecy::SecretString;

/// The password of every demo account that can sign in. Published on purpose, hence refused in production.
pub const DEMO_PASSWORD: &str = "lantern-otter-quay-thistle";

/// An account to look around with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoSignIn {
    /// The organization's name in URLs.
    pub org_slug: &'static str,
    /// The address to sign in with.
    pub email: &'static str,
    /// [`DEMO_PASSWORD`].
    pub password: &'static str,
    /// What they may do there.
    pub role: Role,
}

/// What seeding came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeded {
    /// The demo accounts that exist and are active. The password of one may have been changed since.
    pub sign_ins: Vec<DemoSignIn>,
    /// The database had customer organizations already, and was left as it was.
    pub already: bool,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A demo has accounts with a published password.
    #[error("the demo has accounts with known passwords and is refused in production")]
    Production,
    /// Nothing was written.
    #[error("the demo was not written")]
    Failed(#[from] Error),
}

const fn account(org_slug: &'static str, email: &'static str, role: Role) -> DemoSignIn {
    DemoSignIn { org_slug, email, password: DEMO_PASSWORD, role }
}

/// The accounts with a password, in the order in which they are printed. Initech is suspended: its admin shows
/// what being refused looks like.
const SIGN_INS: [DemoSignIn; 9] = [
    account("platform", "admin@platform.example", Role::Admin),
    account("platform", "manager@platform.example", Role::Manager),
    account("platform", "viewer@platform.example", Role::Viewer),
    account("acme", "admin@acme.example", Role::Admin),
    account("acme", "manager@acme.example", Role::Manager),
    account("acme", "user@acme.example", Role::User),
    account("acme", "viewer@acme.example", Role::Viewer),
    account("globex", "admin@globex.example", Role::Admin),
    account("initech", "admin@initech.example", Role::Admin),
];

/// Fills a database that has no customer organization; leaves any other as it is.
///
/// # Errors
/// [`SeedError::Production`], or what kept the database from answering as the migrator.
pub async fn demo(app: &App, migrate_url: &SecretString, seed: u64) -> Result<Seeded, SeedError> {
    if app.production() {
        return Err(SeedError::Production);
    }
    let accounts = SIGN_INS.map(|account| (account.org_slug, account.email));
    let tx = match begin(migrate_url, &accounts).await.map_err(Error::from)? {
        Begun::Empty(tx) => tx,
        Begun::Occupied(there) => {
            let sign_ins = there.into_iter().filter_map(|at| SIGN_INS.get(at).copied()).collect();
            return Ok(Seeded { sign_ins, already: true });
        }
    };
    let mut demo = compose(seed, tx.now());
    let password = Password::try_from(DEMO_PASSWORD.to_owned()).map_err(|error| Error::Internal(Box::new(error)))?;
    for (org, user) in demo.users.iter().filter(|(_, user)| SIGN_INS.iter().any(|known| known.email == user.email)) {
        let hash = app.hasher().hash(&password).await.map_err(Error::from)?;
        demo.passwords.push((*org, user.id, stored_password(hash)));
    }
    tx.write(&demo).await.map_err(Error::from)?;
    Ok(Seeded { sign_ins: SIGN_INS.to_vec(), already: false })
}

/// Everything but the passwords.
fn compose(seed: u64, now: time::OffsetDateTime) -> Demo {
    let mut dice = Dice::new(seed);
    let mut cast = cast::companies(&mut dice, now);
    let mut demo = Demo::default();
    for company in cast.iter_mut() {
        demo.events.extend(history::of(&mut dice, company, now));
    }
    demo.events.extend(story::tell(&mut dice, &mut cast, now));
    for company in cast.iter_mut() {
        demo.sessions.extend(history::live_sessions(&mut dice, company, now, &mut demo.events));
        company.settle(&mut demo);
    }
    roles::of_acme(&mut dice, &cast.acme, now, &mut demo);
    duties::of_acme(&mut dice, &cast.acme, now, &mut demo);
    workspaces::of_acme(&mut dice, &cast.acme, now, &mut demo);
    decisions::of_acme(&mut dice, &cast.acme, now, &mut demo);
    demo
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use bulkhead_model::{Email, UserName, audit::Action, org::OrgStatus, user::UserStatus};
    use std::collections::BTreeSet;
    use time::{Duration, OffsetDateTime};

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-24 10:17:03 UTC);

    /// Demos of several seeds, begun at midnight, at a weekend, in the middle of a day.
    fn several() -> impl Iterator<Item = (OffsetDateTime, Demo)> {
        let hours = [0, 14, 39, 71, 103, 110];
        (1..).zip(hours).map(|(seed, hours)| {
            let now = NOW + Duration::hours(hours) - Duration::minutes(10);
            (now, compose(seed, now))
        })
    }

    #[test]
    fn the_same_seed_tells_the_same_story() {
        let (one, same, other) = (compose(7, NOW), compose(7, NOW), compose(8, NOW));
        assert_eq!(one.events, same.events);
        assert_eq!(one.users, same.users);
        assert_ne!(one.events, other.events);
    }

    #[test]
    fn the_size_is_what_was_promised() {
        let demo = compose(1, NOW);
        assert_eq!(demo.orgs.len(), 3);
        assert!((115..=130).contains(&demo.users.len()), "{}", demo.users.len());
        assert!((2_000..=6_000).contains(&demo.events.len()), "{}", demo.events.len());
        assert!((30..=120).contains(&demo.sessions.len()), "{}", demo.sessions.len());
    }

    #[test]
    fn the_published_password_is_one_that_people_could_have_chosen() {
        let demo = compose(1, NOW);
        let password = Password::try_from(DEMO_PASSWORD.to_owned()).unwrap();
        for account in SIGN_INS {
            let (_, user) = demo.users.iter().find(|(_, user)| user.email == account.email).unwrap();
            assert_eq!((user.role, user.status), (account.role, UserStatus::Active), "{}", account.email);
            let context = [account.email, &user.name, account.org_slug, "bulkhead"];
            bulkhead_identity::check_new_password(&password, &context, bulkhead_identity::MIN_LENGTH).unwrap();
        }
    }

    #[test]
    fn every_person_could_have_been_typed_in() {
        for (now, demo) in several() {
            let mut seen = BTreeSet::new();
            for (org, user) in &demo.users {
                assert_eq!(Email::parse(&user.email).unwrap().as_str(), user.email);
                assert_eq!(UserName::parse(&user.name).unwrap().as_str(), user.name);
                assert!(seen.insert((*org, user.email.clone())), "{} twice", user.email);
                assert!(
                    user.created_at <= now && user.last_seen_at.is_none_or(|at| at <= now && at >= user.created_at),
                    "{user:?}"
                );
                assert_eq!(
                    user.name.is_empty(),
                    user.status == UserStatus::Invited
                        || user.last_seen_at.is_none() && user.status == UserStatus::Removed,
                    "{user:?}"
                );
            }
            for org in demo.users.iter().map(|(org, _)| *org).collect::<BTreeSet<_>>() {
                let admins = demo
                    .users
                    .iter()
                    .filter(|(of, user)| *of == org && user.role == Role::Admin && user.status == UserStatus::Active);
                assert!(admins.count() > 0);
            }
        }
    }

    #[test]
    fn history_keeps_to_its_time_and_to_what_the_database_takes() {
        for (now, demo) in several() {
            let mut ids = BTreeSet::new();
            for event in &demo.events {
                assert!(event.at <= now && event.at > now - Duration::days(61), "{event:?}");
                assert!(ids.insert(event.id), "{event:?}");
                let (seconds, _) = event.id.uuid().get_timestamp().unwrap().to_unix();
                assert_eq!(i64::try_from(seconds).unwrap(), event.at.unix_timestamp(), "ids sort in time");
                assert!(
                    event.target_label.chars().count() <= 400
                        && event.reason.as_ref().is_none_or(|why| why.chars().count() <= 2000)
                );
            }
        }
    }

    #[test]
    fn nobody_acts_after_they_were_put_out() {
        for (_, demo) in several() {
            let initech = demo.orgs.iter().find(|org| org.status == OrgStatus::Suspended).unwrap();
            let out = initech.suspended_at.unwrap();
            let late = demo.events.iter().find(|event| {
                event.org_id == initech.id
                    && event.at > out
                    && event.actor_kind == bulkhead_model::audit::ActorKind::User
            });
            assert_eq!(late, None);
            for (org, user) in
                demo.users.iter().filter(|(_, user)| matches!(user.status, UserStatus::Suspended | UserStatus::Removed))
            {
                let put_out = demo
                    .events
                    .iter()
                    .filter(|event| {
                        event.target_id == user.id.to_string()
                            && matches!(event.action, Action::UserSuspended | Action::UserRemoved)
                    })
                    .map(|event| event.at)
                    .max();
                let last = demo
                    .events
                    .iter()
                    .filter(|event| event.org_id == *org && event.actor_id == Some(user.id))
                    .map(|event| event.at)
                    .max();
                assert!(
                    last.is_none_or(|last| put_out.is_some_and(|out| last <= out)),
                    "{user:?} acted {last:?}, out {put_out:?}"
                );
            }
        }
    }

    #[test]
    fn the_night_of_guessing_can_be_found() {
        let demo = compose(1, NOW);
        let refused: Vec<_> = demo
            .events
            .iter()
            .filter(|event| event.action == Action::SignInFailed && event.address == Some(story::INTRUDER))
            .collect();
        assert!(refused.len() > 20, "{}", refused.len());
        assert_eq!(refused.iter().map(|event| &event.target_id).collect::<BTreeSet<_>>().len(), 1, "one account");
        let from_there: Vec<_> = demo.events.iter().filter(|event| event.address == Some(story::INTRUDER)).collect();
        assert!(from_there.iter().any(|event| event.action == Action::SignedIn));
        assert!(from_there.iter().any(|event| {
            event.action == Action::RoleChanged
                && event.after.as_ref().is_some_and(|after| after.get("role").is_some_and(|role| role == "admin"))
        }));
        for action in [Action::AccessDenied, Action::CrossTenantAttempt, Action::OrgSuspended] {
            assert!(demo.events.iter().any(|event| event.action == action), "{action}");
        }
    }
}
