//! Duties that exclude each other, where somebody is given more: who would newly hold both, and whether that may be.
//!
//! Asked behind the lock that every change of roles, of who holds them and of the conflicts themselves takes, so that no two
//! changes together do what neither does. Whoever held both before goes on holding both.

use super::rights::{self, Rights};
use crate::{Error, Result, error::Collision};
use bulkhead_authz::access::{Roles, Subject};
use bulkhead_db::{
    ReadTx, WriteTx,
    access::{self as held, Of, Person, Standing},
    audit::Record,
    duty_conflicts as store,
};
use bulkhead_model::{
    FieldErrors, Id, RoleId, UserId, WorkspaceId,
    access::Assignment,
    duty::{DutyConflict, DutyRule},
    org::OrgKind,
    user::{Role, User, UserStatus},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::OffsetDateTime;

/// People that a sentence names; the others are counted.
const MOST_NAMED: usize = 5;

/// Duties that exclude each other, and who would newly hold both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Which.
    pub conflict: DutyConflict,
    /// Roles that would newly allow both by themselves, by name.
    pub roles: Vec<String>,
    /// Addresses of people who would newly hold both.
    pub people: Vec<String>,
}

impl Clash {
    /// What would be, a sentence for the roles and one for the people.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let (pair, name) = (&self.conflict.pair, &self.conflict.name);
        let both = format!("both {} and {} (conflict: {name})", pair.first(), pair.second());
        let roles = self.roles.iter().map(|role| format!("{role} alone would allow {both}."));
        let people = match self.people.as_slice() {
            [] => None,
            [one] => Some(format!("{one} would newly hold {both}.")),
            several => Some(format!("{} people would newly hold {both}: {}.", several.len(), listed(several))),
        };
        roles.chain(people).collect()
    }
}

