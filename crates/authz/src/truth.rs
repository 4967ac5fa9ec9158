//! Whether a condition holds: yes, no, or not to be known.

pub use bulkhead_model::access::Resource;
use bulkhead_model::{
    UserId, WorkspaceId,
    access::{AllOf, Comparison, Condition, DailyHours, Test, Value},
};
use std::{cmp::Ordering, fmt, net::IpAddr};
use time::{OffsetDateTime, PrimitiveDateTime};

/// Under which circumstances is asked.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// When.
    pub now: OffsetDateTime,
    /// From which address; none where that is not known.
    pub address: Option<IpAddr>,
    /// Clocks of time zones.
    pub clocks: &'a dyn Clocks,
}

/// What the clocks of a time zone show. A parameter, so that this crate carries no time zone database into the browser.
pub trait Clocks {
    /// Date and time in the zone; none for a zone that is not known.
    fn read(&self, zone: &str, at: OffsetDateTime) -> Option<PrimitiveDateTime>;
}

/// Whether something holds. What cannot be known never allows and always denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// What is needed to say is missing, or makes no sense.
    Unknown,
}

impl Truth {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Yes, Self::No, Self::Unknown];

    /// As the API writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    const fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// All of them, after Kleene: one that does not hold decides, whatever is unknown.
    fn all(parts: impl Iterator<Item = Self>) -> Self {
        let mut together = Self::Yes;
        for part in parts {
            match part {
                Self::No => return Self::No,
                Self::Unknown => together = Self::Unknown,
                Self::Yes => {}
            }
        }
        together
    }

    /// Any of them.
    fn any(parts: impl Iterator<Item = Self>) -> Self {
        let mut together = Self::No;
        for part in parts {
            match part {
                Self::Yes => return Self::Yes,
                Self::Unknown => together = Self::Unknown,
                Self::No => {}
            }
        }
        together
    }
}

/// Everything a condition is about.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// Who asks.
    pub user: UserId,
    /// About what.
    pub resource: &'a Resource,
    /// When, and from where.
    pub circumstances: Circumstances<'a>,
}

/// Whether a condition holds.
#[must_use]
pub fn condition(condition: &Condition, facts: &Facts<'_>) -> Truth {
    if condition.any.is_empty() {
        return Truth::Yes;
    }
    Truth::any(condition.any.iter().map(|group| all_of(group, facts)))
}

fn all_of(group: &AllOf, facts: &Facts<'_>) -> Truth {
    Truth::all(group.tests.iter().map(|one| test(one, facts)))
}

/// Whether one test holds.
#[must_use]
pub fn test(test: &Test, facts: &Facts<'_>) -> Truth {
    let Facts { user, resource, circumstances } = *facts;
    match test {
        Test::Hours(hours) => clock(hours, &circumstances),
        Test::Period { from, until } => Truth::of(
            from.is_none_or(|from| circumstances.now >= from) && until.is_none_or(|until| circumstances.now < until),
        ),
        Test::Address { ranges } => circumstances
            .address
            .map_or(Truth::Unknown, |address| Truth::of(ranges.iter().any(|range| range.contains(address)))),
        Test::Attribute { name, is, values } => {
            resource.attributes.get(name).map_or(Truth::Unknown, |value| compare(value, *is, values))
        }
        Test::Owner => resource.owner.map_or(Truth::Unknown, |owner| Truth::of(owner == user)),
        Test::IdPrefix { prefix } => {
            resource.id.as_ref().map_or(Truth::Unknown, |id| Truth::of(id.starts_with(prefix.as_str())))
        }
        Test::Workspace { workspace } => {
            resource.workspace.map_or(Truth::Unknown, |of_resource| Truth::of(of_resource == *workspace))
        }
    }
}

