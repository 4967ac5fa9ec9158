//! What would happen, for whom, and the question whether to; and what did happen, where somebody was left out.

use super::{
    back, choose,
    form::{ManyForm, Step, written},
    path,
};
use crate::web::{
    fields,
    page::{PageResult, Web},
    roles::{conflicts, permission_cell, sign},
    users::roles::held_for,
};
use bulkhead_authz::catalogue::Entry;
use bulkhead_domain::{
    Ctx,
    access::{Bulk, Line, Outcome},
};
use bulkhead_model::{FieldErrors, access::Prospect, text::capitalised};
use bulkhead_ui::{
    Align, Breadcrumb, Card, Cell, Crumb, ErrorSummary, FormActions, HeadCell, IconName, LinkButton, Markup, Notice,
    PageHeader, PostForm, Row, SubmitButton, Table, Tag, TextArea, Tone, Variant, badge, counted, number, user_text,
    visible,
};
use http::StatusCode;
use leptos::prelude::*;

/// People for whom nothing stands in the way and who are listed one by one; who is left out always is.
const MOST_LISTED: usize = 200;

/// What there is to say about what was sent.
#[derive(Debug)]
pub struct Remarks {
    /// With which it is answered.
    pub status: StatusCode,
    /// What was refused.
    pub errors: FieldErrors,
    /// Whether roles were changed since this was shown before.
    pub stale: bool,
}

impl Default for Remarks {
    fn default() -> Self {
        Self { status: StatusCode::OK, errors: FieldErrors::new(), stale: false }
    }
}

/// The role, and where it counts: `Auditor in Production`.
pub fn title(bulk: &Bulk) -> String {
    match &bulk.workspace {
        Some(workspace) => format!("{} in {}", visible(&bulk.role), visible(&workspace.name)),
        None => visible(&bulk.role),
    }
}

/// How many of each, in words: before it is done, and after.
fn summary(bulk: &Bulk, takes: bool, done: bool) -> String {
    let words = |prospect| match (prospect, done, takes) {
        (Prospect::Gains, false, _) => "would get it",
        (Prospect::Gains, true, _) => "given",
        (Prospect::Changes, false, _) => "would hold it for other times",
        (Prospect::Changes, true, _) => "hold it for other times now",
        (Prospect::Loses, false, _) => "would lose it",
        (Prospect::Loses, true, _) => "taken away",
        (Prospect::Stays, _, false) => "as it is",
        (Prospect::Stays, _, true) => "without it already",
        (Prospect::Cannot, false, _) => "would be skipped",
        (Prospect::Cannot, true, _) => "skipped",
    };
    let count = |prospect: &Prospect| {
        let count = u64::try_from(bulk.count(*prospect)).unwrap_or(u64::MAX);
        (count > 0).then(|| format!("{} {}", number(count), words(*prospect)))
    };
    let counts: Vec<String> = Prospect::ALL.iter().filter_map(count).collect();
    format!("{}.", counts.join(", "))
}

fn crumbs(ctx: &Ctx) -> Vec<Crumb> {
    vec![Crumb::new("Users", format!("/t/{}/users", ctx.identity().org_slug))]
}

/// The page that asks: 200, or another status where it was not done.
pub async fn ask(web: &Web, ctx: Ctx, form: ManyForm, bulk: Bulk, remarks: Remarks) -> PageResult {
    let (page, status) = (web.clone(), remarks.status);
    let title = choose::title(form.takes);
    Ok(web.render(status, title, false, move || asking(&page, &ctx, &form, &bulk, &remarks)).await)
}

fn asking(web: &Web, ctx: &Ctx, form: &ManyForm, bulk: &Bulk, remarks: &Remarks) -> AnyView {
    let stale = remarks.stale.then(|| {
        view! {
            <Notice tone=Tone::Warn>
                "Roles were changed since you looked. Nothing was done; this is what would happen now."
            </Notice>
        }
    });
    let dangerous: Vec<&Entry> = bulk
        .effects
        .iter()
        .filter(|effect| effect.dangerous && effect.gain > 0)
        .filter_map(|effect| bulk.catalogue.find(&effect.permission))
        .collect();
    let danger = (!dangerous.is_empty()).then(|| {
        let what: Vec<String> = dangerous.iter().map(|entry| visible(&entry.sentence)).collect();
        let text = format!("They could newly {}. That takes a reason: say below why.", what.join(", "));
        view! { <Notice tone=Tone::Danger>{text}</Notice> }
    });
    let duties = bulk.clashes.iter().map(|clash| {
        let text = format!("{} {}", visible(&clash.sentences().join(" ")), conflicts::why(&clash.conflict));
        view! { <Notice tone=Tone::Danger>{text}</Notice> }
    });
    let duties = duties.collect_view();
    let warnings: Vec<_> = bulk.warnings.iter().map(|text| visible(text)).collect();
    let warnings = warnings.into_iter().map(|text| view! { <Notice tone=Tone::Warn>{text}</Notice> }).collect_view();
    let heading = match form.takes {
        true => format!("Take {}", title(bulk)),
        false => format!("Give {}", title(bulk)),
    };
    let purpose = format!("Nothing is done yet. {}", summary(bulk, form.takes, false));
    view! {
        <Breadcrumb crumbs=crumbs(ctx) />
        <PageHeader title=heading purpose />
        <ErrorSummary errors=fields::summary(&remarks.errors) />
        {stale}
        {danger}
        {duties}
        {warnings}
        {effects(bulk)}
        {lines(ctx, bulk, form.takes, false)}
        {question(web, ctx, form, bulk, &remarks.errors, &dangerous)}
    }
    .into_any()
}

