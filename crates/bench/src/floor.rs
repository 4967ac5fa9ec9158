//! The floors: what the same answers cost without anything of ours around them.
//!
//! A bare axum router, one pool, each handler the same statements as the server's page or operation, with the
//! organization in the WHERE clause, as a role that row-level security does not bind. No session, no transaction, no
//! middleware, no authorization, no design system. `/users` and `/audit` draw the table with Leptos, as the server does;
//! `/users/plain` writes it by hand, which is as little as HTML can cost.

use std::{fmt::Write, net::SocketAddr};

use axum::{
    Json, Router,
    extract::{Path, State},
    response::Html,
    routing::get,
};
use bulkhead_model::page::COUNT_CAP;
use leptos::prelude::*;
use serde::Serialize;
use sqlx::{
    FromRow, PgPool,
    postgres::PgPoolOptions,
    types::{Json as Jsonb, ipnetwork::IpNetwork},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;

/// A page of 100 rows asks for one more, to know whether there is another page.
pub const FETCH: i64 = 101;

/// The server's statement for a page of users, with the organization said outright.
pub const USERS: &str = "SELECT id, email, name, role, status, created_at, last_seen_at, version FROM users \
     WHERE org_id = $1 AND status <> 'removed' ORDER BY sort_name ASC, id ASC LIMIT $2";
/// … for how many there are.
pub const USER_COUNT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM users WHERE org_id = $1 AND status <> 'removed' LIMIT $2) capped";
/// … for a page of the audit log.
pub const EVENTS: &str = "SELECT org_id, id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label, \
     outcome, reason, address, user_agent, request_id, session_id, before, after FROM audit_events \
     WHERE org_id = $1 ORDER BY id DESC LIMIT $2";
/// … for how many events there are.
pub const EVENT_COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM audit_events WHERE org_id = $1 LIMIT $2) capped";

/// A user, as the statement gives it.
#[derive(FromRow, Serialize)]
pub struct UserRow {
    /// Compared with what the server's own query gives.
    pub id: Uuid,
    email: String,
    name: String,
    role: String,
    status: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_seen_at: Option<OffsetDateTime>,
    version: i32,
}

/// An event, as the statement gives it: every column, like the server.
#[derive(FromRow)]
#[expect(dead_code, reason = "the server decodes these columns too; that is part of the cost")]
pub struct EventRow {
    org_id: Uuid,
    /// Compared with what the server's own query gives.
    pub id: Uuid,
    at: OffsetDateTime,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_label: String,
    action: String,
    target_kind: String,
    target_id: String,
    target_label: String,
    outcome: String,
    reason: Option<String>,
    address: Option<IpNetwork>,
    user_agent: Option<String>,
    request_id: Option<Uuid>,
    session_id: Option<Uuid>,
    before: Option<Jsonb<serde_json::Value>>,
    after: Option<Jsonb<serde_json::Value>>,
}

/// Serves until standard input ends, whose first line is the connection string: it holds a password, which `ps` would
/// show among the arguments.
pub async fn serve(listen: SocketAddr) -> Result<()> {
    let mut url = String::new();
    std::io::stdin().read_line(&mut url)?;
    // Whoever started this holds the other end, which closes with it however it ends.
    let (ended, mut end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(ended);
    });
    let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false).connect(url.trim()).await?;
    let router = Router::new()
        .route("/hello", get(async || "hello"))
        .route("/users/{org}", get(users))
        .route("/users/{org}/plain", get(users_by_hand))
        .route("/users/{org}/json", get(users_as_json))
        .route("/audit/{org}", get(events))
        .route("/telling/{org}/{user}", get(telling))
        .with_state(pool);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        _ = &mut end => {}
    }
    Ok(())
}

/// What a failed statement is answered with; the client counts it as a failure.
type Answer<T> = std::result::Result<T, axum::http::StatusCode>;

fn failed(_: sqlx::Error) -> axum::http::StatusCode {
    axum::http::StatusCode::INTERNAL_SERVER_ERROR
}

async fn user_rows(pool: &PgPool, org: Uuid) -> Answer<(Vec<UserRow>, i64)> {
    // One connection for both, or sqlx would ask in between whether it still lives.
    let mut connection = pool.acquire().await.map_err(failed)?;
    let rows = sqlx::query_as(USERS).bind(org).bind(FETCH).fetch_all(&mut *connection).await.map_err(failed)?;
    let count = sqlx::query_scalar(USER_COUNT).bind(org).bind(COUNT_CAP).fetch_one(&mut *connection).await;
    Ok((rows, count.map_err(failed)?))
}

