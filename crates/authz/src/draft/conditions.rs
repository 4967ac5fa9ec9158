//! A condition as the editor's fields: alternatives of which one is enough, and in each what must hold together. What no
//! field can say comes from the API and is kept as it is.

use super::{
    moment,
    place::name,
    row::{HIDDEN, LONGEST_TEXT, Row},
};
use crate::truth::Clocks;
use bulkhead_model::{
    FieldErrors, WorkspaceId,
    access::{
        AddressRange, AllOf, AttributeKind, AttributeName, Condition, DailyHours, PermissionName, Test, Weekdays,
    },
    text::is_deceptive,
    visible::visible,
    workspace::Places,
};
use time::OffsetDateTime;

/// Networks of one alternative, at most.
const MOST_RANGES: usize = 100;
/// Alternatives of one condition, at most.
pub const MOST_GROUPS: usize = 8;

/// What conditions can compare of resources of a type.
pub type Kinds = Vec<(AttributeName, AttributeKind)>;

/// What reading a condition of a permission needs to know.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// Which.
    pub permission: &'a PermissionName,
    /// What can be compared; none where the permission is about nothing that conditions know.
    pub kinds: Option<&'a Kinds>,
    /// What workspaces are called.
    pub places: &'a Places,
    /// Which time zones there are.
    pub clocks: &'a dyn Clocks,
}

impl About<'_> {
    fn is_zone(&self, zone: &str) -> bool {
        self.clocks.read(zone, OffsetDateTime::UNIX_EPOCH).is_some()
    }

    /// The name of a field of an alternative.
    fn at(&self, of: &str, row: Option<usize>, group: usize) -> String {
        format!("{}.{}", name(of, row, group), self.permission)
    }
}

/// The alternatives, as they are typed; always one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// One is enough.
    pub groups: Vec<Group>,
}

/// What must hold together, as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// `mon` to `sun`.
    pub days: Vec<String>,
    /// `08:30`.
    pub from: String,
    /// `17:00`.
    pub until: String,
    /// `Europe/Berlin`.
    pub zone: String,
    /// `2026-11-22T08:00`, UTC.
    pub not_before: String,
    /// The same.
    pub not_after: String,
    /// Networks between commas, spaces or line ends.
    pub addresses: String,
    /// Comparisons of attributes.
    pub rows: Vec<Row>,
    /// That it is their own.
    pub owner: bool,
    /// What its id begins with.
    pub id_prefix: String,
    /// The id of the workspace that it is in.
    pub workspace: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { groups: vec![Group::default()] }
    }
}

impl Fields {
    /// The fields that say this; none where they cannot.
    #[must_use]
    pub fn of(condition: &Condition, about: &About<'_>) -> Option<Self> {
        if condition.any.is_empty() {
            return Some(Self::default());
        }
        if condition.any.len() > MOST_GROUPS {
            return None;
        }
        let groups: Option<Vec<Group>> = condition.any.iter().map(Group::of).collect();
        let fields = Self { groups: groups? };
        if about.kinds.is_none() && fields.groups.iter().any(Group::is_about_something) {
            return None;
        }
        // What would read back as something else, such as hours on no day, is not what the fields say.
        let back = fields.read(about, &mut FieldErrors::new())?;
        let same = |(was, is): (&AllOf, &AllOf)| {
            was.tests.len() == is.tests.len() && was.tests.iter().all(|test| is.tests.contains(test))
        };
        (back.any.len() == condition.any.len() && condition.any.iter().zip(&back.any).all(same)).then_some(fields)
    }

    /// An alternative to type into; none beyond the most there can be.
    pub(super) fn group(&mut self, at: usize) -> Option<&mut Group> {
        if at >= MOST_GROUPS {
            return None;
        }
        if self.groups.len() <= at {
            self.groups.resize_with(at + 1, Group::default);
        }
        self.groups.get_mut(at)
    }

    /// The condition, or what is wrong with the fields, each under its own name.
    pub fn read(&self, about: &About<'_>, errors: &mut FieldErrors) -> Option<Condition> {
        // All of them, so that everything that is wrong is said at once.
        let read: Vec<Option<Vec<Test>>> =
            self.groups.iter().enumerate().map(|(at, group)| group.read(about, at, errors)).collect();
        let several = read.len() > 1;
        for (at, _) in read.iter().enumerate().filter(|(_, tests)| several && tests.as_ref().is_some_and(Vec::is_empty))
        {
            let text = "Fill something in, or remove this alternative: with nothing in it, it would always hold.";
            errors.add(about.at("group", None, at), text);
        }
        let groups: Option<Vec<Vec<Test>>> = read.into_iter().collect();
        let groups = groups?;
        match groups.as_slice() {
            [only] if only.is_empty() => Some(Condition::default()),
            groups if groups.iter().any(Vec::is_empty) => None,
            _ => Some(Condition { any: groups.into_iter().map(|tests| AllOf { tests }).collect() }),
        }
    }
}

impl Group {
    fn of(group: &AllOf) -> Option<Self> {
        let mut fields = Self::default();
        for test in &group.tests {
            match test {
                Test::Hours(hours) if fields.zone.is_empty() => {
                    fields.days = hours.days.into();
                    (fields.from, fields.until) = (moment::clock(hours.from), moment::clock(hours.until));
                    fields.zone.clone_from(&hours.zone);
                }
                Test::Period { from, until } if fields.not_before.is_empty() && fields.not_after.is_empty() => {
                    fields.not_before = from.map_or(Some(String::new()), moment::write)?;
                    fields.not_after = until.map_or(Some(String::new()), moment::write)?;
                }
                Test::Address { ranges } if fields.addresses.is_empty() => {
                    fields.addresses = ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                }
                Test::Attribute { name, is, values } if fields.rows.len() < super::MOST_ROWS => {
                    fields.rows.push(Row::of(name, *is, values)?);
                }
                Test::Owner if !fields.owner => fields.owner = true,
                Test::IdPrefix { prefix } if fields.id_prefix.is_empty() => fields.id_prefix.clone_from(prefix),
                Test::Workspace { workspace } if fields.workspace.is_empty() => {
                    fields.workspace = workspace.to_string();
                }
                _ => return None,
            }
        }
        Some(fields)
    }

