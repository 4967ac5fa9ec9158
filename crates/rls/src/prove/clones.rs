//! The two disposable databases of a run: a copy of the schema, and a copy of that copy which is broken on purpose.
//!
//! Their names say what they are and when they were made: `bulkhead_proof_<seconds>_<random>` and the same with
//! `_broken`. They are dropped when the run ends, however it ends; what a killed process leaves is dropped by a later run.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

use super::dump;
use super::error::{Error, Result, while_};
use super::quoting::{name, value};

/// A copy older than this, in seconds, belongs to a run that is dead: no run may last as long.
pub(super) const ABANDONED: i64 = 2 * 60 * 60;

/// The names of both copies, and how to reach the server.
#[derive(Debug)]
pub(super) struct Clones {
    admin: SecretString,
    /// The faithful copy.
    pub sound: String,
    /// The broken one.
    pub broken: String,
}

impl Clones {
    /// Chooses names. Nothing exists yet, so that the caller can drop whatever comes to exist.
    pub fn named(admin: &SecretString, seconds: i64) -> Result<Self> {
        let mut bytes = [0_u8; 6];
        getrandom::fill(&mut bytes).map_err(|error| Error::Randomness(error.to_string()))?;
        let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let sound = format!("bulkhead_proof_{seconds}_{random}");
        Ok(Self { admin: admin.clone(), broken: format!("{sound}_broken"), sound })
    }

    /// Makes the faithful copy: the schema by `pg_dump`, and what belongs to the database itself from the catalogue.
    pub async fn create(&self, server_major: u32, pg_dump: Option<&Path>) -> Result<()> {
        let schema = dump::schema(&self.admin, server_major, pg_dump).await?;
        let mut admin = connect(&self.admin).await?;
        execute(&mut admin, "creating the copy", &format!("CREATE DATABASE {} TEMPLATE template0", name(&self.sound)))
            .await?;
        let settings = database_settings(&mut admin, &self.sound).await?;
        let makers = Makers::read(&mut admin).await?;
        let mut copy = self.connect(&self.sound).await?;
        execute(&mut copy, "preparing the copy", &makers.admit()).await?;
        execute(&mut copy, "restoring the schema", &schema).await?;
        execute(&mut copy, "restoring the rights on schemas", &makers.dismiss()).await?;
        close(copy).await;
        execute(&mut admin, "restoring the database's settings", &settings).await?;
        close(admin).await;
        Ok(())
    }

    /// Copies the copy, rows and all. Nobody may be connected to it.
    pub async fn create_broken(&self) -> Result<()> {
        let mut admin = connect(&self.admin).await?;
        let copy = format!("CREATE DATABASE {} TEMPLATE {}", name(&self.broken), name(&self.sound));
        execute(&mut admin, "creating the broken copy", &copy).await?;
        let settings = database_settings(&mut admin, &self.broken).await?;
        execute(&mut admin, "restoring the database's settings", &settings).await?;
        close(admin).await;
        Ok(())
    }

    /// The administrator's connection to one of the copies.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        connect(&on_database(&self.admin, database)?).await
    }

    /// Drops both, ending whatever is connected to them.
    pub async fn remove(&self) -> Result<()> {
        let mut admin = connect(&self.admin).await?;
        for database in [&self.broken, &self.sound] {
            drop_database(&mut admin, database).await?;
        }
        close(admin).await;
        Ok(())
    }
}

/// Roles that own something in a schema in which they may make nothing any more: whoever migrated took the right back.
/// An administrator who is no superuser can only give them what is theirs while they have it.
struct Makers {
    roles: Vec<String>,
    /// Schema and role, where the original has no such grant.
    surplus: Vec<(String, String)>,
}

impl Makers {
    async fn read(admin: &mut PgConnection) -> Result<Self> {
        let surplus: Vec<(String, String)> = sqlx::query_as(
            "WITH schemas AS (
                 SELECT oid, nspname, nspacl FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'),
             owned AS (
                 SELECT pronamespace AS schema, proowner AS role FROM pg_proc
                 UNION SELECT relnamespace, relowner FROM pg_class
                 UNION SELECT typnamespace, typowner FROM pg_type),
             makers AS (
                 SELECT DISTINCT o.role FROM owned o JOIN schemas s ON s.oid = o.schema
                 WHERE NOT has_schema_privilege(o.role, s.oid, 'CREATE'))
             SELECT s.nspname::text, pg_get_userbyid(m.role)::text FROM schemas s, makers m
             WHERE NOT EXISTS (SELECT FROM aclexplode(s.nspacl) g
                               WHERE g.grantee = m.role AND g.privilege_type = 'CREATE')
             ORDER BY 1, 2",
        )
        .fetch_all(admin)
        .await
        .map_err(while_("reading who may make what"))?;
        let mut roles: Vec<String> = surplus.iter().map(|(_, role)| role.clone()).collect();
        roles.sort();
        roles.dedup();
        Ok(Self { roles, surplus })
    }

