//! The inspector: looks at this product's database past its policies, to explain a row and to prove isolation.
//!
//! Its role may read every row and become each role that serves requests, so its address is a setting of its own: a
//! server works without it, and then the console does not offer the X-ray or proofs. No request is ever served with it;
//! it connects for one question and hangs up.

use bulkhead_rls::{Profile, RuntimeRole};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};

use crate::{Result, catalog, setup::RuntimeUrls};

/// How to reach the database as its inspector, and as the roles whose view it explains.
#[derive(Clone)]
pub struct Inspector {
    url: SecretString,
    runtime: RuntimeUrls,
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inspector")
    }
}

impl Inspector {
    /// Nothing is contacted yet.
    #[must_use]
    pub fn new(url: SecretString, runtime: RuntimeUrls) -> Self {
        Self { url, runtime }
    }

    /// The roles whose view can be explained, by name.
    #[must_use]
    pub fn roles() -> Vec<String> {
        let Profile { runtime_roles, .. } = catalog::profile();
        runtime_roles.into_iter().map(|RuntimeRole { name, .. }| name).collect()
    }

    async fn connect(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(self.url.expose_secret()).await?)
    }
}
