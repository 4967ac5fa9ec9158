//! Cross-tenant attempts: who aimed at what is another organization's, and the alerts raised over it.

use crate::{
    id::{AlertId, AttemptId, OrgId, RequestId, UserId},
    org::words,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use time::OffsetDateTime;

words! {
    /// Where in a request the other organization's name or id stood.
    Surface {
        /// The organization's name in the address.
        Org = "org", "Organization in the address";
        /// An id in the path.
        Path = "path", "Id in the path";
        /// An id in the query string.
        Query = "query", "Id in a filter";
        /// An id in a form or a JSON body.
        Body = "body", "Id in a form or body";
        /// PostgreSQL itself refused a row (SQLSTATE 42501): a guard above it had failed.
        Database = "database", "Refused by the database";
    }
}

words! {
    /// What people have done about an alert.
    AlertStatus {
        Open = "open", "Open";
        Acknowledged = "acknowledged", "Acknowledged";
        Closed = "closed", "Closed";
    }
}

/// One attempt. Operators see both organizations; nobody else sees this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Version 7: sorts in time.
    pub id: AttemptId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Who, and in which organization they are.
    pub actor: AttemptActor,
    /// From where.
    pub address: Option<IpAddr>,
    /// With which client.
    pub user_agent: Option<String>,
    /// In which request.
    pub request_id: Option<RequestId>,
    /// Where in the request.
    pub surface: Surface,
    /// Method and pattern of the route: `GET /t/{slug}/users/{id}`.
    pub route: String,
    /// The HTTP status it was answered with: 404, or 200 where a filter simply found nothing.
    pub answered_with: u16,
    /// Kind of what was aimed at: `user`, `session` …
    pub aimed_kind: String,
    /// Its id, or the organization's name.
    pub aimed_id: String,
    /// The organization it belongs to; none where the database itself refused a row and does not say whose.
    pub owner_org_id: Option<OrgId>,
    /// Its short name at the time; empty where there is none.
    pub owner_org_slug: String,
    /// The alert it belongs to, once there is one.
    pub alert_id: Option<AlertId>,
}

/// Who made an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptActor {
    /// Their organization.
    pub org_id: OrgId,
    /// Its short name at the time.
    pub org_slug: String,
    /// The user.
    pub id: UserId,
    /// Their address at the time.
    pub label: String,
}

/// An alert: one actor, more attempts in a short time than the threshold allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Who it is about.
    pub actor: AttemptActor,
    /// What was done about it.
    pub status: AlertStatus,
    /// Attempts it covers.
    pub attempts: i32,
    /// When it was raised.
    #[serde(with = "time::serde::rfc3339")]
    pub opened_at: OffsetDateTime,
    /// The latest attempt.
    #[serde(with = "time::serde::rfc3339")]
    pub last_at: OffsetDateTime,
    /// Who acknowledged or closed it last.
    pub handled_by: Option<String>,
    /// When.
    #[serde(with = "time::serde::rfc3339::option")]
    pub handled_at: Option<OffsetDateTime>,
    /// What they wrote.
    pub note: Option<String>,
    /// Counts changes by people; a form carries the one it was made from.
    pub version: i32,
}

/// This many attempts of one actor within [`WINDOW_MINUTES`] raise an alert.
pub const THRESHOLD: i64 = 3;
/// See [`THRESHOLD`].
pub const WINDOW_MINUTES: i64 = 10;
