//! tower-sessions over our own rows. It owns the cookie; the rows are begun and ended by the domain, in the
//! transaction of the sign-in or of what ends the session.

use crate::site::Site;
use async_trait::async_trait;
use bulkhead_domain::{App, session_hash, sign_in::NewSession};
use std::collections::HashMap;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The layer. `Lax`, so that a link in a mail opens the console signed in; unsafe methods are held by the same-origin check.
pub fn layer(site: &Site) -> SessionManagerLayer<Store> {
    SessionManagerLayer::new(Store(site.app().clone()))
        .with_name(site.session_cookie())
        .with_secure(site.https())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// Sessions in the table `sessions`.
#[derive(Clone, Debug)]
pub struct Store(App);

/// Where a new session's id waits for [`Store::create`]. Never written to the database.
const ADOPT: &str = "bulkhead.adopt";

/// Gives the browser the cookie of a session that the domain has just begun, in place of whatever it had (G01).
pub async fn adopt(session: &Session, new: &NewSession) -> std::result::Result<(), tower_sessions::session::Error> {
    if session.id().is_some() {
        session.flush().await?;
    }
    session.insert(ADOPT, new.cookie.to_string()).await
}

fn backend(error: &bulkhead_domain::Error) -> Error {
    // The chain stays in our log; tower-sessions prints this text.
    tracing::warn!(error = error as &dyn std::error::Error, "session store");
    Error::Backend("the session store does not answer".to_owned())
}

fn hash(id: &Id) -> bulkhead_domain::TokenHash {
    session_hash(u128::from_be_bytes(id.0.to_be_bytes()))
}

#[async_trait]
impl SessionStore for Store {
    /// Takes over the row that the sign-in's transaction wrote. There is no other way to a row, so a visitor who
    /// is not signed in has no session, and no request can make one.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let cookie =
            record.data.remove(ADOPT).and_then(|value| value.as_str().and_then(|text| text.parse::<u128>().ok()));
        let Some(cookie) = cookie else {
            return Err(Error::Backend("only a sign-in begins a session".to_owned()));
        };
        record.id = Id(i128::from_be_bytes(cookie.to_be_bytes()));
        Ok(())
    }

    /// UPDATE only: a request that outlived its session writes nothing (G03).
    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        self.0.save_session(hash(&record.id), &data).await.map(drop).map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some((data, expiry_date)) = self.0.load_session(hash(id)).await.map_err(|error| backend(&error))? else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_value(data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    /// Signing in again, or flushing, ends the old session for good, with its own audit event.
    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.end_session(hash(id)).await.map_err(|error| backend(&error))
    }
}
