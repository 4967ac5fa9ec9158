//! One-shot messages: "User suspended." on the page after the POST that did it.
//!
//! They travel in a sealed cookie: signed, because a page shows them as our words; short-lived, and gone once shown.

use crate::site::Site;
use axum::http::HeaderValue;
use bulkhead_domain::Sealer;
use bulkhead_ui::Tone;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The cookie's name.
pub const COOKIE: &str = "flash";
const PURPOSE: &str = "flash";
const SECONDS: i64 = 60;

/// A message and whether it is good news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// A sentence.
    pub text: String,
    /// Whether what was asked did not happen.
    pub failed: bool,
}

impl Message {
    /// Good news.
    pub fn ok(text: impl Into<String>) -> Self {
        Self { text: text.into(), failed: false }
    }

    /// How it is shown.
    pub fn tone(&self) -> Tone {
        if self.failed { Tone::Danger } else { Tone::Ok }
    }
}

/// The cookie that carries a message to the next page.
pub fn cookie(site: &Site, message: &Message, now: OffsetDateTime) -> HeaderValue {
    let json = serde_json::to_vec(message).unwrap_or_default();
    let sealed = site.app().sealer().seal(PURPOSE, &json, now.unix_timestamp() + SECONDS);
    set(&sealed, SECONDS, site.https())
}

/// The cookie that takes the message away again.
pub fn expired(https: bool) -> HeaderValue {
    set("", 0, https)
}

/// Reads a message we sealed less than a minute ago.
pub fn open(sealer: &Sealer, sealed: &str, now: OffsetDateTime) -> Option<Message> {
    let json = sealer.open(PURPOSE, sealed, now.unix_timestamp())?;
    serde_json::from_slice(&json).ok()
}

fn set(value: &str, seconds: i64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static("flash=; Path=/; Max-Age=0"))
}
