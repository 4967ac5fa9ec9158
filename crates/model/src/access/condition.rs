//! Conditions: when a grant counts.

use super::{AddressRange, AttributeName, Value};
use crate::{id::WorkspaceId, org::words, workspace::Places};
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// When a grant counts: when all tests of at least one group hold. Without groups, always.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Condition {
    /// The groups, of which one is enough.
    pub any: Vec<AllOf>,
}

/// Tests that must hold together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AllOf {
    /// The tests.
    pub tests: Vec<Test>,
}

/// One test, about when, from where, or what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "test", deny_unknown_fields)]
pub enum Test {
    /// At these hours of these days, by the clocks of one time zone.
    Hours(DailyHours),
    /// Not before, and before, a point in time.
    Period {
        /// From then on.
        #[serde(with = "time::serde::rfc3339::option", default)]
        from: Option<OffsetDateTime>,
        /// Until then, not included.
        #[serde(with = "time::serde::rfc3339::option", default)]
        until: Option<OffsetDateTime>,
    },
    /// From one of these networks.
    Address {
        /// Any of them.
        ranges: Vec<AddressRange>,
    },
    /// An attribute of the resource compares so.
    Attribute {
        /// Which.
        name: AttributeName,
        /// How.
        is: Comparison,
        /// With one of these; one for all comparisons but [`Comparison::OneOf`].
        values: Vec<Value>,
    },
    /// The resource belongs to whoever asks.
    Owner,
    /// The resource's id begins so.
    IdPrefix {
        /// With this.
        prefix: String,
    },
    /// The resource is in this workspace.
    Workspace {
        /// Which.
        workspace: WorkspaceId,
    },
}

words! {
    /// How an attribute is compared with a value.
    Comparison {
        Equals = "equals", "is";
        Differs = "differs", "is not";
        Below = "below", "is below";
        AtMost = "at_most", "is at most";
        Above = "above", "is above";
        AtLeast = "at_least", "is at least";
        OneOf = "one_of", "is one of";
        /// Text only.
        BeginsWith = "begins_with", "begins with";
    }
}

/// Hours of days, as they come round every week. An end that is not after the beginning is on the day after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DailyHours {
    /// The days on which the hours begin.
    pub days: Weekdays,
    /// Minute of the day from which on, 0 to 1439.
    pub from: u16,
    /// Minute of the day before which, 0 to 1439.
    pub until: u16,
    /// Name of the time zone in the IANA database, `Europe/Berlin`.
    pub zone: String,
}

impl DailyHours {
    /// Whether a minute of a day by the zone's clocks is inside. When clocks are put back, both of the repeated hours are;
    /// when they are put forward, there is no request in the hour that is left out.
    #[must_use]
    pub fn contains(&self, day: time::Weekday, minute: u16) -> bool {
        if self.from < self.until {
            return self.days.contains(day) && (self.from..self.until).contains(&minute);
        }
        (self.days.contains(day) && minute >= self.from) || (self.days.contains(day.previous()) && minute < self.until)
    }
}

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Weekdays(u8);

impl Weekdays {
    /// Monday to Sunday as they are written.
    const NAMES: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const LABELS: [&'static str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    /// Monday to Friday.
    pub const WORKDAYS: Self = Self(0b001_1111);
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);

    /// Whether a day is among them.
    #[must_use]
    pub const fn contains(self, day: time::Weekday) -> bool {
        self.0 & (1 << day.number_days_from_monday()) != 0
    }

    /// As a number: Monday is 1, Tuesday is 2, Wednesday is 4.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Reads the number.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits <= Self::ALL.0 { Some(Self(bits)) } else { None }
    }

    fn positions(self) -> impl Iterator<Item = usize> {
        (0..7).filter(move |position| self.0 & (1 << position) != 0)
    }
}

impl TryFrom<Vec<String>> for Weekdays {
    type Error = super::NameError;
    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        names.iter().try_fold(Self(0), |days, name| {
            let position = Self::NAMES.iter().position(|known| known == name);
            let position = position.ok_or(super::NameError("Days are mon, tue, wed, thu, fri, sat and sun."))?;
            Ok(Self(days.0 | (1 << position)))
        })
    }
}

