//! References that people send to an admin: what a page or a problem showed when something was denied, or what a service
//! logged of a decision.

use crate::{Ctx, Error, OperatorCtx, Result};
use bulkhead_db::{
    audit::{self, Reach},
    decisions,
};
use bulkhead_model::{AuditEventId, DecisionId, Id, perm};
use uuid::Uuid;

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// An event of the audit log: its own id, or the request that it was written in.
    Event(AuditEventId),
    /// A recorded decision.
    Decision(DecisionId),
}

/// Reads a reference as it is pasted: an id, alone or as the `urn:uuid:…` of a problem.
#[must_use]
pub fn read(text: &str) -> Option<Uuid> {
    text.trim().parse().ok()
}

/// What a reference of this organization leads to. Another organization's is not found, like one of nothing.
pub async fn open(ctx: &Ctx, reference: Uuid) -> Result<Found> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    if let Some(decision) = decisions::find(&mut tx, Id::from_uuid(reference)).await? {
        return Ok(Found::Decision(decision.id));
    }
    let event = audit::by_reference(&mut tx, reference, Reach::Organization).await?;
    event.map(Found::Event).ok_or(Error::NotFound)
}

/// The event of any organization that a reference leads to. What services were answered is their organization's alone.
pub async fn open_any(ctx: &OperatorCtx, reference: Uuid) -> Result<AuditEventId> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    audit::by_reference(&mut tx, reference, Reach::Platform).await?.ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_reference_is_read_as_it_is_pasted() {
        let id = "0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e11";
        for text in [id, "  0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e11\n", "urn:uuid:0193C5A0-7C1E-7F3B-9D52-6F6A3C1F0E11"] {
            assert_eq!(read(text).map(|id| id.to_string()).as_deref(), Some(id), "{text:?}");
        }
        for text in ["", "0193c5a0", "0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e1z", "<script>", "\u{202e}"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