    /// Whether it has fields that the page has for resources of services only.
    fn is_about_something(&self) -> bool {
        let typed = [&self.id_prefix, &self.workspace];
        self.owner || !self.rows.is_empty() || typed.iter().any(|text| !text.is_empty())
    }

    fn read(&self, about: &About<'_>, place: usize, errors: &mut FieldErrors) -> Option<Vec<Test>> {
        let at = |of: &str| about.at(of, None, place);
        let (hours, period) = (self.hours(about, errors, &at), self.period(errors, &at));
        let networks = self.networks(errors, &at);
        let rows: Vec<Option<Option<Test>>> = self
            .rows
            .iter()
            .enumerate()
            .map(|(row, typed)| typed.read(about, errors, &|of| about.at(of, Some(row), place)))
            .collect();
        let (prefix, workspace) = (self.prefix(errors, &at), self.within(about, errors, &at));
        let rows: Option<Vec<Option<Test>>> = rows.into_iter().collect();
        let owner = self.owner.then_some(Test::Owner);
        let tests = [hours?, period?, networks?].into_iter().chain(rows?).chain([owner, prefix?, workspace?]);
        Some(tests.flatten().collect())
    }

    /// The test of the hours; `Some(None)` without one, `None` where something is wrong.
    fn hours(&self, about: &About<'_>, errors: &mut FieldErrors, at: &dyn Fn(&str) -> String) -> Option<Option<Test>> {
        let typed = [&self.from, &self.until, &self.zone];
        if self.days.is_empty() && typed.iter().all(|text| text.trim().is_empty()) {
            return Some(None);
        }
        if self.days.is_empty() {
            errors.add(at("days"), "Choose the days on which the hours begin.");
        }
        let days = errors.keep(&at("days"), Weekdays::try_from(self.days.clone()));
        let hint = "Write an hour like 08:30.";
        let from = errors.keep(&at("from"), moment::minute(&self.from).ok_or(hint));
        let until = errors.keep(&at("until"), moment::minute(&self.until).ok_or(hint));
        let zone = self.zone.trim();
        let is_zone = about.is_zone(zone);
        if !is_zone {
            errors.add(at("zone"), "There is no such time zone. Write one like Europe/Berlin or UTC.");
        }
        let (days, from, until) = (days?, from?, until?);
        let sound = is_zone && !self.days.is_empty();
        sound.then(|| Some(Test::Hours(DailyHours { days, from, until, zone: zone.to_owned() })))
    }

    fn period(&self, errors: &mut FieldErrors, at: &dyn Fn(&str) -> String) -> Option<Option<Test>> {
        let mut read = |field: &str, text: &str| match text.trim() {
            "" => Some(None),
            text => errors.keep(&at(field), moment::read(text).ok_or(moment::REFUSAL)).map(Some),
        };
        let (from, until) = (read("not_before", &self.not_before), read("not_after", &self.not_after));
        let (from, until) = (from?, until?);
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            errors.add(at("not_after"), "The end is not after the beginning.");
            return None;
        }
        Some((from.is_some() || until.is_some()).then_some(Test::Period { from, until }))
    }

    fn networks(&self, errors: &mut FieldErrors, at: &dyn Fn(&str) -> String) -> Option<Option<Test>> {
        let words = self.addresses.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        if words.len() > MOST_RANGES {
            errors.add(at("addresses"), format!("At most {MOST_RANGES} networks."));
            return None;
        }
        let mut ranges: Vec<AddressRange> = Vec::with_capacity(words.len());
        for word in words {
            match word.parse() {
                Ok(range) => ranges.push(range),
                Err(error) => {
                    // The first characters are enough to find it again.
                    let shown: String = word.chars().take(60).collect();
                    errors.add(at("addresses"), format!("{}: {error}", visible(&shown)));
                    return None;
                }
            }
        }
        Some((!ranges.is_empty()).then_some(Test::Address { ranges }))
    }

    fn prefix(&self, errors: &mut FieldErrors, at: &dyn Fn(&str) -> String) -> Option<Option<Test>> {
        let refusal = match self.id_prefix.as_str() {
            "" => return Some(None),
            text if text.len() > LONGEST_TEXT => "At most 256 bytes.",
            text if text.contains(is_deceptive) => HIDDEN,
            text if text.trim() != text => "Begins or ends with a space. Take it out.",
            text => return Some(Some(Test::IdPrefix { prefix: text.to_owned() })),
        };
        errors.add(at("id_prefix"), refusal);
        None
    }

    fn within(&self, about: &About<'_>, errors: &mut FieldErrors, at: &dyn Fn(&str) -> String) -> Option<Option<Test>> {
        if self.workspace.is_empty() {
            return Some(None);
        }
        // Where names may not be seen, one that was there can stay.
        let known = |id: &WorkspaceId| *about.places == Places::Hidden || about.places.name(*id).is_some();
        match self.workspace.parse().ok().filter(known) {
            Some(workspace) => Some(Some(Test::Workspace { workspace })),
            None => {
                errors.add(at("workspace"), "There is no such workspace. Choose one.");
                None
            }
        }
    }
}
