//! One specimen a table: how to make a row, what to change about it, and what the roles may do with their own.

use super::law::{A, B};
use bulkhead_testing::TestDatabase;

/// A table of the matrix.
pub struct Specimen {
    pub table: &'static str,
    /// The tenant column.
    pub tenant: &'static str,
    /// Columns of a new row beside the tenant column, and their values; `{id}` is new each time, `{user}`,
    /// `{role}` and `{workspace}` are the organization's.
    pub columns: &'static str,
    pub values: &'static str,
    /// A column to update.
    pub update: &'static str,
    /// What `bulkhead_app` may do with its own organization's rows: **s**elect, **i**nsert, **u**pdate, **d**elete.
    pub app: &'static str,
    /// What `bulkhead_operator` may do with the rows of the organization it has named.
    pub operator: &'static str,
    /// Whether an operator reads every organization's rows at once.
    pub operator_reads_all: bool,
}

/// Every table with a tenant column; the order is one in which rows can be made.
pub const SPECIMENS: &[Specimen] = &[
    Specimen {
        table: "orgs",
        tenant: "id",
        columns: "slug, name, name_norm, plan, status",
        values: "substr(md5('{id}'), 1, 20), 'Org', 'org', 'team', 'provisioning'",
        update: "name",
        app: "su",
        // Inserting names an organization that is not there yet; the use case's tests cover it.
        operator: "su",
        operator_reads_all: true,
    },
    Specimen {
        table: "org_settings",
        tenant: "org_id",
        columns: "key, value",
        values: "'k{id}', '1'",
        update: "value",
        app: "siud",
        operator: "s",
        operator_reads_all: true,
    },
    Specimen {
        table: "provisioning_steps",
        tenant: "org_id",
        columns: "step, position",
        values: "'s{id}', 1",
        update: "status",
        app: "",
        operator: "siu",
        operator_reads_all: true,
    },
    Specimen {
        table: "users",
        tenant: "org_id",
        columns: "id, email, email_norm, role",
        values: "'{id}', '{id}@x.example', '{id}@x.example', 'user'",
        update: "name",
        app: "siu",
        operator: "si",
        operator_reads_all: true,
    },
    Specimen {
        table: "rights_versions",
        tenant: "org_id",
        columns: "source",
        values: "'{id}'",
        update: "version",
        app: "",
        operator: "",
        operator_reads_all: false,
    },
    Specimen {
        table: "user_passwords",
        tenant: "org_id",
        columns: "user_id, phc, pepper_id",
        values: "'{user}', '$argon2id$', 'p1'",
        update: "phc",
        app: "siud",
        operator: "",
        operator_reads_all: false,
    },
    Specimen {
        table: "user_tokens",
        tenant: "org_id",
        columns: "id, user_id, purpose, token_hash, expires_at",
        values: "'{id}', '{user}', 'invitation', sha256('{id}'), now() + interval '1 day'",
        update: "used_at",
        app: "siu",
        operator: "i",
        operator_reads_all: false,
    },
    Specimen {
        table: "roles",
        tenant: "org_id",
        columns: "id, name, name_key, updated_by",
        values: "'{id}', '{id}', '{id}', 'x'",
        update: "name",
        app: "siud",
        operator: "s",
        operator_reads_all: true,
    },
    Specimen {
        table: "role_versions",
        tenant: "org_id",
        columns: "role_id, version, name, description, inherits, grants, saved_by",
        values: "'{id}', 1, 'x', '', '{}', '[]', 'x'",
        update: "name",
        app: "si",
        operator: "",
        operator_reads_all: false,
    },
    Specimen {
        table: "workspaces",
        tenant: "org_id",
        columns: "id, name, name_key",
        values: "'{id}', '{id}', '{id}'",
        update: "name",
        app: "siu",
        operator: "s",
        operator_reads_all: true,
    },
    Specimen {
        table: "workspace_members",
        tenant: "org_id",
        columns: "workspace_id, user_id, added_by",
        values: "'{workspace}', '{user}', 'x'",
        update: "added_by",
        app: "sid",
        operator: "",
        operator_reads_all: false,
    },
    Specimen {
        table: "duty_conflicts",
        tenant: "org_id",
        columns: "id, name, name_key, first, second, why, created_by, updated_by",
        values: "'{id}', '{id}', '{id}', 'a:{id}', 'b:{id}', 'x', 'x', 'x'",
        update: "why",
        app: "siud",
        operator: "s",
        operator_reads_all: true,
    },
    Specimen {
        table: "role_assignments",
        tenant: "org_id",
        columns: "user_id, role_id, assigned_by",
        values: "'{user}', '{role}', 'x'",
        update: "ends_at",
        app: "siud",
        operator: "s",
        operator_reads_all: true,
    },
    Specimen {
        table: "decisions",
        tenant: "org_id",
        columns: "id, decided_at, user_id, permission, reason, weight, resource, asked_by",
        values: "'{id}', now(), '{user}', 'users:read', 'granted', 1, '{}', 'x'",
        update: "reason",
        app: "si",
        operator: "",
        operator_reads_all: false,
    },
    Specimen {
        table: "sessions",
        tenant: "org_id",
        columns: "id, user_id, token_hash, method, created_at, last_seen_at, idle_seconds, expires_at",
        values: "'{id}', '{user}', sha256('{id}'), 'password', now(), now(), 60, now() + interval '1 day'",
        update: "revoked_at",
        app: "siu",
        operator: "su",
        operator_reads_all: true,
    },
    Specimen {
        table: "audit_events",
        tenant: "org_id",
        columns: "id, at, actor_kind, actor_label, action, target_kind, target_id, target_label, outcome",
        values: "'{id}', now(), 'system', 'test', 'org.created', 'org', 'x', 'x', 'success'",
        update: "reason",
        app: "si",
        operator: "si",
        operator_reads_all: true,
    },
    Specimen {
        table: "mail_outbox",
        tenant: "org_id",
        columns: "id, kind, recipient, subject, body, next_attempt_at, created_at",
        values: "'{id}', 'invitation', 'a@x.example', 's', 'b', now(), now()",
        update: "status",
        app: "i",
        operator: "i",
        operator_reads_all: false,
    },
    Specimen {
        table: "idempotency_keys",
        tenant: "org_id",
        columns: "user_id, key, request_hash, target_kind, target_id, created_at",
        values: "'{user}', 'k{id}', sha256('{id}'), 'user', 'x', now()",
        update: "key",
        app: "si",
        operator: "si",
        operator_reads_all: false,
    },
    Specimen {
        table: "data_sources",
        tenant: "org_id",
        columns: "id, name, name_norm, place, address, profile, profile_text, created_by, created_at, updated_at",
        values: "'{id}', 'n{id}', 'n{id}', 'db', '', '{}', '', 'ana', now(), now()",
        update: "place",
        app: "",
        operator: "siud",
        operator_reads_all: false,
    },
    Specimen {
        table: "proofs",
        tenant: "org_id",
        columns: "id, status, started_at, heard_at",
        values: "'{id}', 'failed', now(), now()",
        update: "doing",
        app: "",
        operator: "siu",
        operator_reads_all: false,
    },
    Specimen {
        table: "query_plans",
        tenant: "org_id",
        columns: "id, statement_hash, role, statement, calls, total_ms, source, examined_at",
        values: "'{id}', sha256('{id}'), 'bulkhead_app', 'SELECT $1', 1, 1, 'server', now()",
        update: "calls",
        app: "",
        operator: "siud",
        operator_reads_all: false,
    },
    Specimen {
        table: "isolation_alerts",
        tenant: "org_id",
        columns: "id, actor_org_id, actor_org_slug, actor_id, actor_label, attempts, opened_at, last_at",
        values: "'{id}', '{id}', 'acme', '{id}', 'ana', 3, now(), now()",
        update: "note",
        app: "",
        operator: "siu",
        operator_reads_all: false,
    },
    Specimen {
        table: "access_attempts",
        tenant: "org_id",
        columns: "id, at, actor_org_id, actor_org_slug, actor_id, actor_label, surface, route, answered_with, aimed_kind, aimed_id, owner_org_slug",
        values: "'{id}', now(), '{id}', 'acme', '{id}', 'ana', 'path', 'GET /x', 404, 'user', '{id}', 'globex'",
        update: "alert_id",
        app: "",
        operator: "siu",
        operator_reads_all: false,
    },
];

