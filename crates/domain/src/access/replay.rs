//! What was decided lately, decided again by other roles: "12 requests by 3 people would be newly denied".

use super::rights;
use crate::Result;
use bulkhead_authz::access::Roles;
use bulkhead_db::{ReadTx, access::Standing, decisions};
use bulkhead_model::{UserId, access::PermissionName};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::Duration;

/// For how long decisions are kept to be tried again.
pub const KEPT: Duration = Duration::days(30);
/// Decisions that are tried again, at most: the newest ones.
const MOST: i64 = 5_000;

/// Requests of one person for one thing that would be answered in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub email: String,
    /// What.
    pub permission: PermissionName,
    /// Whether they would be allowed; they were denied.
    pub allowed: bool,
    /// How many requests, where allowed ones are counted by sample.
    pub requests: u64,
}

/// What comes out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    /// Decisions that were tried, samples counted for as many as they stand for.
    pub tried: u64,
    /// Where the answer would be another one, by person and permission.
    pub turns: Vec<Turn>,
}

impl Replay {
    /// How many requests, by how many people, would newly be allowed (or denied).
    #[must_use]
    pub fn count(&self, allowed: bool) -> (u64, usize) {
        let turns = || self.turns.iter().filter(move |turn| turn.allowed == allowed);
        let people: BTreeSet<&str> = turns().map(|turn| turn.email.as_str()).collect();
        (turns().map(|turn| turn.requests).sum(), people.len())
    }
}

/// Decides again what was decided about these people, at the moment and from the address it was, by the roles before and
/// after. Both by what they hold now: a role that was taken from somebody since is not this change's doing.
pub(super) async fn of(
    tx: &mut ReadTx,
    people: &[(UserId, String, Standing)],
    before: &Arc<Roles>,
    after: &Arc<Roles>,
) -> Result<Replay> {
    let users: Vec<UserId> = people.iter().map(|(user, ..)| *user).collect();
    let since = tx.now() - KEPT;
    let kept = if users.is_empty() { Vec::new() } else { decisions::about(tx, &users, since, MOST).await? };
    let mut replay = Replay::default();
    let mut turns: BTreeMap<(&str, PermissionName, bool), u64> = BTreeMap::new();
    for decision in kept {
        let requests = u64::from(decision.weight.unsigned_abs());
        let person = people.iter().find(|(user, ..)| *user == decision.user);
        // A name that is none any more was denied then and is denied now.
        let (Some((user, email, standing)), Ok(permission)) = (person, decision.permission.parse::<PermissionName>())
        else {
            continue;
        };
        let moment = rights::moment(decision.at, decision.address);
        let allows = |roles| {
            let subject = rights::of_standing(*user, standing, roles, moment.clone());
            subject.decide_about(&permission, &decision.resource).allowed()
        };
        let (was, will) = (allows(before), allows(after));
        replay.tried += requests;
        if was != will {
            *turns.entry((email, permission, will)).or_default() += requests;
        }
    }
    let turn = |((email, permission, allowed), requests): ((&str, PermissionName, bool), u64)| Turn {
        email: email.to_owned(),
        permission,
        allowed,
        requests,
    };
    replay.turns = turns.into_iter().map(turn).collect();
    Ok(replay)
}
