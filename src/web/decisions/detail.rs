//! One recorded decision: who, what, when, from where, and why; as it was recorded, and as it would be decided now.

use super::{TITLE, home};
use crate::web::{
    explain::{self, trace},
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_authz::decision::ReasonCode;
use bulkhead_domain::{
    Ctx,
    access::{self, DecisionRecord},
};
use bulkhead_model::{
    DecisionId, Permission, UserId,
    access::{RecordedDecision, Resource},
};
use bulkhead_ui::{
    AbsTime, Breadcrumb, Card, Columns, CopyId, Crumb, DescriptionList, Detail, LinkButton, Notice, PageHeader,
    RelTime, Size, Tone, UserText, visible,
};
use leptos::prelude::*;

/// `GET /t/{slug}/decisions/{id}`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Path<(String, DecisionId)>) -> PageResult {
    let found = access::record(&ctx, id).await?;
    let title = title(&found.decision);
    let page = web.clone();
    Ok(web.show(&title.clone(), move || body(&page, &home(&ctx), &found, title)).await)
}

/// "Ana Silva was denied backups:execute".
fn title(decision: &RecordedDecision) -> String {
    let who = decision.about.as_ref().map_or("Somebody", |about| about.display());
    let came_out = if is_allowed(decision) { "allowed" } else { "denied" };
    visible(&format!("{who} was {came_out} {}", decision.permission))
}

fn is_allowed(decision: &RecordedDecision) -> bool {
    decision.reason == ReasonCode::Granted.code()
}

fn body(web: &Web, base: &str, found: &DecisionRecord, title: String) -> AnyView {
    let DecisionRecord { decision, then, trace: now } = found;
    let crumbs = vec![Crumb::new(TITLE, format!("{base}/decisions"))];
    let (status, actions) = (explain::outcome(is_allowed(decision)), pivots(base, decision));
    let unread = (then.reason == Some(ReasonCode::AttributeUnknown)).then(|| {
        let text = "Something was said about the resource that is not registered for its type. It was not kept, so the question cannot be asked again.";
        view! { <Notice tone=Tone::Warn>{text}</Notice> }
    });
    let (question, resource) = (question(web, base, decision), resource(web, base, decision));
    let why = trace::then_and_now(web, base, then, now.as_ref(), "the same moment, address and resource");
    view! {
        <Breadcrumb crumbs />
        <PageHeader title status actions />
        <Columns>
            {question}
            {resource}
        </Columns>
        {unread}
        {why}
    }
    .into_any()
}

fn question(web: &Web, base: &str, decision: &RecordedDecision) -> AnyView {
    let (at, now, id, permission) = (decision.at, web.now(), decision.id.to_string(), visible(&decision.permission));
    let who = match &decision.about {
        None => view! { <span class="muted">"Nobody of this organization"</span> }.into_any(),
        Some(about) => {
            let (name, email) = (about.display().to_owned(), about.email.clone());
            let email = (about.name != about.email && !about.name.is_empty())
                .then(|| view! { <div class="muted"><UserText text=email /></div> });
            match web.may(Permission::UsersRead) {
                true => {
                    let href = format!("{base}/users/{}", about.id);
                    view! { <div><a href=href><UserText text=name /></a></div> {email} }.into_any()
                }
                false => view! { <div><UserText text=name /></div> {email} }.into_any(),
            }
        }
    };
    let address = match decision.address {
        Some(address) => view! { <CopyId id=address.to_string() what="address" /> }.into_any(),
        None => view! { <span class="muted">"Not known to the service"</span> }.into_any(),
    };
    let stands_for = (decision.weight > 1).then(|| {
        let text = format!("About {} decisions like it: of those that allow, one of twenty is kept.", decision.weight);
        view! { <Detail term="Stands for">{text}</Detail> }
    });
    let asked_by = decision.asked_by.clone();
    view! {
        <Card title="Question">
            <DescriptionList>
                <Detail term="Person">{who}</Detail>
                <Detail term="Permission"><code>{permission}</code></Detail>
                <Detail term="When"><AbsTime at /> " (" <RelTime at now /> ")"</Detail>
                <Detail term="From">{address}</Detail>
                <Detail term="Asked by"><UserText text=asked_by /></Detail>
                {stands_for}
                <Detail term="Id"><CopyId id what="decision id" /></Detail>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn resource(web: &Web, base: &str, decision: &RecordedDecision) -> AnyView {
    let Resource { id, owner, workspace, attributes } = &decision.resource;
    let none = || view! { <span class="muted">"Not said"</span> }.into_any();
    let of = visible(decision.permission.split(':').next().unwrap_or_default());
    let id = id.clone().map_or_else(none, |id| view! { <CopyId id=visible(&id) what="resource id" /> }.into_any());
    let owner = owner.map_or_else(none, |owner| owner_link(web, base, owner));
    let workspace = workspace.map_or_else(none, |workspace| {
        let text = workspace.to_string();
        match web.may(Permission::WorkspacesRead) {
            true => {
                let href = format!("{base}/workspaces/{workspace}");
                view! { <a href=href><code>{text}</code></a> }.into_any()
            }
            false => view! { <code>{text}</code> }.into_any(),
        }
    });
    let attributes = attributes
        .iter()
        .map(|(name, value)| {
            let (name, value) = (name.to_string(), visible(&value.to_string()));
            view! { <Detail term=name>{value}</Detail> }
        })
        .collect_view();
    view! {
        <Card title="Resource" purpose="As far as the service said.">
            <DescriptionList>
                <Detail term="Type"><code>{of}</code></Detail>
                <Detail term="Id">{id}</Detail>
                <Detail term="Owner">{owner}</Detail>
                <Detail term="Workspace">{workspace}</Detail>
                {attributes}
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn owner_link(web: &Web, base: &str, owner: UserId) -> AnyView {
    let text = owner.to_string();
    match web.may(Permission::UsersRead) {
        true => {
            let href = format!("{base}/users/{owner}");
            view! { <a href=href><code>{text}</code></a> }.into_any()
        }
        false => view! { <code>{text}</code> }.into_any(),
    }
}

/// The same list seen from this decision.
fn pivots(base: &str, decision: &RecordedDecision) -> AnyView {
    let link = |label: &'static str, name: &str, value: &str| {
        let query = serde_urlencoded::to_string([(name, value)]).unwrap_or_default();
        view! { <LinkButton label href=format!("{base}/decisions?{query}") size=Size::Small /> }
    };
    let person = decision.about.as_ref().map(|about| link("Same person", "person", &about.id.to_string()));
    view! {
        {person}
        {link("Same permission", "permission", &decision.permission)}
        {link("Same reason", "reason", &decision.reason)}
    }
    .into_any()
}
