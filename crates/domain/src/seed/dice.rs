//! Repeatable chance.

use bulkhead_model::Id;
use std::ops::Range;
use time::{Duration, OffsetDateTime};

/// SplitMix64 (Steele, Lea & Flood 2014): eight lines, good enough to shuffle people, and the same on every machine.
/// Not for secrets.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number of the range, which must not be empty. The bias of the remainder does not show at these sizes.
    pub(super) fn within(&mut self, range: Range<i64>) -> i64 {
        let span = u64::try_from(range.end - range.start).unwrap_or(1).max(1);
        range.start + i64::try_from(self.next() % span).unwrap_or_default()
    }

    /// True this many times in a hundred.
    pub(super) fn chance(&mut self, percent: u8) -> bool {
        self.next() % 100 < u64::from(percent)
    }

    /// One of several; `items` is a constant that is not empty.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let at = self.next() % u64::try_from(items.len()).unwrap_or(1).max(1);
        items[usize::try_from(at).unwrap_or_default()]
    }

    /// A duration of this many seconds.
    pub(super) fn seconds(&mut self, range: Range<i64>) -> Duration {
        Duration::milliseconds(self.within(range.start * 1_000..range.end * 1_000))
    }

    /// A duration of this many minutes.
    pub(super) fn minutes(&mut self, range: Range<i64>) -> Duration {
        self.seconds(range.start * 60..range.end * 60)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_be_bytes()[..chunk.len()]);
        }
        bytes
    }

    /// A version 4 id.
    pub(super) fn id<K>(&mut self) -> Id<K> {
        Id::from_uuid(uuid::Builder::from_random_bytes(self.bytes()).into_uuid())
    }

    /// A version 7 id of a moment.
    pub(super) fn id_at<K>(&mut self, at: OffsetDateTime) -> Id<K> {
        let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid())
    }
}
