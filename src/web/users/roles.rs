//! The roles of a user: the built-in one, those of the organization's own, giving one and taking it away.

use super::{detail, duties};
use crate::web::{
    clash, fields,
    form::Form,
    moment,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_authz::access::role_id;
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Period, RoleList},
    users, workspaces,
};
use bulkhead_model::{
    FieldErrors, Permission, RoleId, UserId, WorkspaceId,
    access::{Assigned, PlacedRole},
    user::{User, UserStatus},
    workspace::{Workspace, WorkspaceStatus},
};
use bulkhead_ui::{
    AbsTime, Badge, Card, Cell, Choice, FormActions, HeadCell, Input, LinkButton, PostForm, Row, Select, StatusBadge,
    SubmitButton, Table, UserText, Variant, absolute_time, visible,
};
use leptos::prelude::*;
use serde::Deserialize;
use time::OffsetDateTime;

/// The form that gives a role. Its fields are named apart from those of the user's own form: both are on one page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Give {
    own_role: String,
    /// Empty: the whole organization.
    #[serde(default)]
    workspace: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    /// Asked for where they would hold duties that exclude each other.
    #[serde(default)]
    reason: Option<String>,
}

impl Give {
    /// Everything but the reason, to be sent again with one.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let Self { own_role, workspace, from, until, .. } = self.clone();
        vec![("own_role", own_role), ("workspace", workspace), ("from", from), ("until", until)]
    }
}

/// The form of the button that takes one away.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Take {
    own_role: String,
    #[serde(default)]
    workspace: String,
    /// Once somebody was asked for one.
    reason: Option<String>,
}

/// The word for a role that counts in no workspace alone.
pub const EVERYWHERE: &str = "Whole organization";

/// What a user holds, and what there is to hold.
#[derive(Debug)]
pub struct Held {
    held: Vec<Assigned>,
    list: RoleList,
    /// Where a role could be given beside the whole organization: workspaces in use that they are in.
    workspaces: Vec<Workspace>,
}

impl Held {
    /// Reads it, for whoever may see roles.
    pub async fn read(ctx: &Ctx, user: UserId) -> Result<Option<Self>, Error> {
        if !ctx.may(Permission::RolesRead) {
            return Ok(None);
        }
        let mut workspaces = match ctx.may(Permission::WorkspacesRead) {
            true => workspaces::of_user(ctx, user).await?,
            false => Vec::new(),
        };
        workspaces.retain(|workspace| workspace.status == WorkspaceStatus::Active);
        Ok(Some(Self { held: access::held(ctx, user).await?, list: access::list(ctx).await?, workspaces }))
    }

    /// Whether the viewer holds all that a user does: nobody arranges what stands above them.
    pub fn is_within_reach(&self, ctx: &Ctx, user: &User, now: OffsetDateTime) -> bool {
        let viewer = self.list.rights_of(ctx);
        let below = |held: &Assigned| {
            let placed = held.placed();
            let allowed = self.list.roles.allowed(placed.role);
            !held.counts(now) || viewer.lacks(allowed, held.until, placed.workspace).is_empty()
        };
        viewer.may_assign(user.role) && self.held.iter().all(below)
    }

    /// Whether the viewer may give this user anything or take it away.
    fn may_arrange(&self, ctx: &Ctx, user: &User, now: OffsetDateTime) -> bool {
        ctx.may(Permission::UsersUpdate) && user.status != UserStatus::Removed && self.is_within_reach(ctx, user, now)
    }

    /// The roles that the viewer could give, in the whole organization or in one of the workspaces.
    fn offered(&self, ctx: &Ctx) -> Vec<Choice> {
        let places: Vec<WorkspaceId> = self.workspaces.iter().map(|workspace| workspace.id).collect();
        offered(ctx, &self.list, &places, false)
    }
}

