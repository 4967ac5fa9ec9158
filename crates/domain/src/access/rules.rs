//! What giving and taking a role asks: once for the role, and for each person to whom it is given or from whom it is taken.
//! One of them or a thousand, the rules are these.

use super::{
    rights::{Rights, counting, hinders, somebody_can_act, unhindered},
    separation::{self, Clash},
};
use crate::{Error, Result};
use bulkhead_authz::{access::built_in, graph::MOST_ROLES};
use bulkhead_db::{
    ReadTx, WriteTx,
    access::{self as store, Person, Standing},
    audit::Record,
    duty_conflicts, workspaces,
};
use bulkhead_model::{
    FieldErrors, RoleId, UserId, WorkspaceId,
    access::{Assignment, LeftOut, PermissionName, PlacedRole, Prospect},
    audit::{Action, TargetKind},
    duty::DutyConflict,
    error::Conflict,
    user::UserStatus,
    workspace::{Workspace, WorkspaceStatus},
};
use std::collections::{BTreeSet, HashMap};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// From when until when somebody holds a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// At once where none is given.
    pub from: Option<OffsetDateTime>,
    /// Until when, not included; without end where none is given.
    pub until: Option<OffsetDateTime>,
}

impl Period {
    /// As the database keeps it: microseconds are its smallest part.
    fn kept(self) -> Self {
        let kept = |at: OffsetDateTime| at.replace_nanosecond(at.microsecond() * 1_000).unwrap_or(at);
        Self { from: self.from.map(kept), until: self.until.map(kept) }
    }

    /// As the audit log says it.
    fn sentence(self) -> String {
        let told = |word: &str, at: Option<OffsetDateTime>| {
            at.and_then(|at| at.format(&Rfc3339).ok()).map(|at| format!("{word} {at}"))
        };
        let parts: Vec<String> = told("from", self.from).into_iter().chain(told("until", self.until)).collect();
        if parts.is_empty() { "without end".to_owned() } else { parts.join(" ") }
    }
}

/// Giving or taking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Giving a role for a time, or changing the time for which it is held.
    Give(Period),
    /// Taking it away.
    Take,
}

/// Why somebody is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cannot {
    /// Nobody here has the address.
    NoSuchAddress,
    /// Nobody here has the id.
    NoSuchUser,
    /// What was written is no address, and why.
    NoAddress(&'static str),
    /// They were named before.
    Twice,
    /// They were removed from the organization.
    Removed,
    /// They hold what whoever acts does not: these.
    BeyondOwnRole(Vec<PermissionName>),
    /// They hold as many roles as anybody can.
    TooManyRoles,
    /// They are not in the workspace.
    NotAMember,
    /// No admin would be left to whom nothing is denied.
    LastAdmin,
    /// They would newly hold duties that exclude each other, and that is refused.
    Duties(Vec<Clash>),
    /// It was not announced when it was looked at.
    Meanwhile,
}

impl Cannot {
    /// Which of them, as programs compare it.
    #[must_use]
    pub const fn code(&self) -> LeftOut {
        match self {
            Self::NoSuchAddress | Self::NoSuchUser => LeftOut::NotFound,
            Self::NoAddress(_) => LeftOut::NotAnAddress,
            Self::Twice => LeftOut::ListedTwice,
            Self::Removed => LeftOut::Removed,
            Self::BeyondOwnRole(_) => LeftOut::BeyondOwnRole,
            Self::TooManyRoles => LeftOut::TooManyRoles,
            Self::NotAMember => LeftOut::NotAMember,
            Self::LastAdmin => LeftOut::LastAdmin,
            Self::Duties(_) => LeftOut::DutyConflict,
            Self::Meanwhile => LeftOut::ChangedMeanwhile,
        }
    }

    /// What it means and what to do, for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NoSuchAddress => "Nobody here has this address.".to_owned(),
            Self::NoSuchUser => "Nobody here has this id.".to_owned(),
            Self::NoAddress(why) => (*why).to_owned(),
            Self::Twice => "Listed twice; counted once.".to_owned(),
            Self::Removed => "They were removed from the organization.".to_owned(),
            Self::BeyondOwnRole(lacking) => {
                let names: Vec<String> = lacking.iter().map(ToString::to_string).collect();
                format!("They hold what you do not hold always and without an end: {}.", names.join(", "))
            }
            Self::TooManyRoles => format!("Somebody holds at most {MOST_ROLES} roles. Take one away first."),
            Self::NotAMember => "They are not in this workspace. Add them to it first.".to_owned(),
            Self::LastAdmin => "They are the last active admin to whom nothing is denied.".to_owned(),
            Self::Duties(clashes) => {
                let sentences: Vec<String> = clashes.iter().flat_map(Clash::sentences).collect();
                format!("{} That is refused.", sentences.join(" "))
            }
            Self::Meanwhile => "Something changed since you looked, so nothing was done for them.".to_owned(),
        }
    }

    /// The same for whoever asked about one person.
    pub(super) fn error(self) -> Error {
        match self {
            Self::NoSuchAddress | Self::NoSuchUser | Self::NoAddress(_) => Error::NotFound,
            Self::Twice | Self::Removed | Self::Meanwhile => Error::Conflict(Conflict::WrongStatus),
            Self::BeyondOwnRole(_) => Error::BeyondOwnRole,
            Self::TooManyRoles | Self::NotAMember => FieldErrors::one("workspace", self.sentence()).into(),
            Self::LastAdmin => Error::Conflict(Conflict::LastAdmin),
            Self::Duties(clashes) => separation::refusal(&clashes),
        }
    }
}

