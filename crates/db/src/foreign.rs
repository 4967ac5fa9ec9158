//! Any PostgreSQL database, another SaaS's included: looked at within limits, never changed.
//!
//! A [`ForeignDatabase`] is an [`Address`] and the [`Profile`] it is measured by. Each question opens connections of its
//! own and closes them: encrypted and verified unless the server is on this machine, named `bulkhead-rls`, with limits
//! on every statement, on waiting for locks and on the whole, and read-only where the question allows it. The X-ray runs
//! the real command and takes it back; the prover writes into copies that it makes and drops.

mod address;
mod error;
mod memory;
mod prospect;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use bulkhead_model::isolation::{
    Acceptance, Catalogue, Code, Finding, Proof, TableFacts,
    xray::{Example, Ladder, Question},
};
pub use bulkhead_rls::{
    Accepted, Context, Profile, RootTable, RuntimeRole, Scope,
    adopt::AdoptError,
    draft::{Counted, Draft, DraftRole},
    lint::{Proven, sarif, unproven},
    prove::{
        Cancellation, Fingerprint, Progress, SignedProof, SigningKey, Trust, Verified, VerifyError, VerifyingKey, sign,
        verify,
    },
    xray::QuestionError,
};
use bulkhead_rls::{
    adopt,
    catalogue::{self, RowVersions},
    draft, lint, prove, xray,
};
use secrecy::SecretString;
use sqlx::{ConnectOptions, Connection, PgConnection};

use self::error::is_of_a_moving_catalogue;
pub use self::{
    address::{Address, AddressError, Plaintext},
    error::{ForeignError, ForeignResult},
    memory::Memory,
    prospect::{Attacker, LONGEST_PROOF, Prospect},
};

/// What the connections are called in `pg_stat_activity`.
const APPLICATION: &str = "bulkhead-rls";
/// How long making a connection may take.
const CONNECTING: Duration = Duration::from_secs(10);
/// How long one statement may take on somebody else's server.
const STATEMENT: Duration = Duration::from_secs(30);
/// How long one question may take as a whole, a proof excepted.
const WHOLE: Duration = Duration::from_secs(15 * 60);
/// How often a catalogue that changes under the reader is read anew.
const TRIES: usize = 3;

/// What a lint of a whole database came to.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The facts.
    pub catalogue: Catalogue,
    /// The hash of everything that decides who reaches what.
    pub catalogue_hash: String,
    /// What is wrong, by the facts and by what PostgreSQL answered about the policies; the worst first, without what the
    /// profile accepts.
    pub findings: Vec<Finding>,
}

impl Examination {
    /// What keeps the absence of findings from meaning anything, each as a sentence. Empty: everything was looked at.
    #[must_use]
    pub fn not_seen(&self, profile: &Profile) -> Vec<String> {
        let unseen = |finding: &&Finding| matches!(finding.code, Code::PolicyNotSeen | Code::RuntimeRoleMissing);
        let mut sentences: Vec<String> = self
            .findings
            .iter()
            .filter(unseen)
            .map(|finding| format!("{}: {}", finding.object, finding.sentence))
            .collect();
        let reaches = |facts: &TableFacts| {
            profile.runtime_roles.iter().filter_map(|role| self.catalogue.role(&role.name)).any(|role| {
                let is_its = |name: &str| name == role.name || role.member_of.iter().any(|member| member == name);
                let granted = facts.grants.iter().any(|grant| grant.role == "PUBLIC" || is_its(&grant.role));
                role.superuser || is_its(&facts.owner) || granted
            })
        };
        if self.catalogue.tables.is_empty() {
            sentences.push(format!("{} has no table.", self.catalogue.database));
        } else if !self.catalogue.tables.iter().any(reaches) {
            sentences.push("No role of the profile has any right on any table, so nothing was judged.".to_owned());
        }
        sentences
    }
}

/// What a proof is made with, beside the address and the profile.
#[derive(Debug, Clone, Default)]
pub struct Proving {
    /// Where runtime roles sign in, by name. Without one the administrator becomes the role by SET ROLE.
    pub sign_ins: BTreeMap<String, Address>,
    /// Leaks that somebody looked at and accepts.
    pub accepted: Vec<Acceptance>,
    /// The `pg_dump` to use.
    pub pg_dump: Option<PathBuf>,
    /// What has not been tried after this time is unproven.
    pub budget: Option<Duration>,
}

/// Whether a connection may write at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    ReadOnly,
    /// For what is rolled back on every path.
    TakenBack,
}

/// A database of somebody else's.
#[derive(Debug, Clone)]
pub struct ForeignDatabase {
    address: Address,
    profile: Profile,
    memory: Memory,
}

impl ForeignDatabase {
    /// Nothing is contacted yet.
    #[must_use]
    pub fn new(address: Address, profile: Profile) -> Self {
        Self { address, profile, memory: Memory::default() }
    }

    /// The same with what earlier questions found, where that has not changed.
    #[must_use]
    pub fn remembering(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }

    /// What it is measured by.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Where somebody else signs in to the same database with a password.
    ///
    /// # Errors
    /// See [`Address::signing_in_as`].
    pub fn address_of(&self, role: &str, password: &SecretString) -> ForeignResult<Address> {
        Ok(self.address.signing_in_as(role, password)?)
    }