/// The roles of the organization's own that the viewer could give (or take away), in the whole organization or in one of
/// these workspaces.
pub fn offered(ctx: &Ctx, list: &RoleList, places: &[WorkspaceId], takes: bool) -> Vec<Choice> {
    let viewer = list.rights_of(ctx);
    let places = || std::iter::once(None).chain(places.iter().copied().map(Some));
    // What a role denied is given back when it is taken away, so whoever takes it must hold that.
    let needed = |role| if takes { list.roles.denied(role) } else { list.roles.allowed(role) };
    let within_reach = |role| places().any(|place| viewer.lacks(needed(role), None, place).is_empty());
    let own = list.own.iter().map(|role| &role.definition).filter(|role| within_reach(role.id));
    own.map(|role| Choice::new(role.id.to_string(), visible(&role.name))).collect()
}

/// The path: organization and user.
type Here = Path<(String, UserId)>;

/// `POST /t/{slug}/users/{id}/roles`
pub async fn give(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here, Form(form): Form<Give>) -> PageResult {
    // Who may not do this is told so before what they typed is looked at.
    allowed(&ctx).await?;
    let done = match read(&form) {
        Ok((placed, period)) => {
            let reason = form.reason.as_deref().unwrap_or_default();
            access::assign(&ctx, id, placed, period, reason).await.map(|()| (placed, period))
        }
        Err(errors) => Err(errors.into()),
    };
    let errors = match done {
        Ok((placed, period)) => {
            let user = users::find(&ctx, id).await?;
            let name = name_of(&ctx, id, placed).await?;
            let message =
                format!("{name} given to {}, {}.", visible(user.display()), held_for(period.from, period.until));
            return Ok(web.done(&detail::path(&ctx, id), &message));
        }
        Err(Error::Invalid(errors)) => errors,
        Err(Error::Duties(collision)) if collision.refused => clash::refused("own_role", &collision),
        Err(Error::Duties(collision)) => {
            let user = users::find(&ctx, id).await?;
            let title = format!("Give a role to {}", visible(user.display()));
            let asked =
                duties::question(&ctx, &user, (title, ("Give role", Variant::Primary)), form.fields(), form.reason);
            return clash::ask(&web, asked, collision).await;
        }
        // Whoever the form is about is looked for below; what is not there is the role or the workspace.
        Err(Error::NotFound) if !form.workspace.is_empty() => {
            FieldErrors::one("own_role", "This role or workspace is not there any more. Choose again.")
        }
        Err(Error::NotFound) => FieldErrors::one("own_role", "This role is not there any more. Choose again."),
        Err(error) => return Err(error.into()),
    };
    detail::refused(&web, ctx, id, form, errors).await
}

/// The card is there for whoever sees roles and changes users; so are its forms.
async fn allowed(ctx: &Ctx) -> Result<(), Error> {
    ctx.require(Permission::UsersUpdate).await?;
    ctx.require(Permission::RolesRead).await
}

/// The same of a role that somebody holds.
async fn name_of(ctx: &Ctx, user: UserId, placed: PlacedRole) -> Result<String, Error> {
    let held = access::held(ctx, user).await?.into_iter().find(|held| held.placed() == placed);
    Ok(held.map_or_else(|| "The role".to_owned(), |held| title(&held)))
}

/// What a role is called, and where it counts: `Auditor in Production`.
pub fn title(held: &Assigned) -> String {
    match &held.workspace {
        Some(workspace) => format!("{} in {}", visible(&held.role_name), visible(&workspace.name)),
        None => visible(&held.role_name),
    }
}

/// Where a role counts, as the form says it: the whole organization where it says nothing.
pub fn read_place(text: &str) -> Result<Option<WorkspaceId>, &'static str> {
    match text.is_empty() {
        true => Ok(None),
        false => text.parse().map(Some).map_err(|_| "Choose where it counts."),
    }
}

fn read(form: &Give) -> Result<(PlacedRole, Period), FieldErrors> {
    let mut errors = FieldErrors::new();
    let role = errors.keep("own_role", form.own_role.parse::<RoleId>().map_err(|_| "Choose a role."));
    let workspace = errors.keep("workspace", read_place(&form.workspace));
    let from = errors.keep("from", moment::read(&form.from));
    let until = errors.keep("until", moment::read(&form.until));
    let ((role, workspace), (from, until)) = errors.finish(role.zip(workspace).zip(from.zip(until)))?;
    Ok((PlacedRole { role, workspace }, Period { from, until }))
}