    /// Before the schema is restored.
    fn admit(&self) -> String {
        let grant = |role: &String| {
            let role = name(role);
            format!(
                "ALTER DEFAULT PRIVILEGES GRANT CREATE ON SCHEMAS TO {role}; GRANT CREATE ON SCHEMA public TO {role};"
            )
        };
        self.roles.iter().map(grant).collect()
    }

    /// After it.
    fn dismiss(&self) -> String {
        let defaults = self
            .roles
            .iter()
            .map(|role| format!("ALTER DEFAULT PRIVILEGES REVOKE CREATE ON SCHEMAS FROM {};", name(role)));
        let surplus = self
            .surplus
            .iter()
            .map(|(schema, role)| format!("REVOKE CREATE ON SCHEMA {} FROM {};", name(schema), name(role)));
        defaults.chain(surplus).collect()
    }
}

/// Drops the copies that killed runs left on the server, and says how many.
///
/// # Errors
/// When the server does not answer, or refuses.
pub async fn sweep(admin: &SecretString) -> Result<usize> {
    let mut admin = connect(admin).await?;
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database
         WHERE datname ~ '^bulkhead_proof_[0-9]{9,12}_[0-9a-f]{12}(_broken)?$'
           AND split_part(datname, '_', 3)::bigint + $1 < extract(epoch FROM now())",
    )
    .bind(ABANDONED)
    .fetch_all(&mut admin)
    .await
    .map_err(while_("looking for abandoned copies"))?;
    for database in &left {
        drop_database(&mut admin, database).await?;
    }
    close(admin).await;
    Ok(left.len())
}

async fn drop_database(admin: &mut PgConnection, database: &str) -> Result<()> {
    execute(admin, "dropping a copy", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name(database))).await
}

/// Rights on the database, its owner and its settings: no dump of a schema has them, and a default context hidden in
/// ALTER DATABASE … SET would otherwise stay hidden.
async fn database_settings(admin: &mut PgConnection, copy: &str) -> Result<String> {
    let doing = "reading the database's settings";
    let statements: Vec<String> = sqlx::query_scalar(
        "SELECT statement FROM (
             SELECT 1 AS step, format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1) AS statement
             UNION ALL
             SELECT 2, format('GRANT %s ON DATABASE %I TO %s', g.privilege_type, $1,
                              CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
             FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) g
             WHERE d.datname = current_database() AND g.grantee <> d.datdba
             UNION ALL
             SELECT 3, format('ALTER %s SET %I TO %s',
                              CASE s.setrole WHEN 0 THEN format('DATABASE %I', $1)
                                             ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(s.setrole), $1) END,
                              split_part(option, '=', 1),
                              -- A search_path is a list of names; quoted as one string it would be one name.
                              CASE WHEN split_part(option, '=', 1) = 'search_path' THEN substr(option, 13)
                                   ELSE quote_literal(substr(option, strpos(option, '=') + 1)) END)
             FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) option
             WHERE d.datname = current_database()
             UNION ALL
             SELECT 4, format('ALTER DATABASE %I OWNER TO %I', $1, pg_get_userbyid(d.datdba))
             FROM pg_database d WHERE d.datname = current_database()
         ) statements ORDER BY step, statement",
    )
    .bind(copy)
    .fetch_all(admin)
    .await
    .map_err(while_(doing))?;
    Ok(statements.join(";\n"))
}

/// A URL with another database. An option `dbname` would win over the path, and lead back to the original.
pub(super) fn on_database(url: &SecretString, database: &str) -> Result<SecretString> {
    let mut url = Url::parse(url.expose_secret()).map_err(|error| Error::Url(error.to_string()))?;
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != "dbname").collect();
    url.set_path(database);
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Ok(String::from(url).into())
}

pub(super) async fn connect(url: &SecretString) -> Result<PgConnection> {
    PgConnection::connect(url.expose_secret()).await.map_err(while_("connecting"))
}

/// A polite end. The server drops an impolite one as well.
pub(super) async fn close(connection: PgConnection) {
    let _ = connection.close().await;
}

pub(super) async fn execute(connection: &mut PgConnection, doing: &'static str, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map_err(while_(doing))?;
    Ok(())
}

/// Sets who acts in a session: a literal, because SET takes no parameter.
pub(super) async fn become_role(connection: &mut PgConnection, role: &str) -> Result<()> {
    let sql = format!("SELECT set_config('role', {}, false)", value(role));
    execute(connection, "becoming the role", &sql).await
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_reached_whatever_the_address_says() {
        let url = SecretString::from("postgres://me:p%40@db/real?dbname=real&sslmode=require&options=-c%20jit%3Doff");
        let copy = on_database(&url, "bulkhead_proof_1_ab").unwrap();
        let expected = "postgres://me:p%40@db/bulkhead_proof_1_ab?sslmode=require&options=-c+jit%3Doff";
        assert_eq!(copy.expose_secret(), expected);
    }
}
