//! Choosing: the people, the role, where it counts, from when until when.

use super::{
    back,
    form::{ManyForm, Step},
    path,
};
use crate::web::{
    fields,
    page::{PageResult, Web},
    users::{
        list::{ROLES, STATUSES},
        roles::{EVERYWHERE, offered},
    },
};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, MOST_PEOPLE, RoleList},
    users, workspaces,
};
use bulkhead_model::{
    FieldErrors, Permission,
    page::{Count, PageRequest},
    user::User,
    workspace::{Workspace, WorkspaceStatus},
};
use bulkhead_ui::{
    Breadcrumb, Card, Choice, Crumb, ErrorSummary, FormActions, Input, LinkButton, Notice, PageHeader, PostForm,
    Select, SubmitButton, TextArea, Tone, UserText, Variant, number, visible,
};
use http::StatusCode;
use leptos::prelude::*;

/// People who are named; the others are counted.
const MOST_NAMED: usize = 50;

/// What there is to choose from.
struct Desk {
    list: RoleList,
    workspaces: Vec<Workspace>,
    /// Rows of the list that were chosen.
    chosen: Vec<User>,
    /// How many the filter shows.
    matching: Option<Count>,
}

impl Desk {
    async fn read(ctx: &Ctx, form: &ManyForm) -> Result<Self, Error> {
        let mut workspaces = match ctx.may(Permission::WorkspacesRead) {
            true => workspaces::list(ctx).await?,
            false => Vec::new(),
        };
        workspaces.retain(|workspace| form.takes || workspace.status == WorkspaceStatus::Active);
        let chosen = if form.users.is_empty() { Vec::new() } else { users::some(ctx, &form.users).await? };
        let matching = match form.matching("") {
            Some((_, filter)) => Some(users::list(ctx, &filter, &PageRequest::default()).await?.count),
            None => None,
        };
        Ok(Self { list: access::list(ctx).await?, workspaces, chosen, matching })
    }
}

/// What the page is called.
pub const fn title(takes: bool) -> &'static str {
    if takes { "Take a role from several people" } else { "Give a role to several people" }
}

/// The page: 200, or another status where something was refused.
pub async fn draw(web: &Web, ctx: Ctx, status: StatusCode, form: ManyForm, errors: FieldErrors) -> PageResult {
    let desk = Desk::read(&ctx, &form).await?;
    let page = web.clone();
    Ok(web.render(status, title(form.takes), false, move || body(&page, &ctx, &desk, &form, &errors)).await)
}

fn body(web: &Web, ctx: &Ctx, desk: &Desk, form: &ManyForm, errors: &FieldErrors) -> AnyView {
    let crumbs = vec![Crumb::new("Users", format!("/t/{}/users", ctx.identity().org_slug))];
    let purpose = "You see what would happen for each of them before anything is done.";
    let places: Vec<_> = desk.workspaces.iter().map(|workspace| workspace.id).collect();
    let choices = offered(ctx, &desk.list, &places, form.takes);
    let question = match choices.is_empty() {
        false => question(web, ctx, desk, form, errors, choices),
        true => {
            let text = match desk.list.own.is_empty() {
                true => "The organization has no roles of its own to give or take.",
                false => {
                    "The organization's own roles hold more than you do yourself, so you can neither give nor take them."
                }
            };
            view! { <Card title="Role"><p class="muted">{text}</p></Card> }.into_any()
        }
    };
    view! {
        <Breadcrumb crumbs />
        <PageHeader title=title(form.takes) purpose />
        <ErrorSummary errors=fields::summary(errors) />
        {question}
    }
    .into_any()
}