/// What becomes of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// They get it.
    Gains,
    /// They hold it there, and from now on for another time than this one.
    Changes(Period),
    /// It is taken from them; they held it for this time.
    Loses(Period),
    /// It is as it should be already.
    Stays,
    /// They are left out.
    Cannot(Cannot),
}

impl Outcome {
    /// Which of them, without what belongs to it.
    #[must_use]
    pub const fn prospect(&self) -> Prospect {
        match self {
            Self::Gains => Prospect::Gains,
            Self::Changes(_) => Prospect::Changes,
            Self::Loses(_) => Prospect::Loses,
            Self::Stays => Prospect::Stays,
            Self::Cannot(_) => Prospect::Cannot,
        }
    }
}

/// Something held for some time somewhere.
type Held = (RoleId, Option<OffsetDateTime>, Option<WorkspaceId>);

/// What is to be done with a role, looked at: whose turn it is comes after.
pub(super) struct Terms {
    pub(super) placed: PlacedRole,
    pub(super) deed: Deed,
    /// What the role is called.
    pub(super) role: String,
    /// Where it counts; nothing for the whole organization.
    pub(super) workspace: Option<Workspace>,
    /// What whoever acts does not hold, and would have to for doing this with the role, to anybody.
    pub(super) lacking: Vec<PermissionName>,
    pub(super) now: OffsetDateTime,
    denies_admins: bool,
    /// Active admins to whom nothing is denied, after everything that was judged so far; none where nobody is denied anything.
    unhindered: Option<BTreeSet<UserId>>,
    /// Duties that exclude each other in the organization.
    conflicts: Vec<DutyConflict>,
    /// What whoever acts lacks of what people hold: many hold the same.
    lacks: HashMap<Held, Vec<PermissionName>>,
}

impl Terms {
    /// Reads what the rules are about. Another organization's role or workspace is none.
    pub(super) async fn read(tx: &mut ReadTx, rights: &Rights, placed: PlacedRole, deed: Deed) -> Result<Self> {
        let deed = match deed {
            Deed::Give(period) => Deed::Give(period.kept()),
            Deed::Take => Deed::Take,
        };
        let now = tx.now();
        if let Deed::Give(Period { from, until: Some(until) }) = deed {
            if until <= now {
                return Err(FieldErrors::one("until", "This is over already. Choose a time to come.").into());
            }
            if from.is_some_and(|from| from >= until) {
                return Err(FieldErrors::one("until", "The end comes after the beginning.").into());
            }
        }
        let roles = rights.roles();
        let known = roles.name(placed.role).filter(|_| built_in(placed.role).is_none());
        let role = known.ok_or(Error::NotFound)?.to_owned();
        let workspace = match placed.workspace {
            Some(id) => Some(workspaces::find(tx, id).await?.ok_or(Error::NotFound)?),
            None => None,
        };
        let (lacking, unhindered) = match deed {
            Deed::Give(period) => {
                (rights.lacks(roles.allowed(placed.role), period.until, placed.workspace), unhindered(tx, roles).await?)
            }
            // What it allows need not be held, it only becomes less; what it denied does, because that is given back.
            Deed::Take => (rights.lacks(roles.denied(placed.role), None, placed.workspace), None),
        };
        let denies_admins = hinders(roles, placed.role);
        let conflicts = duty_conflicts::list(tx).await?;
        let lacks = HashMap::new();
        Ok(Self { placed, deed, role, workspace, lacking, now, denies_admins, unhindered, conflicts, lacks })
    }

    /// Refuses giving where nobody can be given anything.
    pub(super) fn open(&self) -> Result<()> {
        let archived = self.workspace.as_ref().is_some_and(|it| it.status == WorkspaceStatus::Archived);
        match self.deed {
            Deed::Give(_) if archived => {
                let message = "This workspace is archived. Bring it back before you give roles in it.";
                Err(FieldErrors::one("workspace", message).into())
            }
            _ => Ok(()),
        }
    }

    /// What becomes of the next person, after those who were judged before: it counts for those to come.
    pub(super) fn judge(&mut self, rights: &Rights, person: &Person) -> Outcome {
        let outcome = self.weigh(rights, person);
        if let Some(unhindered) = &mut self.unhindered
            && self.denies_admins
            && outcome.prospect().acts()
        {
            unhindered.remove(&person.id);
        }
        outcome
    }