impl From<Weekdays> for Vec<String> {
    fn from(days: Weekdays) -> Self {
        days.positions().filter_map(|position| Weekdays::NAMES.get(position)).map(|name| (*name).to_owned()).collect()
    }
}

impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.write_str("every day"),
            Self::WORKDAYS => f.write_str("Monday to Friday"),
            Self(0) => f.write_str("no day"),
            days => {
                let labels: Vec<&str> =
                    days.positions().filter_map(|position| Self::LABELS.get(position).copied()).collect();
                f.write_str(&listed(&labels, "and"))
            }
        }
    }
}

/// `a, b or c`.
fn listed<T: AsRef<str>>(words: &[T], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., end] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", head.join(", "), end.as_ref())
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(hours) => {
                let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
                let next = if hours.from < hours.until { "" } else { " the next day" };
                write!(f, "{} from {} to {}{next} in {}", hours.days, clock(hours.from), clock(hours.until), hours.zone)
            }
            Self::Period { from, until } => match (from, until) {
                (Some(from), Some(until)) => write!(f, "from {} until {}", Value::Time(*from), Value::Time(*until)),
                (Some(from), None) => write!(f, "from {} on", Value::Time(*from)),
                (None, Some(until)) => write!(f, "until {}", Value::Time(*until)),
                (None, None) => f.write_str("at any time"),
            },
            Self::Address { ranges } => {
                let ranges: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                write!(f, "from {}", if ranges.is_empty() { "no address".to_owned() } else { listed(&ranges, "or") })
            }
            Self::Attribute { name, is, values } => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                let values = if values.is_empty() { "nothing".to_owned() } else { listed(&values, "or") };
                write!(f, "its {name} {} {values}", is.label())
            }
            Self::Owner => f.write_str("it is their own"),
            Self::IdPrefix { prefix } => write!(f, "its id begins with “{prefix}”"),
            Self::Workspace { workspace } => write!(f, "it is in workspace {workspace}"),
        }
    }
}

impl Test {
    /// As people read it: with the workspace's name.
    #[must_use]
    pub fn told(&self, places: &Places) -> String {
        match self {
            Self::Workspace { workspace } => places.told(*workspace),
            test => test.to_string(),
        }
    }
}

impl Condition {
    /// As people read it: with the names of workspaces.
    #[must_use]
    pub fn told(&self, places: &Places) -> String {
        self.sentence(|test| test.told(places))
    }

    /// The workspaces that it names.
    pub fn workspaces(&self) -> impl Iterator<Item = WorkspaceId> {
        self.any.iter().flat_map(|group| &group.tests).filter_map(|test| match test {
            Test::Workspace { workspace } => Some(*workspace),
            _ => None,
        })
    }

    fn sentence(&self, told: impl Fn(&Test) -> String) -> String {
        if self.any.is_empty() {
            return "always".to_owned();
        }
        let group = |group: &AllOf| {
            let tests: Vec<String> = group.tests.iter().map(&told).collect();
            if tests.is_empty() { "always".to_owned() } else { tests.join(" and ") }
        };
        let groups: Vec<String> = self.any.iter().map(group).collect();
        format!("when {}", groups.join(", or when "))
    }
}

/// As a sentence that ends what a grant says: `when it is their own and from 192.0.2.0/24`. With the ids of workspaces,
/// which stay what they are: for the audit log and the API.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(ToString::to_string))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_named_to_whoever_may_see_it() {
        let id = |number| WorkspaceId::from_uuid(uuid::Uuid::from_u128(number));
        let within = |number| AllOf { tests: vec![Test::Owner, Test::Workspace { workspace: id(number) }] };
        let condition = Condition { any: vec![within(1), within(2)] };
        let known = Places::Known(vec![(id(1), "Production".to_owned())]);
        assert_eq!(
            condition.told(&known),
            "when it is their own and it is in the workspace “Production”, \
             or when it is their own and it is in a workspace that does not exist"
        );
        let hidden = condition.told(&Places::Hidden);
        assert_eq!(hidden.matches("it is in a workspace that you may not see").count(), 2, "{hidden}");
        assert!(!hidden.contains(&id(1).to_string()), "and its id says as little: {hidden}");
        assert!(condition.to_string().contains(&id(1).to_string()), "the log keeps what stays true");
        assert_eq!(condition.workspaces().collect::<Vec<_>>(), [id(1), id(2)]);
    }
}
