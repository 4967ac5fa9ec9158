//! Background work of one process. Every worker may run on every replica at once: leases and locks are in PostgreSQL.

use crate::{App, mail, plans, proofs, provisioning, retention, webhook};
use bulkhead_db::outbox::{Attempt, Waiting};
use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Starts the workers; they stop when the token is cancelled and the tracker can then be waited for.
pub fn start(app: &App, tracker: &TaskTracker, stop: &CancellationToken) {
    spawn(app, tracker, stop, "mail", send_mail);
    spawn(app, tracker, stop, "last seen", write_last_seen);
    spawn(app, tracker, stop, "provisioning", resume_provisioning);
    if let Some(interval) = app.proof_interval() {
        spawn(app, tracker, stop, "proof", move |app| prove(app, interval));
        spawn(app, tracker, stop, "plans", move |app| watch_plans(app, interval));
    }
    spawn(app, tracker, stop, "sweep", |app| settled(app, sweep));
    spawn(app, tracker, stop, "purge", |app| settled(app, purge));
    spawn(app, tracker, stop, "audit retention", |app| settled(app, expire_audit_events));
}

/// The start belongs to whoever waits for the first page: housekeeping lets it pass.
async fn settled<F: Future<Output = crate::Result<()>>>(app: App, round: impl Fn(App) -> F) -> crate::Result<()> {
    let young = SETTLED.saturating_sub(app.age());
    if !young.is_zero() {
        tokio::time::sleep(young).await;
    }
    round(app).await
}

/// How old the process is by then.
const SETTLED: Duration = Duration::from_secs(10);

/// Runs one round of a worker again and again. A round that fails waits before the next, so that a database
/// that is down is not hammered.
fn spawn<F>(
    app: &App,
    tracker: &TaskTracker,
    stop: &CancellationToken,
    name: &'static str,
    round: impl Fn(App) -> F + Send + 'static,
) where
    F: Future<Output = crate::Result<()>> + Send,
{
    let (app, stop) = (app.clone(), stop.clone());
    tracker.spawn(async move {
        loop {
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                outcome = round(app.clone()) => outcome,
            };
            if let Err(error) = outcome {
                tracing::warn!(
                    worker = name,
                    error = &error as &dyn std::error::Error,
                    "a round failed; trying again in five seconds"
                );
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_secs(5)) => {}
                }
            }
        }
    });
}

/// A claimed mail comes back after this long if the process died with it.
const MAIL_LEASE: time::Duration = time::Duration::minutes(2);

async fn send_mail(app: App) -> crate::Result<()> {
    let due = app.database().mail_claim(20, MAIL_LEASE).await?;
    if due.is_empty() {
        app.mail_waiting(Duration::from_secs(5)).await;
        return Ok(());
    }
    for waiting in due {
        let attempt = deliver(&app, &waiting).await;
        match &attempt {
            Attempt::Sent => metrics::counter!("mail_sent_total", "kind" => waiting.kind.clone()).increment(1),
            Attempt::Retry(error, _) => tracing::warn!(mail.id = %waiting.id, %error, "mail not sent; will try again"),
            Attempt::Dead(error) => tracing::error!(mail.id = %waiting.id, %error, "mail given up"),
        }
        app.database().mail_finish(waiting.org, waiting.id, &attempt).await?;
    }
    Ok(())
}

async fn deliver(app: &App, waiting: &Waiting) -> Attempt {
    let sent = match (waiting.kind.as_str(), app.webhook()) {
        (webhook::KIND, Some(webhook)) => webhook.send(&waiting.id.to_string(), &waiting.body).await,
        (webhook::KIND, None) => Err(mail::SendError::Permanent("no webhook is configured any more".to_owned())),
        _ => send(app, waiting).await,
    };
    match sent {
        Ok(()) => Attempt::Sent,
        Err(error) => match mail::retry_after(&error, waiting.attempts) {
            Some(wait) => Attempt::Retry(error.to_string(), wait),
            None => Attempt::Dead(error.to_string()),
        },
    }
}

async fn send(app: &App, waiting: &Waiting) -> Result<(), mail::SendError> {
    let message = mail::Message {
        id: waiting.id,
        recipient: waiting.recipient.clone(),
        subject: waiting.subject.clone(),
        text: waiting.body.clone(),
    };
    app.mail().send(&message).await
}

async fn write_last_seen(app: App) -> crate::Result<()> {
    let mut tokens = app.touched(512).await;
    tokens.sort_unstable_by_key(|token| token.0);
    tokens.dedup();
    app.database().session_touch(&tokens).await?;
    // Gathers what the next seconds bring into one statement.
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(())
}

async fn resume_provisioning(app: App) -> crate::Result<()> {
    tokio::time::sleep(Duration::from_secs(30)).await;
    for org in provisioning::due(&app).await? {
        provisioning::resume(&app, org).await?;
    }
    Ok(())
}

async fn sweep(app: App) -> crate::Result<()> {
    let swept = app.database().sweep(1_000).await?;
    if swept < 1_000 {
        tokio::time::sleep(Duration::from_secs(15 * 60)).await;
    }
    Ok(())
}

/// Looks once a minute whether the schedule or a changed catalogue asks for a proof.
async fn prove(app: App, interval: Duration) -> crate::Result<()> {
    tokio::time::sleep(Duration::from_secs(60)).await;
    proofs::when_due(&app, interval).await
}

/// Looks once a minute whether it is time to ask for plans.
async fn watch_plans(app: App, interval: Duration) -> crate::Result<()> {
    tokio::time::sleep(Duration::from_secs(60)).await;
    plans::when_due(&app, interval).await
}

async fn purge(app: App) -> crate::Result<()> {
    let purged = retention::purge(&app).await?;
    if purged > 0 {
        tracing::info!(purged, "organizations deleted for good");
    }
    tokio::time::sleep(Duration::from_secs(15 * 60)).await;
    Ok(())
}

async fn expire_audit_events(app: App) -> crate::Result<()> {
    let expired = retention::expire_audit_events(&app).await?;
    if expired > 0 {
        tracing::info!(expired, "audit events deleted that were too old");
    }
    tokio::time::sleep(Duration::from_secs(60 * 60)).await;
    Ok(())
}
