//! The live tail: new events as server-sent events, for as long as the session lives.
//!
//! Each round enters anew, so the session and the permission are looked up every time and no transaction is held
//! between rounds; and it enters unseen, so an open tail does not keep its session from ending idle (the guard does the
//! same for the request itself, see `guard::enter`). Foreign pages cannot open it: `same_origin` refuses what they
//! start. A stream ends by itself after ten minutes; the browser comes back with the last id it has.

use super::{
    Reader,
    filters::{self, Filters},
    row,
};
use crate::{
    server::Shutdown,
    web::{
        errors::PageError,
        list::ListQuery,
        page::{PageResult, Web},
    },
};
use axum::{
    extract::Extension,
    http::{HeaderMap, HeaderName, HeaderValue, header::CACHE_CONTROL},
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use bulkhead_domain::{Error, audit::Tail};
use bulkhead_islands::EventRow;
use bulkhead_model::{AuditEventId, SessionId};
use futures::stream;
use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Between two looks at the log.
const ROUND: Duration = Duration::from_millis(1500);
/// Ten minutes of them; then the browser connects again, perhaps to another replica.
const ROUNDS: u32 = 400;
/// Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(3);
/// Tails of one session at a time: over HTTP/1.1 a browser has six connections to a host, and needs some to work with.
const MOST_OF_SESSION: usize = 3;
/// Tails of this process at a time. Each costs the database a short query a round.
const MOST: usize = 200;

/// `GET /t/{slug}/audit/live` and `GET /op/audit/live`
pub async fn tail(
    web: Web,
    reader: Reader,
    Extension(shutdown): Extension<Shutdown>,
    headers: HeaderMap,
) -> PageResult {
    let query = ListQuery::read(&web, "audit", &filters::NAMES_LIVE);
    let filter = Filters::read(&query, &reader).await?.filter;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).or_else(|| query.first("since"));
    let mut tail = Tail::new(filter, last.and_then(|id| id.parse::<AuditEventId>().ok()));
    // The first look is part of the request: whoever may not see the log gets an answer and no stream.
    let first = reader.since(&mut tail).await?;
    let session = web.viewer().map(|viewer| viewer.identity.session_id).ok_or(Error::Unauthenticated)?;
    let place = TAILS.enter(session).ok_or_else(|| PageError::from(Error::RateLimited { retry_after: RETRY }))?;
    let base = web.path().trim_end_matches("/live").to_owned();
    let feed = Feed { reader, tail, base, stop: shutdown.draining(), left: ROUNDS, _place: place };
    let opening = Event::default().retry(RETRY).comment("open");
    let opening = [Some(opening), feed.message(&first.0, &first.1)].into_iter().flatten().map(Ok::<_, Infallible>);
    let stream = futures::StreamExt::chain(stream::iter(opening.collect::<Vec<_>>()), stream::unfold(feed, Feed::next));
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx collects an answer before passing it on unless told otherwise.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// A running tail.
struct Feed {
    reader: Reader,
    tail: Tail,
    base: String,
    stop: CancellationToken,
    left: u32,
    _place: Place,
}

impl Feed {
    /// The next message, however many rounds it takes.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        while self.left > 0 {
            self.left -= 1;
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(ROUND) => {}
            }
            match self.round().await {
                Ok(None) => {}
                Ok(Some(message)) => return Some((Ok(message), self)),
                // Over, or no longer allowed: there is nothing to come back to, and the browser is told so.
                Err(Error::Unauthenticated | Error::Forbidden(_)) => {
                    self.left = 0;
                    // Without data a browser drops an event (HTML, 9.2.6).
                    return Some((Ok(Event::default().event("ended").data("session")), self));
                }
                // The browser tries again, with the last id it has.
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a live tail stops");
                    return None;
                }
            }
        }
        None
    }

    async fn round(&mut self) -> bulkhead_domain::Result<Option<Event>> {
        let reader = self.reader.again().await?;
        let (events, names) = reader.since(&mut self.tail).await?;
        Ok(self.message(&events, &names))
    }

    /// What the list would show of these events, and the id to come back with.
    fn message(
        &self,
        events: &[bulkhead_model::audit::AuditEvent],
        names: &BTreeMap<bulkhead_model::OrgId, String>,
    ) -> Option<Event> {
        let newest = events.iter().map(|event| event.id).max()?;
        let rows: Vec<EventRow> = events
            .iter()
            .map(|event| row::row(event, &self.base, names.get(&event.org_id).map(String::as_str)))
            .collect();
        Event::default().event("events").id(newest.to_string()).json_data(&rows).ok()
    }
}

static TAILS: Tails = Tails(Mutex::new(BTreeMap::new()));

/// The open tails of this process, by session.
#[derive(Debug)]
struct Tails(Mutex<BTreeMap<SessionId, usize>>);

impl Tails {
    /// A place for one more, unless there are too many of this session or in all.
    fn enter(&'static self, session: SessionId) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let own = open.get(&session).copied().unwrap_or_default();
        if all >= MOST || own >= MOST_OF_SESSION {
            return None;
        }
        open.insert(session, own + 1);
        Some(Place { tails: self, session })
    }
}

/// One open tail; left when dropped, however the stream ends.
#[derive(Debug)]
struct Place {
    tails: &'static Tails,
    session: SessionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.tails.0.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.session) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(open.remove(&self.session)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_a_few_places_and_gets_them_back() {
        static TAILS: Tails = Tails(Mutex::new(BTreeMap::new()));
        let session = |n| SessionId::from_uuid(uuid::Uuid::from_u128(n));
        let mut places: Vec<_> = (0..MOST_OF_SESSION).map(|_| TAILS.enter(session(1))).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(TAILS.enter(session(1)).is_none(), "one too many");
        assert!(TAILS.enter(session(2)).is_some(), "another session has its own");
        drop(places.pop());
        assert!(TAILS.enter(session(1)).is_some());
        drop(places);
        assert!(TAILS.0.lock().is_ok_and(|open| open.is_empty()));
    }

    #[test]
    fn a_process_has_so_many_places() {
        static TAILS: Tails = Tails(Mutex::new(BTreeMap::new()));
        let places: Vec<_> =
            (0..MOST as u128).map(|n| TAILS.enter(SessionId::from_uuid(uuid::Uuid::from_u128(n)))).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(TAILS.enter(SessionId::from_uuid(uuid::Uuid::max())).is_none());
    }
}