    /// The facts, as of one moment.
    ///
    /// # Errors
    /// See [`ForeignError`].
    pub async fn catalogue(&self) -> ForeignResult<Catalogue> {
        self.within("reading the catalogue", async {
            let mut connection = open(&self.address, Access::ReadOnly).await?;
            let read = self.read_settled(&mut connection).await;
            close(connection).await;
            Ok(read?.0)
        })
        .await
    }

    /// The hash of the catalogue as it is now: another one than a proof's means that the proof speaks about the past.
    ///
    /// # Errors
    /// See [`ForeignError`].
    pub async fn catalogue_hash(&self) -> ForeignResult<String> {
        Ok(catalogue::hash(&self.catalogue().await?))
    }

    /// The server's version, `15.18`.
    ///
    /// # Errors
    /// See [`ForeignError`].
    pub async fn server_version(&self) -> ForeignResult<String> {
        let mut connection = open(&self.address, Access::ReadOnly).await?;
        let version = sqlx::query_scalar("SELECT split_part(current_setting('server_version'), ' ', 1)")
            .fetch_one(&mut connection)
            .await;
        close(connection).await;
        version.map_err(|error| self.failed("asking for the version", &error))
    }

    /// Judges the facts, and asks PostgreSQL what the policies say about rows of two organizations.
    ///
    /// # Errors
    /// See [`ForeignError`]. What the role that signs in may not see or try is a finding, `policy-not-seen`.
    pub async fn lint(&self) -> ForeignResult<Examination> {
        self.within("examining the policies", async {
            let mut reader = open(&self.address, Access::ReadOnly).await?;
            let examined = self.examine(&mut reader).await;
            close(reader).await;
            examined
        })
        .await
    }

    async fn examine(&self, reader: &mut PgConnection) -> ForeignResult<Examination> {
        // What is accepted is taken out once, of everything together.
        let strict = Profile { accepted: Vec::new(), ..self.profile.clone() };
        for _ in 0..TRIES {
            let (catalogue, versions) = self.read_settled(reader).await?;
            // A fresh one: only there was no setting ever set.
            let mut asking = open(&self.address, Access::ReadOnly).await?;
            let asked = lint::semantics(&mut asking, &catalogue, &strict).await;
            close(asking).await;
            let catalogue_hash = catalogue::hash(&catalogue);
            // What was written to is not always what decides: temporary tables come and go.
            let (now, versions_now) = self.read_settled(reader).await?;
            let is_as_before = versions_now == versions || catalogue::hash(&now) == catalogue_hash;
            // Or it changed and changed back.
            if !is_as_before || asked.as_ref().is_err_and(is_of_a_moving_catalogue) {
                continue;
            }
            let asked = asked.map_err(|error| self.failed_rls("asking the policies", &error))?;
            let findings = lint::lint_with(&catalogue, &self.profile, asked);
            return Ok(Examination { catalogue, catalogue_hash, findings });
        }
        Err(ForeignError::Changed(TRIES))
    }

    /// Why a role reaches a row or does not. The real command is run and taken back; see [`xray::explain`] for what no
    /// rollback undoes.
    ///
    /// # Errors
    /// [`ForeignError::Question`] for a question that cannot be asked; else see [`ForeignError`].
    pub async fn explain(&self, question: &Question) -> ForeignResult<Ladder> {
        self.within("looking at the row", async {
            let mut connection = open(&self.address, Access::TakenBack).await?;
            let ladder = xray::explain(&mut connection, &self.profile, question).await;
            close(connection).await;
            ladder.map_err(|error| ForeignError::of_xray(&self.address, STATEMENT.as_secs(), error))
        })
        .await
    }

    /// A row of the table to begin a question with, and an organization beside its own.
    ///
    /// # Errors
    /// See [`ForeignError`].
    pub async fn example(&self, table: &TableFacts) -> ForeignResult<Option<Example>> {
        let mut connection = open(&self.address, Access::ReadOnly).await?;
        let example = xray::example(&mut connection, table).await;
        close(connection).await;
        example.map_err(|error| ForeignError::of_xray(&self.address, STATEMENT.as_secs(), error))
    }

    /// The migration that makes a plain table a tenant table, to be read and run by a person. `column_type` is the tenant
    /// column's, for a database where no table has it yet.
    ///
    /// # Errors
    /// [`ForeignError::Adopt`] when the catalogue says too little; else see [`ForeignError`].
    pub async fn migration(&self, schema: &str, table: &str, column_type: Option<&str>) -> ForeignResult<String> {
        Ok(adopt::migration(&self.catalogue().await?, &self.profile, schema, table, column_type)?)
    }

