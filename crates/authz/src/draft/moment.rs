//! Hours and moments as browsers' fields write them.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// What is said beside a field with a moment that does not read.
pub(super) const REFUSAL: &str = "Write day and hour like 2026-11-30T17:00.";

pub(super) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The minute of the day; midnight at its end is the one at its beginning, since an end like that is the next day's.
pub(super) fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| (text.len() <= 2).then(|| text.parse::<u8>().ok()).flatten();
    match (number(hour)?, number(minute)?) {
        (24, 0) => Some(0),
        (hour @ 0..24, minute @ 0..60) => Some(u16::from(hour) * 60 + u16::from(minute)),
        _ => None,
    }
}

/// A moment as browsers' fields write it; none where they cannot.
pub(super) fn write(at: OffsetDateTime) -> Option<String> {
    let at = at.to_offset(UtcOffset::UTC);
    let (year @ 0..=9_999, month, day) = (at.year(), u8::from(at.month()), at.day()) else { return None };
    let text = format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}", at.hour(), at.minute());
    match (at.nanosecond(), at.second()) {
        (0, 0) => Some(text),
        (0, second) => Some(format!("{text}:{second:02}")),
        _ => None,
    }
}

/// A moment in UTC, to the minute or the second.
pub(super) fn read(text: &str) -> Option<OffsetDateTime> {
    let (date, clock) = text.split_once('T')?;
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (hour, rest) = clock.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
    let month = Month::try_from(pair(month)?).ok()?;
    let date = Date::from_calendar_date(i32::from(digits(year, 4)?), month, pair(day)?).ok()?;
    let time = Time::from_hms(pair(hour)?, pair(minute)?, pair(second)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

/// A number of so many digits and nothing else: neither a sign nor a space.
fn digits(text: &str, count: usize) -> Option<u16> {
    let sound = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten()
}

fn pair(text: &str) -> Option<u8> {
    digits(text, 2)?.try_into().ok()
}

/// Whether a browser's field for moments could show this. What it cannot show, it would throw away.
#[must_use]
pub fn is_moment(text: &str) -> bool {
    text.is_empty() || read(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_moment_is_read_as_browsers_write_it_and_in_no_other_way() {
        for (text, at) in [
            ("2026-11-30T17:00", datetime!(2026-11-30 17:00 UTC)),
            ("2024-02-29T23:59:58", datetime!(2024-02-29 23:59:58 UTC)),
            ("0000-01-01T00:00", datetime!(0000-01-01 0:00 UTC)),
        ] {
            assert_eq!((read(text), write(at).as_deref()), (Some(at), Some(text)));
        }
        assert_eq!(read("2026-11-30T17:00:00"), read("2026-11-30T17:00"), "some browsers write the seconds always");
        for other in [
            "",
            "T",
            "2026-11-30",
            "2026-11-30 17:00",
            "2026-02-29T17:00",
            "2026-13-01T17:00",
            "2026-00-01T17:00",
            "2026-11-30T24:00",
            "2026-11-30T17:60",
            "2026-11-30T17:00:60",
            "2026-11-30T17",
            "2026-11-30T17:00:",
            "2026-11-30T17:00Z",
            "2026-11-30T17:00:00.5",
            "2026-11-30T17:00:00:00",
            "26-11-30T17:00",
            "+2026-11-30T17:00",
            "-2026-11-30T17:00",
            "+026-11-30T17:00",
            "2026-+1-30T17:00",
            "2026-1-30T17:00",
            " 2026-11-30T17:00",
            "2026-11-30T17:00 ",
            "２026-11-30T17:00",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(write(datetime!(2026-11-30 17:00:00.5 UTC)), None);
        assert_eq!(write(datetime!(2026-11-30 0:30 +1)).as_deref(), Some("2026-11-29T23:30"));
    }
}
