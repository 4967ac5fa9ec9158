//! Facts, changes, source, time, charts.

use super::{item, row};
use crate::{
    AbsTime, Avatar, Bar, BarStrip, Card, CodeBlock, CopyId, DescriptionList, Detail, Diff, DiffField, Language, Meter,
    RelTime, Step, StepState, Steps, Timeline, TimelineItem, Tone,
};
use leptos::prelude::*;
use time::{Duration, OffsetDateTime};

pub(super) const POLICY: &str = "-- Every tenant table has this policy, enabled and forced.
create policy users_isolation on public.users
  as permissive for all to bulkhead_app
  using (org_id = (select app.org_id()))
  with check (org_id = (select app.org_id()) and status <> 'removed' and attempts < 5);";

pub(super) fn family(now: OffsetDateTime) -> impl IntoView {
    view! {
        <section class="gallery-family">
            <h2>"Data"</h2>
            <div class="gallery-cols">
                {item("Card with DescriptionList", view! {
                    <Card title="Profile" purpose="What other users of the organization see.">
                        <DescriptionList>
                            <Detail term="Name">"Ana Lopez"</Detail>
                            <Detail term="User id"><CopyId id="7b0e7a52-5f0c-4c1e-9d4e-2f7f3f3c9b11" what="user id" /></Detail>
                            <Detail term="Last seen"><RelTime at=now - Duration::minutes(4) now /></Detail>
                            <Detail term="Created"><AbsTime at=now - Duration::days(90) /></Detail>
                        </DescriptionList>
                    </Card>
                })}
                {item("Timeline", view! { <Card title="Activity"><Timeline items=events(now) now /></Card> })}
            </div>
            {item("Diff", view! {
                <Card title="Changed fields" flush=true>
                    <Diff fields=vec![
                        DiffField::new("status", Some("active".to_owned()), Some("suspended".to_owned())),
                        DiffField::new("roles", Some("[\"admin\", \"viewer\"]".to_owned()), Some("[\"viewer\"]".to_owned())),
                        DiffField::new("suspended_reason", None, Some("Left the company".to_owned())),
                        DiffField::new("phone", Some("+46 8 123 45".to_owned()), None),
                    ] />
                </Card>
            })}
            {item("CodeBlock", view! { <CodeBlock code=POLICY language=Language::Sql label="Policy users_isolation" /> })}
            <div class="gallery-cols">
                {item("Steps", view! { <Steps label="Provisioning of Acme" steps=steps() /> })}
                {item("Meter: room, nearly full, full, no limit", view! {
                    <Meter label="Users" value=120 max=500 />
                    <Meter label="API keys" value=46 max=50 />
                    <Meter label="Workspaces" value=10 max=10 />
                    <Meter label="Flags" value=312 max=0 />
                })}
            </div>
            <div class="gallery-cols">
                {item("BarStrip", view! { <BarStrip label="Sign-ins a day, last 30 days" bars=bars() /> })}
                {item("RelTime", row(times(now)))}
                {item("Avatar", row(view! { <Avatar name="Ana Lopez" /><Avatar name="Bo" small=true /><Avatar name="" /> }))}
            </div>
        </section>
    }
}

fn times(now: OffsetDateTime) -> impl IntoView {
    [0, 300, 7_200, 90_000, 86_400 * 12, 86_400 * 90, -3_600]
        .map(|ago| view! { <RelTime at=now - Duration::seconds(ago) now /> })
        .into_iter()
        .collect_view()
}

fn bars() -> Vec<Bar> {
    (1_u32..=30).map(|day| Bar::new(format!("Day {day}"), f64::from(day * 37 % 23 * u32::from(day % 7 > 1)))).collect()
}

pub(super) fn events(now: OffsetDateTime) -> Vec<TimelineItem> {
    let event = |title: &str, detail: &str, minutes, tone| TimelineItem {
        title: title.to_owned(),
        detail: (!detail.is_empty()).then(|| detail.to_owned()),
        at: now - Duration::minutes(minutes),
        tone,
        href: Some("#main".to_owned()),
    };
    vec![
        event("Session ended by Ana Lopez", "Firefox on Linux, 203.0.113.9", 4, Tone::Neutral),
        event("Role Admin granted by Bo Nilsson", "Reason: on call this week", 190, Tone::Info),
        event("Sign-in refused", "Wrong password, fifth time in 10 min", 1_500, Tone::Danger),
        event("Invitation accepted", "", 60 * 24 * 90, Tone::Ok),
    ]
}

pub(super) fn steps() -> Vec<Step> {
    vec![
        Step::new("Create the organization", StepState::Done),
        Step::new("Copy the settings of the plan", StepState::Done),
        Step::new("Import users", StepState::Skipped).detail("No file was given."),
        Step::new("Invite the first admin", StepState::Failed)
            .detail("The mail server refused the address. Nothing was sent; retry when it is corrected."),
        Step::new("Prove isolation", StepState::Running),
        Step::new("Open for sign-in", StepState::Waiting),
    ]
}
