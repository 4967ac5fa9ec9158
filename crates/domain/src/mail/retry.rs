//! When a mail is tried again, and when it is given up.

use time::Duration;

use super::SendError;

/// Attempts before a mail is given up; with [`backoff`], about eleven hours after the first.
pub const MAX_ATTEMPTS: i32 = 8;

/// How long to wait after that many failed attempts: 30 seconds, then four times as long each time, at most four hours.
/// The first waits outlast a restart and the usual greylisting (RFC 6647: minutes), the last ones an outage.
pub fn backoff(attempts: i32) -> Duration {
    const FIRST: i64 = 30;
    const LONGEST: Duration = Duration::hours(4);
    let fourfold = attempts.clamp(1, 16) - 1;
    Duration::seconds(FIRST << (2 * fourfold)).min(LONGEST)
}

/// How long to wait before the next attempt, or `None` to give up. `attempts` counts this one.
///
/// A permanent refusal is final at once: an address that does not exist does not begin to.
pub fn retry_after(error: &SendError, attempts: i32) -> Option<Duration> {
    match error {
        SendError::Temporary(_) if attempts < MAX_ATTEMPTS => Some(backoff(attempts)),
        SendError::Temporary(_) | SendError::Permanent(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let waits: Vec<_> = (1..MAX_ATTEMPTS).map(|attempt| backoff(attempt).whole_seconds()).collect();
        assert_eq!(waits, [30, 120, 480, 1_920, 7_680, 14_400, 14_400]);
        for odd in [i32::MIN, 0] {
            assert_eq!(backoff(odd), backoff(1));
        }
        assert_eq!(backoff(i32::MAX), Duration::hours(4));
    }

    #[test]
    fn gives_up_after_the_last_attempt_or_a_refusal() {
        let (later, never) = (SendError::Temporary(String::new()), SendError::Permanent(String::new()));
        assert_eq!(retry_after(&later, 1), Some(backoff(1)));
        assert_eq!(retry_after(&later, MAX_ATTEMPTS - 1), Some(backoff(MAX_ATTEMPTS - 1)));
        assert_eq!(retry_after(&later, MAX_ATTEMPTS), None);
        assert_eq!(retry_after(&never, 1), None);
    }
}
