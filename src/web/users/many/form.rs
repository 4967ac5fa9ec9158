//! What is chosen and typed on the way: the people, the role, where and from when until when, and what was shown of it.

use crate::web::{
    list::ListQuery,
    moment,
    users::{list::Users, roles::read_place},
};
use bulkhead_domain::access::{Deed, MOST_PEOPLE, Order, People, Period, Promise};
use bulkhead_model::{
    FieldErrors, Id, RoleId, UserId,
    access::{PlacedRole, Prospect},
    user::UserFilter,
};
use uuid::Uuid;

/// Fields of one form, at most: those of a page of rows, and the rest.
const MOST_FIELDS: usize = MOST_PEOPLE + 20;
/// The longest value, in bytes: more addresses than can be named.
const LONGEST: usize = 300_000;
/// How an id is written in what was shown, and the letter after it.
const SHOWN: usize = 32 + 1;

/// What is to happen with what was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Step {
    /// Choose on.
    #[default]
    Choose,
    /// Say what would happen.
    Look,
    /// Do it.
    Do,
}

impl Step {
    /// As the form writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Choose => "choose",
            Self::Look => "look",
            Self::Do => "do",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Choose, Self::Look, Self::Do].into_iter().find(|step| step.code() == code)
    }
}

/// Everything that was chosen and typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManyForm {
    /// What to do with it.
    pub step: Step,
    /// Whether the role is taken away instead of given.
    pub takes: bool,
    /// Rows of the list.
    pub users: Vec<UserId>,
    /// Everybody whom the list shows: its query string, in place of people.
    pub filter: Option<String>,
    /// Addresses, as they were pasted.
    pub people: String,
    /// Which role; named as on the user's page, where it stands beside the built-in one.
    pub own_role: String,
    /// Empty: the whole organization.
    pub workspace: String,
    /// From when on, in UTC; empty: at once.
    pub from: String,
    /// Until when; empty: without end.
    pub until: String,
    /// Why.
    pub reason: String,
    /// What was shown before this was sent.
    pub shown: String,
}

impl ManyForm {
    /// What a link asks for; what it gets wrong is left out.
    pub fn asked(pairs: Vec<(String, String)>) -> Self {
        let known = pairs.into_iter().filter(|(name, _)| ["deed", "filter", "own_role"].contains(&name.as_str()));
        Self::read(known.collect()).unwrap_or_default()
    }

