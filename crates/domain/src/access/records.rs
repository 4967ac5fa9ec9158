//! Decisions that services asked for, as they were recorded: looked for, and opened with why they came out as they did.

use super::{
    rights,
    trace::{self, Occasion, Then, Trace},
};
use crate::{Ctx, Error, Result};
use bulkhead_authz::decision::ReasonCode;
use bulkhead_db::decisions;
use bulkhead_model::{
    DecisionId, Permission,
    access::{DecisionFilter, RecordedDecision},
    page::{Count, Page, PageRequest},
    perm,
};

/// A page of recorded decisions, and how many match.
#[derive(Debug)]
pub struct RecordList {
    /// Newest first.
    pub page: Page<RecordedDecision>,
    /// All that match, capped.
    pub count: Count,
}

/// A recorded decision, and why.
#[derive(Debug)]
pub struct Record {
    /// As it was recorded.
    pub decision: RecordedDecision,
    /// What the function said.
    pub then: Then,
    /// What it says now; for whoever may see roles, and where there is somebody it is about and all that was asked is known.
    pub trace: Option<Trace>,
}

/// The organization's recorded decisions.
pub async fn records(ctx: &Ctx, filter: &DecisionFilter, page: &PageRequest) -> Result<RecordList> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    let found = decisions::list(&mut tx, filter, page).await?;
    Ok(RecordList { page: found, count: decisions::count(&mut tx, filter).await? })
}

/// How many there are, capped.
pub async fn count_records(ctx: &Ctx) -> Result<Count> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    Ok(decisions::count(&mut tx, &DecisionFilter::default()).await?)
}

/// One of them. The line that decided is for whoever may see roles.
pub async fn record(ctx: &Ctx, id: DecisionId) -> Result<Record> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    let decision = decisions::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let reason = ReasonCode::from_code(&decision.reason);
    let mut then = Then { reason, by: None, roles_version: decision.roles_version };
    if !ctx.may(Permission::RolesRead) {
        return Ok(Record { decision, then, trace: None });
    }
    let identity = ctx.identity();
    let roles = rights::roles(ctx.app(), &mut tx, identity.org_id, identity.roles_version).await?;
    if let Some(by) = decision.decided_by {
        then.by = Some(trace::as_it_was(&mut tx, &roles, by, decision.at).await?);
    }
    // What was not registered was not kept, so what was asked is not known any more.
    let is_known = reason != Some(ReasonCode::AttributeUnknown);
    let occasion = decision.about.as_ref().filter(|_| is_known).map(|about| Occasion {
        user: about.id,
        permission: decision.permission.clone(),
        at: decision.at,
        address: decision.address,
        resource: decision.resource.clone(),
    });
    let trace = match occasion {
        Some(occasion) => trace::trace(ctx, &mut tx, &occasion, decision.decided_by, &then).await?,
        None => None,
    };
    Ok(Record { decision, then, trace })
}
