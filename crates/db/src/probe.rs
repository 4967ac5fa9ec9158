//! A small proof that an organization is closed: looked at as the runtime role, from outside and from inside.

use crate::{Database, Result, pools::run_first};
use bulkhead_model::OrgId;

/// What `bulkhead_app` saw of one organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Its rows visible without any context; must be 0.
    pub without_context: i64,
    /// Its rows visible in another organization's context; must be 0.
    pub from_outside: i64,
    /// Its rows visible in its own context; must be more than 0, or the probe saw nothing at all.
    pub from_inside: i64,
}

impl Probe {
    /// Whether the organization is closed, and the probe able to tell.
    pub fn passed(&self) -> bool {
        self.without_context == 0 && self.from_outside == 0 && self.from_inside > 0
    }
}

impl Database {
    /// Counts the rows of an organization that the tenant role sees in three contexts. Rolled back.
    pub async fn probe(&self, org: OrgId) -> Result<Probe> {
        let (mut connection, _) = run_first(&self.app, "BEGIN").await?;
        let mut seen = [0; 3];
        let outside = uuid::Uuid::new_v4();
        for (context, seen) in [String::new(), outside.to_string(), org.to_string()].iter().zip(&mut seen) {
            sqlx::query("SELECT set_config('app.org_id', $1, true)").bind(context).execute(&mut *connection).await?;
            *seen = sqlx::query_scalar(
                "SELECT (SELECT count(*) FROM orgs WHERE id = $1) + (SELECT count(*) FROM users WHERE org_id = $1)
                      + (SELECT count(*) FROM audit_events WHERE org_id = $1)",
            )
            .bind(org.uuid())
            .fetch_one(&mut *connection)
            .await?;
        }
        let [without_context, from_outside, from_inside] = seen;
        Ok(Probe { without_context, from_outside, from_inside })
    }
}
