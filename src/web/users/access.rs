//! "What can Ana do?": every permission, whether they hold it, by which way, and what would change that. Asked of the
//! function that decides, under circumstances that can be supposed.

use super::{
    detail,
    roles::{self, held_for},
};
use crate::web::{
    list::ListQuery,
    moment,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_authz::{
    access as authz,
    decision::{ReasonCode, Standing, Step},
    truth::Truth,
};
use bulkhead_domain::{
    Ctx,
    access::{self, Answer, Reach, RoleList, Supposed, Why},
    workspaces,
};
use bulkhead_model::{
    FieldErrors, RoleId, UserId,
    access::{Condition, PermissionName, PlacedRole},
    text::capitalised,
    user::UserStatus,
    workspace::Places,
};
use bulkhead_ui::{
    Badge, Breadcrumb, Card, Cell, Choice, Crumb, EmptyFiltered, FormActions, HeadCell, IconName, Input, LinkButton,
    Notice, PageHeader, ResultLine, Row, Select, SubmitButton, Table, Tone, Variant, absolute_time, visible,
};
use leptos::prelude::*;

const SHOWN: [(&str, &str); 3] =
    [("", "Everything"), ("allowed", "What is allowed"), ("denied", "What is not allowed")];

/// What is supposed, as it stands in the address.
struct Asked {
    at: String,
    address: String,
    show: String,
}

impl Asked {
    fn read(web: &Web) -> Self {
        let query = ListQuery::read(web, "access", &["at", "address", "show"]);
        let value = |name| query.first(name).unwrap_or_default().to_owned();
        Self { at: value("at"), address: value("address"), show: value("show") }
    }

    fn supposed(&self) -> Result<Supposed, FieldErrors> {
        let mut errors = FieldErrors::new();
        let at = errors.keep("at", moment::read(&self.at));
        let address = match self.address.trim() {
            "" => Some(None),
            text => errors.keep("address", text.parse().map(Some).map_err(|_| "Write an address, such as 192.0.2.17.")),
        };
        errors.finish(at.zip(address).map(|(at, address)| Supposed { at, address }))
    }

    fn shows(&self, answer: &Answer) -> bool {
        match self.show.as_str() {
            "allowed" => answer.verdict.allowed(),
            "denied" => !answer.verdict.allowed(),
            _ => true,
        }
    }
}

/// What is known about the person, and where the pages of the organization are.
struct Facts {
    why: Why,
    roles: RoleList,
    places: Places,
    base: String,
    name: String,
}

/// `GET /t/{slug}/users/{id}/access`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Path<(String, UserId)>) -> PageResult {
    let asked = Asked::read(&web);
    let (supposed, errors) = match asked.supposed() {
        Ok(supposed) => (supposed, FieldErrors::new()),
        Err(errors) => (Supposed::default(), errors),
    };
    let why = access::why(&ctx, id, supposed).await?;
    let name = visible(why.user.display());
    let places = workspaces::places_of(&ctx, &why.roles).await?;
    let base = format!("/t/{}", ctx.identity().org_slug);
    let facts = Facts { why, roles: access::list(&ctx).await?, places, base, name };
    let (page, title, here) = (web.clone(), format!("What can {} do?", facts.name), detail::path(&ctx, id));
    let heading = title.clone();
    match errors.is_empty() {
        true => {
            Ok(web.show(&title, move || body(&page, heading, &here, &facts, &asked, Some(supposed), &errors)).await)
        }
        // What was meant is not known, so there is no answer that could be taken for one.
        false => Ok(web.refuse(&title, move || body(&page, heading, &here, &facts, &asked, None, &errors)).await),
    }
}

fn body(
    web: &Web,
    title: String,
    here: &str,
    facts: &Facts,
    asked: &Asked,
    supposed: Option<Supposed>,
    errors: &FieldErrors,
) -> AnyView {
    let crumbs =
        vec![Crumb::new("Users", format!("{}/users", facts.base)), Crumb::new(facts.name.clone(), here.to_owned())];
    let purpose = supposed.map(|supposed| {
        let at = supposed.at.map_or_else(|| "now".to_owned(), |at| format!("at {}", absolute_time(at)));
        let from = supposed.address.map_or_else(|| "an address that is not known".to_owned(), |from| from.to_string());
        format!("As the server would decide {at}, asked from {from}.")
    });
    let status = facts.why.user.status;
    let stopped = (status != UserStatus::Active).then(|| {
        let text = format!(
            "{} is {}, so none of this happens until they can sign in.",
            facts.name,
            status.label().to_lowercase()
        );
        view! { <Notice tone=Tone::Warn>{text}</Notice> }
    });
    // Nothing would be saved here, so this is no summary of errors; each stands beside its field.
    let unread = (!errors.is_empty()).then(|| {
        view! { <Notice tone=Tone::Danger>"Nothing was tested. Correct what is marked below."</Notice> }
    });
    view! {
        <Breadcrumb crumbs />
        <PageHeader title purpose />
        {unread}
        {stopped}
        {test_as(web, asked, errors)}
        {supposed.map(|_| answers(web, facts, asked))}
    }
    .into_any()
}