/// What a test looks at, as it is at that moment; none where it is not known.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// What the clocks of the test's zone show.
    Clock(Option<PrimitiveDateTime>),
    /// The moment.
    Moment(OffsetDateTime),
    /// The person's address.
    Address(Option<IpAddr>),
    /// The value of the test's attribute.
    Attribute(Option<Value>),
    /// Whose the resource is.
    Owner(Option<UserId>),
    /// The resource's id.
    Id(Option<String>),
    /// The workspace that the resource is in.
    Workspace(Option<WorkspaceId>),
}

impl Seen {
    /// As text; none where it is not known.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Clock(shown) => shown.map(|shown| {
                format!("{}, {} {:02}:{:02}", shown.weekday(), shown.date(), shown.hour(), shown.minute())
            }),
            Self::Moment(at) => Some(Value::Time(*at).to_string()),
            Self::Address(address) => address.map(|address| address.to_string()),
            Self::Attribute(value) => value.as_ref().map(Value::to_string),
            Self::Owner(owner) => owner.map(|owner| owner.to_string()),
            Self::Id(id) => id.as_ref().map(|id| format!("“{id}”")),
            Self::Workspace(workspace) => workspace.map(|workspace| workspace.to_string()),
        }
    }
}

/// `production` or `not known`.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_deref().unwrap_or("not known"))
    }
}

/// One test, what it saw and whether it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// The test.
    pub test: Test,
    /// What it looked at.
    pub saw: Seen,
    /// Whether it holds.
    pub truth: Truth,
}

/// Every test of a condition, group by group, those included that deciding could have gone without.
#[must_use]
pub fn look(condition: &Condition, facts: &Facts<'_>) -> Vec<Vec<Looked>> {
    let looked = |one: &Test| Looked { test: one.clone(), saw: seen(one, facts), truth: test(one, facts) };
    condition.any.iter().map(|group| group.tests.iter().map(looked).collect()).collect()
}

fn seen(test: &Test, facts: &Facts<'_>) -> Seen {
    let Facts { resource, circumstances, .. } = *facts;
    match test {
        Test::Hours(hours) => Seen::Clock(circumstances.clocks.read(&hours.zone, circumstances.now)),
        Test::Period { .. } => Seen::Moment(circumstances.now),
        Test::Address { .. } => Seen::Address(circumstances.address),
        Test::Attribute { name, .. } => Seen::Attribute(resource.attributes.get(name).cloned()),
        Test::Owner => Seen::Owner(resource.owner),
        Test::IdPrefix { .. } => Seen::Id(resource.id.clone()),
        Test::Workspace { .. } => Seen::Workspace(resource.workspace),
    }
}

fn clock(hours: &DailyHours, circumstances: &Circumstances<'_>) -> Truth {
    let shown = circumstances.clocks.read(&hours.zone, circumstances.now);
    shown.map_or(Truth::Unknown, |shown| {
        let minute = u16::from(shown.hour()) * 60 + u16::from(shown.minute());
        Truth::of(hours.contains(shown.weekday(), minute))
    })
}

/// Values of two types do not compare, and neither does a comparison with no value.
fn compare(value: &Value, is: Comparison, values: &[Value]) -> Truth {
    let ordered = |holds: fn(Ordering) -> bool| match values {
        [other] => value.compare(other).map_or(Truth::Unknown, |order| Truth::of(holds(order))),
        _ => Truth::Unknown,
    };
    match is {
        Comparison::Equals => ordered(Ordering::is_eq),
        Comparison::Differs => ordered(Ordering::is_ne),
        Comparison::Below => ordered(Ordering::is_lt),
        Comparison::AtMost => ordered(Ordering::is_le),
        Comparison::Above => ordered(Ordering::is_gt),
        Comparison::AtLeast => ordered(Ordering::is_ge),
        Comparison::OneOf => Truth::any(
            values.iter().map(|other| value.compare(other).map_or(Truth::Unknown, |order| Truth::of(order.is_eq()))),
        ),
        Comparison::BeginsWith => match (value, values) {
            (Value::Text(text), [Value::Text(prefix)]) => Truth::of(text.starts_with(prefix.as_str())),
            _ => Truth::Unknown,
        },
    }
}
