//! The roles that serve requests, and the check that they can do no more than that.
//!
//! Row-level security does not bind superusers, roles with BYPASSRLS, and whoever can become a table's owner. A server
//! that is started with such a role would work, pass every click-through, and protect nothing; so it refuses to start.

use std::fmt;

use sqlx::PgExecutor;

/// A role that serves requests. Each has a pool of its own; no connection ever changes its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuntimeRole {
    /// Requests of an organization's users: sees the organization of its scope.
    App,
    /// Requests of platform operators: sees what the policies `TO bulkhead_operator` allow.
    Operator,
    /// Look-ups before anybody is signed in: executes a few functions, reads no table.
    Auth,
}

impl RuntimeRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::App, Self::Operator, Self::Auth];

    /// Its name in PostgreSQL. Policies and grants name it, so it cannot be configured.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "bulkhead_app",
            Self::Operator => "bulkhead_operator",
            Self::Auth => "bulkhead_auth",
        }
    }
}

impl fmt::Display for RuntimeRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One thing that a runtime role can do and must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleFault {
    /// The connection signed in as another role than its pool is for.
    Unexpected {
        /// The role the pool is for.
        expected: RuntimeRole,
    },
    /// It has SUPERUSER: policies do not apply to it.
    Superuser,
    /// It has BYPASSRLS: policies do not apply to it.
    BypassesPolicies,
    /// It has CREATEROLE, CREATEDB or REPLICATION, each a way to more.
    Attribute(&'static str),
    /// It is a member of another role and can take its rights.
    MemberOf(String),
    /// It owns something (`table public.users`): owners change policies, and without FORCE are not bound by them.
    Owns(String),
    /// It may create objects in a schema, and so shadow the ones that are meant.
    CreatesInSchema(String),
    /// It may create schemas (`CREATE`) or temporary tables (`TEMPORARY`) in the database.
    CreatesInDatabase {
        /// `CREATE` or `TEMPORARY`.
        privilege: &'static str,
        /// The database.
        database: String,
    },
    /// It may set the parameter that seals a transaction's organization, and so change it.
    SetsSeal,
}

impl RoleFault {
    /// The SQL that removes the fault, to be run as a superuser in this database.
    #[must_use]
    pub fn remedy(&self, role: &str) -> String {
        match self {
            Self::Unexpected { expected } => format!("-- sign in as {expected} in this pool's URL"),
            Self::Superuser => format!("ALTER ROLE {role} NOSUPERUSER;"),
            Self::BypassesPolicies => format!("ALTER ROLE {role} NOBYPASSRLS;"),
            Self::Attribute(attribute) => format!("ALTER ROLE {role} NO{attribute};"),
            Self::MemberOf(other) => format!("REVOKE {other} FROM {role};"),
            Self::Owns(object) => format!("ALTER {} OWNER TO bulkhead_owner;", alterable(object)),
            // The right may come through PUBLIC; taking it from both is right in either case.
            Self::CreatesInSchema(schema) => {
                format!("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role};")
            }
            Self::CreatesInDatabase { privilege, database } => {
                format!("REVOKE {privilege} ON DATABASE {database} FROM PUBLIC, {role};")
            }
            Self::SetsSeal => format!("REVOKE SET ON PARAMETER backtrace_functions FROM PUBLIC, {role};"),
        }
    }
}

/// `pg_describe_object` says "function f(text)" and "table t", which ALTER understands, but adds words for some kinds.
fn alterable(object: &str) -> String {
    let mut words = object.splitn(2, ' ');
    match (words.next(), words.next()) {
        (Some(kind), Some(name)) => format!("{} {name}", kind.to_uppercase()),
        _ => object.to_owned(),
    }
}

impl fmt::Display for RoleFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { expected } => {
                write!(formatter, "is not {expected}, which this pool is for")
            }
            Self::Superuser => formatter.write_str("is a superuser, which no policy binds"),
            Self::BypassesPolicies => formatter.write_str("has BYPASSRLS, so no policy binds it"),
            Self::Attribute(attribute) => write!(formatter, "has {attribute}"),
            Self::MemberOf(other) => write!(formatter, "is a member of {other}"),
            Self::Owns(object) => write!(formatter, "owns {object}"),
            Self::CreatesInSchema(schema) => {
                write!(formatter, "may create objects in schema {schema}")
            }
            Self::CreatesInDatabase { privilege, database } => {
                write!(formatter, "has {privilege} on database {database}")
            }
            Self::SetsSeal => formatter.write_str("may set backtrace_functions, which seals the organization"),
        }
    }
}