fn test_as(web: &Web, asked: &Asked, errors: &FieldErrors) -> AnyView {
    let wrong = |field| errors.of(field).map(str::to_owned);
    let (no_at, no_address) = (wrong("at"), wrong("address"));
    let (at, address, show, action) =
        (asked.at.clone(), asked.address.clone(), asked.show.clone(), web.path().to_owned());
    let clear = action.clone();
    let choices = SHOWN.iter().map(|(code, label)| Choice::new(*code, *label)).collect();
    view! {
        <Card title="Test as" purpose="Suppose another moment or another address. Left empty: now, from an address that is not known.">
            <form class="form form-across" method="get" action=action novalidate>
                <Input name="at" label="At, in UTC" r#type="datetime-local" value=at error=no_at optional=true />
                <Input name="address" label="From address" value=address error=no_address optional=true mono=true autocomplete="off" />
                <Select name="show" label="Show" choices value=show optional=true />
                <FormActions>
                    <SubmitButton label="Test" />
                    <LinkButton label="Clear" href=clear variant=Variant::Ghost />
                </FormActions>
            </form>
        </Card>
    }
    .into_any()
}

fn answers(web: &Web, facts: &Facts, asked: &Asked) -> AnyView {
    let shown: Vec<&Answer> = facts.why.answers.iter().filter(|answer| asked.shows(answer)).collect();
    let count = |many: usize| u64::try_from(many).unwrap_or_default();
    let (matching, total) = (count(shown.len()), count(facts.why.answers.len()));
    let groups = shown
        .chunk_by(|a, b| a.permission.name.resource == b.permission.name.resource)
        .filter_map(|group| Some(card(facts, &group.first()?.permission.label, group)))
        .collect_view();
    let nothing =
        shown.is_empty().then(|| view! { <EmptyFiltered noun="permissions" clear_href=web.path().to_owned() /> });
    view! {
        <ResultLine matching total one="permission" many="permissions" />
        {nothing}
        {groups}
    }
    .into_any()
}

fn card(facts: &Facts, label: &str, answers: &[&Answer]) -> AnyView {
    let title = visible(label);
    let caption = format!("Permissions: {title}");
    let rows = answers.iter().map(|answer| row(facts, answer)).collect_view();
    let head =
        view! { <HeadCell label="Permission" /> <HeadCell label="Answer" /> <HeadCell label="Why" /> }.into_any();
    view! {
        <Card title flush=true>
            <Table caption head>
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

fn row(facts: &Facts, answer: &Answer) -> AnyView {
    let permission = &answer.permission.name;
    let (label, tone) = match (answer.verdict.allowed(), answer.verdict.reason.is_circumstantial()) {
        (true, _) => ("Allowed", Tone::Ok),
        (false, false) => ("Not allowed", Tone::Neutral),
        (false, true) => ("Under a condition", Tone::Warn),
    };
    let icon = if label == "Not allowed" { IconName::Ban } else { tone.icon() };
    let decider = answer.verdict.decider.and_then(|decider| answer.steps.iter().find(|step| step.decider == decider));
    let way = decider.map(|step| view! { <p>{way(facts, permission, step)}</p> });
    let sentence = answer.verdict.reason.sentence();
    let (remedy, every_line) = (remedy(facts, answer), every_line(facts, answer));
    let (name, code) = (visible(&capitalised(&answer.permission.sentence)), permission.to_string());
    view! {
        <Row>
            <Cell header=true>
                {name}
                <div class="row-sub">
                    <code>{code}</code>
                </div>
            </Cell>
            <Cell label="Answer"><Badge label tone icon /></Cell>
            <Cell label="Why">
                <div class="explained">
                    {way}
                    <p class="muted">{sentence}</p>
                    {remedy}
                    {every_line}
                </div>
            </Cell>
        </Row>
    }
    .into_any()
}

fn role_name(facts: &Facts, role: RoleId) -> String {
    facts.why.roles.name(role).map_or_else(|| "a role that does not exist".to_owned(), visible)
}

fn condition<'a>(facts: &'a Facts, step: &Step) -> Option<&'a Condition> {
    facts.why.roles.when(step.decider.origin, step.decider.line)
}

