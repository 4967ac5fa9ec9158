//! Duties that exclude each other: which pairs of permissions no one person should hold together, and who does.
//!
//! What such a pair means for a change of somebody's rights is [`access::separation`](crate::access)'.

use crate::{
    Ctx, Error, Result,
    access::{self, Rights, names},
};
use bulkhead_authz::{
    access::{Roles, Subject, role_id},
    catalogue::Catalogue,
    duties::Sides,
};
use bulkhead_db::{
    ReadTx, WriteTx,
    access::{self as held, Standing},
    audit::Record,
    duty_conflicts::{self as store, NewDutyConflict},
    users,
};
use bulkhead_model::{
    DutyConflictId, DutyConflictName, FieldErrors, RoleId, UserId,
    access::PermissionName,
    audit::{Action, TargetKind},
    duty::{DutyConflict, DutyPair, DutyRule},
    error::Conflict,
    org::OrgKind,
    perm,
    user::{Role, UserStatus},
};
use std::sync::Arc;

/// The most an organization has: their list is one page, and every change of somebody's rights asks all of them.
pub const MOST: usize = 100;

/// What is typed about duties that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// What people call it.
    pub name: String,
    /// One permission, by its name.
    pub first: String,
    /// The other one; which is which does not matter.
    pub second: String,
    /// Why no one person should hold both.
    pub why: String,
    /// What happens to a change by which somebody would.
    pub rule: DutyRule,
}

/// Who holds both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders {
    /// Built-in roles that allow both by themselves, other than Admin, and how many active users hold both by them.
    pub by_built_in: Vec<(Role, i64)>,
    /// Everybody else who does, now or later, by address.
    pub people: Vec<(UserId, String)>,
    /// The organization's own roles that allow both by themselves.
    pub roles: Vec<(RoleId, String)>,
    /// Active admins. They hold everything, and do not count.
    pub admins: i64,
}

impl Holders {
    /// How many people hold both, admins not counted.
    #[must_use]
    pub fn count(&self) -> usize {
        let built_in: i64 = self.by_built_in.iter().map(|(_, count)| *count).sum();
        self.people.len() + usize::try_from(built_in).unwrap_or_default()
    }
}

/// Duties that exclude each other, with who holds both.
#[derive(Debug)]
pub struct Held {
    /// Which.
    pub conflict: DutyConflict,
    /// Who.
    pub holders: Holders,
}

/// All of them.
#[derive(Debug)]
pub struct DutyList {
    /// By name.
    pub data: Vec<Held>,
    /// Every permission there is.
    pub catalogue: Arc<Catalogue>,
}

impl DutyList {
    async fn read(ctx: &Ctx, tx: &mut ReadTx, conflicts: Vec<DutyConflict>) -> Result<Self> {
        let own = held::list(tx).await?;
        let roles = Arc::new(access::stored(tx, &own).await?);
        let ids: Vec<RoleId> = own.iter().map(|role| role.definition.id).collect();
        let people = held::holders(tx, &ids).await?;
        let counted = held::count_by_role(tx).await?;
        let subject =
            |user, standing: &Standing| access::of_standing(user, standing, &roles, access::moment(tx.now(), None));
        let people: Vec<Person> = people
            .into_iter()
            .map(|(user, email, standing)| Person { user, email, subject: subject(user, &standing), standing })
            .collect();
        let platform = ctx.identity().org_kind == OrgKind::Platform;
        let data = conflicts.into_iter().map(|conflict| {
            let holders = match exists(&conflict.pair, roles.catalogue(), platform) {
                true => holders(&conflict.pair, &roles, &ids, &people, &counted),
                false => Holders::default(),
            };
            Held { conflict, holders }
        });
        Ok(Self { data: data.collect(), catalogue: Arc::clone(roles.catalogue()) })
    }
}

/// Somebody who holds roles of the organization's own.
struct Person {
    user: UserId,
    email: String,
    standing: Standing,
    subject: Subject,
}

fn exists(pair: &DutyPair, catalogue: &Catalogue, platform: bool) -> bool {
    let exists = |side: &PermissionName| catalogue.find(side).is_some() && (platform || !side.is_platform());
    exists(pair.first()) && exists(pair.second())
}