    /// What would become of the next person, for whom nothing is done.
    pub(super) fn weigh(&mut self, rights: &Rights, person: &Person) -> Outcome {
        let outcome = self.by_roles(rights, person);
        if !outcome.prospect().acts() {
            return outcome;
        }
        let refused = separation::refused(self.clashes(rights, [person]));
        if refused.is_empty() { outcome } else { Outcome::Cannot(Cannot::Duties(refused)) }
    }

    /// Duties that exclude each other and that some of these people would newly hold together by it.
    pub(super) fn clashes<'a>(&self, rights: &Rights, people: impl IntoIterator<Item = &'a Person>) -> Vec<Clash> {
        let applied = |person: &'a Person| {
            let assignments = self.applied(&person.standing.assignments);
            (person, Standing { assignments, ..person.standing.clone() })
        };
        separation::of_people(&self.conflicts, rights, self.now, people.into_iter().map(applied))
    }

    /// The same before duties that exclude each other are looked at.
    fn by_roles(&mut self, rights: &Rights, person: &Person) -> Outcome {
        if matches!(self.deed, Deed::Give(_)) && person.standing.status == UserStatus::Removed {
            return Outcome::Cannot(Cannot::Removed);
        }
        let lacking = self.lacks_of(rights, person);
        if !lacking.is_empty() {
            return Outcome::Cannot(Cannot::BeyondOwnRole(lacking));
        }
        let held = person.held.map(|(from, until)| Period { from, until });
        let period = match (self.deed, held) {
            (Deed::Take, Some(held)) => return Outcome::Loses(held),
            (Deed::Take, None) => return Outcome::Stays,
            (Deed::Give(period), _) => period,
        };
        if held.is_none() && usize::try_from(person.roles).is_ok_and(|roles| roles >= MOST_ROLES) {
            return Outcome::Cannot(Cannot::TooManyRoles);
        }
        if self.workspace.is_some() && !person.is_member {
            return Outcome::Cannot(Cannot::NotAMember);
        }
        if held == Some(period) {
            return Outcome::Stays;
        }
        if let Some(unhindered) = &self.unhindered {
            let falls = self.denies_admins && unhindered.contains(&person.id);
            if unhindered.len() <= usize::from(falls) {
                return Outcome::Cannot(Cannot::LastAdmin);
            }
        }
        held.map_or(Outcome::Gains, Outcome::Changes)
    }

    /// What whoever acts does not hold of all that somebody holds. Nobody arranges what stands above them.
    fn lacks_of(&mut self, rights: &Rights, person: &Person) -> Vec<PermissionName> {
        let mut lacking = BTreeSet::new();
        for (role, until, workspace) in counting(&person.standing, self.now) {
            let lacks = self.lacks.entry((role, until, workspace));
            lacking.extend(
                lacks.or_insert_with(|| rights.lacks(rights.roles().allowed(role), until, workspace)).iter().cloned(),
            );
        }
        lacking.into_iter().collect()
    }

    /// What somebody's assignments would be.
    pub(super) fn applied(&self, assignments: &[Assignment]) -> Vec<Assignment> {
        let PlacedRole { role, workspace } = self.placed;
        let others = assignments.iter().filter(|held| (held.role, held.workspace) != (role, workspace)).cloned();
        let given = match self.deed {
            Deed::Give(Period { from, until }) => Some(Assignment { role, workspace, from, until }),
            Deed::Take => None,
        };
        others.chain(given).collect()
    }

    /// Does it, for everybody at once.
    pub(super) async fn carry_out(&self, tx: &mut WriteTx, rights: &Rights, users: &[UserId], by: &str) -> Result<()> {
        match self.deed {
            Deed::Give(Period { from, until }) => {
                store::assign(tx, (users, self.placed), (from, until), by).await?;
                // Judged before, one after the other; asked once more of what is there now.
                somebody_can_act(tx, rights.roles()).await
            }
            Deed::Take => {
                store::unassign(tx, users, self.placed).await?;
                Ok(())
            }
        }
    }

    /// The event of somebody for whom something is done; nothing for the others.
    pub(super) fn record(&self, person: &Person, outcome: &Outcome) -> Option<Record> {
        let record = |action| Record::new(action, TargetKind::User, person.id, &person.email);
        let before = match outcome {
            Outcome::Gains => String::new(),
            Outcome::Changes(before) => before.sentence(),
            Outcome::Loses(_) => {
                let record = record(Action::RoleUnassigned).change("role", &self.role, "");
                return Some(match &self.workspace {
                    Some(workspace) => record.change("workspace", &workspace.name, ""),
                    None => record,
                });
            }
            Outcome::Stays | Outcome::Cannot(_) => return None,
        };
        let now = match self.deed {
            Deed::Give(period) => period.sentence(),
            Deed::Take => String::new(),
        };
        Some(self.said(record(Action::RoleAssigned)).change("held", before, now))
    }

    /// A record that names the role, and where it counts.
    pub(super) fn said(&self, record: Record) -> Record {
        let record = record.after("role", &self.role);
        match &self.workspace {
            Some(workspace) => record.after("workspace", &workspace.name),
            None => record,
        }
    }
}