/// `POST /t/{slug}/users/{id}/roles/remove`
pub async fn take(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here, Form(form): Form<Take>) -> PageResult {
    allowed(&ctx).await?;
    let role: RoleId = form.own_role.parse().map_err(|_| Error::NotFound)?;
    let placed = PlacedRole { role, workspace: read_place(&form.workspace).map_err(|_| Error::NotFound)? };
    let name = name_of(&ctx, id, placed).await?;
    let taken = access::unassign(&ctx, id, placed, form.reason.as_deref().unwrap_or_default()).await;
    let user = users::find(&ctx, id).await?;
    match taken {
        Err(Error::Duties(collision)) if !collision.refused => {
            let title = format!("Take {name} from {}", visible(user.display()));
            let fields = vec![("own_role", form.own_role), ("workspace", form.workspace)];
            let asked = duties::question(&ctx, &user, (title, ("Take role", Variant::Danger)), fields, form.reason);
            return clash::ask(&web, asked, collision).await;
        }
        taken => taken?,
    }
    Ok(web.done(&detail::path(&ctx, id), &format!("{name} taken from {}.", visible(user.display()))))
}

/// From when until when, in words: `from 2026-11-21 09:30:00 UTC, without end`.
pub fn held_for(from: Option<OffsetDateTime>, until: Option<OffsetDateTime>) -> String {
    let until = until.map_or_else(|| "without end".to_owned(), |until| format!("until {}", absolute_time(until)));
    match from {
        Some(from) => format!("from {}, {until}", absolute_time(from)),
        None => until,
    }
}

/// The cards on the user's page.
pub fn cards(web: &Web, ctx: &Ctx, user: &User, roles: &Held, typed: &Give, errors: &FieldErrors) -> AnyView {
    let path = detail::path(ctx, user.id);
    let may_arrange = roles.may_arrange(ctx, user, web.now());
    let why = format!("{path}/access");
    let actions = view! { <LinkButton label=format!("What can {} do?", visible(user.display())) href=why variant=Variant::Secondary /> }
        .into_any();
    let table = table(web, ctx, user, roles, may_arrange);
    let form = may_arrange.then(|| give_form(web, ctx, &path, roles, typed, errors));
    view! {
        <Card title="Roles" purpose="The built-in one, and those of the organization's own." actions flush=true>
            {table}
        </Card>
        {form}
    }
    .into_any()
}

fn table(web: &Web, ctx: &Ctx, user: &User, roles: &Held, may_arrange: bool) -> AnyView {
    let (base, path) = (format!("/t/{}/roles", ctx.identity().org_slug), detail::path(ctx, user.id));
    let (href, label) = (format!("{base}/{}", role_id(user.role)), user.role.label());
    let given = view! {
        <Row>
            <Cell header=true><a href=href>{label}</a></Cell>
            <Cell label="Where">{EVERYWHERE}</Cell>
            <Cell label="From">"At once"</Cell>
            <Cell label="Until">"Without end"</Cell>
            <Cell label="Given by"><Badge label="Built-in" /></Cell>
            {may_arrange.then(|| view! { <Cell actions=true>""</Cell> })}
        </Row>
    };
    let moment = |at: Option<OffsetDateTime>, none: &'static str| match at {
        Some(at) => view! { <AbsTime at /> }.into_any(),
        None => none.into_any(),
    };
    let own = roles
        .held
        .iter()
        .map(|held| {
            let over = held.is_over(web.now()).then(|| view! { " " <Badge label="Over" /> });
            let placed = held.placed();
            // What a role denied is given back when it is taken away, so whoever takes it must hold that.
            let may_take =
                roles.list.rights_of(ctx).lacks(roles.list.roles.denied(held.role), None, placed.workspace).is_empty();
            let button = may_take.then(|| {
                let mut hidden = fields::hidden(web);
                hidden.push(("own_role".to_owned(), held.role.to_string()));
                hidden.extend(placed.workspace.map(|id| ("workspace".to_owned(), id.to_string())));
                let aria_label = format!("Take away {}", title(held));
                let (action, csrf) = (format!("{path}/roles/remove"), web.csrf());
                view! {
                    <PostForm action csrf hidden inline=true>
                        <SubmitButton label="Take away" aria_label variant=Variant::Secondary />
                    </PostForm>
                }
            });
            let (href, text, by) = (format!("{base}/{}", held.role), held.role_name.clone(), held.assigned_by.clone());
            let place = place(ctx, held);
            let (from, until) = (moment(held.from, "At once"), moment(held.until, "Without end"));
            let actions = may_arrange.then(|| view! { <Cell actions=true>{button}</Cell> });
            view! {
                <Row>
                    <Cell header=true><a href=href><UserText text /></a></Cell>
                    <Cell label="Where">{place}</Cell>
                    <Cell label="From">{from}</Cell>
                    <Cell label="Until"><span>{until} {over}</span></Cell>
                    <Cell label="Given by">{by}</Cell>
                    {actions}
                </Row>
            }
        })
        .collect_view();
    let head = view! {
        <HeadCell label="Role" />
        <HeadCell label="Where" />
        <HeadCell label="From" />
        <HeadCell label="Until" />
        <HeadCell label="Given by" />
        {may_arrange.then(|| view! { <HeadCell label="Actions" hidden=true /> })}
    }
    .into_any();
    view! { <Table caption="Roles that they hold" head>{given} {own}</Table> }.into_any()
}

