//! Times: relative to read, absolute to be sure.

use crate::{Markup, markup::tag};
use leptos::prelude::*;
use time::{OffsetDateTime, UtcOffset};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `2026-11-21T07:39:12Z`, for `datetime` attributes.
pub fn machine_time(at: OffsetDateTime) -> String {
    stamp(at, 'T', "Z")
}

/// `2026-11-21 07:39:12 UTC`, for people who compare logs.
pub fn absolute_time(at: OffsetDateTime) -> String {
    stamp(at, ' ', " UTC")
}

/// Date, a separator, the time of day, and what says that it is UTC. Digit by digit: a list has hundreds of moments,
/// and `format!` with six padded numbers takes longer than all the rest of one.
fn stamp(at: OffsetDateTime, between: char, end: &str) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let mut out = String::with_capacity("2026-11-21 07:39:12 UTC".len());
    match u16::try_from(at.year()) {
        Ok(year @ 0..10_000) => {
            push_two(&mut out, (year / 100) as u8);
            push_two(&mut out, (year % 100) as u8);
        }
        _ => out.push_str(&at.year().to_string()),
    }
    for (before, number) in
        [('-', u8::from(at.month())), ('-', at.day()), (between, at.hour()), (':', at.minute()), (':', at.second())]
    {
        out.push(before);
        push_two(&mut out, number);
    }
    out.push_str(end);
    out
}

/// A number below a hundred as two digits.
fn push_two(out: &mut String, number: u8) {
    out.push(char::from(b'0' + number / 10));
    out.push(char::from(b'0' + number % 10));
}

/// `21 Nov 2026`.
pub fn date(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let month = MONTHS[usize::from(u8::from(at.month())) - 1];
    [&at.day().to_string(), " ", month, " ", &at.year().to_string()].concat()
}

/// How long ago, or how long until, in the largest unit that still says something; beyond 30 days
/// the date says more. `app.js` refreshes the text by the same rules.
pub fn relative_time(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (now - at).whole_seconds();
    let ago = seconds.unsigned_abs();
    let (amount, unit) = match ago {
        0..45 => {
            return if seconds >= 0 { "just now" } else { "in under a minute" }.to_owned();
        }
        45..3_570 => (((ago + 30) / 60).max(1), " min"),
        3_570..84_600 => ((ago + 1_800) / 3_600, " h"),
        84_600..2_592_000 => match (ago + 43_200) / 86_400 {
            1 => (1, " day"),
            days => (days, " days"),
        },
        _ => return date(at),
    };
    // Without `format!`, for the same reason as above.
    let (before, after) = if seconds >= 0 { ("", " ago") } else { ("in ", "") };
    [before, &amount.to_string(), unit, after].concat()
}

/// A moment: relative text, the absolute one in `title` and for machines.
#[component(transparent)]
pub fn RelTime(
    /// The moment.
    at: OffsetDateTime,
    /// The time of the request, the same for the whole page.
    now: OffsetDateTime,
) -> Markup {
    let time = tag!("time", "data-relative" = "");
    time.attr("datetime", &machine_time(at)).attr("title", &absolute_time(at)).text(&relative_time(at, now)).into()
}

/// A moment in full, where the second matters (the audit log).
#[component(transparent)]
pub fn AbsTime(
    /// The moment.
    at: OffsetDateTime,
) -> Markup {
    tag!("time", "class" = "abs-time").attr("datetime", &machine_time(at)).text(&absolute_time(at)).into()
}
