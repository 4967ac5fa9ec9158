//! Clocks of time zones, by the IANA database that comes with the program: every replica reads the same, whatever its
//! machine has installed.

use bulkhead_authz::truth::Clocks;
use jiff::{Timestamp, tz::TimeZoneDatabase};
use std::sync::LazyLock;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// What clocks on the wall show.
#[derive(Debug, Clone, Copy)]
pub struct WallClocks;

impl Clocks for WallClocks {
    fn read(&self, zone: &str, at: OffsetDateTime) -> Option<PrimitiveDateTime> {
        let there = Timestamp::from_second(at.unix_timestamp()).ok()?.to_zoned(ZONES.get(zone).ok()?);
        let part = |number: i8| u8::try_from(number).ok();
        let date = Date::from_calendar_date(
            there.year().into(),
            Month::try_from(part(there.month())?).ok()?,
            part(there.day())?,
        );
        let time = Time::from_hms(part(there.hour())?, part(there.minute())?, part(there.second())?);
        Some(PrimitiveDateTime::new(date.ok()?, time.ok()?))
    }
}

/// Whether there is such a time zone in the IANA database.
pub(super) fn is_zone(name: &str) -> bool {
    ZONES.get(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn summer_time_begins_and_ends() {
        let berlin = |at| WallClocks.read("Europe/Berlin", at);
        assert_eq!(berlin(datetime!(2026-03-29 00:59 UTC)), Some(datetime!(2026-03-29 01:59)));
        assert_eq!(berlin(datetime!(2026-03-29 01:00 UTC)), Some(datetime!(2026-03-29 03:00)));
        assert_eq!(berlin(datetime!(2026-10-25 00:30 UTC)), Some(datetime!(2026-10-25 02:30)));
        assert_eq!(berlin(datetime!(2026-10-25 01:30 UTC)), Some(datetime!(2026-10-25 02:30)));
    }

    #[test]
    fn a_zone_that_is_not_there_has_no_clock() {
        for zone in ["", "Mars/Olympus", "../etc/passwd", "CEST5"] {
            assert_eq!(WallClocks.read(zone, OffsetDateTime::UNIX_EPOCH), None, "{zone}");
            assert!(!is_zone(zone));
        }
    }
}
