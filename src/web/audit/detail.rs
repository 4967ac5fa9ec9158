//! One event, in full.

use super::{Reader, row, timeline};
use crate::web::{
    explain::trace,
    moment,
    page::{PageResult, Web},
};
use axum::extract::RawPathParams;
use bulkhead_domain::{Error, audit::EventDetail};
use bulkhead_model::{
    Permission,
    audit::{Action, ActorKind, AuditEvent, Fields, TargetKind},
};
use bulkhead_ui::{
    AbsTime, Breadcrumb, Card, CodeBlock, Columns, CopyId, Crumb, DescriptionList, Detail, Diff, DiffField, LinkButton,
    PageHeader, RelTime, Size, UserText, date, machine_time, visible,
};
use leptos::prelude::*;

/// `GET /t/{slug}/audit/{id}` and `GET /op/audit/{id}`
pub async fn show(web: Web, reader: Reader, path: RawPathParams) -> PageResult {
    // The two paths have another number of parameters; the id is the last of either. What is no id names nothing.
    let id = path.iter().find(|(name, _)| *name == "id").and_then(|(_, id)| id.parse().ok()).ok_or(Error::NotFound)?;
    let found = reader.find(id).await?;
    let title = visible(&row::sentence(&found.event));
    let page = web.clone();
    Ok(web.show(&title.clone(), move || body(&page, &found, &title)).await)
}

fn body(web: &Web, found: &EventDetail, title: &str) -> AnyView {
    let EventDetail { event, same_request, org_name, denial } = found;
    let list = web.path().rsplit_once('/').map_or("/", |(list, _)| list).to_owned();
    let status = row::outcome_badge(event.outcome).into_any();
    let crumbs = vec![Crumb::new("Audit log", list.clone())];
    // A denial changes nothing: what is written down with it is why, which is drawn as such.
    let changes = match denial {
        Some(_) => Vec::new(),
        None => changes(event.before.as_ref(), event.after.as_ref()),
    };
    let raw = serde_json::to_string_pretty(event).unwrap_or_default();
    let (id, code, reason, at, now) =
        (event.id.to_string(), event.action.code(), event.reason.clone(), event.at, web.now());
    let organization = org_name.clone().map(|name| {
        let href = format!("/op/orgs/{}", event.org_id);
        view! { <Detail term="Organization"><a href=href><UserText text=name /></a></Detail> }
    });
    let others = (!same_request.is_empty()).then(|| {
        let events = timeline(same_request, &list, now);
        view! {
            <Card title="Other events of this request" flush=true>
                {events}
            </Card>
        }
    });
    let base = web.path().split_once("/audit").map_or("", |(base, _)| base);
    let denial = denial.as_ref().map(|denial| {
        trace::then_and_now(web, base, &denial.then, denial.trace.as_ref(), "the same moment and address")
    });
    let (title, actions, target, context) =
        (title.to_owned(), pivots(event, &list), target(web, event), context(web, event));
    view! {
        <Breadcrumb crumbs />
        <PageHeader title status actions />
        <Columns>
            <Card title="Event">
                <DescriptionList>
                    <Detail term="Action"><code>{code}</code></Detail>
                    <Detail term="Target">{target}</Detail>
                    {reason.map(|reason| view! { <Detail term="Reason"><UserText text=reason /></Detail> })}
                    <Detail term="When"><AbsTime at /> " (" <RelTime at now /> ")"</Detail>
                    {organization}
                    <Detail term="Id"><CopyId id what="event id" /></Detail>
                </DescriptionList>
            </Card>
            {context}
        </Columns>
        {denial}
        {(!changes.is_empty())
            .then(|| {
                view! {
                    <Card title="Changes" flush=true>
                        <Diff fields=changes />
                    </Card>
                }
            })}
        {others}
        <Card title="Raw" purpose="The event as it was recorded." flush=true>
            <CodeBlock code=raw label="JSON" />
        </Card>
    }
    .into_any()
}

/// Every field that is on either side.
fn changes(before: Option<&Fields>, after: Option<&Fields>) -> Vec<DiffField> {
    let value = |fields: Option<&Fields>, name: &String| fields.and_then(|fields| fields.get(name)).cloned();
    let names: std::collections::BTreeSet<&String> = before.into_iter().chain(after).flat_map(Fields::keys).collect();
    names.into_iter().map(|name| DiffField::new(name, value(before, name), value(after, name))).collect()
}

