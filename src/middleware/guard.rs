//! The guard: who may come in at all. Every console route is inside one of these three; nothing behind them runs,
//! and no page is drawn, before the session has been looked up.

use crate::{
    middleware::{client_address::ClientAddress, request_id::RequestId},
    site::Site,
    watch::Aims,
    web::{errors, page::Viewer, shell},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use bulkhead_domain::{Ctx, Error, Operator, Origin, Realm, Tenant, TokenHash, session_hash};
use bulkhead_model::RequestId as AuditRequestId;
use bulkhead_ui::Realm as Console;
use std::{convert::Infallible, sync::Arc};
use tower_sessions::Session;

/// Signed in, in any organization: the account pages.
pub async fn signed_in(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    match enter::<Tenant>(&site, &request).await {
        Ok(ctx) => {
            let realm = match ctx.identity().org_kind {
                bulkhead_model::org::OrgKind::Platform => Console::Operator,
                bulkhead_model::org::OrgKind::Customer => Console::Organization,
            };
            admit(&site, &mut request, ctx, realm);
            next.run(request).await
        }
        Err(error) => refuse(error, &request),
    }
}

/// Signed in to the organization that the path names. Another name is the same 404 as one that does not exist,
/// and the attempt is looked into once the answer is out.
pub async fn tenant(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let ctx = match enter::<Tenant>(&site, &request).await {
        Ok(ctx) => ctx,
        Err(error) => return refuse(error, &request),
    };
    let slug = request.uri().path().split('/').nth(2).unwrap_or_default().to_owned();
    let (own, aims) = (slug == ctx.identity().org_slug, Aims::of(&request).org(slug));
    admit(&site, &mut request, ctx.clone(), Console::Organization);
    if own {
        return next.run(request).await;
    }
    errors::nothing_here(&site, request, ctx, aims).await
}

/// Signed in as an operator. For everybody else there is nothing here.
pub async fn operator(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    match enter::<Operator>(&site, &request).await {
        Ok(ctx) => {
            admit(&site, &mut request, ctx, Console::Operator);
            next.run(request).await
        }
        Err(Error::Unauthenticated) => match enter::<Tenant>(&site, &request).await {
            Ok(ctx) => {
                let aims = Aims::of(&request);
                admit(&site, &mut request, ctx.clone(), Console::Organization);
                errors::nothing_here(&site, request, ctx, aims).await
            }
            Err(error) => refuse(error, &request),
        },
        Err(error) => refuse(error, &request),
    }
}

/// The context of the request's session. Everything needed is copied out of the request first, because a body
/// cannot be shared across an await.
pub fn enter<R: Realm>(site: &Site, request: &Request) -> impl Future<Output = Result<Ctx<R>, Error>> + Send + use<R> {
    let token = session_token(request.extensions().get::<Session>());
    let (app, origin) = (site.app().clone(), origin(request.extensions(), request.headers()));
    // A browser reconnects a stream by itself, hours after the last person looked: that is no sign of life (G05).
    let stream = request.headers().get(header::ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    async move {
        let token = token.ok_or(Error::Unauthenticated)?;
        match stream {
            true => Ctx::<R>::enter_unseen(&app, token, origin).await,
            false => Ctx::<R>::enter(&app, token, origin).await,
        }
    }
}

/// The same for what needs no transaction.
pub fn enter_together(site: &Site, request: &Request) -> impl Future<Output = Result<Ctx, Error>> + Send + use<> {
    let token = session_token(request.extensions().get::<Session>());
    let (app, origin) = (site.app().clone(), origin(request.extensions(), request.headers()));
    async move { Ctx::enter_together(&app, token.ok_or(Error::Unauthenticated)?, origin).await }
}

/// What a page for visitors needs to find out whether its visitor happens to be signed in.
#[derive(Debug)]
pub struct Visitor(Option<TokenHash>, Origin);

impl Visitor {
    /// The visitor's context, if they are signed in.
    pub async fn enter(self, site: &Site) -> Result<Ctx, Error> {
        Ctx::enter(site.app(), self.0.ok_or(Error::Unauthenticated)?, self.1).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(session_token(parts.extensions.get()), origin(&parts.extensions, &parts.headers)))
    }
}

/// Hash of the session cookie, if the request has one.
pub fn session_token(session: Option<&Session>) -> Option<TokenHash> {
    let id = session?.id()?;
    Some(session_hash(u128::from_be_bytes(id.0.to_be_bytes())))
}

/// Where a request comes from, for the audit log.
pub fn origin(extensions: &http::Extensions, headers: &HeaderMap) -> Origin {
    Origin {
        request_id: extensions.get::<RequestId>().map(|id| AuditRequestId::from_uuid(id.as_uuid())),
        address: extensions.get::<ClientAddress>().map(|address| address.0),
        user_agent: headers
            .get(header::USER_AGENT)
            .map(|agent| String::from_utf8_lossy(agent.as_bytes()).chars().take(400).collect()),
    }
}

/// [`origin`], for handlers of visitors.
#[derive(Debug)]
pub struct RequestOrigin(pub Origin);

impl<S: Send + Sync> FromRequestParts<S> for RequestOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(origin(&parts.extensions, &parts.headers)))
    }
}

fn admit<R: Realm>(site: &Site, request: &mut Request, ctx: Ctx<R>, realm: Console) {
    let csrf = shell::csrf_token(site, ctx.identity().session_id);
    let identity = Arc::new(ctx.identity().clone());
    let subject = Arc::new(ctx.subject().clone());
    request.extensions_mut().insert(Viewer { identity, realm, subject, csrf });
    request.extensions_mut().insert(ctx);
}

/// Someone who only wanted to look is led to sign in and back; a form that was sent says that the session is over.
fn refuse(error: Error, request: &Request) -> Response {
    match error {
        Error::Unauthenticated if matches!(*request.method(), Method::GET | Method::HEAD) => {
            let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
            let next = serde_urlencoded::to_string([("next", here)]).unwrap_or_default();
            let to = match request.uri().path().split('/').nth(2) {
                Some(slug) if request.uri().path().starts_with("/t/") && bulkhead_model::Slug::parse(slug).is_ok() => {
                    format!("/login/{slug}?{next}")
                }
                _ if request.uri().path().starts_with("/op") => format!("/login/platform?{next}"),
                _ => format!("/login?{next}"),
            };
            Redirect::to(&to).into_response()
        }
        error => errors::PageError::from(error).into_response(),
    }
}