impl Specimen {
    /// A new row of an organization, which the statement names or leaves to the context.
    pub fn insert(&self, org: &str, named: bool) -> String {
        let (column, value) =
            if named { (format!("{}, ", self.tenant), format!("'{org}', ")) } else { (String::new(), String::new()) };
        let values =
            self.values.replace("{id}", &uuid::Uuid::new_v4().to_string()).replace("{user}", &users_of(org)[0]);
        let values = values.replace("{role}", &role_of(org)).replace("{workspace}", &workspace_of(org));
        format!("INSERT INTO {} ({column}{}) VALUES ({value}{values})", self.table, self.columns)
    }
}

/// The users that every organization of the matrix has: one whose rows are tried to be made, one whose rows are there.
fn users_of(org: &str) -> [String; 2] {
    ["-4001-", "-4002-"].map(|part| org.replace("-4000-", part))
}

/// A role that every organization of the matrix has.
fn role_of(org: &str) -> String {
    org.replace("-4000-", "-4003-")
}

/// A workspace that every organization of the matrix has.
fn workspace_of(org: &str) -> String {
    org.replace("-4000-", "-4004-")
}

/// A row in every table for both organizations.
pub async fn populate(database: &TestDatabase) {
    for org in [A, B] {
        let [to_come, there] = users_of(org);
        for specimen in SPECIMENS {
            database.run(&specimen.insert(org, true).replace(&to_come, &there)).await.unwrap();
            if specimen.table == "orgs" {
                let users = format!(
                    "INSERT INTO users (org_id, id, email, email_norm, role) VALUES
                     ('{org}', '{to_come}', '1@x.example', '1@x.example', 'user'), ('{org}', '{there}', '2@x.example', '2@x.example', 'user');
                     INSERT INTO roles (org_id, id, name, name_key, updated_by) VALUES ('{org}', '{}', 'Role', 'role', 'x');
                     INSERT INTO workspaces (org_id, id, name, name_key) VALUES ('{org}', '{}', 'Workspace', 'workspace')",
                    role_of(org),
                    workspace_of(org)
                );
                database.run(&users).await.unwrap();
            }
        }
    }
}
