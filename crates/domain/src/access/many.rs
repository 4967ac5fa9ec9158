//! Giving a role to many people at once, and taking it from them: looked at first, then done in one transaction. Who cannot is
//! left out and named, the others are not held up by that.

use super::{
    check_text,
    danger::{because, newly_dangerous},
    difference::{self, Difference},
    rights::{Rights, reaching_for, refuse},
    rules::{Cannot, Deed, Outcome, Terms},
    separation::{self, Clash},
};
use crate::{Ctx, Error, Result};
use bulkhead_authz::{catalogue::Catalogue, reach::Reach};
use bulkhead_db::{
    ReadTx,
    access::{self as store, Person},
    audit::Record,
    users,
};
use bulkhead_model::{
    Email, FieldErrors, Permission, UserId,
    access::{PlacedRole, Prospect},
    audit::{Action, Outcome as Ended, TargetKind},
    error::Conflict,
    org::OrgKind,
    perm,
    user::UserFilter,
    workspace::Workspace,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// People of one request, at most.
pub const MOST_PEOPLE: usize = 1_000;

/// Of what is written as an address and is none, so many characters come back.
const LONGEST_NAME: usize = 254;

/// Whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum People {
    /// These, in this order: users by their ids, then whoever has the addresses.
    Listed {
        /// Ids.
        users: Vec<UserId>,
        /// Addresses, as somebody wrote them.
        addresses: Vec<String>,
    },
    /// Whom the list of users shows.
    Matching(UserFilter),
}

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Order {
    /// With which role, and where.
    pub placed: PlacedRole,
    /// Giving or taking.
    pub deed: Deed,
    /// Why; kept with every event.
    pub reason: String,
}

/// What somebody was shown before they went on: only that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The number of the organization's roles.
    pub roles: i64,
    /// What would become of whom.
    pub people: Vec<(UserId, Prospect)>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their name; empty for somebody who gave none.
    pub name: String,
}

/// What becomes of one of those who were named.
#[derive(Debug, Clone)]
pub struct Line {
    /// The address or the id by which they were named.
    pub named: String,
    /// Who that is; nobody where nobody here is.
    pub who: Option<Who>,
    /// What becomes of them.
    pub outcome: Outcome,
    /// Whether something else was promised.
    pub otherwise: bool,
}

/// What would be done, or was.
#[derive(Debug)]
pub struct Bulk {
    /// What the role is called.
    pub role: String,
    /// Where it counts; nothing for the whole organization.
    pub workspace: Option<Workspace>,
    /// Everybody who was named, in that order.
    pub lines: Vec<Line>,
    /// What it changes: dangerous gains first, then in the order of the catalogue.
    pub effects: Vec<Difference>,
    /// Duties that exclude each other and that people would newly hold together. Giving takes a reason because of them.
    pub clashes: Vec<Clash>,
    /// What to think of before going on, in sentences. Nothing is refused because of one.
    pub warnings: Vec<String>,
    /// Every permission there is.
    pub catalogue: Arc<Catalogue>,
    /// The number of the organization's roles that this was computed from.
    pub roles: i64,
}

impl Bulk {
    /// Of how many something becomes.
    #[must_use]
    pub fn count(&self, prospect: Prospect) -> usize {
        self.lines.iter().filter(|line| line.outcome.prospect() == prospect).count()
    }

    /// For how many something is done.
    #[must_use]
    pub fn acts(&self) -> usize {
        self.lines.iter().filter(|line| line.outcome.prospect().acts()).count()
    }

    /// The ids by which somebody was named whom this organization does not have.
    pub fn unfound(&self) -> impl Iterator<Item = Uuid> {
        let unknown = self.lines.iter().filter(|line| line.outcome == Outcome::Cannot(Cannot::NoSuchUser));
        unknown.filter_map(|line| line.named.parse().ok())
    }

    /// What somebody who goes on from here was shown.
    #[must_use]
    pub fn promise(&self) -> Promise {
        let shown = |line: &Line| Some((line.who.as_ref()?.id, line.outcome.prospect()));
        let mut seen = HashSet::new();
        let people = self.lines.iter().filter_map(shown).filter(|(user, _)| seen.insert(*user)).collect();
        Promise { roles: self.roles, people }
    }
}

/// Whoever arranges many people sees them, and what their roles allow.
async fn require(ctx: &Ctx) -> Result<()> {
    ctx.require(Permission::UsersUpdate).await?;
    ctx.require(Permission::UsersRead).await?;
    ctx.require(Permission::RolesRead).await
}

/// What would become of everybody. Nothing is done, and no reason is asked for.
pub async fn look(ctx: &Ctx, order: &Order, people: &People) -> Result<Bulk> {
    require(ctx).await?;
    let (rights, mut tx) = Rights::seen::<perm::UsersUpdate>(ctx).await?;
    let terms = Terms::read(&mut tx, &rights, order.placed, order.deed).await?;
    if !terms.lacking.is_empty() {
        return Err(refuse(ctx, tx.into_write(), beyond(&terms), &terms.lacking).await);
    }
    terms.open()?;
    let asked = asked(&mut tx, people).await?;
    Ok(judge(ctx, &mut tx, (&rights, terms), asked, None).await?.bulk)
}

