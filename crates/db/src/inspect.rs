//! The inspector: looks at this product's database past its policies, to explain a row and to prove isolation.
//!
//! Its role may read every row and become each role that serves requests, so its address is a setting of its own: a
//! server works without it, and then the console does not offer the X-ray or proofs. No request is ever served with it;
//! it connects for one question and hangs up.

use bulkhead_model::isolation::{
    Proof, QueryPlan, Statement, StatementSource,
    xray::{Ladder, Question},
};
use bulkhead_rls::{
    catalogue, plans,
    prove::{self, Options},
    xray,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};
use time::OffsetDateTime;

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

    /// Plans the statements that took most time, as the roles that run them: those that `pg_stat_statements` counted
    /// where it can be read, else `own`. Nothing is executed. What is not planned within [`EXAMINING`] is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn examine(&self, own: Vec<Statement>) -> Result<Examined> {
        let mut connection = PgConnection::connect(self.url.expose_secret()).await?;
        let examined = examine(&mut connection, own).await;
        let _ = connection.close().await;
        examined
    }
}

/// How many statements are looked at.
const EXAMINED: usize = 100;

/// How long one examination may take; a hundred statements of this product take less than a second.
pub const EXAMINING: Duration = Duration::from_secs(15);

/// An organization that is nobody's: plans are estimated for the average one.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The statements that took most time, planned.
#[derive(Debug)]
pub struct Examined {
    /// Who counted them.
    pub source: StatementSource,
    /// Since when, where the source says so.
    pub since: Option<OffsetDateTime>,
    /// Why `pg_stat_statements` was not the source.
    pub note: Option<String>,
    /// Each with its plan, or PostgreSQL's reason why there is none.
    pub plans: Vec<(Statement, std::result::Result<QueryPlan, String>)>,
}

async fn examine(connection: &mut PgConnection, own: Vec<Statement>) -> Result<Examined> {
    let profile = catalog::profile();
    let most = i64::try_from(EXAMINED).unwrap_or(i64::MAX);
    let (source, since, note, mut statements) = match plans::counted(connection, &profile, most).await? {
        Ok(counted) => (StatementSource::PgStatStatements, counted.since, None, counted.statements),
        Err(why) => (StatementSource::Server, None, Some(why), own),
    };
    statements.retain(|statement| plans::is_planned(&statement.text));
    statements.sort_by(|a, b| b.total_ms.total_cmp(&a.total_ms));
    statements.truncate(EXAMINED);
    let begun = Instant::now();
    let mut planned = Vec::with_capacity(statements.len());
    for statement in statements {
        if begun.elapsed() > EXAMINING {
            break;
        }
        let plan = plans::explain(connection, &profile, Some(NOBODY), &statement.role, &statement.text).await?;
        planned.push((statement, plan));
    }
    Ok(Examined { source, since, note, plans: planned })
}