    /// Attacks a disposable copy of the schema as the roles that serve requests. Needs a superuser, or CREATEDB and
    /// membership in every role that owns something.
    ///
    /// # Errors
    /// See [`ForeignError`]. What merely keeps a cell from being green is in the proof.
    pub async fn prove(
        &self,
        proving: &Proving,
        cancellation: &Cancellation,
        observe: impl FnMut(Progress) + Send,
    ) -> ForeignResult<Proof> {
        self.check_that_copies_can_be_made().await?;
        let mut options = prove::Options::new(self.address.url().clone(), self.profile.clone());
        options.role_urls =
            proving.sign_ins.iter().map(|(role, address)| (role.clone(), address.url().clone())).collect();
        options.accepted.clone_from(&proving.accepted);
        options.pg_dump.clone_from(&proving.pg_dump);
        options.budget = proving.budget.unwrap_or(options.budget);
        prove::prove(&options, cancellation, observe)
            .await
            .map_err(|error| ForeignError::of_proof(&self.address, STATEMENT.as_secs(), error))
    }

    /// Before anything is made: who cannot make a copy is told so, and what it takes.
    async fn check_that_copies_can_be_made(&self) -> ForeignResult<()> {
        let mut connection = open(&self.address, Access::ReadOnly).await?;
        let may =
            sqlx::query_scalar("SELECT rolsuper OR rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user")
                .fetch_optional(&mut connection)
                .await;
        close(connection).await;
        match may.map_err(|error| self.failed("asking who signed in", &error))? {
            Some(true) => Ok(()),
            _ => Err(ForeignError::Rights {
                user: self.address.user().to_owned(),
                doing: "a proof".to_owned(),
                reason: "it makes copies of the schema, which takes a superuser, or CREATEDB and membership in every \
                         role that owns something"
                    .to_owned(),
            }),
        }
    }

    /// Reads until nothing is dropped in the middle of it.
    async fn read_settled(&self, connection: &mut PgConnection) -> ForeignResult<(Catalogue, RowVersions)> {
        let mut unsettled = None;
        for _ in 0..TRIES {
            match self.read_in_one_moment(connection).await {
                Err(error) if is_of_a_moving_catalogue(&error) => unsettled = Some(error),
                read => return read.map_err(|error| self.failed_rls("reading the catalogue", &error)),
            }
        }
        let reason = unsettled.map(|error| error.to_string()).unwrap_or_default();
        Err(ForeignError::Unsettled { tries: TRIES, reason })
    }

    async fn read_in_one_moment(
        &self,
        connection: &mut PgConnection,
    ) -> bulkhead_rls::Result<(Catalogue, RowVersions)> {
        let place = self.address.to_string();
        let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let versions = catalogue::row_versions(&mut transaction).await?;
        let catalogue = match self.memory.recall(&place, &self.profile, &versions) {
            Some(known) => known,
            None => {
                let read = catalogue::read(&mut transaction, &self.profile).await?;
                self.memory.keep(&place, &self.profile, versions.clone(), &read);
                read
            }
        };
        transaction.rollback().await?;
        Ok((catalogue, versions))
    }

    async fn within<T>(&self, doing: &str, work: impl Future<Output = ForeignResult<T>>) -> ForeignResult<T> {
        let late = |_| ForeignError::TooSlow { doing: doing.to_owned(), seconds: WHOLE.as_secs() };
        tokio::time::timeout(WHOLE, work).await.map_err(late)?
    }

    fn failed(&self, doing: &str, error: &sqlx::Error) -> ForeignError {
        ForeignError::during(&self.address, doing, STATEMENT.as_secs(), error)
    }

    fn failed_rls(&self, doing: &str, error: &bulkhead_rls::Error) -> ForeignError {
        ForeignError::of_rls(&self.address, doing, STATEMENT.as_secs(), error)
    }
}

/// What a first look at a database suggests as its profile. Nothing in it was checked by anybody.
///
/// # Errors
/// See [`ForeignError`].
pub async fn draft(address: &Address) -> ForeignResult<Draft> {
    let mut connection = open(address, Access::ReadOnly).await?;
    let drafted = draft::draft(&mut connection).await;
    close(connection).await;
    drafted.map_err(|error| ForeignError::of_rls(address, "reading the catalogue", STATEMENT.as_secs(), &error))
}

/// A connection within limits. They come with the connection itself, so no statement is ever run without them; whoever
/// needs tighter ones sets them for its own transaction.
async fn open(address: &Address, access: Access) -> ForeignResult<PgConnection> {
    let limit = |time: Duration| format!("{}s", time.as_secs());
    let options = address.options()?.disable_statement_logging().options([
        ("statement_timeout", limit(STATEMENT)),
        ("lock_timeout", limit(Duration::from_secs(2))),
        ("idle_in_transaction_session_timeout", limit(STATEMENT * 2)),
        ("default_transaction_read_only", if access == Access::ReadOnly { "on" } else { "off" }.to_owned()),
        ("client_min_messages", "error".to_owned()),
    ]);
    let late = |_| ForeignError::Unreachable {
        place: error::place(address),
        reason: format!("no answer within {} seconds", CONNECTING.as_secs()),
    };
    tokio::time::timeout(CONNECTING, PgConnection::connect_with(&options))
        .await
        .map_err(late)?
        .map_err(|error| ForeignError::connecting(address, error))
}

/// The answer is there; how the goodbye goes changes nothing.
async fn close(connection: PgConnection) {
    let _ = connection.close().await;
}
