//! Guessing made slow: waits that grow with failed attempts, counted per account, per address and per pair of both.

use crate::{App, Error, Result};
use bulkhead_db::Origin;
use sha2::{Digest, Sha256};
use time::Duration;

/// Wrong passwords for one account from one address that cost nothing.
const FREE_PER_PAIR: i32 = 5;
/// … for one account from everywhere: more, and the wait stays short, so that nobody is locked out by
/// somebody else's guessing (K09).
const FREE_PER_ACCOUNT: i32 = 20;
/// … from one address for all accounts.
const FREE_PER_ADDRESS: i32 = 50;

/// The subjects a failed attempt counts against, hashed with a purpose: the table holds no address and no account.
pub(crate) struct Subjects {
    pair: [u8; 32],
    account: [u8; 32],
    address: [u8; 32],
}

impl Subjects {
    /// `slug` and `email` as typed: attempts on accounts that do not exist count as well.
    pub(crate) fn new(slug: &str, email: &str, origin: &Origin) -> Self {
        let address = origin.address.map(|address| address.to_string()).unwrap_or_default();
        let hash = |kind: &str, parts: [&str; 3]| -> [u8; 32] {
            parts
                .iter()
                .fold(Sha256::new().chain_update(b"bulkhead/throttle/v1/").chain_update(kind), |hash, part| {
                    hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part)
                })
                .finalize()
                .into()
        };
        Self {
            pair: hash("pair", [slug, email, &address]),
            account: hash("account", [slug, email, ""]),
            address: hash("address", ["", "", &address]),
        }
    }

    /// How long an attempt has to wait, as an error; else whether any failure is counted that a success could forget.
    pub(crate) async fn wait(&self, app: &App) -> Result<bool> {
        let seconds = app.database().throttle_wait(&[self.pair, self.account, self.address]).await?;
        match seconds.map(u64::try_from) {
            Some(Ok(seconds)) if seconds > 0 => {
                Err(Error::RateLimited { retry_after: std::time::Duration::from_secs(seconds) })
            }
            counted => Ok(counted.is_some()),
        }
    }

    /// Counts a failed attempt.
    pub(crate) async fn failed(&self, app: &App) -> Result<()> {
        let database = app.database();
        database.throttle_fail(&self.pair, FREE_PER_PAIR, Duration::minutes(15)).await?;
        database.throttle_fail(&self.account, FREE_PER_ACCOUNT, Duration::seconds(30)).await?;
        database.throttle_fail(&self.address, FREE_PER_ADDRESS, Duration::minutes(15)).await?;
        Ok(())
    }

    /// Forgets what was counted for this account from this address.
    pub(crate) async fn succeeded(&self, app: &App) -> Result<()> {
        // The account's and the address's counters stay: a success must not reset what others' guessing counted.
        Ok(app.database().throttle_clear(&[self.pair]).await?)
    }
}