fn holders(pair: &DutyPair, roles: &Roles, own: &[RoleId], people: &[Person], counted: &[(Role, i64)]) -> Holders {
    let allows_both = |role: Role| roles.allows_both(role_id(role), pair);
    let by_themselves = |role: Role| role != Role::Admin && allows_both(role);
    let mut found = Holders::default();
    let count = |role: Role| counted.iter().find(|(of, _)| *of == role).map_or(0, |(_, count)| *count);
    found.admins = count(Role::Admin);
    for role in Role::ALL.iter().copied().filter(|role| by_themselves(*role)) {
        // Who has the role and is denied one of the two by another one does not hold both.
        let kept_apart = |person: &&Person| {
            person.standing.role == role
                && person.standing.status == UserStatus::Active
                && person.subject.sides(pair) == Sides::Apart
        };
        let apart = i64::try_from(people.iter().filter(kept_apart).count()).unwrap_or_default();
        found.by_built_in.push((role, count(role) - apart));
    }
    let both = |person: &&Person| !by_themselves(person.standing.role) && person.subject.sides(pair).breaks();
    found.people = people.iter().filter(both).map(|person| (person.user, person.email.clone())).collect();
    let alone = own.iter().filter(|role| roles.allows_both(**role, pair));
    found.roles = alone.filter_map(|role| Some((*role, roles.name(*role)?.to_owned()))).collect();
    found
}

/// The organization's, by name, with who holds both.
pub async fn list(ctx: &Ctx) -> Result<DutyList> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let conflicts = store::list(&mut tx).await?;
    DutyList::read(ctx, &mut tx, conflicts).await
}

/// One of them; the list has it alone.
pub async fn find(ctx: &Ctx, id: DutyConflictId) -> Result<(Held, Arc<Catalogue>)> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    let conflict = one(&mut tx, id).await?;
    let DutyList { mut data, catalogue } = DutyList::read(ctx, &mut tx, vec![conflict]).await?;
    Ok((data.pop().ok_or(Error::NotFound)?, catalogue))
}

