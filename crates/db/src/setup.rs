//! Prepares a PostgreSQL cluster and one database for Bulkhead: roles, passwords, ownership, rights on the database.
//!
//! Everything here is idempotent and runs as a superuser, once per installation (the private cluster runs it at every
//! start). Tables are not created here; that is what [`crate::migrator`] does afterwards, as `bulkhead_migrator`.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

/// Cluster-level roles, as plain SQL that psql can run too.
pub const ROLES_SQL: &str = include_str!("roles.sql");

/// Why a database could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address is not a URL, or cannot carry a user and a password.
    #[error("the administrator's database URL is not usable: {0}")]
    Url(String),
    /// The name would need quoting everywhere it is typed.
    #[error("`{0}` is not a database name this product uses: 1 to 63 of a-z, 0-9 and _, starting with a letter")]
    DatabaseName(String),
    /// The operating system has no randomness to give.
    #[error("no randomness for the roles' passwords: {0}")]
    Randomness(String),
    /// A password cannot be a key.
    #[error("what PostgreSQL keeps of a role's password could not be computed: {0}")]
    Key(String),
    /// PostgreSQL answered with an error.
    #[error("preparing the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

/// Passwords of the roles that sign in. Random ones: [`setup`] does not stretch them.
#[derive(Clone, Debug)]
pub struct RolePasswords {
    /// `bulkhead_app`
    pub app: SecretString,
    /// `bulkhead_operator`
    pub operator: SecretString,
    /// `bulkhead_auth`
    pub auth: SecretString,
    /// `bulkhead_migrator`
    pub migrator: SecretString,
    /// `bulkhead_inspector`
    pub inspector: SecretString,
}

impl RolePasswords {
    /// Passwords of 256 random bits each.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn generate() -> Result<Self, SetupError> {
        Ok(Self {
            app: random_password()?,
            operator: random_password()?,
            auth: random_password()?,
            migrator: random_password()?,
            inspector: random_password()?,
        })
    }
}

/// 256 bits from the operating system, in hexadecimal: safe in URLs, in SQL and in a password file.
pub(crate) fn random_password() -> Result<SecretString, SetupError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| SetupError::Randomness(error.to_string()))?;
    Ok(hexadecimal(&bytes).into())
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Where the roles connect to one database. Each URL holds a password.
#[derive(Clone, Debug)]
pub struct DatabaseUrls {
    /// `bulkhead_app`: requests of an organization's users.
    pub app: SecretString,
    /// `bulkhead_operator`: requests of platform operators.
    pub operator: SecretString,
    /// `bulkhead_auth`: look-ups before anybody is signed in.
    pub auth: SecretString,
    /// `bulkhead_migrator`: migrations; never in the environment of a server.
    pub migrate: SecretString,
    /// `bulkhead_inspector`: the Row X-ray and proofs; a server works without it.
    pub inspect: SecretString,
}

/// The URLs that serve requests: [`DatabaseUrls`] without migrator and inspector.
#[derive(Clone, Debug)]
pub struct RuntimeUrls {
    /// `bulkhead_app`
    pub app: SecretString,
    /// `bulkhead_operator`
    pub operator: SecretString,
    /// `bulkhead_auth`
    pub auth: SecretString,
}

impl DatabaseUrls {
    /// The URLs of `database` on the server that `admin_url` names (its host, port and query are kept).
    ///
    /// # Errors
    /// When `admin_url` is not a URL that can carry a user and a password.
    pub fn new(admin_url: &SecretString, database: &str, passwords: &RolePasswords) -> Result<Self, SetupError> {
        let base = Url::parse(admin_url.expose_secret()).map_err(|error| SetupError::Url(error.to_string()))?;
        let url = |role: &str, password: &SecretString| {
            let mut url = base.clone();
            let cannot = |()| SetupError::Url("it cannot carry a user and a password".to_owned());
            url.set_username(role).map_err(cannot)?;
            url.set_password(Some(password.expose_secret())).map_err(cannot)?;
            url.set_path(database);
            Ok::<SecretString, SetupError>(String::from(url).into())
        };
        Ok(Self {
            app: url("bulkhead_app", &passwords.app)?,
            operator: url("bulkhead_operator", &passwords.operator)?,
            auth: url("bulkhead_auth", &passwords.auth)?,
            migrate: url("bulkhead_migrator", &passwords.migrator)?,
            inspect: url("bulkhead_inspector", &passwords.inspector)?,
        })
    }

