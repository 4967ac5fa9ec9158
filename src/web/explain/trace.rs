//! One question that was decided: what was said then beside what is said now, what was changed in between, and every line
//! with what each test of its condition saw.

use super::{Person, deciding_way, outcome, remedy, standing, truth, way};
use crate::web::{audit, page::Web};
use bulkhead_authz::{
    decision::{ReasonCode, Step},
    truth::{Looked, Truth},
};
use bulkhead_domain::access::{Answer, Changes, Then, Trace};
use bulkhead_model::{Permission, workspace::Places};
use bulkhead_ui::{Badge, Card, Cell, Columns, HeadCell, Notice, Row, Table, Tone, visible};
use leptos::prelude::*;

/// What was said then beside what is said now, what was changed in between, and every line that is looked at now.
/// `about` says of what the function is asked again: "the same moment and address".
pub fn then_and_now(web: &Web, base: &str, then: &Then, trace: Option<&Trace>, about: &str) -> AnyView {
    let Some(trace) = trace else {
        let why = match web.may(Permission::RolesRead) {
            true => "There is nobody, or not enough known of what was asked, to decide it again.".to_owned(),
            false => format!("What the roles say now takes {}, which your role does not have.", Permission::RolesRead),
        };
        return view! {
            {then_card(then)}
            <Notice>{why}</Notice>
        }
        .into_any();
    };
    let person = Person::of(trace, base);
    let (difference, then, now) = (difference(then, trace), then_card(then), now_card(&person, trace, about));
    let lines = trace.answer.as_ref().map(|answer| lines(&person, answer));
    let since = since(web, base, &trace.changes);
    view! {
        {difference}
        <Columns>
            {then}
            {now}
        </Columns>
        {lines}
        {since}
    }
    .into_any()
}

/// Whether the answer would be another one.
fn difference(then: &Then, trace: &Trace) -> Option<AnyView> {
    let reason = then.reason?;
    if reason == trace.now.reason {
        return None;
    }
    let text = match (reason == ReasonCode::Granted, trace.now.allowed()) {
        (false, true) => "It was denied then, and would be allowed now.",
        (true, false) => "It was allowed then, and would be denied now.",
        _ => "The answer would be the same now, and the reason another one.",
    };
    Some(view! { <Notice tone=Tone::Warn>{text}</Notice> }.into_any())
}

fn reason(reason: ReasonCode) -> AnyView {
    view! {
        <p class="muted">{reason.sentence()} " (" <code>{reason.code()}</code> ")"</p>
    }
    .into_any()
}

fn then_card(then: &Then) -> AnyView {
    let content = match then.reason {
        None => view! { <p class="muted">"The reason was not recorded."</p> }.into_any(),
        Some(code) => {
            let way = then.by.as_ref().map(|way| view! { <p>{visible(way)}</p> });
            let meaning = code.meaning();
            view! {
                <div class="explained">
                    {outcome(code == ReasonCode::Granted)}
                    {way}
                    {reason(code)}
                    <p>{meaning}</p>
                </div>
            }
            .into_any()
        }
    };
    view! { <Card title="Then" purpose="As it was recorded.">{content}</Card> }.into_any()
}

fn now_card(person: &Person, trace: &Trace, about: &str) -> AnyView {
    let purpose = format!("What the function says of {about}, by the roles as they are.");
    let decided = trace.answer.as_ref().filter(|answer| answer.verdict == trace.now);
    let way = decided.and_then(|answer| deciding_way(person, answer));
    let remedy = match trace.now.allowed() {
        true => None,
        false => match decided.and_then(|answer| remedy(person, answer)) {
            Some(remedy) => Some(remedy),
            None => Some(view! { <p>{trace.now.reason.advice()}</p> }.into_any()),
        },
    };
    let (outcome, reason) = (outcome(trace.now.allowed()), reason(trace.now.reason));
    view! {
        <Card title="Now" purpose>
            <div class="explained">
                {outcome}
                {way}
                {reason}
                {remedy}
            </div>
        </Card>
    }
    .into_any()
}

/// What was changed since, from the audit log.
fn since(web: &Web, base: &str, changes: &Changes) -> AnyView {
    let Changes { events, more, any } = changes;
    if events.is_empty() {
        let text = match any {
            Some(false) => "Neither roles nor what services have were changed since.",
            _ => "No role that they hold was changed since, and nothing of what they hold.",
        };
        return view! {
            <Card title="Since then">
                <p class="muted">{text}</p>
            </Card>
        }
        .into_any();
    }
    let purpose = "Roles have changed since: what they hold, what these roles say, or whether they count.";
    let timeline = audit::timeline(events, &format!("{base}/audit"), web.now());
    let rest = more.then(|| view! { <p class="muted">"There are more changes than are looked at here."</p> });
    view! {
        <Card title="Since then" purpose>
            {timeline}
            {rest}
        </Card>
    }
    .into_any()
}

/// Every line that is looked at, with what its condition saw.
fn lines(person: &Person, answer: &Answer) -> AnyView {
    let title = "Every line about it, now";
    if answer.steps.is_empty() {
        let text = "No role that they hold says anything about it.";
        return view! {
            <Card title=title>
                <p class="muted">{text}</p>
            </Card>
        }
        .into_any();
    }
    let head = view! {
        <HeadCell label="Line" />
        <HeadCell label="Counts" />
        <HeadCell label="Condition" />
    }
    .into_any();
    let rows = answer.steps.iter().zip(&answer.looked).map(|(step, looked)| line(person, answer, step, looked));
    let rows = rows.collect_view();
    view! {
        <Card title=title purpose="From the person to the line, and what each test of its condition saw." flush=true>
            <Table caption="Lines" head>
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

fn line(person: &Person, answer: &Answer, step: &Step, looked: &[Vec<Looked>]) -> AnyView {
    let way = way(person, &answer.permission.name, step);
    let decides =
        (answer.verdict.decider == Some(step.decider)).then(|| view! { <Badge label="Decides" tone=Tone::Info /> });
    let counts = format!("{}, {}.", standing(step.standing), truth(step.truth));
    let tests = tests(&person.places, looked);
    view! {
        <Row>
            <Cell header=true>
                <div class="trace-line">{way} " " {decides}</div>
            </Cell>
            <Cell label="Counts">{counts}</Cell>
            <Cell label="Condition">{tests}</Cell>
        </Row>
    }
    .into_any()
}

/// Each test with what it saw. Of several groups one is enough.
fn tests(places: &Places, looked: &[Vec<Looked>]) -> AnyView {
    if looked.is_empty() {
        return view! { <span class="muted">"Always"</span> }.into_any();
    }
    let group = |(at, group): (usize, &Vec<Looked>)| {
        let or = (at > 0).then(|| view! { <p class="muted">"or"</p> });
        let tests = group.iter().map(|looked| one_test(places, looked)).collect_view();
        view! {
            {or}
            <ul class="tests">{tests}</ul>
        }
    };
    let groups = looked.iter().enumerate().map(group).collect_view();
    groups.into_any()
}

fn one_test(places: &Places, looked: &Looked) -> AnyView {
    let (label, tone) = match looked.truth {
        Truth::Yes => ("Holds", Tone::Ok),
        Truth::No => ("Does not hold", Tone::Danger),
        Truth::Unknown => ("Not known", Tone::Warn),
    };
    let (test, saw) = (visible(&looked.test.told(places)), visible(&looked.saw.to_string()));
    let icon = tone.icon();
    view! {
        <li>
            <span>{test}</span>
            <span class="muted">{format!("It saw: {saw}")}</span>
            <Badge label tone icon />
        </li>
    }
    .into_any()
}
