//! The steps that make an organization, in the organization named by `within`.

use crate::{
    Error, Result,
    tx::{Operator, ReadTx, WriteTx},
};
use bulkhead_model::{
    Id, OrgId,
    org::{ProvisioningState, ProvisioningStep, StepStatus},
};

/// Writes down the steps to do, and what the first admin's address is.
pub async fn plan(tx: &mut WriteTx<Operator>, admin_email: &str) -> Result<()> {
    for (position, step) in (0i16..).zip(ProvisioningStep::ALL) {
        sqlx::query!(
            "INSERT INTO provisioning_steps (step, position, input) VALUES ($1, $2, $3)",
            step.code(),
            position,
            (*step == ProvisioningStep::FirstAdmin).then_some(admin_email),
        )
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// The steps in order and how far each is.
pub async fn states(tx: &mut ReadTx<Operator>) -> Result<Vec<ProvisioningState>> {
    let rows = sqlx::query!(
        "SELECT step, status, attempts, detail, finished_at FROM provisioning_steps
         WHERE org_id = (SELECT app.org_id()) ORDER BY position"
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ProvisioningState {
                step: ProvisioningStep::from_code(&row.step)
                    .ok_or(Error::Corrupt { what: "provisioning_steps.step" })?,
                status: StepStatus::from_code(&row.status)
                    .ok_or(Error::Corrupt { what: "provisioning_steps.status" })?,
                attempts: row.attempts,
                detail: row.detail,
                finished_at: row.finished_at,
            })
        })
        .collect()
}

/// The address of the first admin, as given when the organization was created.
pub async fn admin_email(tx: &mut ReadTx<Operator>) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT input FROM provisioning_steps WHERE org_id = (SELECT app.org_id()) AND step = 'first_admin'"
    )
    .fetch_optional(tx.connection())
    .await?
    .flatten())
}

/// Takes the step for this transaction: `true` if it is still to do. A second worker waits here and then sees it done.
pub async fn take(tx: &mut WriteTx<Operator>, step: ProvisioningStep) -> Result<bool> {
    let status = sqlx::query_scalar!(
        "SELECT status FROM provisioning_steps WHERE org_id = (SELECT app.org_id()) AND step = $1 FOR UPDATE",
        step.code(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(status.is_some_and(|status| status != StepStatus::Done.code()))
}

/// Records how a step went.
pub async fn record(
    tx: &mut WriteTx<Operator>,
    step: ProvisioningStep,
    status: StepStatus,
    detail: &str,
) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "UPDATE provisioning_steps SET status = $2, attempts = attempts + 1, detail = left($3, 500),
             finished_at = CASE WHEN $2 = 'done' THEN $4::timestamptz END
         WHERE org_id = (SELECT app.org_id()) AND step = $1",
        step.code(),
        status.code(),
        detail,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// After this many attempts at a step the worker leaves it to an operator: each attempt is an audit event.
const MOST_ATTEMPTS: i32 = 5;

/// Organizations with a step that the worker should try, oldest first.
pub async fn due(tx: &mut ReadTx<Operator>) -> Result<Vec<OrgId>> {
    let ids = sqlx::query_scalar!(
        "SELECT o.id FROM orgs o WHERE o.status IN ('provisioning', 'active')
           AND EXISTS (SELECT FROM provisioning_steps s WHERE s.org_id = o.id AND s.status <> 'done')
           AND NOT EXISTS (SELECT FROM provisioning_steps s WHERE s.org_id = o.id AND s.status = 'failed' AND s.attempts >= $1)
         ORDER BY o.created_at LIMIT 20",
        MOST_ATTEMPTS,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}
