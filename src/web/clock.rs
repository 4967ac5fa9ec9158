//! The moment a page is drawn, for "3 minutes ago". Decisions use the database's clock, never this one.

use time::OffsetDateTime;

#[expect(clippy::disallowed_methods, reason = "for showing relative times only; nothing is decided by it")]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