    /// The three that serve requests.
    #[must_use]
    pub fn runtime(&self) -> RuntimeUrls {
        RuntimeUrls { app: self.app.clone(), operator: self.operator.clone(), auth: self.auth.clone() }
    }
}

/// Creates the roles and `database` where missing, sets the roles' passwords and takes every right from PUBLIC.
/// `admin_url` signs in as a superuser to a maintenance database (usually `postgres`); safe to repeat and to race.
///
/// # Errors
/// When the server cannot be reached, the sign-in is no superuser, or `database` is not a plain lower-case name.
pub async fn setup(
    admin_url: &SecretString,
    database: &str,
    passwords: &RolePasswords,
) -> Result<DatabaseUrls, SetupError> {
    if !is_plain_name(database) {
        return Err(SetupError::DatabaseName(database.to_owned()));
    }
    let urls = DatabaseUrls::new(admin_url, database, passwords)?;

    let mut admin = PgConnection::connect(admin_url.expose_secret()).await?;
    sqlx::raw_sql(ROLES_SQL).execute(&mut admin).await?;
    set_passwords(&mut admin, passwords).await?;
    // The lock of roles.sql ended with its transaction; CREATE DATABASE refuses to run in one, so this is a session lock.
    sqlx::query("SELECT pg_advisory_lock($1)").bind(SETUP_LOCK).execute(&mut admin).await?;
    create_database(&mut admin, database).await?;
    grant_database(&mut admin, database).await?;
    admin.close().await?;

    let mut inside = Url::parse(admin_url.expose_secret()).map_err(|error| SetupError::Url(error.to_string()))?;
    inside.set_path(database);
    let mut admin = PgConnection::connect(inside.as_str()).await?;
    sqlx::raw_sql(SCHEMA_SQL).execute(&mut admin).await?;
    admin.close().await?;
    Ok(urls)
}

/// The key in roles.sql: one cluster is prepared by one process at a time.
const SETUP_LOCK: i64 = 7_526_466_502_469_642_604;

/// Rights inside the database. Runtime roles may look into `public` and create nothing; migrations grant table by table.
const SCHEMA_SQL: &str = "
    BEGIN;
    SELECT pg_advisory_xact_lock(7526466502469642604);
    ALTER SCHEMA public OWNER TO bulkhead_owner;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO bulkhead_app, bulkhead_operator, bulkhead_auth, bulkhead_definer;
    COMMIT;";

/// What PostgreSQL keeps of a password (RFC 5802, section 3): salt, `StoredKey` and `ServerKey`, after one iteration.
///
/// Iterations make guessing slow, and nobody guesses 256 random bits. What they do cost is every new connection: sqlx
/// counts PostgreSQL's 4,096 on the threads that serve requests, giving way to all of them after every five, so under
/// load a pool that had to grow could not (docs/adr/0015-one-scram-iteration.md).
fn scram(password: &SecretString) -> Result<[Vec<u8>; 3], SetupError> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|error| SetupError::Randomness(error.to_string()))?;
    // Generated in hexadecimal, so preparing the text (RFC 4013) would change nothing.
    let salted = keyed(password.expose_secret().as_bytes(), &[&salt[..], &1_u32.to_be_bytes()].concat())?;
    let stored = Sha256::digest(keyed(&salted, b"Client Key")?).to_vec();
    Ok([salt.to_vec(), stored, keyed(&salted, b"Server Key")?])
}

