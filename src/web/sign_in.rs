//! Before signing in: which organization, which account, a forgotten password, an invitation; and signing out.
//!
//! Nothing here tells whether an organization, an account or a link exists that the visitor cannot prove to know.

mod already;
mod forgot;
mod links;

use super::{
    form::Form,
    page::{PageResult, Web, own_path},
};
use crate::{
    middleware::{guard, session},
    routes::{Access, Routes},
};
use axum::{
    extract::{Extension, Path},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use axum_extra::extract::CookieJar;
use bulkhead_domain::{Error, sign_in};
use bulkhead_model::{FieldErrors, Slug};
use bulkhead_ui::{AuthShell, Flash, FormActions, Hidden, Input, Notice, PasswordInput, PostForm, SubmitButton};
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Public)
        .get("/", root)
        .get("/login", ask_organization)
        .post("/login", go_to_organization)
        .get("/login/{slug}", ask_password)
        .post("/login/{slug}", with_password)
        .post("/logout", sign_out)
        .get("/forgot", forgot::ask_organizations)
        .post("/forgot", forgot::send_organizations)
        .get("/forgot/{slug}", forgot::ask_reset)
        .post("/forgot/{slug}", forgot::send_reset)
        .get("/invite/{token}", links::show_invitation)
        .post("/invite/{token}", links::accept_invitation)
        .get("/reset/{token}", links::show_reset)
        .post("/reset/{token}", links::reset_password)
        .get("/.well-known/change-password", change_password)
        .post("/preferences", super::preferences::set)
}

/// The cookie that remembers which organization this browser signed in to last. A convenience: it proves nothing.
const LAST_ORG: &str = "org";

/// `GET /`: whoever is signed in goes home, everybody else to sign in.
async fn root(web: Web, visitor: guard::Visitor) -> PageResult {
    match visitor.enter(web.site()).await {
        Ok(ctx) => Ok(web.lead(&home_of(
            &ctx.identity().org_slug,
            ctx.identity().org_kind == bulkhead_model::org::OrgKind::Platform,
        ))),
        Err(Error::Unauthenticated) => Ok(web.lead("/login")),
        Err(error) => Err(error.into()),
    }
}

/// `GET /.well-known/change-password` (W3C Well-Known URL for Changing Passwords).
async fn change_password(web: Web) -> Response {
    web.lead("/account/password")
}

/// The message of the request before, for pages that bring a frame of their own.
fn flash(web: &Web) -> AnyView {
    match web.flash() {
        Some(message) => view! { <Flash message=message.text.clone() tone=message.tone() /> }.into_any(),
        None => ().into_any(),
    }
}

fn home_of(slug: &str, operator: bool) -> String {
    if operator { "/op".to_owned() } else { format!("/t/{slug}") }
}

/// Where to go after signing in, if the visitor was on the way somewhere.
#[derive(Debug, Clone, Default, Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