fn question(web: &Web, ctx: &Ctx, desk: &Desk, form: &ManyForm, errors: &FieldErrors, choices: Vec<Choice>) -> AnyView {
    let (action, csrf) = (path(ctx), web.csrf());
    let hidden: Vec<_> = fields::hidden(web).into_iter().chain(form.whom()).collect();
    let people = people(desk, form, errors);
    let wrong = |field| errors.of(field).map(str::to_owned);
    let (no_role, no_place, no_from, no_until) = (wrong("own_role"), wrong("workspace"), wrong("from"), wrong("until"));
    let ManyForm { own_role, workspace, from, until, .. } = form.clone();
    let choices = std::iter::once(Choice::new("", "Choose a role")).chain(choices).collect::<Vec<_>>();
    let places = desk.workspaces.iter().map(|one| Choice::new(one.id.to_string(), visible(&one.name)));
    let places = std::iter::once(Choice::new("", EVERYWHERE)).chain(places).collect::<Vec<_>>();
    let (label, hint) = match form.takes {
        true => ("Role to take away", "Where they hold it. One held in several places is taken in one of them."),
        false => ("Role to give", "The whole organization, or a workspace that all of them are in."),
    };
    let times = (!form.takes).then(|| {
        view! {
            <Input name="from" label="From, in UTC" r#type="datetime-local" value=from error=no_from optional=true hint="Empty: at once." />
            <Input name="until" label="Until, in UTC" r#type="datetime-local" value=until error=no_until optional=true hint="Empty: without end." />
        }
    });
    let cancel = back(ctx, form);
    view! {
        <PostForm action csrf hidden>
            {people}
            <Card title="Role">
                <div class="form">
                    <Select name="own_role" label choices value=own_role error=no_role />
                    <Select name="workspace" label="Where" choices=places value=workspace error=no_place hint />
                    {times}
                </div>
            </Card>
            <FormActions>
                <SubmitButton label="Look at what would happen" pending="Looking" name="step" value=Step::Look.code() />
                <LinkButton label="Cancel" href=cancel variant=Variant::Secondary />
            </FormActions>
        </PostForm>
    }
    .into_any()
}

/// Whom it is about: those who were chosen in the list, or whoever's addresses are pasted here.
fn people(desk: &Desk, form: &ManyForm, errors: &FieldErrors) -> AnyView {
    let error = errors.of("people").map(str::to_owned);
    if let (Some(count), Some((query, _))) = (desk.matching, form.matching("")) {
        let words: Vec<String> = query
            .applied(&[("status", "Status", &STATUSES), ("role", "Role", &ROLES)])
            .into_iter()
            .map(|filter| format!("{}: {}", filter.name, visible(&filter.label)))
            .collect();
        let text = match words.is_empty() {
            true => format!("Everybody in the list of users: {count}."),
            false => format!("Everybody whom the list shows with {}: {count}.", words.join(", ")),
        };
        let error = error.map(|error| view! { <Notice tone=Tone::Danger>{error}</Notice> });
        return view! {
            <Card title="People" id="f-people">
                <p>{text}</p>
                {error}
            </Card>
        }
        .into_any();
    }
    let value = form.people.clone();
    let chosen = (!desk.chosen.is_empty()).then(|| {
        let names: Vec<_> = desk
            .chosen
            .iter()
            .take(MOST_NAMED)
            .map(|user| {
                let text = user.display().to_owned();
                view! { <li><UserText text /></li> }
            })
            .collect();
        let more = desk.chosen.len().saturating_sub(MOST_NAMED);
        let more = (more > 0).then(|| view! { <p class="muted">{format!("And {more} more.")}</p> });
        view! {
            <div>
                <p class="label">"Chosen in the list"</p>
                <ul class="toc">{names}</ul>
                {more}
            </div>
        }
    });
    let most = u64::try_from(MOST_PEOPLE).unwrap_or(u64::MAX);
    let hint = format!("One a line, or separated by commas. At most {} people.", number(most));
    let (label, optional) = match chosen.is_some() {
        true => ("More people, by their e-mail addresses", true),
        false => ("E-mail addresses", false),
    };
    view! {
        <Card title="People">
            <div class="form">
                {chosen}
                <TextArea name="people" label value hint error rows=6 mono=true optional />
            </div>
        </Card>
    }
    .into_any()
}