/// Does it, for everybody for whom it can be done and who was promised that; nobody else is touched.
///
/// # Errors
/// [`Conflict::StaleVersion`] where roles were changed since the promise was made.
pub async fn carry_out(ctx: &Ctx, order: &Order, people: &People, promise: Option<&Promise>) -> Result<Bulk> {
    require(ctx).await?;
    let (rights, mut tx) = Rights::locked::<perm::UsersUpdate>(ctx).await?;
    let reason = order.reason.trim();
    let mut errors = FieldErrors::new();
    check_text(&mut errors, "reason", reason);
    errors.finish(Some(()))?;
    let terms = Terms::read(&mut tx, &rights, order.placed, order.deed).await?;
    if promise.is_some_and(|promise| promise.roles != rights.version()) {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    if !terms.lacking.is_empty() {
        return Err(refuse(ctx, tx, beyond(&terms), &terms.lacking).await);
    }
    terms.open()?;
    let asked = match (people, promise) {
        // Whoever matches by now and was not looked at is not meant.
        (People::Matching(_), Some(promise)) => by_ids(promise.people.iter().map(|(user, _)| *user)),
        _ => asked(&mut tx, people).await?,
    };
    let Judged { bulk, terms, people, acting } = judge(ctx, &mut tx, (&rights, terms), asked, promise).await?;
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    because(&dangerous(&bulk, platform), "they", reason)?;
    separation::say_why(&bulk.clashes, reason)?;
    let records = records(&bulk, &rights, &terms, &people, promise, reason);
    if acting.is_empty() {
        drop(tx);
        ctx.deny_all(records).await?;
        return Ok(bulk);
    }
    terms.carry_out(&mut tx, &rights, &acting, &ctx.identity().email).await?;
    tx.commit_all(records).await?;
    Ok(bulk)
}

/// The dangerous ones among what people could newly do.
fn dangerous(bulk: &Bulk, platform: bool) -> Vec<&bulkhead_authz::catalogue::Entry> {
    let gains = bulk.effects.iter().filter(|effect| effect.gain > 0);
    let gains: Vec<_> = gains.map(|effect| (effect.permission.clone(), Reach::Never, Reach::Always)).collect();
    newly_dangerous(&bulk.catalogue, &gains, platform)
}

/// The event of somebody who wanted to give or take what they do not hold.
fn beyond(terms: &Terms) -> Record {
    terms.said(reaching_for(TargetKind::Role, terms.placed.role, &terms.role))
}

/// One event for each person for whom something is done, first; then one for each whom somebody reached for above themselves.
fn records(
    bulk: &Bulk,
    rights: &Rights,
    terms: &Terms,
    people: &HashMap<UserId, Person>,
    promise: Option<&Promise>,
    reason: &str,
) -> Vec<Record> {
    let (mut done, mut denied) = (Vec::new(), Vec::new());
    // Whoever was shown that these are left out reaches for nobody.
    let announced: HashSet<UserId> =
        promise.iter().flat_map(|promise| &promise.people).map(|(user, _)| *user).collect();
    for line in &bulk.lines {
        let Some(person) = line.who.as_ref().and_then(|who| people.get(&who.id)) else { continue };
        match &line.outcome {
            Outcome::Cannot(Cannot::BeyondOwnRole(lacking)) if line.otherwise || !announced.contains(&person.id) => {
                let names: Vec<String> = lacking.iter().map(ToString::to_string).collect();
                let record = Record::new(Action::AccessDenied, TargetKind::User, person.id, &person.email);
                let record = record.outcome(Ended::Denied).reason("beyond_own_role").after("lacking", names.join(", "));
                denied.push(terms.said(record));
            }
            outcome => done.extend(
                terms
                    .record(person, outcome)
                    .map(|record| super::because(separation::noted(record, &terms.clashes(rights, [person])), reason)),
            ),
        }
    }
    done.extend(denied);
    done
}

/// Somebody who was named, and whether that is anybody.
struct Asked {
    named: String,
    who: Result<UserId, Cannot>,
}

fn by_ids(users: impl Iterator<Item = UserId>) -> Vec<Asked> {
    users.map(|user| Asked { named: user.to_string(), who: Ok(user) }).collect()
}

/// Finds whoever is meant. Another organization's user is nobody.
async fn asked(tx: &mut ReadTx, people: &People) -> Result<Vec<Asked>> {
    let refuse = |sentence: String| Err(FieldErrors::one("people", sentence).into());
    match people {
        People::Listed { users, addresses } => match users.len() + addresses.len() {
            0 => refuse("Choose at least one person.".to_owned()),
            count if count > MOST_PEOPLE => {
                refuse(format!("At most {MOST_PEOPLE} people at a time; these are {count}."))
            }
            _ => {
                let emails: Vec<_> = addresses.iter().map(|text| (text, Email::parse(text))).collect();
                let norms: Vec<String> =
                    emails.iter().filter_map(|(_, email)| Some(email.as_ref().ok()?.norm())).collect();
                let known: HashMap<String, UserId> = match norms.is_empty() {
                    true => HashMap::new(),
                    false => users::find_by_emails(tx, &norms).await?.into_iter().collect(),
                };
                let by_address = |(text, email): (&String, std::result::Result<Email, _>)| Asked {
                    named: text.trim().chars().take(LONGEST_NAME).collect(),
                    who: match email {
                        Ok(email) => known.get(&email.norm()).copied().ok_or(Cannot::NoSuchAddress),
                        Err(bulkhead_model::text::TextError(why)) => Err(Cannot::NoAddress(why)),
                    },
                };
                let by_address = emails.into_iter().map(by_address);
                Ok(by_ids(users.iter().copied()).into_iter().chain(by_address).collect())
            }
        },
        People::Matching(filter) => {
            let most = i64::try_from(MOST_PEOPLE).unwrap_or(i64::MAX);
            let found = users::matching_ids(tx, filter, most.saturating_add(1)).await?;
            match found.len() {
                0 => refuse("Nobody matches any more.".to_owned()),
                count if count > MOST_PEOPLE => {
                    refuse(format!("At most {MOST_PEOPLE} people at a time, and more match. Narrow the filter."))
                }
                _ => Ok(by_ids(found.into_iter())),
            }
        }
    }
}

/// Everybody judged.
struct Judged {
    bulk: Bulk,
    terms: Terms,
    people: HashMap<UserId, Person>,
    /// For whom something is done.
    acting: Vec<UserId>,
}

async fn judge(
    ctx: &Ctx,
    tx: &mut ReadTx,
    (rights, mut terms): (&Rights, Terms),
    asked: Vec<Asked>,
    promise: Option<&Promise>,
) -> Result<Judged> {
    let ids: Vec<UserId> = asked.iter().filter_map(|one| one.who.as_ref().ok()).copied().collect();
    let found = store::people(tx, &ids, terms.placed).await?;
    let people: HashMap<UserId, Person> = found.into_iter().map(|person| (person.id, person)).collect();
    let promised: Option<HashMap<UserId, Prospect>> = promise.map(|promise| promise.people.iter().copied().collect());
    let (mut seen, mut acting, mut lines) = (HashSet::new(), Vec::new(), Vec::new());
    for Asked { named, who } in asked {
        let person = who.as_ref().ok().and_then(|id| people.get(id));
        let (outcome, otherwise) = match (who, person) {
            (Err(cannot), _) => (Outcome::Cannot(cannot), false),
            (Ok(_), None) => (Outcome::Cannot(Cannot::NoSuchUser), false),
            (Ok(id), Some(_)) if !seen.insert(id) => (Outcome::Cannot(Cannot::Twice), false),
            (Ok(id), Some(person)) => match promised.as_ref().map(|promised| promised.get(&id).copied()) {
                None => (terms.judge(rights, person), false),
                // They were not among those who were looked at, or nothing was to be done for them.
                Some(said) if !said.is_some_and(Prospect::acts) => {
                    let now = terms.weigh(rights, person);
                    match (now.prospect().acts(), said) {
                        (true, _) | (_, None) => (Outcome::Cannot(Cannot::Meanwhile), true),
                        (false, Some(said)) => {
                            let otherwise = now.prospect() != said;
                            (now, otherwise)
                        }
                    }
                }
                Some(said) => {
                    let now = terms.judge(rights, person);
                    let otherwise = said != Some(now.prospect());
                    (now, otherwise)
                }
            },
        };
        if outcome.prospect().acts() {
            acting.extend(person.map(|person| person.id));
        }
        let who = person.map(|person| Who { id: person.id, email: person.email.clone(), name: person.name.clone() });
        lines.push(Line { named, who, outcome, otherwise });
    }
    let effects = difference::of_people(ctx, rights, &terms, acting.iter().filter_map(|id| people.get(id)));
    let clashes = terms.clashes(rights, acting.iter().filter_map(|id| people.get(id)));
    let mut warnings = Vec::new();
    if acting.contains(&ctx.identity().user_id) {
        warnings.push("You are one of them: what changes, changes for you.".to_owned());
    }
    let bulk = Bulk {
        role: terms.role.clone(),
        workspace: terms.workspace.clone(),
        lines,
        effects,
        clashes,
        warnings,
        catalogue: Arc::clone(rights.roles().catalogue()),
        roles: rights.version(),
    };
    Ok(Judged { bulk, terms, people, acting })
}
