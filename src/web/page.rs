//! What a page knows about the request that asks for it, and the ways a handler can answer.

use super::{clock, errors::PageError, flash, shell};
use crate::{
    middleware::{request_id::RequestId, security_headers::CspNonce},
    site::Site,
};
use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use bulkhead_authz::access::Subject;
use bulkhead_domain::Identity;
use bulkhead_model::{ErrorId, Permission};
use bulkhead_ui::{Density, Document, Markup, Realm, Theme};
use leptos::prelude::*;
use std::{
    convert::Infallible,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};
use time::OffsetDateTime;

/// Of every page handler.
pub type PageResult = Result<Response, PageError>;

/// Who looks at the page; put into the request by the guard.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Who they are.
    pub identity: Arc<Identity>,
    /// Which console they are in.
    pub realm: Realm,
    /// What they may do.
    pub subject: Arc<Subject>,
    /// The synchroniser token of their session.
    pub csrf: String,
}

impl Viewer {
    /// Whether to show what leads to `permission`. Enforcement is in the use case.
    pub fn may(&self, permission: Permission) -> bool {
        self.subject.decide(permission).allowed()
    }
}

/// What a page knows about its request. Extracting it never fails.
#[derive(Clone, Debug)]
pub struct Web(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    site: Site,
    path: String,
    query: String,
    reads: bool,
    nonce: Option<CspNonce>,
    request_id: Option<RequestId>,
    theme: Theme,
    density: Density,
    shortcuts_off: bool,
    viewer: Option<Viewer>,
    flash: Option<flash::Message>,
    now: OffsetDateTime,
}

impl FromRequestParts<Site> for Web {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        Ok(Self::of(parts, site))
    }
}

impl Web {
    /// Reads the request's head.
    pub fn of(parts: &Parts, site: &Site) -> Self {
        let cookies = CookieJar::from_headers(&parts.headers);
        let choice = |name: &str| cookies.get(name).map(|cookie| cookie.value().to_owned());
        let now = clock::now();
        // A message belongs to the page that a person is led to, not to whatever else the browser fetches.
        let flash = choice(flash::COOKIE)
            .filter(|_| parts.method == axum::http::Method::GET)
            .and_then(|sealed| flash::open(site.app().sealer(), &sealed, now));
        Self(Arc::new(Inner {
            site: site.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            reads: parts.method.is_safe(),
            nonce: parts.extensions.get().cloned(),
            request_id: parts.extensions.get().copied(),
            theme: choice("theme").and_then(|text| Theme::from_str(&text).ok()).unwrap_or_default(),
            density: choice("density").and_then(|text| Density::from_str(&text).ok()).unwrap_or_default(),
            shortcuts_off: choice("shortcuts").as_deref() == Some("off"),
            viewer: parts.extensions.get().cloned(),
            flash,
            now,
        }))
    }

    /// The site.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// The request's path.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The request's query string, without `?`.
    pub fn query(&self) -> &str {
        &self.0.query
    }

    /// Path and query: where to come back to.
    pub fn here(&self) -> String {
        if self.0.query.is_empty() { self.0.path.clone() } else { format!("{}?{}", self.0.path, self.0.query) }
    }

    /// Whether the request only asked to see something.
    pub fn reads(&self) -> bool {
        self.0.reads
    }

    /// The moment the page is drawn.
    pub fn now(&self) -> OffsetDateTime {
        self.0.now
    }

    /// The request's id, as people quote it.
    pub fn error_id(&self) -> Option<ErrorId> {
        self.0.request_id.map(|id| ErrorId::from_uuid(id.as_uuid()))
    }

    /// Who looks, if anyone is signed in.
    pub fn viewer(&self) -> Option<&Viewer> {
        self.0.viewer.as_ref()
    }

    /// The synchroniser token for forms; empty for a visitor.
    pub fn csrf(&self) -> String {
        self.viewer().map(|viewer| viewer.csrf.clone()).unwrap_or_default()
    }