impl Next {
    fn of(web: &Web) -> Self {
        serde_urlencoded::from_str(web.query()).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    slug: String,
    #[serde(default)]
    next: String,
}

/// `GET /login`
async fn ask_organization(web: Web, visitor: guard::Visitor, cookies: CookieJar) -> PageResult {
    if let Some(page) = already::signed_in(&web, visitor).await? {
        return Ok(page);
    }
    let slug = cookies.get(LAST_ORG).and_then(|cookie| Slug::parse(cookie.value()).ok());
    let form = Organization { slug: slug.map(String::from).unwrap_or_default(), next: Next::of(&web).next };
    let page = web.clone();
    Ok(web.show("Sign in", move || organization_form(&page, &form, &FieldErrors::new())).await)
}

/// `POST /login`: on to the organization's own sign-in page, whether it exists or not.
async fn go_to_organization(web: Web, Form(form): Form<Organization>) -> PageResult {
    match Slug::parse(&form.slug.to_lowercase()) {
        Ok(slug) if own_path(&form.next).is_some() => {
            let next = serde_urlencoded::to_string([("next", &form.next)]).unwrap_or_default();
            Ok(web.lead(&format!("/login/{slug}?{next}")))
        }
        Ok(slug) => Ok(web.lead(&format!("/login/{slug}"))),
        Err(error) => {
            let errors = FieldErrors::one("slug", error);
            let page = web.clone();
            Ok(web.refuse("Sign in", move || organization_form(&page, &form, &errors)).await)
        }
    }
}

fn organization_form(web: &Web, form: &Organization, errors: &FieldErrors) -> AnyView {
    let footer = view! { <p><a href="/forgot">"Which organizations am I in?"</a></p> }.into_any();
    let refused = errors.of("slug").map(str::to_owned);
    let (Organization { slug, next }, flash) = (form.clone(), flash(web));
    view! {
        <AuthShell title="Sign in" purpose="To which organization?" flash footer>
            <PostForm action="/login" csrf="">
                <Hidden name="next" value=next />
                <Input
                    name="slug"
                    label="Organization"
                    value=slug
                    hint="Its short name, as in the addresses of its pages. For example acme."
                    error=refused
                    autocomplete="organization"
                    maxlength=48
                    autofocus=true
                />
                <FormActions><SubmitButton label="Continue" wide=true /></FormActions>
            </PostForm>
        </AuthShell>
    }
    .into_any()
}

/// No `Debug`: it holds a password until the handler takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `GET /login/{slug}`
async fn ask_password(web: Web, Path(slug): Path<String>, visitor: guard::Visitor) -> PageResult {
    if let Some(page) = already::signed_in(&web, visitor).await? {
        return Ok(page);
    }
    let notice = sign_in::notice(web.site().app(), &slug).await?;
    let form = Credentials { email: String::new(), password: String::new(), next: Next::of(&web).next };
    let page = web.clone();
    Ok(web.show("Sign in", move || password_form(&page, &slug, &notice, &form, &FieldErrors::new())).await)
}

/// `POST /login/{slug}`
async fn with_password(
    web: Web,
    Path(slug): Path<String>,
    Extension(session): Extension<Session>,
    origin: guard::RequestOrigin,
    Form(mut form): Form<Credentials>,
) -> PageResult {
    let password = std::mem::take(&mut form.password);
    let app = web.site().app();
    let (status, errors, retry) = match sign_in::with_password(app, origin.0, &slug, &form.email, password).await {
        Ok(new) => return signed_in(&web, &session, &new, &form.next).await,
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
        Err(Error::RateLimited { retry_after }) => {
            let seconds = retry_after.as_secs();
            let message = format!("Too many attempts. Try again in {}.", super::errors::wait(seconds));
            (StatusCode::TOO_MANY_REQUESTS, FieldErrors::one("password", message), Some(seconds))
        }
        Err(error) => return Err(error.into()),
    };
    let notice = sign_in::notice(app, &slug).await?;
    let page = web.clone();
    let draw = move || password_form(&page, &slug, &notice, &form, &errors);
    let mut response = web.render(status, "Sign in", false, draw).await;
    if let Some(seconds) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    Ok(response)
}

/// Gives the browser its new session and leads on.
async fn signed_in(web: &Web, session: &Session, new: &sign_in::NewSession, next: &str) -> PageResult {
    session::adopt(session, new).await.map_err(|_| Error::Unavailable(None))?;
    let home = home_of(&new.org_slug, new.operator);
    let to = own_path(next).filter(|next| *next != "/").unwrap_or(&home);
    let mut response = web.lead(to);
    let secure = if web.site().https() { "; Secure" } else { "" };
    let cookie = format!("{LAST_ORG}={}; Path=/login; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}", new.org_slug);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn password_form(web: &Web, slug: &str, notice: &str, form: &Credentials, errors: &FieldErrors) -> AnyView {
    let footer = view! {
        <p><a href="/login">"Sign in to another organization"</a></p>
    }
    .into_any();
    let forgot = view! { <a href=format!("/forgot/{slug}")>"Forgot password?"</a> }.into_any();
    let first = form.email.is_empty();
    let notice = (!notice.is_empty()).then(|| notice.to_owned());
    let action = format!("/login/{slug}");
    let refused = |field| errors.of(field).map(str::to_owned);
    let (wrong_email, wrong_password) = (refused("email"), refused("password"));
    let (email, next) = (form.email.clone(), form.next.clone());
    view! {
        <AuthShell title="Sign in" organization=slug.to_owned() flash=flash(web) footer>
            {notice.map(|notice| view! { <Notice>{notice}</Notice> })}
            <PostForm action csrf="">
                <Hidden name="next" value=next />
                <Input
                    name="email"
                    label="E-mail address"
                    value=email
                    r#type="email"
                    inputmode="email"
                    autocomplete="username"
                    error=wrong_email
                    maxlength=254
                    autofocus=first
                />
                <PasswordInput name="password" label="Password" error=wrong_password autofocus=!first aside=forgot />
                <FormActions><SubmitButton label="Sign in" pending="Signing in" wide=true /></FormActions>
            </PostForm>
        </AuthShell>
    }
    .into_any()
}

/// `POST /logout`
async fn sign_out(web: Web, Extension(session): Extension<Session>, visitor: guard::Visitor) -> PageResult {
    match visitor.enter(web.site()).await {
        Ok(ctx) => sign_in::sign_out(&ctx).await?,
        Err(Error::Unauthenticated) => {}
        Err(error) => return Err(error.into()),
    }
    // The row is ended; this takes the cookie away as well.
    session.flush().await.map_err(|_| Error::Unavailable(None))?;
    Ok(web.done("/login", "You are signed out."))
}
