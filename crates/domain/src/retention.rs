//! What is deleted for good, by workers and never by a request: organizations whose time to be restored is over, and
//! audit events that are older than their organization's plan keeps them.

use crate::{App, Result, settings};
use bulkhead_db::{SystemTask, audit::Record, retention};
use bulkhead_model::{
    OrgId,
    audit::{Action, TargetKind},
    setting::SettingKey,
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// Deletes every organization that is due, each in one transaction with its event in the platform's log, which is the
/// only one left to hold it. How many went.
pub async fn purge(app: &App) -> Result<usize> {
    let due = retention::due(&mut *app.database().system(SystemTask::Purge).await?).await?;
    let mut purged = 0;
    for org in due {
        let mut tx = app.database().system(SystemTask::Purge).await?;
        // Restored since the list was read, or another replica has it.
        let Some(counts) = retention::purge(&mut tx, org.id).await? else { continue };
        let record = Record::new(Action::OrgPurged, TargetKind::Org, org.id, &org.name).after("slug", &org.slug);
        let record = counts.iter().fold(record, |record, (table, rows)| record.after(table, rows));
        tx.commit(record).await?;
        purged += 1;
    }
    Ok(purged)
}

/// Events deleted in one transaction: short enough for the role's statement timeout on a slow disk.
const BITE: i32 = 2_000;
/// Events may be this much too old before any goes: a busy log would otherwise tell of its own shortening every hour.
const GRACE: Duration = Duration::days(1);
/// Organizations looked at in one transaction.
const PAGE: i64 = 200;

/// Deletes audit events that are too old, in every organization; how many went.
pub async fn expire_audit_events(app: &App) -> Result<i64> {
    let (mut last, mut expired) = (None, 0);
    loop {
        let mut tx = app.database().system(SystemTask::AuditRetention).await?;
        let orgs = retention::with_old_events(&mut tx, last, PAGE).await?;
        drop(tx);
        for &org in &orgs {
            while let Some(count) = expire_some(app, org).await? {
                expired += count;
            }
        }
        match orgs.last() {
            Some(&org) => last = Some(org),
            None => return Ok(expired),
        }
    }
}

/// One bite, with its event in the log that it was taken from; `None` when nothing was too old.
async fn expire_some(app: &App, org: OrgId) -> Result<Option<i64>> {
    let mut tx = app.database().system(SystemTask::AuditRetention).await?;
    tx.within(org).await?;
    let days = settings::integer(&mut tx, SettingKey::AuditRetentionDays).await?;
    let older_than = tx.now() - Duration::days(days);
    if retention::oldest_event(&mut tx).await?.is_none_or(|oldest| oldest >= older_than - GRACE) {
        return Ok(None);
    }
    let Some(expired) = retention::expire(&mut tx, older_than, BITE).await? else { return Ok(None) };
    let record = Record::new(Action::AuditExpired, TargetKind::Org, org, "the audit log")
        .after("events", expired.count)
        .after("from", stamp(expired.oldest))
        .after("to", stamp(expired.newest))
        .after("kept_days", days);
    tx.commit(record).await?;
    Ok(Some(expired.count))
}

/// A moment as the log has it. A date that cannot be written does not come out of PostgreSQL.
fn stamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