/// Why a pool must not serve requests.
#[derive(Debug, thiserror::Error)]
pub enum RoleProblem {
    /// Its role can do more than a runtime role may. Shows every fault with the SQL that removes it.
    #[error("the database role {role} must not serve requests:{}", listed(role, faults))]
    TooStrong {
        /// The role that signed in.
        role: String,
        /// Everything found.
        faults: Vec<RoleFault>,
    },
    /// The check itself could not run.
    #[error("the database role could not be checked: {0}")]
    Unchecked(#[from] sqlx::Error),
}

fn listed(role: &str, faults: &[RoleFault]) -> String {
    faults.iter().map(|fault| format!("\n  - it {fault}; fix: {}", fault.remedy(role))).collect()
}

/// Looks at the role a pool (or connection) signed in as, and at everything it could become. One query.
///
/// # Errors
/// [`RoleProblem::TooStrong`] with every fault found; the server must not start then.
pub async fn check_runtime_role(executor: impl PgExecutor<'_>, expected: RuntimeRole) -> Result<(), RoleProblem> {
    let facts: RoleFacts = sqlx::query_as(ROLE_FACTS).fetch_one(executor).await?;
    let role = facts.role.clone();
    let faults = facts.faults(expected);
    if faults.is_empty() { Ok(()) } else { Err(RoleProblem::TooStrong { role, faults }) }
}

/// The session's own role is asked, not the current one: a session can always return to it.
/// Names come quoted where they need it, because they are shown inside SQL.
const ROLE_FACTS: &str = "
    SELECT r.rolname::text AS role, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
           quote_ident(current_database()) AS database,
           ARRAY(SELECT quote_ident(g.rolname)
                 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                 WHERE m.member = r.oid ORDER BY 1) AS member_of,
           ARRAY(SELECT pg_describe_object(d.classid, d.objid, 0)
                 FROM pg_shdepend d
                 WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o'
                   AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                 ORDER BY 1 LIMIT 20) AS owns,
           ARRAY(SELECT quote_ident(n.nspname)
                 FROM pg_namespace n
                 WHERE n.nspname !~ '^pg_(temp|toast)' AND has_schema_privilege(r.oid, n.oid, 'CREATE')
                 ORDER BY 1) AS creates_in,
           has_database_privilege(r.oid, current_database(), 'CREATE') AS creates_schemas,
           has_database_privilege(r.oid, current_database(), 'TEMPORARY') AS creates_temporary,
           has_parameter_privilege(r.oid, 'backtrace_functions', 'SET') AS sets_seal
    FROM pg_roles r
    WHERE r.rolname = session_user";

#[derive(sqlx::FromRow)]
struct RoleFacts {
    role: String,
    rolsuper: bool,
    rolbypassrls: bool,
    rolcreaterole: bool,
    rolcreatedb: bool,
    rolreplication: bool,
    database: String,
    member_of: Vec<String>,
    owns: Vec<String>,
    creates_in: Vec<String>,
    creates_schemas: bool,
    creates_temporary: bool,
    sets_seal: bool,
}

impl RoleFacts {
    fn faults(self, expected: RuntimeRole) -> Vec<RoleFault> {
        let mut faults = Vec::new();
        if self.role != expected.name() {
            faults.push(RoleFault::Unexpected { expected });
        }
        if self.rolsuper {
            faults.push(RoleFault::Superuser);
        }
        if self.rolbypassrls {
            faults.push(RoleFault::BypassesPolicies);
        }
        for (held, attribute) in
            [(self.rolcreaterole, "CREATEROLE"), (self.rolcreatedb, "CREATEDB"), (self.rolreplication, "REPLICATION")]
        {
            if held {
                faults.push(RoleFault::Attribute(attribute));
            }
        }
        faults.extend(self.member_of.into_iter().map(RoleFault::MemberOf));
        faults.extend(self.owns.into_iter().map(RoleFault::Owns));
        // A superuser may do all of the following by being one; listing it would bury the fault to fix.
        if !self.rolsuper {
            faults.extend(self.sets_seal.then_some(RoleFault::SetsSeal));
            faults.extend(self.creates_in.into_iter().map(RoleFault::CreatesInSchema));
            for (held, privilege) in [(self.creates_schemas, "CREATE"), (self.creates_temporary, "TEMPORARY")] {
                if held {
                    faults.push(RoleFault::CreatesInDatabase { privilege, database: self.database.clone() });
                }
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_role_each_fault_and_its_remedy() {
        let problem = RoleProblem::TooStrong {
            role: "bulkhead_app".to_owned(),
            faults: vec![RoleFault::BypassesPolicies, RoleFault::Owns("table users".to_owned())],
        };
        assert_eq!(
            problem.to_string(),
            "the database role bulkhead_app must not serve requests:\
             \n  - it has BYPASSRLS, so no policy binds it; fix: ALTER ROLE bulkhead_app NOBYPASSRLS;\
             \n  - it owns table users; fix: ALTER TABLE users OWNER TO bulkhead_owner;"
        );
    }
}
