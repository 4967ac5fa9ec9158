//! Signed webhooks, as Standard Webhooks 1.0.0 has them: `webhook-id`, `webhook-timestamp`, and in `webhook-signature`
//! an HMAC-SHA256 over id, time and body, so that a receiver can tell our messages from anybody's and from old ones.
//!
//! A message waits in the same outbox as mail, written in the transaction of what it tells, and is tried again like it.

use crate::{App, mail::SendError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use std::time::{Duration, SystemTime};
use url::Url;

/// What the outbox calls a message that goes here.
pub(crate) const KIND: &str = "webhook";

/// An attempt takes at most this long; well below the outbox lease.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why a webhook cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Not a secret as Standard Webhooks writes it.
    #[error("the webhook's secret is not `whsec_` followed by 24 to 64 bytes in base64")]
    Secret,
    /// TLS could not be set up.
    #[error("the webhook's client could not be set up: {0}")]
    Client(String),
}

/// Where messages go, and the key that signs them.
#[derive(Clone)]
pub struct Webhook {
    url: Url,
    secret: SecretString,
    client: reqwest::Client,
    now: fn() -> SystemTime,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URL's path and query may hold a token.
        f.debug_tuple("Webhook").field(&self.url.origin().ascii_serialization()).finish()
    }
}

impl Webhook {
    /// A receiver. Nothing is contacted yet.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub fn new(url: Url, secret: &SecretString) -> Result<Self, WebhookError> {
        key(secret)?;
        let client = reqwest::Client::builder()
            // A receiver that sends elsewhere would get our signature to a place that nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent(concat!("bulkhead/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| WebhookError::Client(error.to_string()))?;
        #[expect(clippy::disallowed_methods, reason = "the time a message is signed with")]
        let now = SystemTime::now;
        Ok(Self { url, secret: secret.clone(), client, now })
    }

    /// The receiver as the outbox may name it.
    pub(crate) fn receiver(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Sends a message once. `id` stays the same when it is tried again, so that a receiver can drop the second.
    pub(crate) async fn send(&self, id: &str, body: &str) -> Result<(), SendError> {
        let timestamp = (self.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let signature =
            sign(&self.secret, id, timestamp, body).map_err(|error| SendError::Permanent(error.to_string()))?;
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body.to_owned());
        // The error's own text names the URL.
        let answer = request.send().await.map_err(|error| SendError::Temporary(error.without_url().to_string()))?;
        let status = answer.status();
        match status.as_u16() {
            200..=299 => Ok(()),
            // Standard Webhooks: the receiver is gone for good.
            410 => Err(SendError::Permanent("the receiver answered 410 Gone".to_owned())),
            _ => Err(SendError::Temporary(format!("the receiver answered {status}"))),
        }
    }
}

fn key(secret: &SecretString) -> Result<SecretSlice<u8>, WebhookError> {
    let key = secret.expose_secret().strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    key.filter(|key| (24..=64).contains(&key.len())).map(Into::into).ok_or(WebhookError::Secret)
}

/// The signature of a message as its header has it: `v1,` and base64. `timestamp` is in Unix seconds.
///
/// # Errors
/// [`WebhookError::Secret`].
pub fn sign(secret: &SecretString, id: &str, timestamp: u64, body: &str) -> Result<String, WebhookError> {
    let key = key(secret)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).map_err(|_| WebhookError::Secret)?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

impl App {
    /// Where alerts are announced besides by mail.
    pub(crate) fn webhook(&self) -> Option<&Webhook> {
        self.alerts().webhook.as_ref()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn webhook(secret: &str) -> Result<Webhook, WebhookError> {
        Webhook::new("https://hooks.example/x?token=hidden".parse().unwrap(), &SecretString::from(secret))
    }

    #[test]
    fn a_message_is_signed_as_the_standard_has_it() {
        // The example of the specification, "Signature scheme".
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = r#"{"test": 2432232314}"#;
        let signature = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_is_none_is_refused_and_nothing_is_shown() {
        for secret in
            ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64 at all!!!!"]
        {
            assert_eq!(webhook(secret).err(), Some(WebhookError::Secret), "{secret}");
        }
        let shown = format!("{:?}", webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        assert_eq!(shown, r#"Webhook("https://hooks.example")"#);
    }
}