    /// Reads what was sent; nothing where it did not come from these pages.
    pub fn read(pairs: Vec<(String, String)>) -> Option<Self> {
        if pairs.len() > MOST_FIELDS || pairs.iter().any(|(_, value)| value.len() > LONGEST) {
            return None;
        }
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "step" => form.step = Step::from_code(&value)?,
                "deed" => form.takes = ["give", "take"].iter().position(|deed| *deed == value)? == 1,
                "user" => form.users.push(value.parse().ok()?),
                "filter" => form.filter = Some(value),
                "people" => form.people = value,
                "own_role" => form.own_role = value,
                "workspace" => form.workspace = value,
                "from" => form.from = value,
                "until" => form.until = value,
                "reason" => form.reason = value,
                "shown" => form.shown = value,
                _ => return None,
            }
        }
        Some(form)
    }

    /// The word for what is done.
    pub const fn deed_code(&self) -> &'static str {
        if self.takes { "take" } else { "give" }
    }

    /// What is done, without its times.
    pub fn deed(&self) -> Deed {
        if self.takes { Deed::Take } else { Deed::Give(Period::default()) }
    }

    /// The filter of the list, where everybody is meant whom it shows.
    pub fn matching(&self, path: &str) -> Option<(ListQuery, UserFilter)> {
        let query = ListQuery::of(path, "users", &["status", "role"], self.filter.as_ref()?);
        let filter = Users::filter(&query);
        Some((query, filter))
    }

    /// The addresses, one a line or separated as in an invitation.
    pub fn addresses(&self) -> Vec<String> {
        let lines = self.people.split(['\n', ',', ';']).map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    /// What it asks for.
    pub fn typed(&self) -> Result<(Order, People), FieldErrors> {
        let mut errors = FieldErrors::new();
        let role = errors.keep("own_role", self.own_role.parse::<RoleId>().map_err(|_| "Choose a role."));
        let workspace = errors.keep("workspace", read_place(&self.workspace));
        let (from, until) = match self.takes {
            true => (Some(None), Some(None)),
            false => (errors.keep("from", moment::read(&self.from)), errors.keep("until", moment::read(&self.until))),
        };
        let ((role, workspace), (from, until)) = errors.finish(role.zip(workspace).zip(from.zip(until)))?;
        let deed = if self.takes { Deed::Take } else { Deed::Give(Period { from, until }) };
        let order = Order { placed: PlacedRole { role, workspace }, deed, reason: self.reason.clone() };
        let people = match self.matching("") {
            Some((_, filter)) => People::Matching(filter),
            None => People::Listed { users: self.users.clone(), addresses: self.addresses() },
        };
        Ok((order, people))
    }

    /// What was chosen, for the next form. The reason and what was shown are not part of it.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields = self.whom();
        fields.extend([
            field("people", &self.people),
            field("own_role", &self.own_role),
            field("workspace", &self.workspace),
            field("from", &self.from),
            field("until", &self.until),
        ]);
        fields
    }

    /// What is done, and with whom of the list.
    pub fn whom(&self) -> Vec<(String, String)> {
        let deed = ("deed".to_owned(), self.deed_code().to_owned());
        let users = self.users.iter().map(|user| ("user".to_owned(), user.to_string()));
        let filter = self.filter.iter().map(|filter| ("filter".to_owned(), filter.clone()));
        std::iter::once(deed).chain(users).chain(filter).collect()
    }

    /// What was shown, read back.
    pub fn promise(&self) -> Option<Promise> {
        let (roles, people) = self.shown.split_once('.')?;
        if !people.is_ascii() || people.len() % SHOWN != 0 || people.len() / SHOWN > MOST_PEOPLE {
            return None;
        }
        let one = |text: &[u8]| {
            let (id, letter) = std::str::from_utf8(text).ok()?.split_at_checked(SHOWN - 1)?;
            let at = letter.parse::<usize>().ok()?;
            Some((Id::from_uuid(Uuid::try_parse(id).ok()?), *Prospect::ALL.get(at)?))
        };
        let people: Option<Vec<_>> = people.as_bytes().chunks(SHOWN).map(one).collect();
        Some(Promise { roles: roles.parse().ok()?, people: people? })
    }
}

/// What is shown, as the next form brings it along: it decides nothing, it only says what to compare with.
pub fn written(promise: &Promise) -> String {
    let place = |prospect: Prospect| Prospect::ALL.iter().position(|one| *one == prospect).unwrap_or_default();
    let one = |(user, prospect): &(UserId, Prospect)| format!("{}{}", user.uuid().simple(), place(*prospect));
    format!("{}.{}", promise.roles, promise.people.iter().map(one).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Option<ManyForm> {
        ManyForm::read(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_was_shown_comes_back_as_it_was() {
        let people = Prospect::ALL.iter().zip(1..).map(|(prospect, n)| (Id::from_uuid(Uuid::from_u128(n)), *prospect));
        let promise = Promise { roles: 41, people: people.collect() };
        let form = ManyForm { shown: written(&promise), ..ManyForm::default() };
        assert_eq!(form.promise(), Some(promise));
    }

    #[test]
    fn what_did_not_come_from_these_pages_is_not_read() {
        for shown in ["", "1", "x.", "1.0", "1.é", &format!("1.{}9", "0".repeat(32)), &format!("1.{}0", "é".repeat(16))]
        {
            let form = ManyForm { shown: (*shown).to_owned(), ..ManyForm::default() };
            assert_eq!(form.promise(), None, "{shown}");
        }
        for wrong in [("step", "undo"), ("deed", "lend"), ("user", "ana"), ("role", "x"), ("admin", "true")] {
            assert_eq!(sent(&[wrong]), None, "{wrong:?}");
        }
        assert!(sent(&[("deed", "take"), ("step", "look")]).is_some_and(|form| form.takes && form.step == Step::Look));
        assert!(sent(&[("people", &"x".repeat(LONGEST + 1))]).is_none());
    }
}