fn keyed(key: &[u8], message: &[u8]) -> Result<Vec<u8>, SetupError> {
    let mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| SetupError::Key(error.to_string()))?;
    Ok(mac.chain_update(message).finalize().into_bytes().to_vec())
}

/// Without a transaction around `ALTER ROLE … PASSWORD` two racing setups could fail on the same row; the transaction's
/// lock serialises them. The literal is built by the server, and the password itself never leaves this program.
async fn set_passwords(admin: &mut PgConnection, passwords: &RolePasswords) -> Result<(), SetupError> {
    let mut transaction = admin.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SETUP_LOCK).execute(&mut *transaction).await?;
    // The statement text holds what signing in is checked against: keep it out of the server's log even when it fails.
    sqlx::raw_sql("SET LOCAL log_statement = 'none'; SET LOCAL log_min_error_statement = 'panic'")
        .execute(&mut *transaction)
        .await?;
    for (role, password) in [
        ("bulkhead_app", &passwords.app),
        ("bulkhead_operator", &passwords.operator),
        ("bulkhead_auth", &passwords.auth),
        ("bulkhead_migrator", &passwords.migrator),
        ("bulkhead_inspector", &passwords.inspector),
    ] {
        let [salt, stored, server] = scram(password)?;
        let statement: String = sqlx::query_scalar(
            "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text,
                           concat('SCRAM-SHA-256$1:', encode($2, 'base64'), '$', encode($3, 'base64'), ':', encode($4, 'base64')))",
        )
        .bind(role)
        .bind(salt)
        .bind(stored)
        .bind(server)
        .fetch_one(&mut *transaction)
        .await?;
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn create_database(admin: &mut PgConnection, database: &str) -> Result<(), SetupError> {
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(database)
        .fetch_one(&mut *admin)
        .await?;
    if !exists {
        // `database` is a plain name (checked by the caller): nothing in it can end the identifier.
        sqlx::raw_sql(AssertSqlSafe(format!(
            "CREATE DATABASE {database} OWNER bulkhead_owner ENCODING 'UTF8' TEMPLATE template0"
        )))
        .execute(admin)
        .await?;
    }
    Ok(())
}

/// Rights on the database itself; a clone made with TEMPLATE does not inherit them.
///
/// # Errors
/// When PostgreSQL refuses.
pub async fn grant_database(admin: &mut PgConnection, database: &str) -> Result<(), SetupError> {
    sqlx::raw_sql(AssertSqlSafe(format!(
        "BEGIN;
         ALTER DATABASE {database} OWNER TO bulkhead_owner;
         REVOKE ALL ON DATABASE {database} FROM PUBLIC;
         GRANT CONNECT ON DATABASE {database}
             TO bulkhead_app, bulkhead_operator, bulkhead_auth, bulkhead_migrator, bulkhead_inspector;
         COMMIT;"
    )))
    .execute(admin)
    .await?;
    Ok(())
}

fn is_plain_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn urls_keep_the_server_and_replace_the_rest() {
        let passwords = RolePasswords::generate().unwrap();
        let admin = SecretString::from("postgres://postgres:secret@127.0.0.1:5433/postgres?sslmode=require");
        let urls = DatabaseUrls::new(&admin, "bulkhead", &passwords).unwrap();
        let app = Url::parse(urls.app.expose_secret()).unwrap();
        assert_eq!((app.username(), app.path(), app.query()), ("bulkhead_app", "/bulkhead", Some("sslmode=require")));
        assert_eq!(app.password(), Some(passwords.app.expose_secret()));
        assert_ne!(passwords.app.expose_secret(), passwords.auth.expose_secret());
    }

    #[test]
    fn a_database_name_cannot_carry_sql() {
        assert!(is_plain_name("bulkhead_2"));
        for name in ["", "Bulkhead", "2fast", "a-b", "a;drop", "a\"b", "ü", &"a".repeat(64)] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}
