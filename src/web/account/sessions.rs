//! Where one is signed in, and ending it there.

use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, Error, account, sign_in};
use bulkhead_model::{SessionId, session::Session};
use bulkhead_ui::{
    Badge, Cell, HeadCell, IconName, PageHeader, PostForm, RelTime, Row, Size, SubmitButton, Table, Tone, Variant,
    counted,
};
use leptos::prelude::*;
use serde::Deserialize;

const TITLE: &str = "Sessions";

/// A button's form: nothing but what every form hides.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressed {}

/// `GET /account/sessions`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let mut sessions = account::list_sessions(&ctx).await?;
    let current = ctx.identity().session_id;
    // This one first; the order among the others stays: the latest first.
    sessions.sort_by_key(|session| session.id != current);
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &sessions, current)).await)
}

/// `POST /account/sessions/{id}/end`
pub async fn end(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Extension(cookie): Extension<tower_sessions::Session>,
    Path(id): Path<SessionId>,
    Form(Pressed {}): Form<Pressed>,
) -> PageResult {
    if id != ctx.identity().session_id {
        account::revoke_session(&ctx, id).await?;
        return Ok(web.done("/account/sessions", "Session ended. That browser is signed out with its next request."));
    }
    // Ending this one is signing out, and the audit log says so.
    sign_in::sign_out(&ctx).await?;
    cookie.flush().await.map_err(|_| Error::Unavailable(None))?;
    Ok(web.done("/login", "You are signed out."))
}

/// `POST /account/sessions/end-others`
pub async fn end_others(web: Web, Extension(ctx): Extension<Ctx>, Form(Pressed {}): Form<Pressed>) -> PageResult {
    let ended = account::revoke_other_sessions(&ctx).await?;
    let message = match ended {
        0 => "There was no other session.".to_owned(),
        ended => counted(ended, "other session ended.", "other sessions ended."),
    };
    Ok(web.done("/account/sessions", &message))
}

fn body(web: &Web, sessions: &[Session], current: SessionId) -> AnyView {
    let others = sessions.iter().filter(|session| session.id != current).count();
    let actions = match others {
        0 => ().into_any(),
        _ => {
            let (csrf, hidden) = (web.csrf(), fields::hidden(web));
            view! {
                <PostForm action="/account/sessions/end-others" csrf hidden inline=true>
                    <SubmitButton label="End other sessions" variant=Variant::Secondary pending="Ending" />
                </PostForm>
            }
            .into_any()
        }
    };
    let head = view! {
        <HeadCell label="Device" />
        <HeadCell label="Address" />
        <HeadCell label="Signed in with" />
        <HeadCell label="Signed in" />
        <HeadCell label="Last active" />
        <HeadCell label="Expires" />
        <HeadCell label="Actions" hidden=true />
    }
    .into_any();
    let rows: Vec<_> = sessions.iter().map(|session| row(web, session, session.id == current)).collect();
    view! {
        <PageHeader
            title=TITLE
            purpose="Every browser in which you are signed in. End those you do not recognize, then change your password."
            actions
        />
        <Table caption="Sessions" head>{rows}</Table>
    }
    .into_any()
}

fn row(web: &Web, session: &Session, current: bool) -> AnyView {
    let now = web.now();
    let (device, csrf, hidden) = (session.device(), web.csrf(), fields::hidden(web));
    let label = if current { "Sign out" } else { "End" };
    let spoken = if current { "Sign out of this session".to_owned() } else { format!("End session of {device}") };
    let action = format!("/account/sessions/{}/end", session.id);
    let address = session.address.map(|address| address.to_canonical().to_string());
    let method = session.method.label();
    let (created_at, last_seen_at, expires_at) = (session.created_at, session.last_seen_at, session.expires_at);
    view! {
        <Row>
            <Cell header=true>
                <span class="inline-flex flex-wrap items-center gap-2">
                    {device}
                    {current.then(|| view! { <Badge label="This session" tone=Tone::Ok icon=IconName::Check /> })}
                </span>
            </Cell>
            <Cell label="Address">
                {match address {
                    Some(address) => view! { <span class="mono break-all">{address}</span> }.into_any(),
                    None => view! { <span class="muted">"Unknown"</span> }.into_any(),
                }}
            </Cell>
            <Cell label="Signed in with">{method}</Cell>
            <Cell label="Signed in"><RelTime at=created_at now /></Cell>
            <Cell label="Last active">
                {if current { "Now".into_any() } else { view! { <RelTime at=last_seen_at now /> }.into_any() }}
            </Cell>
            <Cell label="Expires"><RelTime at=expires_at now /></Cell>
            <Cell actions=true>
                <PostForm action csrf hidden inline=true>
                    <SubmitButton label variant=Variant::Secondary size=Size::Small aria_label=spoken />
                </PostForm>
            </Cell>
        </Row>
    }
    .into_any()
}