/// What it was done to, leading there when the viewer may go.
fn target(web: &Web, event: &AuditEvent) -> AnyView {
    let tenant = web.path().split_once("/audit").map_or("", |(base, _)| base);
    let href = match event.target_kind {
        TargetKind::User if tenant.starts_with("/t/") && web.may(Permission::UsersRead) => {
            Some(format!("{tenant}/users/{}", event.target_id))
        }
        TargetKind::Role if tenant.starts_with("/t/") && web.may(Permission::RolesRead) => {
            Some(format!("{tenant}/roles/{}", event.target_id))
        }
        TargetKind::DutyConflict if tenant.starts_with("/t/") && web.may(Permission::RolesRead) => {
            Some(format!("{tenant}/roles/conflicts/{}", event.target_id))
        }
        TargetKind::Workspace if tenant.starts_with("/t/") && web.may(Permission::WorkspacesRead) => {
            Some(format!("{tenant}/workspaces/{}", event.target_id))
        }
        TargetKind::Org if web.may(Permission::PlatformOrgsRead) => Some(format!("/op/orgs/{}", event.target_id)),
        _ => None,
    };
    let name = match event.target_label.is_empty() {
        true => event.target_kind.label().to_owned(),
        false => event.target_label.clone(),
    };
    let (kind, id) = (event.target_kind.label(), event.target_id.clone());
    let name = match href {
        Some(href) => view! { <a href=href><UserText text=name /></a> }.into_any(),
        None => view! { <UserText text=name /> }.into_any(),
    };
    view! {
        <div>{name} <span class="muted">{format!(" ({})", kind.to_lowercase())}</span></div>
        <CopyId id what="target id" />
    }
    .into_any()
}

/// Leads from a denial to what the person may do and why, under the circumstances of that moment: the roles are those of
/// today.
fn why(web: &Web, event: &AuditEvent) -> Option<AnyView> {
    let tenant = web.path().split_once("/audit").map_or("", |(base, _)| base);
    let denied = event.action == Action::AccessDenied && event.actor_kind == ActorKind::User;
    if !denied || !tenant.starts_with("/t/") || !web.may(Permission::RolesRead) {
        return None;
    }
    let address = event.address.map(|address| address.to_string()).unwrap_or_default();
    let at = moment::write(event.at);
    let query = serde_urlencoded::to_string([("at", at.as_str()), ("address", address.as_str())]).ok()?;
    let href = format!("{tenant}/users/{}/access?{query}", event.actor_id?);
    Some(view! { <div class="link-line"><a href=href>"What they could do at that moment"</a></div> }.into_any())
}

/// Who, in which session, from where, in which request.
fn context(web: &Web, event: &AuditEvent) -> AnyView {
    let none = || view! { <span class="muted">"None"</span> }.into_any();
    let copied = |id: Option<String>, what: &'static str| match id {
        Some(id) => view! { <CopyId id what /> }.into_any(),
        None => none(),
    };
    let (kind, why) = (event.actor_kind.label().to_lowercase(), why(web, event));
    let actor = event.actor_label.clone();
    let actor_id = event.actor_id.map(|id| id.to_string());
    let session = copied(event.session_id.map(|id| id.to_string()), "session id");
    let request = copied(event.request_id.map(|id| id.to_string()), "request id");
    let address = copied(event.address.map(|address| address.to_string()), "address");
    let agent = match event.user_agent.clone() {
        Some(agent) => view! { <UserText text=agent /> }.into_any(),
        None => none(),
    };
    view! {
        <Card title="Context">
            <DescriptionList>
                <Detail term="Actor">
                    <div><UserText text=actor /> <span class="muted">{format!(" ({kind})")}</span></div>
                    {actor_id.map(|id| view! { <CopyId id what="actor id" /> })}
                    {why}
                </Detail>
                <Detail term="Session">{session}</Detail>
                <Detail term="Address">{address}</Detail>
                <Detail term="Client">{agent}</Detail>
                <Detail term="Request">{request}</Detail>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

/// The same list seen from this event.
fn pivots(event: &AuditEvent, list: &str) -> AnyView {
    let actor = event.actor_id.map_or_else(|| event.actor_label.clone(), |id| id.to_string());
    // `2026-11-21T…`: the day is its beginning.
    let day = machine_time(event.at).chars().take(10).collect::<String>();
    let link = |label: String, filter: &[(&str, &str)]| {
        let query = serde_urlencoded::to_string(filter).unwrap_or_default();
        view! { <LinkButton label href=format!("{list}?{query}") size=Size::Small /> }
    };
    view! {
        {(!actor.is_empty()).then(|| link("Same actor".to_owned(), &[("actor", actor.as_str())]))}
        {(!event.target_id.is_empty()).then(|| link("Same target".to_owned(), &[("target", event.target_id.as_str())]))}
        {link(format!("All of {}", date(event.at)), &[("from", day.as_str()), ("until", day.as_str())])}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_either_side_is_a_change() {
        let fields = |pairs: &[(&str, &str)]| -> Fields {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let (before, after) =
            (fields(&[("name", "Ana"), ("role", "user")]), fields(&[("email", "a@b.c"), ("role", "admin")]));
        let changes = changes(Some(&before), Some(&after));
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            changes,
            [
                DiffField::new("email", None, text("a@b.c")),
                DiffField::new("name", text("Ana"), None),
                DiffField::new("role", text("user"), text("admin")),
            ]
        );
        assert!(super::changes(None, None).is_empty());
    }
}
