//! A condition as the editor's fields: hours, a period and networks that hold together. What else a condition can say
//! comes from the API and is kept as it is.

use bulkhead_domain::access::is_zone;
use bulkhead_model::{
    FieldErrors, Permission,
    access::{AddressRange, AllOf, Condition, DailyHours, PermissionName, Test, Weekdays},
};
use time::{OffsetDateTime, PrimitiveDateTime, macros::format_description};

/// Networks of one condition, at most.
const MOST_RANGES: usize = 100;

/// The fields, as they are typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
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
}

impl Fields {
    /// The fields that say this; none where they cannot.
    pub fn of(condition: &Condition) -> Option<Self> {
        let mut fields = Self::default();
        let [group] = condition.any.as_slice() else { return condition.any.is_empty().then_some(fields) };
        for test in &group.tests {
            match test {
                Test::Hours(hours) if fields.zone.is_empty() => {
                    fields.days = hours.days.into();
                    (fields.from, fields.until) = (clock(hours.from), clock(hours.until));
                    fields.zone.clone_from(&hours.zone);
                }
                Test::Period { from, until } if fields.not_before.is_empty() && fields.not_after.is_empty() => {
                    fields.not_before = from.map_or(Some(String::new()), moment)?;
                    fields.not_after = until.map_or(Some(String::new()), moment)?;
                }
                Test::Address { ranges } if fields.addresses.is_empty() => {
                    fields.addresses = ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                }
                _ => return None,
            }
        }
        // What would read back as something else, such as hours on no day, is not what the fields say.
        let back = fields.read(&Permission::SelfManage.into(), &mut FieldErrors::new())?;
        (back.any.first().map(|group| group.tests.len()) == Some(group.tests.len())).then_some(fields)
    }

    /// The condition, or what is wrong with the fields, each under its own name.
    pub fn read(&self, permission: &PermissionName, errors: &mut FieldErrors) -> Option<Condition> {
        let at = |field: &str| format!("{field}.{permission}");
        // All three, so that everything that is wrong is said at once.
        let (hours, period, networks) = (self.hours(errors, &at), self.period(errors, &at), self.networks(errors, &at));
        let tests: Vec<Test> = [hours?, period?, networks?].into_iter().flatten().collect();
        Some(if tests.is_empty() { Condition::default() } else { Condition { any: vec![AllOf { tests }] } })
    }

    /// The test of the hours; `Some(None)` without one, `None` where something is wrong.
    fn hours(&self, errors: &mut FieldErrors, at: &dyn Fn(&str) -> String) -> Option<Option<Test>> {
        let typed = [&self.from, &self.until, &self.zone];
        if self.days.is_empty() && typed.iter().all(|text| text.trim().is_empty()) {
            return Some(None);
        }
        if self.days.is_empty() {
            errors.add(at("days"), "Choose the days on which the hours begin.");
        }
        let days = errors.keep(&at("days"), Weekdays::try_from(self.days.clone()));
        let hint = "Write an hour like 08:30.";
        let from = errors.keep(&at("from"), minute(&self.from).ok_or(hint));
        let until = errors.keep(&at("until"), minute(&self.until).ok_or(hint));
        let zone = self.zone.trim();
        if !is_zone(zone) {
            errors.add(at("zone"), "There is no such time zone. Write one like Europe/Berlin or UTC.");
        }
        let (days, from, until) = (days?, from?, until?);
        let sound = is_zone(zone) && !self.days.is_empty();
        sound.then(|| Some(Test::Hours(DailyHours { days, from, until, zone: zone.to_owned() })))
    }

    fn period(&self, errors: &mut FieldErrors, at: &dyn Fn(&str) -> String) -> Option<Option<Test>> {
        let mut read = |field: &str, text: &str| match text.trim() {
            "" => Some(None),
            text => errors.keep(&at(field), when(text).ok_or("Write day and hour like 2026-11-30T17:00.")).map(Some),
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
                    errors.add(at("addresses"), format!("{}: {error}", bulkhead_ui::visible(&shown)));
                    return None;
                }
            }
        }
        Some((!ranges.is_empty()).then_some(Test::Address { ranges }))
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The minute of the day; midnight at its end is the one at its beginning, since an end like that is the next day's.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| (text.len() <= 2).then(|| text.parse::<u8>().ok()).flatten();
    match (number(hour)?, number(minute)?) {
        (24, 0) => Some(0),
        (hour @ 0..24, minute @ 0..60) => Some(u16::from(hour) * 60 + u16::from(minute)),
        _ => None,
    }
}