/// What these people could newly do, or not do any more.
fn effects(bulk: &Bulk) -> AnyView {
    if bulk.acts() == 0 {
        return ().into_any();
    }
    if bulk.effects.is_empty() {
        let text = "Nobody may do more or less by it: they hold the same by other roles, or it is denied to them.";
        return view! { <Card title="What it changes"><p class="muted">{text}</p></Card> }.into_any();
    }
    let rows: Vec<_> = bulk
        .effects
        .iter()
        .flat_map(|effect| {
            let entry = bulk.catalogue.find(&effect.permission);
            [(true, effect.gain), (false, effect.lose)].into_iter().filter(|(_, count)| *count > 0).map(
                move |(gain, count)| {
                    let what = match entry {
                        Some(entry) => permission_cell(entry),
                        None => Tag::new("code").text(&effect.permission.to_string()).into(),
                    };
                    let people = number(u64::try_from(count).unwrap_or(u64::MAX));
                    view! {
                        <Row>
                            <Cell header=true>{what}</Cell>
                            <Cell label="Change">{sign(gain)}</Cell>
                            <Cell label="People" align=Align::End>{people}</Cell>
                        </Row>
                    }
                },
            )
        })
        .collect();
    let head = view! {
        <HeadCell label="Permission" />
        <HeadCell label="Change" />
        <HeadCell label="People" align=Align::End />
    }
    .into_any();
    let purpose = "How many may do more or less than before, with everything else they hold taken into account.";
    view! {
        <Card title="What it changes" purpose flush=true>
            <Table caption="Permissions that people gain or lose" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

/// The word for what becomes of somebody.
fn mark(line: &Line, takes: bool, done: bool) -> Markup {
    let (label, tone, icon) = match (&line.outcome, takes) {
        (Outcome::Gains, _) if done => ("Given", Tone::Ok, IconName::Plus),
        (Outcome::Loses(_), _) if done => ("Taken away", Tone::Danger, IconName::X),
        (Outcome::Gains, _) => ("Gets it", Tone::Ok, IconName::Plus),
        (Outcome::Changes(_), _) => ("Other times", Tone::Info, IconName::Clock),
        (Outcome::Loses(_), _) => ("Loses it", Tone::Danger, IconName::X),
        (Outcome::Stays, false) => ("Holds it already", Tone::Neutral, IconName::Check),
        (Outcome::Stays, true) => ("Does not hold it", Tone::Neutral, IconName::Check),
        (Outcome::Cannot(_), _) => ("Skipped", Tone::Warn, IconName::AlertTriangle),
    };
    badge(label, tone, Some(icon))
}

/// Why somebody is left out, or what they held before.
fn details(line: &Line) -> String {
    let held = |word: &str, period: bulkhead_domain::access::Period| {
        capitalised(&format!("{word} {}.", held_for(period.from, period.until)))
    };
    let said = match &line.outcome {
        Outcome::Cannot(cannot) => visible(&cannot.sentence()),
        Outcome::Changes(before) => held("held until now:", *before),
        Outcome::Loses(before) => held("held:", *before),
        Outcome::Gains => "They did not hold it there.".to_owned(),
        Outcome::Stays => "Nothing changes.".to_owned(),
    };
    match (line.otherwise, &line.outcome) {
        (true, Outcome::Gains | Outcome::Changes(_) | Outcome::Loses(_) | Outcome::Stays) => {
            format!("Something changed since you looked. {said}").trim().to_owned()
        }
        _ => said,
    }
}

/// Everybody who was named: who is left out first.
fn lines(ctx: &Ctx, bulk: &Bulk, takes: bool, done: bool) -> AnyView {
    let heading = if done { "What happened" } else { "What would happen" };
    let (left_out, others): (Vec<&Line>, Vec<&Line>) =
        bulk.lines.iter().partition(|line| line.otherwise || line.outcome.prospect() == Prospect::Cannot);
    let more = others.len().saturating_sub(MOST_LISTED);
    let listed = left_out.into_iter().chain(others.into_iter().take(MOST_LISTED));
    let rows: Vec<_> = listed.map(|line| row(ctx, line, takes, done)).collect();
    let more = (more > 0).then(|| {
        let more = counted(u64::try_from(more).unwrap_or(u64::MAX), "more person", "more people");
        view! { <p class="muted card-line">{format!("And {more}, for whom nothing stands in the way.")}</p> }
    });
    let head = view! {
        <HeadCell label="Person" />
        <HeadCell label="Result" />
        <HeadCell label="Details" />
    }
    .into_any();
    view! {
        <Card title=heading purpose="For each of them. Who is skipped comes first." flush=true>
            <Table caption="Result for each person" head>{rows}</Table>
            {more}
        </Card>
    }
    .into_any()
}

fn row(ctx: &Ctx, line: &Line, takes: bool, done: bool) -> AnyView {
    let who: Markup = match &line.who {
        Some(who) => {
            let href = format!("/t/{}/users/{}", ctx.identity().org_slug, who.id);
            let name = if who.name.is_empty() { &who.email } else { &who.name };
            let link =
                Tag::new("a").class("row-link").attr("data-row-link", "").attr("href", &href).child(user_text(name));
            let sub = (!who.name.is_empty()).then(|| Tag::new("div").class("row-sub").child(user_text(&who.email)));
            Tag::new("div").child(link).child(sub).into()
        }
        None => user_text(&line.named),
    };
    let (mark, details) = (mark(line, takes, done), details(line));
    view! {
        <Row>
            <Cell header=true>{who}</Cell>
            <Cell label="Result">{mark}</Cell>
            <Cell label="Details">{details}</Cell>
        </Row>
    }
    .into_any()
}

fn question(web: &Web, ctx: &Ctx, form: &ManyForm, bulk: &Bulk, errors: &FieldErrors, dangerous: &[&Entry]) -> AnyView {
    let (action, csrf) = (path(ctx), web.csrf());
    let mut hidden: Vec<_> = fields::hidden(web).into_iter().chain(form.hidden()).collect();
    hidden.push(("shown".to_owned(), written(&bulk.promise())));
    let count = bulk.acts();
    if count == 0 {
        return view! {
            <Card title="Nothing to do">
                <PostForm action csrf hidden>
                    <p class="muted">"Nothing would change for anybody."</p>
                    <FormActions>
                        <SubmitButton label="Back to choosing" variant=Variant::Secondary name="step" value=Step::Choose.code() />
                    </FormActions>
                </PostForm>
            </Card>
        }
        .into_any();
    }
    let people = counted(u64::try_from(count).unwrap_or(u64::MAX), "person", "people");
    let (label, pending, variant) = match form.takes {
        true => (format!("Take role from {people}"), "Taking", Variant::Danger),
        false => (format!("Give role to {people}"), "Giving", Variant::Primary),
    };
    let optional = dangerous.is_empty() && bulk.clashes.is_empty();
    let dangerous = dangerous.iter().map(|entry| visible(&capitalised(&entry.sentence)));
    let what: Vec<String> = dangerous.chain(bulk.clashes.iter().map(|clash| visible(&clash.conflict.name))).collect();
    let mut hint = "Kept in the audit log, with the event of each of them.".to_owned();
    if !what.is_empty() {
        hint.push_str(&format!(" Needed because of: {}.", what.join("; ")));
    }
    let (value, error) = (form.reason.clone(), errors.of("reason").map(str::to_owned));
    view! {
        <Card title="Go on" purpose="It counts with their next request.">
            <PostForm action csrf hidden>
                <TextArea name="reason" label="Reason" value hint error maxlength=500 optional />
                <FormActions>
                    <SubmitButton label pending variant name="step" value=Step::Do.code() />
                    <SubmitButton label="Back to choosing" variant=Variant::Secondary name="step" value=Step::Choose.code() />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

/// What was done, where somebody was left out or something was otherwise than shown.
pub async fn tell(web: &Web, ctx: Ctx, form: ManyForm, bulk: Bulk) -> PageResult {
    let heading = match form.takes {
        true => format!("{} taken", title(&bulk)),
        false => format!("{} given", title(&bulk)),
    };
    Ok(web.show(&heading.clone(), move || telling(&ctx, &form, &bulk, heading)).await)
}

fn telling(ctx: &Ctx, form: &ManyForm, bulk: &Bulk, heading: String) -> AnyView {
    let (title, purpose) = match bulk.acts() {
        0 => ("Nothing was done".to_owned(), summary(bulk, form.takes, true)),
        _ => (heading, summary(bulk, form.takes, true)),
    };
    let href = back(ctx, form);
    let actions = view! { <LinkButton label="Done" href variant=Variant::Primary /> }.into_any();
    view! {
        <Breadcrumb crumbs=crumbs(ctx) />
        <PageHeader title purpose actions />
        {lines(ctx, bulk, form.takes, true)}
    }
    .into_any()
}
