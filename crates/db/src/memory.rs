//! What was looked up together, remembered for as long as nobody can know better (docs/adr/0019-decisions-from-memory.md).
//!
//! A session is remembered for [`REMEMBERED`] from the moment its look-up was sent, and whoever changes anything is told
//! that it is done no sooner than [`TOLD_AFTER`] its commit. So whoever was told of a change meets no server that still
//! goes by what was before it, and no server has to hear of it. What people hold is remembered under the number of their
//! organization's changes, which comes with the session.

use crate::{
    access::Standing,
    shared::{AsOf, Entered, Held},
    tx::TokenHash,
};
use bulkhead_model::{OrgId, UserId};
use hashlink::LruCache;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How old what is known of a session may be. The same in every server of a database, so it is no setting.
const REMEMBERED: Duration = Duration::from_millis(20);
/// The age from which on a session that is still asked by is looked up again, beside: under load nobody waits for it.
const AGEING: Duration = Duration::from_millis(10);
/// What a change waits for between its commit and its answer: [`REMEMBERED`], and more than two clocks differ in that time.
pub const TOLD_AFTER: Duration = Duration::from_millis(25);

/// Sessions, and people, that are remembered at most; who was asked about last stays longest.
const MOST_SESSIONS: usize = 10_000;
/// See [`MOST_SESSIONS`]; some dozens of megabytes where everybody holds several roles.
const MOST_PEOPLE: usize = 100_000;

/// What this process remembers.
#[derive(Clone)]
pub(crate) struct Memory(Arc<Mutex<Remembered>>);

struct Remembered {
    sessions: LruCache<TokenHash, Session>,
    people: LruCache<(OrgId, UserId), (i64, Arc<Standing>)>,
}

struct Session {
    entered: Entered,
    /// That it is being looked up again.
    is_asked: bool,
}

/// A session from memory.
pub(crate) struct Recalled {
    pub(crate) entered: Entered,
    /// Whether it is on the caller to have it looked up again.
    pub(crate) is_ageing: bool,
}