async fn users(State(pool): State<PgPool>, Path(org): Path<Uuid>) -> Answer<Html<String>> {
    let (rows, count) = user_rows(&pool, org).await?;
    let rows = rows.into_iter().take(100).map(|user| {
        let href = format!("/users/{}", user.id);
        view! {
            <tr data-row="">
                <td><a href=href>{user.name}</a>" "{user.email}</td>
                <td>{user.status}</td>
                <td>{user.role}</td>
                <td>{user.last_seen_at.map_or_else(String::new, |at| at.to_string())}</td>
                <td>{user.created_at.to_string()}</td>
            </tr>
        }
    });
    Ok(document(rows.collect_view().into_any(), count))
}

async fn events(State(pool): State<PgPool>, Path(org): Path<Uuid>) -> Answer<Html<String>> {
    let mut connection = pool.acquire().await.map_err(failed)?;
    let rows: Vec<EventRow> =
        sqlx::query_as(EVENTS).bind(org).bind(FETCH).fetch_all(&mut *connection).await.map_err(failed)?;
    let count = sqlx::query_scalar(EVENT_COUNT).bind(org).bind(COUNT_CAP).fetch_one(&mut *connection).await;
    let count = count.map_err(failed)?;
    drop(connection);
    let rows = rows.into_iter().take(100).map(|event| {
        let href = format!("/audit/{}", event.id);
        view! {
            <tr data-row="">
                <td>{event.at.to_string()}</td>
                <td><a href=href>{event.actor_label}</a>" "{event.action}</td>
                <td>{event.target_label}</td>
                <td>{event.outcome}</td>
                <td>{event.address.map_or_else(String::new, |address| address.ip().to_string())}</td>
            </tr>
        }
    });
    Ok(document(rows.collect_view().into_any(), count))
}

fn document(rows: AnyView, count: i64) -> Html<String> {
    let page = view! {
        <html lang="en">
            <head><title>"Floor"</title></head>
            <body>
                <p>{count}" rows"</p>
                <table>
                    <thead><tr><th>"1"</th><th>"2"</th><th>"3"</th><th>"4"</th><th>"5"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </body>
        </html>
    };
    Html(format!("<!DOCTYPE html>{}", page.to_html()))
}

/// "Not found" from a server that looks first whose it is, and asks one thing more about somebody else's: what the measure
/// of foreign ids must be able to see.
async fn telling(State(pool): State<PgPool>, Path((org, user)): Path<(Uuid, Uuid)>) -> Answer<Html<String>> {
    let mut connection = pool.acquire().await.map_err(failed)?;
    let owner: Option<Uuid> = sqlx::query_scalar("SELECT org_id FROM users WHERE id = $1 AND org_id <> $2")
        .bind(user)
        .bind(org)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?;
    if let Some(owner) = owner {
        let asked = sqlx::query_scalar::<_, String>("SELECT slug FROM orgs WHERE id = $1").bind(owner);
        asked.fetch_one(&mut *connection).await.map_err(failed)?;
    }
    Err(axum::http::StatusCode::NOT_FOUND)
}

async fn users_by_hand(State(pool): State<PgPool>, Path(org): Path<Uuid>) -> Answer<Html<String>> {
    let (rows, count) = user_rows(&pool, org).await?;
    let mut html = String::with_capacity(32 * 1024);
    // Writing to a String cannot fail.
    let _ = write!(html, "<!DOCTYPE html><html lang=\"en\"><title>Floor</title><p>{count} rows<table>");
    for UserRow { id, email, name, role, status, created_at, last_seen_at, .. } in rows.into_iter().take(100) {
        let seen = last_seen_at.map_or_else(String::new, |at| at.to_string());
        let _ = write!(
            html,
            "<tr data-row=\"\"><td><a href=\"/users/{id}\">{}</a> {}<td>{status}<td>{role}<td>{seen}<td>{created_at}",
            escaped(&name),
            escaped(&email),
        );
    }
    Ok(Html(html))
}

fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    match text.contains(['<', '>', '&', '"']) {
        true => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into(),
        false => text.into(),
    }
}

#[derive(Serialize)]
struct List {
    data: Vec<UserRow>,
    count: i64,
}

async fn users_as_json(State(pool): State<PgPool>, Path(org): Path<Uuid>) -> Answer<Json<List>> {
    let (mut data, count) = user_rows(&pool, org).await?;
    data.truncate(100);
    Ok(Json(List { data, count }))
}
