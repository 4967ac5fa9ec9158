//! The demo's roles and workspaces, who holds and is in them, and what was decided about these people.

use super::{Demo, DemoTx};
use crate::Result;
use bulkhead_model::{
    DecisionId, DutyConflictId, OrgId, RoleId, UserId, WorkspaceId,
    access::{Resource, RoleDefinition},
    workspace::WorkspaceStatus,
};
use serde::Serialize;
use sqlx::types::Json;
use time::OffsetDateTime;

/// A role of an organization's own.
#[derive(Debug, Serialize)]
pub struct DemoRole {
    /// Whose.
    pub org_id: OrgId,
    /// What it says.
    #[serde(flatten)]
    pub definition: RoleDefinition,
    /// What looks like its name.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// By whom.
    pub updated_by: String,
}

/// That somebody holds it.
#[derive(Debug, Serialize)]
pub struct DemoAssignment {
    /// In which organization.
    pub org_id: OrgId,
    /// Who.
    pub user_id: UserId,
    /// Which.
    pub role_id: RoleId,
    /// In which workspace; everywhere without one.
    pub workspace_id: Option<WorkspaceId>,
    /// Until when.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ends_at: Option<OffsetDateTime>,
    /// When it was given.
    #[serde(with = "time::serde::rfc3339")]
    pub assigned_at: OffsetDateTime,
    /// By whom.
    pub assigned_by: String,
}

/// A workspace.
#[derive(Debug, Serialize)]
pub struct DemoWorkspace {
    /// Whose.
    pub org_id: OrgId,
    /// Its id.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// What looks like its name.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// Whether roles in it count.
    pub status: WorkspaceStatus,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Counts the times it was changed.
    pub version: i32,
}

/// Two duties that exclude each other.
#[derive(Debug, Serialize)]
pub struct DemoDutyConflict {
    /// Whose.
    pub org_id: OrgId,
    /// Its id.
    pub id: DutyConflictId,
    /// What people call it.
    pub name: String,
    /// What looks like its name.
    pub name_key: String,
    /// One permission, by its name.
    pub first: String,
    /// The other one.
    pub second: String,
    /// Why no one person should hold both.
    pub why: String,
    /// When it was named.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// By whom.
    pub updated_by: String,
}

/// That somebody is in it.
#[derive(Debug, Serialize)]
pub struct DemoMember {
    /// In which organization.
    pub org_id: OrgId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub user_id: UserId,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub added_at: OffsetDateTime,
    /// Who added them.
    pub added_by: String,
}

/// A decision that a service asked for.
#[derive(Debug, Serialize)]
pub struct DemoDecision {
    /// In which organization.
    pub org_id: OrgId,
    /// Its id.
    pub id: DecisionId,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub decided_at: OffsetDateTime,
    /// About whom.
    pub user_id: UserId,
    /// What was asked for.
    pub permission: String,
    /// A reason code.
    pub reason: &'static str,
    /// How many decisions like it the row stands for.
    pub weight: i32,
    /// The role whose line decided.
    pub role_id: RoleId,
    /// The role they held: the same one.
    pub assigned_role_id: RoleId,
    /// The place of that line.
    pub line: usize,
    /// What was asked about.
    pub resource: Resource,
    /// Whose credential asked.
    pub asked_by: String,
}

impl DemoTx {
    /// Roles and their versions.
    pub(super) async fn roles(&mut self, demo: &Demo) -> Result<()> {
        sqlx::query(
            "INSERT INTO roles (org_id, id, name, name_key, description, inherits, grants, created_at, updated_at, updated_by)
             SELECT org_id, id, name, name_key, description, inherits, grants, updated_at, updated_at, updated_by
             FROM jsonb_populate_recordset(NULL::roles, $1)",
        )
        .bind(Json(&demo.roles))
        .execute(&mut self.connection)
        .await?;
        sqlx::query(
            "INSERT INTO role_versions (org_id, role_id, version, name, description, inherits, grants, saved_at, saved_by)
             SELECT org_id, id, version, name, description, inherits, grants, updated_at, updated_by FROM roles",
        )
        .execute(&mut self.connection)
        .await?;
        sqlx::query("UPDATE orgs SET roles_version = 1 WHERE id IN (SELECT org_id FROM roles)")
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Workspaces, and who is in them.
    pub(super) async fn workspaces(&mut self, demo: &Demo) -> Result<()> {
        sqlx::query(
            "INSERT INTO workspaces (org_id, id, name, name_key, description, status, created_at, updated_at, version)
             SELECT org_id, id, name, name_key, description, status, created_at, updated_at, version
             FROM jsonb_populate_recordset(NULL::workspaces, $1)",
        )
        .bind(Json(&demo.workspaces))
        .execute(&mut self.connection)
        .await?;
        sqlx::query(
            "INSERT INTO workspace_members (org_id, workspace_id, user_id, added_at, added_by)
             SELECT org_id, workspace_id, user_id, added_at, added_by
             FROM jsonb_populate_recordset(NULL::workspace_members, $1)",
        )
        .bind(Json(&demo.members))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Duties that exclude each other.
    pub(super) async fn duty_conflicts(&mut self, demo: &Demo) -> Result<()> {
        sqlx::query(
            "INSERT INTO duty_conflicts (org_id, id, name, name_key, first, second, why, created_at, created_by, updated_at, updated_by)
             SELECT org_id, id, name, name_key, first, second, why, updated_at, updated_by, updated_at, updated_by
             FROM jsonb_populate_recordset(NULL::duty_conflicts, $1)",
        )
        .bind(Json(&demo.duty_conflicts))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// What services asked.
    pub(super) async fn decisions(&mut self, demo: &Demo) -> Result<()> {
        sqlx::query(
            "INSERT INTO decisions (org_id, id, decided_at, user_id, permission, reason, weight, role_id, assigned_role_id, line,
                 resource, asked_by)
             SELECT org_id, id, decided_at, user_id, permission, reason, weight, role_id, assigned_role_id, line,
                 resource, asked_by
             FROM jsonb_populate_recordset(NULL::decisions, $1)",
        )
        .bind(Json(&demo.decisions))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Who holds which role, and where.
    pub(super) async fn assignments(&mut self, demo: &Demo) -> Result<()> {
        sqlx::query(
            "INSERT INTO role_assignments (org_id, user_id, role_id, workspace_id, ends_at, assigned_at, assigned_by)
             SELECT org_id, user_id, role_id, workspace_id, ends_at, assigned_at, assigned_by
             FROM jsonb_populate_recordset(NULL::role_assignments, $1)",
        )
        .bind(Json(&demo.assignments))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }
}
