//! Sessions: what a person may know about their own.

use crate::{
    id::{SessionId, UserId},
    org::words,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use time::OffsetDateTime;

words! {
    /// How a session began.
    SignInMethod { Password = "password", "Password"; Invitation = "invitation", "Invitation"; }
}

/// One live session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its public handle; knowing it opens nothing.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// How it began.
    pub method: SignInMethod,
    /// Authenticator assurance level, 1 to 3 (NIST SP 800-63B-4).
    pub assurance: i16,
    /// The browser's own words.
    pub user_agent: String,
    /// Where it began.
    pub address: Option<IpAddr>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Its latest request, to the minute.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen_at: OffsetDateTime,
    /// When it ends whatever happens.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

impl Session {
    /// "Firefox on Linux": the two words people recognise a device by, from a user agent that may say anything.
    pub fn device(&self) -> String {
        let agent = self.user_agent.as_str();
        let browser = [
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
            ("curl/", "curl"),
        ]
        .iter()
        .find(|(mark, _)| agent.contains(mark))
        .map_or("Unknown browser", |(_, name)| name);
        let system = [
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ]
        .iter()
        .find(|(mark, _)| agent.contains(mark))
        .map(|(_, name)| *name);
        match system {
            Some(system) => format!("{browser} on {system}"),
            None => browser.to_owned(),
        }
    }
}
