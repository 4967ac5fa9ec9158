//! "What can Ana do?": every permission, whether they hold it, by which way, and what would change that. Asked of the
//! function that decides, under circumstances that can be supposed.

use super::{detail, duties};
use crate::web::{
    explain::{self, Person},
    list::ListQuery,
    moment,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_authz::duties::Sides;
use bulkhead_domain::{
    Ctx,
    access::{self, Answer, Supposed, Why},
    workspaces,
};
use bulkhead_model::{
    FieldErrors, UserId,
    duty::DutyConflict,
    text::capitalised,
    user::{User, UserStatus},
};
use bulkhead_ui::{
    Breadcrumb, Card, Cell, Choice, Crumb, EmptyFiltered, FormActions, HeadCell, Input, LinkButton, Notice, PageHeader,
    ResultLine, Row, Select, SubmitButton, Table, Tone, Variant, absolute_time, visible,
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

/// What is answered, and about whom.
struct Facts {
    user: User,
    answers: Vec<Answer>,
    person: Person,
    duties: Vec<(DutyConflict, Sides)>,
    ctx: Ctx,
}

/// `GET /t/{slug}/users/{id}/access`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Path<(String, UserId)>) -> PageResult {
    let asked = Asked::read(&web);
    let (supposed, errors) = match asked.supposed() {
        Ok(supposed) => (supposed, FieldErrors::new()),
        Err(errors) => (Supposed::default(), errors),
    };
    let Why { user, held, roles, answers } = access::why(&ctx, id, supposed).await?;
    let own = access::list(&ctx).await?.own.into_iter().map(|role| role.definition.id).collect();
    let (name, base) = (visible(user.display()), format!("/t/{}", ctx.identity().org_slug));
    let places = workspaces::places_of(&ctx, &roles).await?;
    let person = Person { name, base, role: user.role, held, own, roles, places };
    let facts = Facts { person, user, answers, duties: duties::of_user(&ctx, id).await?, ctx: ctx.clone() };
    let (page, title, here) = (web.clone(), format!("What can {} do?", facts.person.name), detail::path(&ctx, id));
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
    let Person { base, name, .. } = &facts.person;
    let crumbs = vec![Crumb::new("Users", format!("{base}/users")), Crumb::new(name.clone(), here.to_owned())];
    let purpose = supposed.map(|supposed| {
        let at = supposed.at.map_or_else(|| "now".to_owned(), |at| format!("at {}", absolute_time(at)));
        let from = supposed.address.map_or_else(|| "an address that is not known".to_owned(), |from| from.to_string());
        format!("As the server would decide {at}, asked from {from}.")
    });
    let status = facts.user.status;
    let stopped = (status != UserStatus::Active).then(|| {
        let status = status.label().to_lowercase();
        let text = format!("{name} is {status}, so none of this happens until they can sign in.");
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
        {duties::notes(&facts.ctx, &facts.person.name, &facts.duties)}
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
    let shown: Vec<&Answer> = facts.answers.iter().filter(|answer| asked.shows(answer)).collect();
    let count = |many: usize| u64::try_from(many).unwrap_or_default();
    let (matching, total) = (count(shown.len()), count(facts.answers.len()));
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
    let (badge, way) = (explain::badge(answer.verdict), explain::deciding_way(&facts.person, answer));
    let sentence = answer.verdict.reason.sentence();
    let (remedy, every_line) = (explain::remedy(&facts.person, answer), explain::every_line(&facts.person, answer));
    let (name, code) = (visible(&capitalised(&answer.permission.sentence)), permission.to_string());
    view! {
        <Row>
            <Cell header=true>
                {name}
                <div class="row-sub">
                    <code>{code}</code>
                </div>
            </Cell>
            <Cell label="Answer">{badge}</Cell>
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
