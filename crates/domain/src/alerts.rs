//! Alerts about the isolation of organizations: raised by the watch, handled by operators.

use crate::{
    App, Error, OperatorCtx, Result, mail,
    webhook::{self, Webhook},
};
use bulkhead_db::{SystemTx, attempts, audit::Record, outbox, users};
use bulkhead_model::{
    AlertId, FieldErrors,
    attempt::{Alert, AlertStatus, Attempt, WINDOW_MINUTES},
    audit::{Action, TargetKind},
    error::Conflict,
    page::{Count, Page, PageRequest, Place},
    perm,
};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

/// Who hears of an alert, besides those who look at the console.
#[derive(Debug, Clone, Default)]
pub struct Announcement {
    /// The address that alerts are mailed to. None: every admin of the platform.
    pub mail: Option<String>,
    /// The webhook they are sent to.
    pub webhook: Option<Webhook>,
}

/// What the page of attempts shows.
#[derive(Debug)]
pub struct AttemptList {
    /// Alerts that nobody has closed, the latest first.
    pub alerts: Vec<Alert>,
    /// Attempts, the newest first.
    pub page: Page<Attempt>,
    /// How many there are, capped.
    pub count: Count,
}

/// A page of alerts and how many match.
#[derive(Debug)]
pub struct AlertList {
    /// Alerts, the latest raised first.
    pub page: Page<Alert>,
    /// All that match, capped.
    pub count: Count,
}

/// An alert with its attempts, the newest first, at most 100.
#[derive(Debug)]
pub struct AlertDetail {
    /// The alert.
    pub alert: Alert,
    /// What it covers.
    pub attempts: Vec<Attempt>,
}

/// The most characters of a note.
pub const NOTE_LENGTH: usize = 2000;

/// Live alerts and all attempts.
pub async fn list(ctx: &OperatorCtx, page: &PageRequest) -> Result<AttemptList> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    Ok(AttemptList {
        alerts: attempts::alerts(&mut tx, false).await?,
        page: attempts::list(&mut tx, None, page).await?,
        count: attempts::count(&mut tx).await?,
    })
}

/// The alerts that somebody closed, the latest first.
pub async fn closed(ctx: &OperatorCtx) -> Result<Vec<Alert>> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    Ok(attempts::alerts(&mut tx, true).await?)
}

/// A page of the alerts with any of these statuses; of all of them where none is named.
pub async fn page(ctx: &OperatorCtx, statuses: &[AlertStatus], page: &PageRequest) -> Result<AlertList> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    Ok(AlertList {
        page: attempts::alert_page(&mut tx, statuses, page).await?,
        count: attempts::alert_count(&mut tx, statuses).await?,
    })
}

/// A page of all attempts.
pub async fn attempts(ctx: &OperatorCtx, page: &PageRequest) -> Result<(Page<Attempt>, Count)> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    Ok((attempts::list(&mut tx, None, page).await?, attempts::count(&mut tx).await?))
}

/// One alert.
pub async fn find(ctx: &OperatorCtx, id: AlertId) -> Result<AlertDetail> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let alert = attempts::alert(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let attempts = attempts::list(&mut tx, Some(id), &PageRequest::new(Place::First, 100)).await?.rows;
    Ok(AlertDetail { alert, attempts })
}

/// Says that somebody is looking into it. It keeps collecting attempts.
pub async fn acknowledge(ctx: &OperatorCtx, id: AlertId, seen: i32, note: &str) -> Result<()> {
    handle(ctx, id, seen, note, AlertStatus::Acknowledged, Action::AlertAcknowledged).await
}

/// Says that it is settled, and how. Further attempts count anew.
pub async fn close(ctx: &OperatorCtx, id: AlertId, seen: i32, note: &str) -> Result<()> {
    handle(ctx, id, seen, note, AlertStatus::Closed, Action::AlertClosed).await
}

async fn handle(
    ctx: &OperatorCtx,
    id: AlertId,
    seen: i32,
    note: &str,
    status: AlertStatus,
    action: Action,
) -> Result<()> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let note = note.trim();
    if note.is_empty() && status == AlertStatus::Closed {
        return Err(FieldErrors::one("note", "Say in a sentence what was found.").into());
    }
    if note.chars().count() > NOTE_LENGTH {
        return Err(FieldErrors::one("note", format!("At most {NOTE_LENGTH} characters.")).into());
    }
    let alert = attempts::alert(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !attempts::handle(&mut tx, id, seen, status, &ctx.identity().email, note).await? {
        let conflict = if alert.status == AlertStatus::Closed { Conflict::WrongStatus } else { Conflict::StaleVersion };
        return Err(Error::Conflict(conflict));
    }
    let record = Record::new(action, TargetKind::Alert, id, &alert.actor.label)
        .change("status", alert.status, status)
        .reason(note);
    tx.commit(record).await?;
    Ok(())
}

/// Puts mails and webhook of a new alert into the outbox, in the transaction that raised it.
pub(crate) async fn announce(app: &App, tx: &mut SystemTx, alert: &Alert) -> Result<Record> {
    let announcement = app.alerts();
    let recipients = match &announcement.mail {
        Some(address) => vec![address.clone()],
        None => users::admin_addresses(tx).await?,
    };
    let mail = mail::alert(app.public_url(), alert, WINDOW_MINUTES);
    for recipient in &recipients {
        outbox::enqueue(tx, app.new_id(), mail.kind, recipient, &mail.subject, &mail.text).await?;
    }
    if let Some(receiver) = app.webhook().map(Webhook::receiver) {
        let body = message(app, alert).to_string();
        outbox::enqueue(tx, app.new_id(), webhook::KIND, &receiver, EVENT, &body).await?;
    }
    Ok(Record::new(Action::AlertOpened, TargetKind::Alert, alert.id, &alert.actor.label)
        .after("attempts", alert.attempts)
        .after("organization", &alert.actor.org_slug))
}

/// The type of the webhook's message.
const EVENT: &str = "isolation.alert.opened";

/// As Standard Webhooks recommends: type, time and data. It names the actor by id, not by address: a chat room that
/// receives it is not an audit log.
fn message(app: &App, alert: &Alert) -> serde_json::Value {
    let mut link = app.public_url().clone();
    link.set_path(&format!("op/alerts/{}", alert.id));
    json!({
        "type": EVENT,
        "timestamp": alert.opened_at.format(&Rfc3339).unwrap_or_default(),
        "data": {
            "alert_id": alert.id,
            "actor_id": alert.actor.id,
            "actor_org_id": alert.actor.org_id,
            "attempts": alert.attempts,
            "window_minutes": WINDOW_MINUTES,
            "url": link.as_str(),
        }
    })
}
