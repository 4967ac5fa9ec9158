//! Moments as people type them: in UTC, in the browser's own control.

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// What is said beside a field of this kind.
const REFUSAL: &str = "Write a date and a time, such as 2026-11-21T09:30.";

/// Reads what a `datetime-local` control sends, with or without seconds; nothing typed is none.
///
/// # Errors
/// What to write, as a sentence.
pub fn read(text: &str) -> Result<Option<OffsetDateTime>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let seconds = if text.len() == "2026-11-21T09:30".len() { ":00" } else { "" };
    OffsetDateTime::parse(&format!("{text}{seconds}Z"), &Rfc3339).map(Some).map_err(|_| REFUSAL)
}

/// Writes one as the control shows it: in UTC, to the second.
pub fn write(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let (date, time) = (at.date(), at.time());
    format!("{date}T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_control_sends_is_read_as_utc() {
        let read = |text: &str| read(text).ok().flatten().map(OffsetDateTime::unix_timestamp);
        assert_eq!(read("1970-01-02T00:01"), Some(86_460));
        assert_eq!(read(" 1970-01-02T00:01:05 "), Some(86_465));
        assert_eq!(super::read("  "), Ok(None));
        assert_eq!(OffsetDateTime::from_unix_timestamp(86_465).map(write), Ok("1970-01-02T00:01:05".to_owned()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "tomorrow",
            "2026-02-30T00:00",
            "2026-11-21",
            "2026-11-21T25:00",
            "2026-11-21T09:30+02:00",
            "+12026-11-21T09:30",
            "€€€€€",
        ] {
            assert_eq!(read(text), Err(REFUSAL), "{text}");
        }
    }
}