/// A moment as browsers' fields write it; none where they cannot.
fn moment(at: OffsetDateTime) -> Option<String> {
    let at = at.to_offset(time::UtcOffset::UTC);
    let format = match (at.nanosecond(), at.second()) {
        (0, 0) => format_description!("[year]-[month]-[day]T[hour]:[minute]"),
        (0, _) => format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
        _ => return None,
    };
    at.format(format).ok()
}

fn when(text: &str) -> Option<OffsetDateTime> {
    let minutes = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let read = PrimitiveDateTime::parse(text, minutes).or_else(|_| PrimitiveDateTime::parse(text, seconds));
    read.ok().map(PrimitiveDateTime::assume_utc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_model::access::{Comparison, Value};
    use time::macros::datetime;

    fn hours(days: Weekdays) -> Test {
        Test::Hours(DailyHours { days, from: 8 * 60 + 30, until: 0, zone: "Europe/Berlin".to_owned() })
    }

    fn one(tests: Vec<Test>) -> Condition {
        Condition { any: vec![AllOf { tests }] }
    }

    #[test]
    fn what_the_fields_can_say_is_read_back_as_it_was() -> Result<(), Box<dyn std::error::Error>> {
        let period = Test::Period { from: Some(datetime!(2026-01-02 03:04 UTC)), until: None };
        let networks = Test::Address { ranges: vec!["192.0.2.0/24".parse()?, "2001:db8::1".parse()?] };
        for condition in [
            Condition::default(),
            one(vec![hours(Weekdays::WORKDAYS)]),
            one(vec![period.clone()]),
            one(vec![hours(Weekdays::ALL), period, networks]),
        ] {
            let mut errors = FieldErrors::new();
            let read =
                Fields::of(&condition).and_then(|fields| fields.read(&Permission::UsersRead.into(), &mut errors));
            assert_eq!(read, Some(condition), "{errors:?}");
        }
        Ok(())
    }

    #[test]
    fn what_they_cannot_say_is_kept_instead() -> Result<(), Box<dyn std::error::Error>> {
        let never = Weekdays::try_from(Vec::<String>::new())?;
        let amount =
            Test::Attribute { name: "amount".parse()?, is: Comparison::Below, values: vec![Value::Number(1.0)] };
        let group = AllOf { tests: vec![Test::Owner] };
        for condition in [
            one(vec![]),
            one(vec![Test::Owner]),
            one(vec![amount]),
            one(vec![hours(Weekdays::ALL), hours(Weekdays::WORKDAYS)]),
            one(vec![hours(never)]),
            one(vec![Test::Period { from: None, until: None }]),
            one(vec![Test::Period { from: Some(datetime!(2026-01-02 03:04:05.5 UTC)), until: None }]),
            one(vec![Test::Address { ranges: vec![] }]),
            Condition { any: vec![group.clone(), group] },
        ] {
            assert_eq!(Fields::of(&condition), None, "{condition}");
        }
        Ok(())
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let fields = Fields {
            days: vec![],
            from: "25:00".to_owned(),
            until: "x".to_owned(),
            zone: "Mars/Olympus".to_owned(),
            not_before: "2026-11-22T10:00".to_owned(),
            not_after: "2026-11-22T10:00".to_owned(),
            addresses: "192.0.2.0/24, example.com".to_owned(),
        };
        let mut errors = FieldErrors::new();
        assert_eq!(fields.read(&Permission::UsersRead.into(), &mut errors), None);
        for field in ["days", "from", "until", "zone", "not_after", "addresses"] {
            assert!(errors.of(&format!("{field}.users:read")).is_some(), "{field}: {errors:?}");
        }
        assert_eq!(errors.of("not_before.users:read"), None);
    }
}
