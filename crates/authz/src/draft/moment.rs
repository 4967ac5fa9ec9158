//! Hours and moments as browsers' fields write them.

use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset, macros::format_description};

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
    let format = match (at.nanosecond(), at.second()) {
        (0, 0) => format_description!("[year]-[month]-[day]T[hour]:[minute]"),
        (0, _) => format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
        _ => return None,
    };
    at.format(format).ok()
}

/// A moment in UTC, to the minute or the second.
pub(super) fn read(text: &str) -> Option<OffsetDateTime> {
    let minutes = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let read = PrimitiveDateTime::parse(text, minutes).or_else(|_| PrimitiveDateTime::parse(text, seconds));
    read.ok().map(PrimitiveDateTime::assume_utc)
}

/// Whether a browser's field for moments could show this. What it cannot show, it would throw away.
#[must_use]
pub fn is_moment(text: &str) -> bool {
    text.is_empty() || read(text).is_some()
}
