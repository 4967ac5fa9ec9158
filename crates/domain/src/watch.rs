//! The cross-tenant watch: when something was not found, was it because it belongs to someone else?
//!
//! The question is asked after the answer has been sent, over another role, so that its cost cannot be
//! measured. Both organizations learn only what is theirs to know: the actor's own log names what was aimed
//! at by id; the organization aimed at reads that an attempt was refused, without by whom. Operators see both
//! sides, and are alerted when one actor keeps trying.

use crate::{App, Ctx, Error, Result, alerts};
use bulkhead_db::{
    Origin, Realm, SystemTask,
    attempts::{self, NewAttempt, Raised},
    audit::Record,
};
use bulkhead_model::{
    OrgId,
    attempt::{AttemptActor, Surface},
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
    /// A row that the database itself refused (SQLSTATE 42501). It does not say whose it would have been.
    RefusedRow,
}

/// One thing that a request aimed at, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// At what.
    pub aim: Aim,
    /// Where in the request it stood.
    pub surface: Surface,
    /// Method and pattern of the route.
    pub route: String,
    /// The HTTP status it was answered with.
    pub answered_with: u16,
}

/// Whether an error is the database's own refusal of a row: the guards above it had let it through.
#[must_use]
pub fn is_refused_row(error: &Error) -> bool {
    let Error::Internal(source) = error else { return false };
    matches!(source.downcast_ref(), Some(bulkhead_db::Error::Refused(_)))
}

/// Finds out whether an aim was at another organization, and records it if so. Spawned after the answer.
pub async fn look<R: Realm>(ctx: &Ctx<R>, suspicion: Suspicion) -> Result<bool> {
    let identity = ctx.identity();
    let actor = AttemptActor {
        org_id: identity.org_id,
        org_slug: identity.org_slug.clone(),
        id: identity.user_id,
        label: identity.email.clone(),
    };
    look_for(ctx.app(), actor, ctx.origin(), suspicion).await
}

async fn look_for(app: &App, actor: AttemptActor, origin: &Origin, suspicion: Suspicion) -> Result<bool> {
    let database = app.database();
    let Suspicion { aim, surface, route, answered_with } = suspicion;
    let (kind, id, owner): (_, String, Option<OrgId>) = match &aim {
        Aim::OrgSlug(slug) => (TargetKind::Org, slug.clone(), database.org_by_slug(slug).await?),
        Aim::Object(kind, id) => (*kind, id.to_string(), database.owner_of(kind.code(), *id).await?),
        Aim::RefusedRow => (TargetKind::Page, route.clone(), None),
    };
    let owner = owner.filter(|owner| *owner != actor.org_id);
    if owner.is_none() && aim != Aim::RefusedRow {
        return Ok(false);
    }
    metrics::counter!("cross_tenant_attempts_total", "surface" => surface.code()).increment(1);
    let record = |label: &str| {
        Record::new(Action::CrossTenantAttempt, kind, &id, label).outcome(Outcome::Denied).reason(surface.label())
    };

    let mut tx = database.system_for(SystemTask::CrossTenantWatch, origin.clone()).await?;
    tx.within(actor.org_id).await?;
    tx.commit(record("an object that is not in this organization").after("actor", &actor.label)).await?;
    if let Some(owner) = owner {
        let mut tx = database.system(SystemTask::CrossTenantWatch).await?;
        tx.within(owner).await?;
        tx.commit(record("an attempt from outside was refused")).await?;
    }

    let mut tx = database.system_for(SystemTask::CrossTenantWatch, origin.clone()).await?;
    let attempt = NewAttempt {
        actor,
        surface,
        route,
        answered_with,
        aimed_kind: kind.code().to_owned(),
        aimed_id: id.clone(),
        owner,
    };
    let mut records = vec![record("an object of another organization").after("actor", &attempt.actor.label)];
    if let Raised::Opened(alert) = attempts::record(&mut tx, &attempt).await? {
        records.push(alerts::announce(app, &mut tx, &alert).await?);
    }
    tx.commit_all(records).await?;
    app.wake_mail();
    Ok(true)
}