fn listed(people: &[String]) -> String {
    let named = people.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match people.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Refuses what a conflict refuses, and what it asks a reason for where none is given.
pub(crate) fn settle(clashes: &[Clash], reason: &str) -> Result<()> {
    let refused = refused(clashes.to_vec());
    if !refused.is_empty() {
        return Err(refusal(&refused));
    }
    match clashes.is_empty() || !reason.is_empty() {
        true => Ok(()),
        false => Err(collision(false, clashes)),
    }
}

/// The same for a reason that nobody has read yet. One that does not read well is none.
pub(crate) fn settle_with(clashes: &[Clash], reason: &str) -> Result<()> {
    let mut errors = FieldErrors::new();
    super::check_text(&mut errors, "reason", reason);
    settle(clashes, if errors.is_empty() { reason } else { "" })?;
    Ok(errors.finish(Some(()))?)
}

/// Refuses to go on without a reason, beside its field: for a form or a request that has one.
pub(super) fn say_why(clashes: &[Clash], reason: &str) -> Result<()> {
    let sentences: Vec<String> = clashes.iter().flat_map(Clash::sentences).collect();
    match sentences.is_empty() || !reason.is_empty() {
        true => Ok(()),
        false => Err(FieldErrors::one("reason", format!("Say why. {}", sentences.join(" "))).into()),
    }
}

/// Those that are refused whatever is said.
pub(super) fn refused(clashes: Vec<Clash>) -> Vec<Clash> {
    clashes.into_iter().filter(|clash| clash.conflict.rule == DutyRule::Refuse).collect()
}

/// That these are refused.
pub(super) fn refusal(clashes: &[Clash]) -> Error {
    collision(true, clashes)
}

fn collision(refused: bool, clashes: &[Clash]) -> Error {
    Error::Duties(Collision { refused, clashes: clashes.to_vec() })
}

/// The record of a change by which somebody holds both, with that.
pub(crate) fn noted(record: Record, clashes: &[Clash]) -> Record {
    let sentences: Vec<String> = clashes.iter().flat_map(Clash::sentences).collect();
    if sentences.is_empty() { record } else { record.after("duties that exclude each other", sentences.join("\n")) }
}

/// Somebody as they are, if they are there, and as they would be.
struct Turning {
    who: String,
    before: Option<Subject>,
    after: Subject,
}

fn clashes(conflicts: Vec<DutyConflict>, people: &[Turning]) -> Vec<Clash> {
    let breaks = |subject: &Subject, conflict: &DutyConflict| subject.sides(&conflict.pair).breaks();
    let clash = |conflict: DutyConflict| {
        let newly = |person: &&Turning| {
            breaks(&person.after, &conflict) && !person.before.as_ref().is_some_and(|before| breaks(before, &conflict))
        };
        let people = people.iter().filter(newly).map(|person| person.who.clone()).collect();
        Clash { conflict, roles: Vec::new(), people }
    };
    conflicts.into_iter().map(clash).filter(|clash| !clash.people.is_empty()).collect()
}

fn of(user: UserId, standing: &Standing, roles: &Arc<Roles>, now: OffsetDateTime) -> Subject {
    rights::of_standing(user, standing, roles, rights::moment(now, None))
}

/// What becomes of one person's standing.
async fn of_person(
    tx: &mut WriteTx,
    rights: &Rights,
    person: &User,
    change: impl FnOnce(&mut Standing),
) -> Result<Vec<Clash>> {
    let conflicts = store::list(tx).await?;
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    let before = held::standing(tx, person.id).await?.ok_or(Error::NotFound)?;
    let mut after = before.clone();
    change(&mut after);
    let subject = |standing| of(person.id, standing, rights.roles(), tx.now());
    let turning = Turning { who: person.email.clone(), before: Some(subject(&before)), after: subject(&after) };
    Ok(clashes(conflicts, &[turning]))
}

/// What people would newly hold together of whom each would hold what stands beside them.
pub(super) fn of_people<'a>(
    conflicts: &[DutyConflict],
    rights: &Rights,
    now: OffsetDateTime,
    people: impl Iterator<Item = (&'a Person, Standing)>,
) -> Vec<Clash> {
    if conflicts.is_empty() {
        return Vec::new();
    }
    let subject = |user, standing: &Standing| of(user, standing, rights.roles(), now);
    let turning = |(person, after): (&Person, Standing)| Turning {
        who: person.email.clone(),
        before: Some(subject(person.id, &person.standing)),
        after: subject(person.id, &after),
    };
    clashes(conflicts.to_vec(), &people.map(turning).collect::<Vec<_>>())
}

/// What somebody would newly hold together with another built-in role.
pub(crate) async fn of_built_in(tx: &mut WriteTx, rights: &Rights, person: &User, role: Role) -> Result<Vec<Clash>> {
    of_person(tx, rights, person, |standing| standing.role = role).await
}

/// What whoever is invited with a built-in role would hold together.
pub(crate) async fn of_newcomer(tx: &mut WriteTx, rights: &Rights, kind: OrgKind, role: Role) -> Result<Vec<Clash>> {
    let conflicts = store::list(tx).await?;
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    // Nobody has the id yet, and no line asks for it.
    let nobody = Id::from_uuid(uuid::Uuid::nil());
    let standing = Standing { role, status: UserStatus::Invited, org_kind: kind, assignments: Vec::new() };
    let after = of(nobody, &standing, rights.roles(), tx.now());
    let who = format!("Whoever is invited as {}", role.label());
    Ok(clashes(conflicts, &[Turning { who, before: None, after }]))
}

/// What people would newly hold together when a workspace is brought back, with the roles that are held in it. Archiving one
/// brings nothing together: what is held organization-wide counts outside of it already.
pub(crate) async fn of_restoring(tx: &mut WriteTx, rights: &Rights, workspace: WorkspaceId) -> Result<Vec<Clash>> {
    let conflicts = store::list(tx).await?;
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    let mut given: BTreeMap<UserId, (&str, Vec<Assignment>)> = BTreeMap::new();
    let roles = held::assigned(tx, Of::Workspace(workspace)).await?;
    for held in &roles {
        let assignment = Assignment { role: held.role, workspace: Some(workspace), from: held.from, until: held.until };
        given.entry(held.user).or_insert((held.user_email.as_str(), Vec::new())).1.push(assignment);
    }
    let users: Vec<UserId> = given.keys().copied().collect();
    let mut people = Vec::new();
    for (user, before) in held::standings(tx, &users).await? {
        let Some((email, given)) = given.get(&user) else { continue };
        let mut after = before.clone();
        after.assignments.extend(given.iter().cloned());
        let subject = |standing| of(user, standing, rights.roles(), tx.now());
        people.push(Turning { who: (*email).to_owned(), before: Some(subject(&before)), after: subject(&after) });
    }
    people.sort_by(|one, other| one.who.cmp(&other.who));
    Ok(clashes(conflicts, &people))
}

/// What a role, or one that inherits from it, would newly allow together by itself, and what people would newly hold
/// together by it.
pub(super) async fn of_role(
    tx: &mut ReadTx,
    before: &Arc<Roles>,
    after: &Arc<Roles>,
    role: RoleId,
) -> Result<Vec<Clash>> {
    let conflicts = store::list(tx).await?;
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    // Whoever holds an heir of it holds it too.
    let concerned: BTreeSet<RoleId> = before.heirs(role).into_iter().chain(after.heirs(role)).collect();
    let concerned: Vec<RoleId> = concerned.into_iter().collect();
    let mut people = Vec::new();
    for (user, email, standing) in held::holders(tx, &concerned).await? {
        let mut will = standing.clone();
        // A role that goes is held by nobody any more.
        will.assignments.retain(|held| after.knows(held.role));
        let (before, after) = (of(user, &standing, before, tx.now()), of(user, &will, after, tx.now()));
        people.push(Turning { who: email, before: Some(before), after });
    }
    let exists = |conflict: &DutyConflict| {
        [conflict.pair.first(), conflict.pair.second()].iter().all(|side| after.catalogue().find(side).is_some())
    };
    let alone = |conflict: &DutyConflict| -> Vec<String> {
        let newly =
            |role: &&RoleId| after.allows_both(**role, &conflict.pair) && !before.allows_both(**role, &conflict.pair);
        let heirs = concerned.iter().filter(newly).filter(|_| exists(conflict));
        heirs.filter_map(|role| after.name(*role)).map(str::to_owned).collect()
    };
    let mut found = clashes(conflicts.clone(), &people);
    for conflict in conflicts {
        let roles = alone(&conflict);
        match found.iter_mut().find(|clash| clash.conflict.id == conflict.id) {
            Some(clash) => clash.roles = roles,
            None if roles.is_empty() => {}
            None => found.push(Clash { conflict, roles, people: Vec::new() }),
        }
    }
    Ok(found)
}