/// Where a role counts, leading there when the viewer may go.
pub fn place(ctx: &Ctx, held: &Assigned) -> AnyView {
    let Some(workspace) = &held.workspace else { return EVERYWHERE.into_any() };
    let text = workspace.name.clone();
    let name = match ctx.may(Permission::WorkspacesRead) {
        true => {
            let href = format!("/t/{}/workspaces/{}", ctx.identity().org_slug, workspace.id);
            view! { <a href=href><UserText text /></a> }.into_any()
        }
        false => view! { <UserText text /> }.into_any(),
    };
    let archived = workspace.status == WorkspaceStatus::Archived;
    let archived = archived.then(|| view! { " " <StatusBadge status=WorkspaceStatus::Archived.code() /> });
    view! { <span>{name} {archived}</span> }.into_any()
}

fn give_form(web: &Web, ctx: &Ctx, path: &str, roles: &Held, typed: &Give, errors: &FieldErrors) -> AnyView {
    let choices = roles.offered(ctx);
    if choices.is_empty() {
        let text = match roles.list.own.is_empty() {
            true => "The organization has no roles of its own to give.",
            false => "The organization's own roles allow more than you hold yourself, so you cannot give them.",
        };
        return view! { <Card title="Give a role"><p class="muted">{text}</p></Card> }.into_any();
    }
    let choices = std::iter::once(Choice::new("", "Choose a role")).chain(choices).collect::<Vec<_>>();
    let (action, csrf, hidden) = (format!("{path}/roles"), web.csrf(), fields::hidden(web));
    let wrong = |field| errors.of(field).map(str::to_owned);
    let (no_role, no_place, no_from, no_until) = (wrong("own_role"), wrong("workspace"), wrong("from"), wrong("until"));
    let Give { own_role, workspace, from, until, .. } = typed.clone();
    let places = roles.workspaces.iter().map(|one| Choice::new(one.id.to_string(), visible(&one.name)));
    let places = std::iter::once(Choice::new("", EVERYWHERE)).chain(places).collect::<Vec<_>>();
    view! {
        <Card title="Give a role" purpose="One of the organization's own; given again, its times are changed.">
        <PostForm action csrf hidden>
            <Select name="own_role" label="Role to give" choices value=own_role error=no_role />
            <Select
                name="workspace"
                label="Where"
                choices=places
                value=workspace
                error=no_place
                hint="The whole organization, or a workspace that they are in."
            />
            <Input name="from" label="From, in UTC" r#type="datetime-local" value=from error=no_from optional=true hint="Empty: at once." />
            <Input name="until" label="Until, in UTC" r#type="datetime-local" value=until error=no_until optional=true hint="Empty: without end." />
            <FormActions>
                <SubmitButton label="Give role" pending="Giving" />
            </FormActions>
        </PostForm>
        </Card>
    }
    .into_any()
}
