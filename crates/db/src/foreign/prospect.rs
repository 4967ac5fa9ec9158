//! What a proof of a database would meet, asked before anything is made.

use bulkhead_rls::prove::{LONGEST, find_pg_dump};
use sqlx::{FromRow, PgConnection};

use super::{Access, ForeignDatabase, ForeignResult, close, open};

/// How long a proof may take, whatever happens.
pub const LONGEST_PROOF: std::time::Duration = LONGEST;

/// What a proof would meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prospect {
    /// Who signs in to make the copies.
    pub user: String,
    /// The roles that would attack, as the profile names them.
    pub roles: Vec<Attacker>,
    /// Why a run could not even begin, each as a sentence.
    pub obstacles: Vec<String>,
    /// Why a run will probably fail, each as a sentence.
    pub doubts: Vec<String>,
}

/// A role as which a proof would attack.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Attacker {
    /// Its name.
    pub name: String,
    /// The server has it.
    pub exists: bool,
    /// It may sign in.
    pub signs_in: bool,
    /// Whoever makes the copies may become it with SET ROLE.
    pub is_entered: bool,
}

#[derive(FromRow)]
struct Administrator {
    name: String,
    superuser: bool,
    makes_databases: bool,
    version: i32,
}

impl ForeignDatabase {
    /// What a proof would meet: rights that are missing, roles that are not there, no `pg_dump` on this machine.
    ///
    /// # Errors
    /// See [`super::ForeignError`].
    pub async fn prospect(&self) -> ForeignResult<Prospect> {
        let mut connection = open(&self.address, Access::ReadOnly).await?;
        let names: Vec<String> = self.profile.runtime_roles.iter().map(|role| role.name.clone()).collect();
        let asked = ask(&mut connection, &names).await;
        close(connection).await;
        let (administrator, roles, strangers) =
            asked.map_err(|error| self.failed("asking what a proof would meet", &error))?;
        let Administrator { name: user, superuser, makes_databases, version } = administrator;
        let mut obstacles = Vec::new();
        if !superuser && !makes_databases {
            obstacles.push(format!(
                "{user} may not create databases, and a proof attacks copies of the schema. It takes a superuser, or \
                 CREATEDB and membership in every role that owns something."
            ));
        }
        for role in roles.iter().filter(|role| !role.exists) {
            obstacles.push(format!("The server has no role {}, which the profile names.", role.name));
        }
        if let Err(error) = find_pg_dump(u32::try_from(version).unwrap_or_default()).await {
            obstacles.push(format!("This machine has {error}."));
        }
        let doubts = match strangers.is_empty() {
            true => Vec::new(),
            false => vec![format!(
                "{user} is no member of {}, who own something here: a copy under the same owners can probably not be made.",
                strangers.join(", ")
            )],
        };
        Ok(Prospect { user, roles, obstacles, doubts })
    }
}

async fn ask(
    connection: &mut PgConnection,
    names: &[String],
) -> Result<(Administrator, Vec<Attacker>, Vec<String>), sqlx::Error> {
    let administrator = sqlx::query_as(
        "SELECT rolname::text AS name, rolsuper AS superuser, rolcreatedb AS makes_databases,
                current_setting('server_version_num')::int AS version
         FROM pg_catalog.pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&mut *connection)
    .await?;
    let roles = sqlx::query_as(
        "SELECT n.name, r.oid IS NOT NULL AS exists, coalesce(r.rolcanlogin, false) AS signs_in,
                coalesce(pg_has_role(current_user, r.oid, 'MEMBER'), false) AS is_entered
         FROM unnest($1::text[]) WITH ORDINALITY n (name, place) LEFT JOIN pg_catalog.pg_roles r ON r.rolname = n.name
         ORDER BY n.place",
    )
    .bind(names)
    .fetch_all(&mut *connection)
    .await?;
    // What an extension made is made by it again, and `pg_database_owner` is whoever owns the copy.
    let strangers = sqlx::query_scalar(
        "WITH schemas AS (
             SELECT oid, nspowner FROM pg_catalog.pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'),
         owners AS (
             SELECT nspowner AS role FROM schemas
             UNION SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database()
             UNION SELECT c.relowner FROM pg_catalog.pg_class c JOIN schemas s ON s.oid = c.relnamespace
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                               WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
             UNION SELECT p.proowner FROM pg_catalog.pg_proc p JOIN schemas s ON s.oid = p.pronamespace
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                               WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
         SELECT r.rolname::text FROM owners o JOIN pg_catalog.pg_roles r ON r.oid = o.role
         WHERE r.rolname <> 'pg_database_owner' AND NOT pg_has_role(current_user, r.oid, 'MEMBER') ORDER BY 1",
    )
    .fetch_all(connection)
    .await?;
    Ok((administrator, roles, strangers))
}
