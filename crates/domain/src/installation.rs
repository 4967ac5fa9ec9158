//! From settings to a running application: the database (a private one where none is given), keys, mail.
//!
//! The root crate knows neither pools nor hashers; it fills in a [`Blueprint`] and gets an [`Installation`].

use crate::{
    App, Parts,
    alerts::Announcement,
    mail::{Transport, TransportError},
    webhook::{Webhook, WebhookError},
};
use bulkhead_db::{
    Database,
    cluster::{Cluster, ClusterError, ClusterOptions},
    inspect::Inspector,
    migrator::{self, MigrationError, Schema},
    roles::RoleProblem,
    setup::{self, DatabaseUrls, RolePasswords, RuntimeUrls, SetupError},
};
use bulkhead_identity::{
    Hasher, HasherConfig, HasherError, KeyError, Keyring, OsRandom, Params, ParamsError, Sealer, SecretKey, Vault,
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::{num::NonZeroUsize, path::PathBuf, sync::Arc, time::Duration};
use url::Url;

pub use bulkhead_db::{PoolSizes, migrator::MigrationReport};

/// Which PostgreSQL to use.
#[derive(Debug)]
pub enum Source {
    /// The operator's own server, one connection string a role.
    Urls {
        /// `bulkhead_app`.
        app: SecretString,
        /// `bulkhead_operator`.
        operator: SecretString,
        /// `bulkhead_auth`.
        auth: SecretString,
        /// `bulkhead_migrator`; only commands that migrate need it.
        migrate: Option<SecretString>,
        /// `bulkhead_inspector`; only the X-ray and proofs need it.
        inspect: Option<SecretString>,
    },
    /// A private server in this directory, started and stopped with the process. For development and small machines.
    Private(PathBuf),
}

/// A key and its public name; the newest of a list comes first.
pub type NamedKey = (String, SecretSlice<u8>);

/// What to build an application from.
#[derive(Debug)]
pub struct Blueprint {
    /// The database.
    pub source: Source,
    /// Connections per role.
    pub pools: PoolSizes,
    /// Peppers of password hashes, newest first.
    pub peppers: Vec<NamedKey>,
    /// Keys that sign cookies and cursors, newest first.
    pub signing_keys: Vec<NamedKey>,
    /// Argon2id memory in KiB, passes, lanes.
    pub argon2: (u32, u32, u32),
    /// Hashes at once; none: all cores but one.
    pub hashing_permits: Option<NonZeroUsize>,
    /// Where mail goes.
    pub mail: MailRoute,
    /// Sender of every mail.
    pub mail_from: String,
    /// How often isolation is proven without being asked; none: never.
    pub proof_interval: Option<Duration>,
    /// The address that alerts are mailed to; none: every admin of the platform.
    pub alert_mail: Option<String>,
    /// The webhook that alerts are sent to, and its secret.
    pub alert_webhook: Option<(Url, SecretString)>,
    /// Where people reach the server.
    pub public_url: Url,
    /// Refuses developer conveniences.
    pub production: bool,
}

/// Where mail goes.
#[derive(Debug)]
pub enum MailRoute {
    /// A mail server.
    Smtp(SecretString),
    /// A directory that a developer reads.
    Directory(PathBuf),
}

/// Why an application cannot be built or its database not be used.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The private PostgreSQL.
    #[error("the private PostgreSQL")]
    Cluster(#[from] ClusterError),
    /// Roles and database could not be prepared.
    #[error("the database could not be prepared")]
    Setup(#[from] SetupError),
    /// The schema.
    #[error("the schema could not be migrated")]
    Migration(#[from] MigrationError),
    /// A connection string does not read, or the database does not answer.
    #[error("the database")]
    Database(#[from] bulkhead_db::Error),
    /// A runtime role is too strong; says which and how to fix it.
    #[error(transparent)]
    Role(#[from] RoleProblem),
    /// A key.
    #[error("a key")]
    Key(#[from] KeyError),
    /// Argon2 parameters.
    #[error("password hashing")]
    Params(#[from] ParamsError),
    /// The hashing threads.
    #[error("password hashing")]
    Hasher(#[from] HasherError),
    /// The mail route.
    #[error("mail")]
    Mail(#[from] TransportError),
    /// The webhook.
    #[error("the alert webhook")]
    Webhook(#[from] WebhookError),
    /// What is asked for needs the migrator's connection string.
    #[error("database_migrate_url is not set")]
    NoMigrateUrl,
}

/// An application, and the private server it may have brought along.
pub struct Installation {
    /// The application.
    pub app: App,
    migrate_url: Option<SecretString>,
    cluster: Option<Cluster>,
}

const DATABASE: &str = "bulkhead";

impl Blueprint {
    /// Starts what must be started and puts the application together. The schema is not looked at yet.
    ///
    /// # Errors
    /// [`InstallationError`]; nothing is left running then.
    pub async fn build(self) -> Result<Installation, InstallationError> {
        let peppers = keyring(&self.peppers)?;
        let signing_keys = keyring(&self.signing_keys)?;
        let (sealer, vault) = (Sealer::new(signing_keys.clone()), Vault::new(signing_keys));
        let (memory, iterations, lanes) = self.argon2;
        let mut hashing = HasherConfig { params: Params::new(memory, iterations, lanes)?, ..HasherConfig::default() };
        if let Some(permits) = self.hashing_permits {
            hashing.permits = permits;
        }
        let random = Arc::new(OsRandom);
        let hasher = Hasher::new(hashing, peppers, random.clone())?;
        let mail = match &self.mail {
            MailRoute::Smtp(url) => Transport::smtp(url.expose_secret(), &self.mail_from)?,
            MailRoute::Directory(path) => Transport::directory(path, &self.mail_from)?,
        };
        let webhook = self.alert_webhook.map(|(url, secret)| Webhook::new(url, &secret)).transpose()?;
        let (urls, migrate_url, inspect_url, cluster) = match self.source {
            Source::Urls { app, operator, auth, migrate, inspect } => {
                (RuntimeUrls { app, operator, auth }, migrate, inspect, None)
            }
            Source::Private(directory) => {
                let cluster = Cluster::start(ClusterOptions::new(directory)).await?;
                let urls = cluster.prepare(DATABASE).await?;
                (urls.runtime(), Some(urls.migrate), Some(urls.inspect), Some(cluster))
            }
        };
        let app = App::new(Parts {
            database: Database::open(&urls, self.pools)?,
            proof_interval: self.proof_interval,
            inspector: inspect_url.map(|url| Inspector::new(url, urls)),
            hasher,
            sealer,
            vault,
            random,
            mail,
            alerts: Announcement { mail: self.alert_mail, webhook },
            public_url: self.public_url,
            production: self.production,
        });
        Ok(Installation { app, migrate_url, cluster })
    }
}

impl Installation {
    /// Where the private PostgreSQL keeps its data, if there is one, and which account it runs as.
    pub fn private_database(&self) -> Option<String> {
        let cluster = self.cluster.as_ref()?;
        let account = cluster.account().map(|account| format!(", as {account}")).unwrap_or_default();
        let moved = if cluster.moved() { " (data_dir cannot be entered by that account)" } else { "" };
        Some(format!("port {}, data in {}{moved}{account}", cluster.port(), cluster.directory().display()))
    }

    /// Brings the schema to the version of this program.
    ///
    /// # Errors
    /// [`InstallationError::NoMigrateUrl`], or what the migration met.
    pub async fn migrate(&self) -> Result<MigrationReport, InstallationError> {
        migrate(self.migrate_url.as_ref().ok_or(InstallationError::NoMigrateUrl)?).await
    }

    /// The same for a server that is starting: a database that a newer program has migrated already is left as it is and
    /// served from, so that the old servers of a rolling upgrade can still be restarted. `None` then.
    ///
    /// # Errors
    /// As [`Installation::migrate`].
    pub async fn migrate_unless_ahead(&self) -> Result<Option<MigrationReport>, InstallationError> {
        // What cannot be read, a first start among others, is for the migration to do or to complain of.
        match self.app.database().schema().await {
            Ok(Schema::Ahead { .. }) => Ok(None),
            _ => self.migrate().await.map(Some),
        }
    }

    /// The migrator's connection string, for the demo seed.
    pub fn migrate_url(&self) -> Option<&SecretString> {
        self.migrate_url.as_ref()
    }

    /// Refuses runtime roles that own, bypass or may become too much.
    ///
    /// # Errors
    /// [`RoleProblem`], with the SQL that fixes it.
    pub async fn check_roles(&self) -> Result<(), InstallationError> {
        Ok(self.app.database().check_roles().await?)
    }

    /// Ends what runs after answers, closes the pools and stops the private server.
    ///
    /// # Errors
    /// When the private server does not stop.
    pub async fn stop(self) -> Result<(), InstallationError> {
        self.app.tasks().close();
        // A task that hangs on the database ends with its statement timeout of five seconds.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(6), self.app.tasks().wait()).await;
        self.app.database().close().await;
        if let Some(cluster) = self.cluster {
            cluster.stop().await?;
        }
        Ok(())
    }
}

/// Brings the database that this migrator's URL names to the version of this program. Needs nothing else of an
/// installation.
///
/// # Errors
/// What the migration met.
pub async fn migrate(migrate_url: &SecretString) -> Result<MigrationReport, InstallationError> {
    Ok(migrator::migrate(migrate_url).await?)
}

/// Prepares an operator's own server: roles, database, rights. The generated passwords are in the returned strings.
///
/// # Errors
/// When the administrator's connection cannot do it.
pub async fn prepare_server(admin_url: &SecretString, database: &str) -> Result<DatabaseUrls, InstallationError> {
    Ok(setup::setup(admin_url, database, &RolePasswords::generate()?).await?)
}

fn keyring(keys: &[NamedKey]) -> Result<Keyring, KeyError> {
    let mut ring = Vec::with_capacity(keys.len());
    for (id, bytes) in keys {
        ring.push(SecretKey::new(id, bytes.expose_secret().to_vec())?);
    }
    let mut ring = ring.into_iter();
    Keyring::new(ring.next().ok_or(KeyError::Length)?, ring.collect())
}
