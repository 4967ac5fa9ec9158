//! Typed ids: a user's id cannot be passed where an organization's is asked for.

use serde::{Deserialize, Serialize};
use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};
use uuid::Uuid;

/// The UUID of one `K`. Version 4 for what is named in links, version 7 for append-only rows.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id<K>(Uuid, #[serde(skip)] PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// Wraps a UUID that is known to name a `K`: a database row, or a path about to be looked up.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID, for the database and for printing.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

// Derives would ask `K` for the same traits; the marker has none.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self::from_uuid)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $kind:ident => $alias:ident;)*) => {$(
        #[doc = concat!("Marker of [`", stringify!($alias), "`].")]
        pub enum $kind {}
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

ids! {
    /// An organization (= tenant).
    OrgKind => OrgId;
    /// A user; belongs to exactly one organization.
    UserKind => UserId;
    /// A session's public handle. Not its cookie, which is only known to the browser.
    SessionKind => SessionId;
    /// An audit event; version 7, so ids sort in time.
    AuditEventKind => AuditEventId;
    /// An invitation or password reset.
    TokenKind => TokenId;
    /// A mail in the outbox.
    MailKind => MailId;
    /// One HTTP request; version 7, shown to the person and written to log and audit.
    RequestKind => RequestId;
    /// A cross-tenant attempt; version 7.
    AttemptKind => AttemptId;
    /// An alert about the isolation of organizations.
    AlertKind => AlertId;
    /// A run of the prover; version 7.
    ProofKind => ProofId;
    /// A statement whose plan is watched; version 7.
    PlanKind => PlanId;
    /// A role, built-in or an organization's own.
    RoleKind => RoleId;
    /// A part of an organization.
    WorkspaceKind => WorkspaceId;
    /// Two duties that exclude each other.
    DutyConflictKind => DutyConflictId;
    /// A recorded decision.
    DecisionKind => DecisionId;
    /// A registered database of somebody else's.
    DataSourceKind => DataSourceId;
}

/// The platform organization, whose users are the operators. Made by migration `orgs`, unique by index.
pub const PLATFORM_ORG: OrgId = OrgId::from_uuid(Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0001));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_travels_as_its_uuid() -> Result<(), Box<dyn std::error::Error>> {
        let id: UserId = "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001".parse()?;
        let json = serde_json::to_string(&id)?;
        assert_eq!(json, "\"7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001\"");
        assert_eq!(serde_json::from_str::<UserId>(&json)?, id);
        assert!("7f3d".parse::<UserId>().is_err());
        Ok(())
    }
}
