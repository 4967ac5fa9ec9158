//! One event as a row of the list: drawn by the server, or sent to the live tail, from the same text.

use super::tone;
use bulkhead_islands::EventRow;
use bulkhead_model::audit::{Action, ActorKind, AuditEvent, Outcome};
use bulkhead_ui::{
    Cell, HeadCell, IconName, Markup, Row, Tag, absolute_time, badge, machine_time, relative_time, visible,
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// "ana@acme.example suspended a user".
pub fn sentence(event: &AuditEvent) -> String {
    // The watch reports an attempt; it did not make it.
    let actor = match (event.actor_kind, event.action) {
        (ActorKind::Anonymous, _) | (ActorKind::System, Action::CrossTenantAttempt) => "Someone",
        _ => event.actor_label.as_str(),
    };
    format!("{actor} {}", event.action.label())
}

/// The event as text, safe to show. `organization` is its name where more than one is listed.
pub fn row(event: &AuditEvent, base: &str, organization: Option<&str>) -> EventRow {
    EventRow {
        href: format!("{base}/{}", event.id),
        at: machine_time(event.at),
        exact: absolute_time(event.at),
        says: visible(&sentence(event)),
        code: event.action.code().to_owned(),
        target: visible(&event.target_label),
        outcome: event.outcome.code().to_owned(),
        address: event.address.map(|address| address.to_string()).unwrap_or_default(),
        organization: organization.map(visible).unwrap_or_default(),
    }
}

/// The outcome as a badge; what is in order does not shine.
pub fn outcome_badge(outcome: Outcome) -> Markup {
    let icon = match outcome {
        Outcome::Success => None,
        Outcome::Denied => Some(IconName::Ban),
        Outcome::Failure => Some(IconName::AlertTriangle),
    };
    badge(outcome.label(), tone(outcome), icon)
}

/// The cells of the table's head.
pub fn head(platform: bool) -> AnyView {
    view! {
        <HeadCell label="Time" />
        <HeadCell label="Event" />
        <HeadCell label="Target" />
        <HeadCell label="Outcome" />
        {platform.then(|| view! { <HeadCell label="Organization" /> })}
        <HeadCell label="Address" />
    }
    .into_any()
}

/// A row of the table.
pub fn drawn(event: &AuditEvent, row: EventRow, now: OffsetDateTime, platform: bool) -> impl IntoView + use<> {
    let when = relative_time(event.at, now);
    cells(row, when, outcome_badge(event.outcome), platform)
}

/// The row the live tail fills: a slot for each field, and the badge of every outcome to choose from.
pub fn template(platform: bool) -> impl IntoView + use<> {
    let badges = Outcome::ALL
        .iter()
        .map(|outcome| Tag::new("span").attr("data-outcome", outcome.code()).child(outcome_badge(*outcome)))
        .collect();
    cells(EventRow::default(), "just now".to_owned(), badges, platform)
}

fn cells(row: EventRow, when: String, outcome: Markup, platform: bool) -> impl IntoView + use<> {
    let EventRow { href, at, exact, says, code, target, address, organization, .. } = row;
    let when = Tag::new("time").attr("datetime", &at).attr("title", &exact).attr("data-relative", "").text(&when);
    let link = Tag::new("a").class("row-link").attr("href", &href).attr("data-row-link", "");
    let event =
        [link.child(named("says", &says)), Tag::new("div").class("row-sub").child(slot("code", "code").text(&code))];
    let address = slot("span", "address").class("mono").text(&address);
    view! {
        <Row>
            <Cell label="Time">{Markup::from(when)}</Cell>
            <Cell header=true>{event.into_iter().collect::<Markup>()}</Cell>
            <Cell label="Target">{named("target", &target)}</Cell>
            <Cell label="Outcome">{Markup::from(slot("span", "outcome").child(outcome))}</Cell>
            {platform.then(|| view! { <Cell label="Organization">{named("organization", &organization)}</Cell> })}
            <Cell label="Address">{Markup::from(address)}</Cell>
        </Row>
    }
}

/// What the live tail fills.
fn slot(tag: &'static str, name: &str) -> Tag {
    Tag::new(tag).attr("data-slot", name)
}

/// A slot for what people have named; `visible` has been over the text.
fn named(name: &str, text: &str) -> Markup {
    slot("bdi", name).class("user-text").text(text).into()
}
