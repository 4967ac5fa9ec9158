//! The inspector: looks at this product's database past its policies, to explain a row and to prove isolation.
//!
//! Its role may read every row and become each role that serves requests, so its address is a setting of its own: a
//! server works without it, and then the console does not offer the X-ray or proofs. No request is ever served with it;
//! it connects for one question and hangs up.

use bulkhead_model::isolation::{
    Proof,
    xray::{Ladder, Question},
};
use bulkhead_rls::{
    catalogue,
    prove::{self, Options},
    xray,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};

use crate::{
    Result, catalog,
    foreign::{Address, ForeignDatabase, ForeignResult, Plaintext},
    setup::RuntimeUrls,
};

pub use bulkhead_rls::{
    prove::{Cancellation, Progress, SignedProof, SigningKey, sign},
    xray::{Error as QuestionError, QuestionError as BadQuestion},
};

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

    /// The database, to be examined within the limits that a foreign one is.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn database(&self) -> ForeignResult<ForeignDatabase> {
        // The address is the installation's own setting: whoever set it answers for the connection.
        let address = Address::parse(&self.url, Plaintext::Allowed)?;
        Ok(ForeignDatabase::new(address, catalog::profile()))
    }

    /// Why a role reaches a row or does not, asked of PostgreSQL. Rolled back on every path.
    ///
    /// # Errors
    /// [`xray::Error::Question`] for a question that cannot be asked, else when the database does not answer.
    pub async fn explain(&self, question: &Question) -> xray::Result<Ladder> {
        let mut connection = PgConnection::connect(self.url.expose_secret()).await?;
        let ladder = xray::explain(&mut connection, &catalog::profile(), question).await;
        // The answer is there; how the goodbye goes changes nothing.
        let _ = connection.close().await;
        ladder
    }

    /// Attacks a disposable copy of the schema as the roles that serve requests.
    ///
    /// # Errors
    /// See [`prove::Error`].
    pub async fn prove(
        &self,
        cancellation: &Cancellation,
        observe: impl FnMut(Progress) + Send,
    ) -> std::result::Result<Proof, prove::Error> {
        let mut options = Options::new(self.url.clone(), catalog::profile());
        options.role_urls = [
            ("bulkhead_app", &self.runtime.app),
            ("bulkhead_operator", &self.runtime.operator),
            ("bulkhead_auth", &self.runtime.auth),
        ]
        .map(|(role, url)| (role.to_owned(), url.clone()))
        .into();
        options.accepted = catalog::accepted_leaks();
        prove::prove(&options, cancellation, observe).await
    }

    /// The hash of the catalogue as it is now: another one than the latest proof's means that nothing is proven.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn catalogue_hash(&self) -> Result<String> {
        let mut connection = PgConnection::connect(self.url.expose_secret()).await?;
        let read = catalogue::read(&mut connection, &catalog::profile()).await;
        let _ = connection.close().await;
        Ok(catalogue::hash(&read?))
    }
}