/// From the person to the line: `Ana → Auditor (until …) → inherits Viewer → allows users:read always`.
fn way(facts: &Facts, permission: &PermissionName, step: &Step) -> String {
    let assigned = step.decider.assigned;
    let placed = PlacedRole { role: assigned, workspace: step.decider.workspace };
    let held = facts.why.held.iter().find(|held| held.placed() == placed);
    let (role, terms) = match held {
        Some(held) => (roles::title(held), format!("given {}", held_for(held.from, held.until))),
        None => (role_name(facts, assigned), "built-in".to_owned()),
    };
    let mut way = format!("{} → {role} ({terms})", facts.name);
    for parent in facts.why.roles.way(assigned, step.decider.origin).unwrap_or_default().into_iter().skip(1) {
        way.push_str(&format!(" → inherits {}", role_name(facts, parent)));
    }
    let when = condition(facts, step).map(|when| visible(&when.told(&facts.places))).unwrap_or_default();
    format!("{way} → {} {permission} {when}", step.effect.label())
}

/// Every line that was looked at, where the one that decided was not the only one.
fn every_line(facts: &Facts, answer: &Answer) -> Option<AnyView> {
    if answer.steps.len() < 2 {
        return None;
    }
    let lines = answer
        .steps
        .iter()
        .map(|step| {
            let standing = match step.standing {
                Standing::Counts => "The role counts",
                Standing::OtherWorkspace => "The role counts in another workspace only",
                Standing::NotYet => "The role counts later",
                Standing::Expired => "The role has expired",
            };
            let truth = match step.truth {
                Truth::Yes => "the line holds",
                Truth::No => "its condition does not hold",
                Truth::Unknown => "its condition cannot be checked",
            };
            let decides = if answer.verdict.decider == Some(step.decider) { " It decides." } else { "" };
            let text = format!("{}. {standing}, {truth}.{decides}", way(facts, &answer.permission.name, step));
            view! { <li>{text}</li> }
        })
        .collect_view();
    Some(
        view! {
            <details class="disclosure">
                <summary>{IconName::ChevronRight.drawn()} {format!(" All {} lines about it", answer.steps.len())}</summary>
                <ul>{lines}</ul>
            </details>
        }
        .into_any(),
    )
}

/// The nearest thing that would change a refusal.
fn remedy(facts: &Facts, answer: &Answer) -> Option<AnyView> {
    let decider = answer.verdict.decider;
    match (answer.verdict.reason, decider) {
        (ReasonCode::Granted, _) => None,
        (ReasonCode::Denied | ReasonCode::DenyUnclear, Some(decider)) => {
            let (assigned, origin) = (role_link(facts, decider.assigned), role_link(facts, decider.origin));
            let also = (decider.assigned != decider.origin).then(|| view! { ", or change what " {origin} " denies" });
            Some(view! { <p>"Take away " {assigned} {also} "."</p> }.into_any())
        }
        _ => allowing(facts, answer),
    }
}

/// The roles that would allow it always and are not held: the least of the built-in ones first.
fn allowing(facts: &Facts, answer: &Answer) -> Option<AnyView> {
    let name = &answer.permission.name;
    let mut built_in: Vec<RoleId> = answer.permission.held_by.iter().copied().map(authz::role_id).collect();
    built_in.reverse();
    let own = facts.roles.own.iter().map(|role| role.definition.id);
    let is_held = |role: &RoleId| {
        *role == authz::role_id(facts.why.user.role)
            || facts.why.held.iter().any(|held| held.placed() == (*role).into())
    };
    let roles: Vec<RoleId> = built_in
        .into_iter()
        .chain(own.filter(|role| facts.roles.reach(*role, name) == Reach::Always))
        .filter(|role| !is_held(role))
        .collect();
    let last = roles.len().checked_sub(1)?;
    let names = roles
        .iter()
        .enumerate()
        .map(|(at, role)| {
            let before = match at {
                0 => "",
                at if at == last => " or ",
                _ => ", ",
            };
            let link = role_link(facts, *role);
            view! { {before} {link} }
        })
        .collect_view();
    Some(view! { <p>"The role " {names} " allows it."</p> }.into_any())
}

fn role_link(facts: &Facts, role: RoleId) -> AnyView {
    let (href, name) = (format!("{}/roles/{role}", facts.base), role_name(facts, role));
    view! { <a href=href>{name}</a> }.into_any()
}