impl Default for Memory {
    fn default() -> Self {
        let (sessions, people) = (LruCache::new(MOST_SESSIONS), LruCache::new(MOST_PEOPLE));
        Self(Arc::new(Mutex::new(Remembered { sessions, people })))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    /// A session that was looked up a moment ago, as of now.
    pub(crate) fn session(&self, token: TokenHash) -> Option<Recalled> {
        self.session_at(token, Instant::now())
    }

    fn session_at(&self, token: TokenHash, at: Instant) -> Option<Recalled> {
        let mut remembered = self.lock();
        let session = remembered.sessions.get_mut(&token)?;
        let age = at.saturating_duration_since(session.entered.as_of.sent);
        let now = session.entered.as_of.now + age;
        if age >= REMEMBERED || now >= session.entered.identity.expires_at {
            remembered.sessions.remove(&token);
            return None;
        }
        let is_ageing = age >= AGEING && !std::mem::replace(&mut session.is_asked, age >= AGEING);
        let mut entered = session.entered.clone();
        entered.as_of.now = now;
        Some(Recalled { entered, is_ageing })
    }

    /// Remembers what a look-up said of a session: of two, the one that was sent later. One that is not live is forgotten.
    pub(crate) fn keep_session(&self, token: TokenHash, entered: Option<&Entered>) {
        let mut remembered = self.lock();
        let Some(entered) = entered else {
            remembered.sessions.remove(&token);
            return;
        };
        let is_older =
            remembered.sessions.peek(&token).is_some_and(|known| known.entered.as_of.sent > entered.as_of.sent);
        if !is_older {
            remembered.sessions.insert(token, Session { entered: entered.clone(), is_asked: false });
        }
    }

    /// What all these people hold, where nothing was changed since it was looked up.
    pub(crate) fn people(&self, as_of: AsOf, users: &[UserId]) -> Option<Held> {
        let mut remembered = self.lock();
        let mut standing = |user: &UserId| {
            let (version, standing) = remembered.people.get(&(as_of.org, *user))?;
            (*version == as_of.rights_version).then(|| (*user, Arc::clone(standing)))
        };
        let standings = users.iter().map(&mut standing).collect::<Option<HashMap<_, _>>>()?;
        Some(Held { as_of, standings })
    }

    /// Remembers what people hold; those that the organization does not have are asked for every time.
    pub(crate) fn keep_people(&self, held: &Held) {
        let mut remembered = self.lock();
        let AsOf { org, rights_version: version, .. } = held.as_of;
        for (user, standing) in &held.standings {
            let key = (org, *user);
            if remembered.people.peek(&key).is_none_or(|(known, _)| *known <= version) {
                remembered.people.insert(key, (version, Arc::clone(standing)));
            }
        }
    }

    /// What is remembered is whole after a panic: each change of it is one call.
    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use super::*;
    use crate::scope::{Identity, OrgScope};
    use bulkhead_model::{
        Id,
        org::OrgKind,
        session::SignInMethod,
        user::{Role, UserStatus},
    };
    use time::{OffsetDateTime, macros::datetime};
    use uuid::Uuid;

    const TOKEN: TokenHash = TokenHash([1; 32]);
    const MOMENT: OffsetDateTime = datetime!(2026-12-01 12:00 UTC);

    fn id<T>(number: u128) -> Id<T> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    fn as_of(org: u128, rights_version: i64, sent: Instant) -> AsOf {
        AsOf { org: id(org), now: MOMENT, roles_version: 1, rights_version, sent }
    }

    fn entered(sent: Instant, expires_at: OffsetDateTime) -> Entered {
        let identity = Identity {
            org_id: id(1),
            user_id: id(2),
            session_id: id(3),
            org_slug: "acme".to_owned(),
            org_name: "Acme".to_owned(),
            org_kind: OrgKind::Customer,
            org_plan: "team".to_owned(),
            email: "ana@acme.example".to_owned(),
            name: "Ana".to_owned(),
            role: Role::Admin,
            roles_version: 1,
            assignments: Vec::new(),
            method: SignInMethod::Password,
            assurance: 1,
            signed_in_at: MOMENT,
            last_seen_at: MOMENT,
            expires_at,
        };
        Entered { scope: OrgScope::of(&identity), identity, as_of: as_of(1, 1, sent) }
    }

    fn held(org: u128, version: i64, user: u128, role: Role) -> Held {
        let standing =
            Standing { role, status: UserStatus::Active, org_kind: OrgKind::Customer, assignments: Vec::new() };
        let standings = HashMap::from([(id(user), Arc::new(standing))]);
        Held { as_of: as_of(org, version, Instant::now()), standings }
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_session_is_remembered_from_when_its_look_up_was_sent_and_no_longer() {
        const { assert!(TOLD_AFTER.as_millis() > REMEMBERED.as_millis() && AGEING.as_millis() < REMEMBERED.as_millis()) };
        let (memory, sent) = (Memory::default(), Instant::now());
        assert!(memory.session_at(TOKEN, sent).is_none());
        memory.keep_session(TOKEN, Some(&entered(sent, MOMENT + HOUR)));
        let recalled = memory.session_at(TOKEN, sent + REMEMBERED / 4).unwrap();
        assert_eq!(recalled.entered.as_of.now, MOMENT + REMEMBERED / 4, "the clock goes on");
        let last = REMEMBERED - Duration::from_nanos(1);
        assert!(memory.session_at(TOKEN, sent + last).is_some());
        assert!(memory.session_at(TOKEN, sent + REMEMBERED).is_none());
        assert!(memory.session_at(TOKEN, sent).is_none(), "it was forgotten");
        assert!(memory.session_at(TokenHash([2; 32]), sent).is_none());
    }

    #[test]
    fn one_that_is_still_asked_by_is_looked_up_again_once() {
        let (memory, sent) = (Memory::default(), Instant::now());
        memory.keep_session(TOKEN, Some(&entered(sent, MOMENT + HOUR)));
        let ageing = |after: Duration| memory.session_at(TOKEN, sent + after).unwrap().is_ageing;
        let asked = [Duration::ZERO, AGEING, AGEING, AGEING + Duration::from_millis(1)].map(ageing);
        assert_eq!(asked, [false, true, false, false]);
        memory.keep_session(TOKEN, Some(&entered(sent + AGEING, MOMENT + HOUR)));
        assert_eq!([AGEING, AGEING + AGEING].map(ageing), [false, true], "and again when that has aged");
    }

    #[test]
    fn an_older_look_up_that_comes_later_changes_nothing_and_one_that_ended_is_forgotten() {
        let (memory, sent) = (Memory::default(), Instant::now());
        let later = sent + Duration::from_millis(5);
        memory.keep_session(TOKEN, Some(&entered(later, MOMENT + HOUR)));
        memory.keep_session(TOKEN, Some(&entered(sent, MOMENT + HOUR)));
        assert!(memory.session_at(TOKEN, sent + REMEMBERED).is_some(), "it counts from the later one");
        memory.keep_session(TOKEN, None);
        assert!(memory.session_at(TOKEN, later).is_none());
    }

    #[test]
    fn a_session_that_ends_meanwhile_has_ended() {
        let (memory, sent) = (Memory::default(), Instant::now());
        let ends = Duration::from_millis(3);
        memory.keep_session(TOKEN, Some(&entered(sent, MOMENT + ends)));
        assert!(memory.session_at(TOKEN, sent + ends / 2).is_some());
        assert!(memory.session_at(TOKEN, sent + ends).is_none());
    }

    #[test]
    fn what_people_hold_is_remembered_under_the_number_it_came_with() {
        let (memory, now) = (Memory::default(), Instant::now());
        let role = |org, version, users: &[u128]| {
            let users: Vec<UserId> = users.iter().map(|user| id(*user)).collect();
            let held = memory.people(as_of(org, version, now), &users)?;
            Some(users.iter().map(|user| held.standings[user].role).collect::<Vec<_>>())
        };
        memory.keep_people(&held(1, 5, 7, Role::User));
        assert_eq!(role(1, 5, &[7]), Some(vec![Role::User]));
        assert_eq!((role(1, 4, &[7]), role(1, 6, &[7])), (None, None), "before and after it");
        assert_eq!(role(2, 5, &[7]), None, "another organization");
        assert_eq!(role(1, 5, &[7, 8]), None, "all or nothing: they are of one moment");
        memory.keep_people(&held(1, 5, 8, Role::Viewer));
        assert_eq!(role(1, 5, &[7, 8]), Some(vec![Role::User, Role::Viewer]));
        memory.keep_people(&held(1, 4, 7, Role::Admin));
        assert_eq!(role(1, 5, &[7]), Some(vec![Role::User]), "an older answer that came later");
        memory.keep_people(&held(1, 6, 7, Role::Manager));
        assert_eq!((role(1, 5, &[7]), role(1, 6, &[7])), (None, Some(vec![Role::Manager])));
        assert_eq!(role(1, 6, &[]), Some(vec![]), "nobody");
    }

    #[test]
    fn memory_has_an_end() {
        let (memory, sent) = (Memory::default(), Instant::now());
        for number in 0..=MOST_SESSIONS {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&number.to_le_bytes());
            memory.keep_session(TokenHash(token), Some(&entered(sent, MOMENT + HOUR)));
        }
        for number in 0..=MOST_PEOPLE {
            memory.keep_people(&held(1, 1, number as u128, Role::User));
        }
        let remembered = memory.lock();
        assert_eq!((remembered.sessions.len(), remembered.people.len()), (MOST_SESSIONS, MOST_PEOPLE));
    }
}
