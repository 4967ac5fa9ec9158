//! The mail outbox: written by whoever changes something, emptied by the mail worker.

use crate::{
    Database, Result,
    tx::{Realm, WriteTx},
};
use bulkhead_model::{Id, OrgId, id::MailId};
use time::Duration;

/// A mail that waits to be sent.
pub struct Waiting {
    /// Whose outbox it is in.
    pub org: OrgId,
    /// Its id; also its Message-ID, so that a mail sent twice is recognised.
    pub id: MailId,
    /// What it is for.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its text; may hold a link that opens an account, so it is never logged.
    pub body: String,
    /// This attempt, counted from 1.
    pub attempts: i32,
}

/// Puts a mail into the organization's outbox; it leaves after the transaction committed.
pub async fn enqueue<R: Realm>(
    tx: &mut WriteTx<R>,
    id: MailId,
    kind: &str,
    recipient: &str,
    subject: &str,
    body: &str,
) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO mail_outbox (id, kind, recipient, subject, body, next_attempt_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $6)",
        id.uuid(),
        kind,
        recipient,
        subject,
        body,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// How an attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The server took it.
    Sent,
    /// Try again after this long.
    Retry(String, Duration),
    /// Given up, for this reason.
    Dead(String),
}

impl Database {
    /// Takes due mails for sending. They come back by themselves after the lease if nothing is heard.
    pub async fn mail_claim(&self, limit: i32, lease: Duration) -> Result<Vec<Waiting>> {
        let lease = i32::try_from(lease.whole_seconds()).unwrap_or(i32::MAX);
        let rows = sqlx::query!(
            r#"SELECT org_id AS "org_id!", id AS "id!", kind AS "kind!", recipient AS "recipient!", subject AS "subject!",
                      body AS "body!", attempts AS "attempts!" FROM app.mail_claim($1, $2)"#,
            limit,
            lease,
        )
        .fetch_all(&self.auth)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Waiting {
                org: Id::from_uuid(row.org_id),
                id: Id::from_uuid(row.id),
                kind: row.kind,
                recipient: row.recipient,
                subject: row.subject,
                body: row.body,
                attempts: row.attempts,
            })
            .collect())
    }

    /// Records how sending went.
    pub async fn mail_finish(&self, org: OrgId, mail: MailId, attempt: &Attempt) -> Result<()> {
        let (status, error, wait) = match attempt {
            Attempt::Sent => ("sent", None, Duration::ZERO),
            Attempt::Retry(error, wait) => ("waiting", Some(error.as_str()), *wait),
            Attempt::Dead(error) => ("dead", Some(error.as_str()), Duration::ZERO),
        };
        let wait = i32::try_from(wait.whole_seconds()).unwrap_or(i32::MAX);
        sqlx::query!("SELECT app.mail_finish($1, $2, $3, $4, $5)", org.uuid(), mail.uuid(), status, error, wait)
            .execute(&self.auth)
            .await?;
        Ok(())
    }

    /// Mails waiting and mails given up, over all organizations; for metrics.
    pub async fn mail_backlog(&self) -> Result<(i64, i64)> {
        let row = sqlx::query!(r#"SELECT waiting AS "waiting!", dead AS "dead!" FROM app.mail_backlog()"#)
            .fetch_one(&self.auth)
            .await?;
        Ok((row.waiting, row.dead))
    }
}
