//! Lists: filters and place from the query, a page of rows with the addresses of its neighbours.
//!
//! Unlike a page of the console, which ignores what it does not know, a program is told: an unknown, repeated or
//! unreadable parameter is refused, so that a misspelt filter never shows everything.

use super::error::{ApiError, ApiResult};
use crate::{
    cursor,
    problem::{Code, Problem},
    site::Site,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::Response,
};
use bulkhead_model::{
    FieldErrors, OrgId, WorkspaceId,
    page::{COUNT_CAP, Count, DEFAULT_LIMIT, Key, Page, PageRequest, Place},
};
use serde::Serialize;
use std::{collections::BTreeSet, net::IpAddr};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The rows, in the list's order.
    pub data: Vec<T>,
    /// How many match, counted up to 10,000.
    #[schema(example = 120)]
    pub count: i64,
    /// Whether counting stopped there.
    pub count_capped: bool,
    /// The address of the following page; null at the end. Also in the `Link` header.
    #[schema(example = "/api/v1/users?limit=50&after=c2VhbGVk")]
    pub next: Option<String>,
    /// The address of the preceding page; null at the beginning. Also in the `Link` header.
    pub previous: Option<String>,
}

/// The query of a list. Reading a parameter makes it known; [`Query::page`] refuses the others.
#[derive(Debug)]
pub struct Query {
    site: Site,
    path: String,
    pairs: Vec<(String, String)>,
    known: BTreeSet<&'static str>,
    errors: FieldErrors,
}

impl FromRequestParts<Site> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> ApiResult<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::from_str(query).map_err(|_| Problem::new(Code::InvalidQuery))?;
        let (path, known, errors) = (parts.uri.path().to_owned(), BTreeSet::new(), FieldErrors::new());
        Ok(Self { site: site.clone(), path, pairs, known, errors })
    }
}

impl Query {
    /// A parameter that may be given once.
    fn one(&mut self, name: &'static str) -> Option<String> {
        self.known.insert(name);
        let mut values = self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone());
        let first = values.next();
        if values.next().is_some() {
            self.errors.add(name, "Give it once.");
        }
        first
    }

    fn read<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Option<T>, expected: &str) -> Option<T> {
        let text = self.one(name)?;
        let value = read(&text);
        if value.is_none() {
            self.errors.add(name, format!("Expected {expected}."));
        }
        value
    }

    /// Text of at most 200 characters; empty when not given.
    pub fn text(&mut self, name: &'static str) -> String {
        let text = self.one(name).unwrap_or_default();
        if text.chars().count() > 200 {
            self.errors.add(name, "At most 200 characters.");
        }
        text.trim().to_owned()
    }

    /// One of a closed set of words.
    pub fn word<T: Copy + std::fmt::Display>(
        &mut self,
        name: &'static str,
        all: &[T],
        read: fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.read(name, read, &format!("one of {}", listed(all)))
    }

    /// Any of a closed set of words, the parameter repeated for each.
    pub fn words<T: Copy + std::fmt::Display>(
        &mut self,
        name: &'static str,
        all: &[T],
        read: fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut words = Vec::new();
        for text in self.texts(name) {
            match read(&text) {
                Some(word) => words.push(word),
                None => self.errors.add(name, format!("Expected any of {}.", listed(all))),
            }
        }
        words
    }

    /// Any texts, the parameter repeated for each.
    pub fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.known.insert(name);
        self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether the order is turned round: `dir=reverse`.
    pub fn reversed(&mut self) -> bool {
        self.read("dir", |text| (text == "reverse").then_some(()), "reverse, or leave it out").is_some()
    }

    /// Whether something is asked for: `true`, or left out.
    pub fn flag(&mut self, name: &'static str) -> bool {
        self.read(name, |text| (text == "true").then_some(()), "true, or leave it out").is_some()
    }

    /// A moment, as RFC 3339 writes it.
    pub fn moment(&mut self, name: &'static str) -> Option<OffsetDateTime> {
        let read = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
        self.read(name, read, "a moment such as 2026-11-21T09:30:00Z")
    }

    /// An IP address.
    pub fn address(&mut self, name: &'static str) -> Option<IpAddr> {
        self.read(name, |text| text.parse().ok(), "an address such as 192.0.2.17 or 2001:db8::1")
    }

    /// An organization's id.
    pub fn org(&mut self, name: &'static str) -> Option<OrgId> {
        self.read(name, |text| text.parse().ok(), "an organization's id")
    }

    /// A workspace's id.
    pub fn workspace(&mut self, name: &'static str) -> Option<WorkspaceId> {
        self.read(name, |text| text.parse().ok(), "a workspace's id")
    }

    /// The place and size asked for, once every filter has been read. `order` names list, organization and order:
    /// a cursor of another one is refused, because its key would mean another place.
    pub fn page(&mut self, order: &str) -> ApiResult<PageRequest> {
        let limits = |text: &str| text.parse::<u16>().ok().filter(|limit| (1..=100).contains(limit));
        let limit = self.read("limit", limits, "a number from 1 to 100").unwrap_or(DEFAULT_LIMIT);
        let site = self.site.clone();
        let key = move |text: &str| cursor::open(&site, &label(order), text);
        let expected = "a cursor of this list in this order, as next and previous have it";
        let place = match (self.read("after", &key, expected), self.read("before", &key, expected)) {
            (None, None) => Place::First,
            (Some(key), None) => Place::After(key),
            (None, Some(key)) => Place::Before(key),
            (Some(_), Some(_)) => {
                self.errors.add("before", "Give after or before, not both.");
                Place::First
            }
        };
        self.finish()?;
        Ok(PageRequest::new(place, limit))
    }

    /// Refuses what was read and did not fit, and what was not read: there is no such parameter.
    pub fn finish(&mut self) -> ApiResult<()> {
        let unknown: BTreeSet<&String> =
            self.pairs.iter().map(|(name, _)| name).filter(|name| !self.known.contains(name.as_str())).collect();
        for name in unknown {
            self.errors.add(name.clone(), "There is no such parameter.");
        }
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(Problem::of_fields(Code::InvalidQuery, &self.errors).into()),
        }
    }

    /// The answer: rows and neighbours, the latter also as a `Link` header (RFC 8288).
    pub fn answer<T: Serialize>(&self, order: &str, page: Page<T>, count: Count) -> Response {
        let address = |name: &str, key: &Option<Key>| {
            let cursor = cursor::seal(&self.site, &label(order), key.as_ref()?);
            let kept = self.pairs.iter().filter(|(name, _)| !["after", "before"].contains(&name.as_str())).cloned();
            let pairs: Vec<_> = kept.chain([(name.to_owned(), cursor)]).collect();
            Some(format!("{}?{}", self.path, serde_urlencoded::to_string(pairs).ok()?))
        };
        let (next, previous) = (address("after", &page.next), address("before", &page.previous));
        let links: Vec<String> = [("next", &next), ("prev", &previous)]
            .into_iter()
            .filter_map(|(rel, address)| Some(format!("<{}>; rel=\"{rel}\"", address.as_ref()?)))
            .collect();
        let (count, count_capped) = (count.0, count.0 >= COUNT_CAP);
        let mut response = super::target::shown(&List { data: page.rows, count, count_capped, next, previous });
        // Everything in it is percent-encoded.
        if let (false, Ok(value)) = (links.is_empty(), HeaderValue::from_str(&links.join(", "))) {
            response.headers_mut().insert(header::LINK, value);
        }
        response
    }
}

fn label(order: &str) -> String {
    format!("api/{order}")
}

fn listed<T: std::fmt::Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