    /// Whether to show what leads to `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        self.viewer().is_some_and(|viewer| viewer.may(permission))
    }

    pub(super) fn theme(&self) -> Theme {
        self.0.theme
    }

    pub(super) fn density(&self) -> Density {
        self.0.density
    }

    pub(super) fn flash(&self) -> Option<&flash::Message> {
        self.0.flash.as_ref()
    }

    /// Shows a page: 200.
    pub async fn show<F>(&self, title: &str, body: F) -> Response
    where
        F: FnOnce() -> AnyView + Send + 'static,
    {
        self.render(StatusCode::OK, title, false, body).await
    }

    /// Shows a page that has islands, and so the scripts that bring them to life.
    pub async fn show_with_islands<F>(&self, title: &str, body: F) -> Response
    where
        F: FnOnce() -> AnyView + Send + 'static,
    {
        self.render(StatusCode::OK, title, true, body).await
    }

    /// Shows a form again with what was wrong in it: 422.
    pub async fn refuse<F>(&self, title: &str, body: F) -> Response
    where
        F: FnOnce() -> AnyView + Send + 'static,
    {
        self.render(StatusCode::UNPROCESSABLE_ENTITY, title, false, body).await
    }

    /// Draws a page in the shell of whoever looks: the consoles' for a signed-in person, none for a visitor (whose
    /// pages bring an `AuthShell` of their own).
    pub async fn render<F>(&self, status: StatusCode, title: &str, islands: bool, body: F) -> Response
    where
        F: FnOnce() -> AnyView + Send + 'static,
    {
        let mut response = match islands || self.viewer().is_some() {
            true => self.hydratable(title, body).await,
            // Nothing in it comes to life, so there is nothing to tell a browser but the page.
            false => Html(Owner::new_root(None).with(|| document(self, title, None, body()).to_html())).into_response(),
        };
        *response.status_mut() = status;
        if self.0.flash.is_some() {
            response.headers_mut().append(header::SET_COOKIE, flash::expired(self.site().https()));
        }
        response
    }

    /// A page with islands: the palette is one, on every page of the consoles.
    async fn hydratable<F>(&self, title: &str, body: F) -> Response
    where
        F: FnOnce() -> AnyView + Send + 'static,
    {
        let web = self.clone();
        let title = title.to_owned();
        // Leptos may in principle call the closure again; a page is drawn once.
        let body = Arc::new(Mutex::new(Some(body)));
        let draw = move || {
            let body = body.lock().unwrap_or_else(PoisonError::into_inner).take();
            let content = body.map_or_else(|| ().into_any(), |body| body());
            // Only what is inside an island is hydrated; said here because the scripts that say it are drawn once.
            if let Some(context) = Owner::current_shared_context() {
                context.set_is_hydrating(false);
            }
            let nonce = web.0.nonce.as_ref().map(CspNonce::as_str).unwrap_or_default();
            // Nothing on a page is awaited, so it is written out in one pass: Leptos's asynchronous writer allocates
            // two strings for every element.
            Markup::drawn(document(&web, &title, Some(web.site().hydration(nonce)), content))
        };
        let nonce = self.0.nonce.clone();
        let context = move || {
            if let Some(nonce) = &nonce {
                provide_context(leptos::nonce::Nonce::from_value(nonce.as_shared()));
            }
        };
        let handler = leptos_axum::render_app_async_with_context(context, draw);
        handler(Request::new(Body::empty())).await
    }

    /// Leads on after something was done: 303, and a message on the page that follows.
    pub fn done(&self, to: &str, message: &str) -> Response {
        let mut response = self.lead(to);
        let cookie = flash::cookie(self.site(), &flash::Message::ok(message), self.0.now);
        response.headers_mut().append(header::SET_COOKIE, cookie);
        response
    }

    /// Leads on: 303. Only to a path of our own (G10); anything else leads home.
    pub fn lead(&self, to: &str) -> Response {
        let to = own_path(to).unwrap_or("/");
        let location = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
        (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
    }
}

/// A path on this host, or nothing: one leading slash, no second, no backslash, nothing a browser would strip.
pub fn own_path(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('/')?;
    let sound = !rest.starts_with('/') && text.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    sound.then_some(text)
}

fn document(web: &Web, title: &str, scripts: Option<Markup>, content: AnyView) -> impl IntoView {
    let title = bulkhead_ui::page_title(&match web.viewer() {
        Some(viewer) if viewer.realm == Realm::Organization => vec![title, viewer.identity.org_name.as_str()],
        Some(_) => vec![title, "Operator"],
        None => vec![title],
    });
    let nonce = web.0.nonce.as_ref().map(|nonce| nonce.as_str().to_owned());
    let body = match web.viewer() {
        Some(viewer) => shell::console(web, viewer, content),
        None => content,
    };
    let css_href = web.site().css_href().to_owned();
    let head = scripts.unwrap_or_default().into_any();
    view! {
        <Document title css_href nonce theme=web.theme() density=web.density() shortcuts_off=web.0.shortcuts_off head>
            {body}
        </Document>
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_our_own_are_led_to() {
        for good in ["/", "/t/acme/users?status=active&q=a%20b", "/op#x"] {
            assert_eq!(own_path(good), Some(good));
        }
        for bad in [
            "",
            "evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil",
            "https:evil",
            "javascript:alert(1)",
            "/a b",
            "/a\r\nSet-Cookie: x=1",
            "/\u{202E}",
            " /x",
        ] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }
}