/// Of which duties that exclude each other somebody could do both, now or later, and how that counts.
pub async fn of_user(ctx: &Ctx, user: UserId) -> Result<Vec<(DutyConflict, Sides)>> {
    let mut tx = ctx.read::<perm::RolesRead>().await?;
    users::find(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let conflicts = store::list(&mut tx).await?;
    if conflicts.is_empty() {
        return Ok(Vec::new());
    }
    let standing = held::standing(&mut tx, user).await?.ok_or(Error::NotFound)?;
    let own = held::list(&mut tx).await?;
    let roles = Arc::new(access::stored(&mut tx, &own).await?);
    let subject = access::of_standing(user, &standing, &roles, access::moment(tx.now(), None));
    let sides = conflicts.into_iter().map(|conflict| {
        let sides = subject.sides(&conflict.pair);
        (conflict, sides)
    });
    Ok(sides.filter(|(_, sides)| *sides != Sides::Apart).collect())
}

/// Names two duties that exclude each other. Whoever holds both goes on holding both, and is shown.
pub async fn create(ctx: &Ctx, typed: &Typed) -> Result<DutyConflictId> {
    let (_, mut tx) = Rights::locked::<perm::RolesManage>(ctx).await?;
    let all = store::list(&mut tx).await?;
    let draft = Draft::read(ctx, &mut tx, &all, typed).await?;
    if all.len() >= MOST {
        let message = format!("An organization has at most {MOST} conflicts of duties. Delete one first.");
        return Err(FieldErrors::one("name", message).into());
    }
    let id: DutyConflictId = ctx.app().new_id();
    named(store::insert(&mut tx, id, draft.saved(ctx)).await)?;
    let record = Record::new(Action::DutyConflictCreated, TargetKind::DutyConflict, id, draft.name.as_str())
        .after("duties", duties_text(&draft.pair))
        .after("why", &draft.why)
        .after("rule", draft.rule);
    tx.commit(record).await?;
    Ok(id)
}

/// Changes what excludes what, or why.
pub async fn change(ctx: &Ctx, id: DutyConflictId, seen: i32, typed: &Typed) -> Result<()> {
    let (_, mut tx) = Rights::locked::<perm::RolesManage>(ctx).await?;
    let mut others = store::list(&mut tx).await?;
    let place = others.iter().position(|conflict| conflict.id == id).ok_or(Error::NotFound)?;
    let old = others.swap_remove(place);
    if old.version != seen {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let draft = Draft::read(ctx, &mut tx, &others, typed).await?;
    if draft.says(&old) {
        return Ok(());
    }
    if !named(store::update(&mut tx, id, seen, draft.saved(ctx)).await)? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = Record::new(Action::DutyConflictChanged, TargetKind::DutyConflict, id, draft.name.as_str())
        .change("name", &old.name, &draft.name)
        .change("duties", duties_text(&old.pair), duties_text(&draft.pair))
        .change("why", &old.why, &draft.why)
        .change("rule", old.rule, draft.rule);
    Ok(tx.commit(record).await?)
}

/// Deletes it: nobody is asked or refused because of it any more.
pub async fn delete(ctx: &Ctx, id: DutyConflictId, seen: i32) -> Result<()> {
    let (_, mut tx) = Rights::locked::<perm::RolesManage>(ctx).await?;
    let old = one(&mut tx, id).await?;
    if !store::delete(&mut tx, id, seen).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = Record::new(Action::DutyConflictDeleted, TargetKind::DutyConflict, id, &old.name)
        .change("duties", duties_text(&old.pair), "")
        .change("why", &old.why, "")
        .change("rule", old.rule, "");
    Ok(tx.commit(record).await?)
}

async fn one(tx: &mut ReadTx, id: DutyConflictId) -> Result<DutyConflict> {
    store::list(tx).await?.into_iter().find(|conflict| conflict.id == id).ok_or(Error::NotFound)
}

/// As the audit log says it.
pub(crate) fn duties_text(pair: &DutyPair) -> String {
    format!("{} and {}", pair.first(), pair.second())
}

/// A conflict that reads well.
struct Draft {
    name: DutyConflictName,
    name_key: String,
    pair: DutyPair,
    why: String,
    rule: DutyRule,
}

impl Draft {
    async fn read(ctx: &Ctx, tx: &mut WriteTx, others: &[DutyConflict], typed: &Typed) -> Result<Self> {
        let mut errors = FieldErrors::new();
        let name = errors.keep("name", DutyConflictName::parse(&typed.name));
        let catalogue = access::catalogue(tx).await?;
        let platform = ctx.identity().org_kind == OrgKind::Platform;
        let mut side = |field: &str, text: &str| {
            let known = catalogue.existing(platform).find(|entry| entry.name.to_string() == text.trim());
            if known.is_none() {
                errors.add(field, "Choose one of the permissions there are.");
            }
            known.map(|entry| entry.name.clone())
        };
        let sides = side("first", &typed.first).zip(side("second", &typed.second));
        let pair = sides.and_then(|(first, second)| {
            let pair = DutyPair::new(first, second);
            if pair.is_none() {
                errors.add("second", "Choose another permission than the first one.");
            }
            pair
        });
        if let Some(other) = others.iter().find(|other| Some(&other.pair) == pair.as_ref()) {
            errors.add("second", format!("{} is about these two already. Change that one.", other.name));
        }
        let why = typed.why.trim();
        match why.is_empty() {
            true => {
                errors.add("why", "Say why no one person should hold both: whoever is asked for a reason reads it.")
            }
            false => access::check_text(&mut errors, "why", why),
        }
        let (name, pair) = errors.finish(name.zip(pair))?;
        let name_key = names::key(name.as_str());
        Ok(Self { name, name_key, pair, why: why.to_owned(), rule: typed.rule })
    }

    fn says(&self, old: &DutyConflict) -> bool {
        let Self { name, pair, why, rule, .. } = self;
        (name.as_str(), pair, why, *rule) == (old.name.as_str(), &old.pair, &old.why, old.rule)
    }

    fn saved<'a>(&'a self, ctx: &'a Ctx) -> NewDutyConflict<'a> {
        NewDutyConflict {
            name: self.name.as_str(),
            name_key: &self.name_key,
            pair: &self.pair,
            why: &self.why,
            rule: self.rule,
            by: &ctx.identity().email,
        }
    }
}

fn named<T>(saved: bulkhead_db::Result<T>) -> Result<T> {
    saved.map_err(|error| match Error::from(error) {
        Error::Conflict(Conflict::NameTaken) => {
            FieldErrors::one("name", "Another conflict has this name, or one that looks the same.").into()
        }
        other => other,
    })
}
