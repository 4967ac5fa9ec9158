//! The cross-tenant watch: when something was not found, was it because it belongs to someone else?
//!
//! The question is asked after the answer has been sent, over another role, so that its cost cannot be
//! measured. Both organizations learn only what is theirs to know: the actor's own log names what was aimed
//! at by id; the organization aimed at reads that an attempt was refused, without by whom.

use crate::{App, Ctx, Result};
use bulkhead_db::{Identity, Origin, Realm, SystemTask, audit::Record};
use bulkhead_model::{
    OrgId,
    audit::{Action, Outcome, TargetKind},
};
use uuid::Uuid;

/// What a request named that was not found, or not the credential's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// An organization by its name in a URL.
    OrgSlug(String),
    /// An object by its id.
    Object(TargetKind, Uuid),
}

/// Finds out whether an aim was at another organization, and records it if so. Spawned after the answer.
pub async fn look<R: Realm>(ctx: &Ctx<R>, aim: Aim, surface: &'static str) -> Result<bool> {
    look_for(ctx.app(), ctx.identity(), ctx.origin(), aim, surface).await
}

async fn look_for(app: &App, identity: &Identity, origin: &Origin, aim: Aim, surface: &'static str) -> Result<bool> {
    let database = app.database();
    let (kind, id, owner): (_, String, Option<OrgId>) = match &aim {
        Aim::OrgSlug(slug) => (TargetKind::Org, slug.clone(), database.org_by_slug(slug).await?),
        Aim::Object(kind, id) => (*kind, id.to_string(), database.owner_of(kind.code(), *id).await?),
    };
    let Some(owner) = owner.filter(|owner| *owner != identity.org_id) else { return Ok(false) };
    metrics::counter!("cross_tenant_attempts_total", "surface" => surface).increment(1);
    let record = |label: &str| {
        Record::new(Action::CrossTenantAttempt, kind, &id, label).outcome(Outcome::Denied).reason(surface)
    };
    let mut tx = database.system_for(SystemTask::CrossTenantWatch, origin.clone()).await?;
    tx.within(identity.org_id).await?;
    tx.commit(record("an object that is not in this organization").after("actor", &identity.email)).await?;
    let mut tx = database.system(SystemTask::CrossTenantWatch).await?;
    tx.within(owner).await?;
    tx.commit(record("an attempt from outside was refused")).await?;
    Ok(true)
}
