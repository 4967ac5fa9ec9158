//! The randomness port: every salt and token is drawn through [`RandomSource`], so that a test can fix
//! the draw and a reader can find every place that makes a secret.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// A source of random bytes fit for keys. Infallible on purpose: no caller has a sensible answer to
/// "there is no randomness", so the one real source decides (see [`OsRandom`]).
pub trait RandomSource: fmt::Debug + Send + Sync {
    /// Overwrites the whole of `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's generator.
///
/// It aborts the process when the system cannot deliver. Since Linux 3.17 that needs a seccomp filter that
/// forbids `getrandom(2)`, and a server that goes on without randomness would issue guessable tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl RandomSource for OsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            tracing::error!(%error, "the operating system gives no random bytes; stopping");
            std::process::abort();
        }
    }
}

/// A repeatable source for tests and demo data: the same seed gives the same bytes in the same order.
///
/// Block `n` is SHA-256(seed, n), so draws look random but are **known to whoever knows the seed**. The
/// server never builds one.
pub struct TestRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl TestRandom {
    /// A source that starts at the beginning of `seed`'s stream.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl RandomSource for TestRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let block = self.drawn.fetch_add(1, Ordering::Relaxed);
            let digest =
                Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(block.to_be_bytes()).finalize();
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
    }
}

impl fmt::Debug for TestRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestRandom").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(source: &dyn RandomSource) -> [u8; 48] {
        let mut bytes = [0; 48];
        source.fill(&mut bytes);
        bytes
    }

    #[test]
    fn a_seed_repeats_and_differs_from_another() {
        let (a, b, c) = (TestRandom::new(7), TestRandom::new(7), TestRandom::new(8));
        assert_eq!(draw(&a), draw(&b));
        assert_ne!(draw(&a), draw(&c), "other draw, other seed");
        assert_ne!(draw(&b), draw(&b), "a stream moves on");
    }

    #[test]
    fn the_system_source_does_not_repeat() {
        assert_ne!(draw(&OsRandom), draw(&OsRandom));
        assert_ne!(draw(&OsRandom), [0; 48]);
    }
}
