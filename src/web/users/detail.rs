//! One user: what they are, what can be changed, what can be done with them.

use super::{
    duties,
    roles::{self, Give, Held},
};
use crate::web::{
    audit, clash, fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_authz::duties::Sides;
use bulkhead_domain::{Ctx, Error, users};
use bulkhead_model::{
    FieldErrors, Permission, UserId,
    audit::AuditEvent,
    duty::DutyConflict,
    error::Conflict,
    user::{Role, User, UserStatus},
};
use bulkhead_ui::{
    AbsTime, Breadcrumb, Card, Choice, ConfirmForm, ConfirmPage, Consequence, CopyId, Crumb, DescriptionList, Detail,
    ErrorSummary, FormActions, Input, LinkButton, Notice, PageHeader, PostForm, RelTime, Select, StatusBadge,
    SubmitButton, Tone, Variant, visible,
};
use leptos::prelude::*;
use serde::Deserialize;

/// What a role is for, beside its name.
pub const fn explain(role: Role) -> &'static str {
    match role {
        Role::Admin => "Everything in the organization, settings and admins included.",
        Role::Manager => "Users and the audit log, but neither settings nor admins.",
        Role::User => "Ordinary use; sees who else is here.",
        Role::Viewer => "Reads users, roles and settings, changes nothing.",
    }
}

/// The edit form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    name: String,
    role: String,
    version: i32,
    /// Asked for where they would hold duties that exclude each other.
    #[serde(default)]
    reason: Option<String>,
}

/// A button's form: which version of the user it was pressed for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    version: i32,
}

/// The path: organization and user.
type Here = Path<(String, UserId)>;

/// Where a user's page is.
pub fn path(ctx: &Ctx, id: UserId) -> String {
    format!("/t/{}/users/{id}", ctx.identity().org_slug)
}

/// What the page shows.
struct Facts {
    user: User,
    activity: Option<Vec<AuditEvent>>,
    roles: Option<Held>,
    duties: Vec<(DutyConflict, Sides)>,
}

impl Facts {
    async fn read(ctx: &Ctx, id: UserId) -> Result<Self, Error> {
        let user = users::find(ctx, id).await?;
        let (activity, roles) = (audit::latest(ctx, id).await?, Held::read(ctx, id).await?);
        Ok(Self { user, activity, roles, duties: duties::of_user(ctx, id).await? })
    }

    /// The edit form as it is before anything is typed.
    fn edit(&self) -> Edit {
        let User { name, role, version, .. } = &self.user;
        Edit { name: name.clone(), role: role.code().to_owned(), version: *version, reason: None }
    }
}

/// What was sent and refused: it is shown again, with the reasons.
#[derive(Default)]
struct Attempt {
    edit: Option<Edit>,
    give: Give,
    errors: FieldErrors,
    note: Option<String>,
}

/// `GET /t/{slug}/users/{id}`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    draw(&web, http::StatusCode::OK, ctx.clone(), Facts::read(&ctx, id).await?, Attempt::default()).await
}

/// The page again, with a role that was not given.
pub async fn refused(web: &Web, ctx: Ctx, id: UserId, give: Give, errors: FieldErrors) -> PageResult {
    let facts = Facts::read(&ctx, id).await?;
    let attempt = Attempt { give, errors, ..Attempt::default() };
    draw(web, http::StatusCode::UNPROCESSABLE_ENTITY, ctx, facts, attempt).await
}

async fn draw(web: &Web, status: http::StatusCode, ctx: Ctx, facts: Facts, attempt: Attempt) -> PageResult {
    let (title, page) = (visible(facts.user.display()), web.clone());
    Ok(web.render(status, &title, false, move || body(&page, &ctx, facts, attempt)).await)
}

/// `POST /t/{slug}/users/{id}`
pub async fn update(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(form): Form<Edit>,
) -> PageResult {
    let changed = match Role::from_code(&form.role) {
        Some(role) => {
            let reason = form.reason.as_deref().unwrap_or_default();
            users::update_because(&ctx, id, form.version, (&form.name, role), reason).await
        }
        None => Err(FieldErrors::one("role", "Choose a role.").into()),
    };
    let (errors, stale) = match changed {
        Ok(user) => return Ok(web.done(web.path(), &format!("{} saved.", visible(user.display())))),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Conflict(Conflict::StaleVersion)) => (FieldErrors::new(), true),
        Err(Error::Duties(collision)) if collision.refused => (clash::refused("role", &collision), false),
        Err(Error::Duties(collision)) => {
            let user = users::find(&ctx, id).await?;
            let Edit { name, role, version, reason } = form;
            let fields = vec![("name", name), ("role", role), ("version", version.to_string())];
            let title = format!("Change {}", visible(user.display()));
            let asked = duties::question(&ctx, &user, (title, ("Save changes", Variant::Primary)), fields, reason);
            return clash::ask(&web, asked, collision).await;
        }
        Err(error) => return Err(error.into()),
    };
    // Shown again with what was typed; where someone else was faster, beside what is there now.
    let facts = Facts::read(&ctx, id).await?;
    let user = &facts.user;
    let form = Edit { version: user.version, ..form };
    let status = if stale { http::StatusCode::CONFLICT } else { http::StatusCode::UNPROCESSABLE_ENTITY };
    let note = stale.then(|| {
        format!(
            "Someone changed this user since you opened the page. There it says now: name {}, role {}. Your version is below and not saved.",
            if user.name.is_empty() { "none".to_owned() } else { visible(&user.name) },
            user.role.label()
        )
    });
    let attempt = Attempt { edit: Some(form), errors, note, ..Attempt::default() };
    draw(&web, status, ctx, facts, attempt).await
}

fn body(web: &Web, ctx: &Ctx, facts: Facts, attempt: Attempt) -> AnyView {
    let base = format!("/t/{}", ctx.identity().org_slug);
    let now = web.now();
    let form = attempt.edit.clone().unwrap_or_else(|| facts.edit());
    let Facts { user, activity, roles, duties } = facts;
    let Attempt { give, errors, note, .. } = attempt;
    let status = view! { <StatusBadge status=user.status.code() /> }.into_any();
    // Who may not see roles is told when they try.
    let within_reach = roles
        .as_ref()
        .map_or_else(|| ctx.subject().may_assign(user.role), |held| held.is_within_reach(ctx, &user, now));
    let actions = actions(web, ctx, &user, within_reach);
    let summary = fields::summary(&errors);
    let User { email, role, created_at, last_seen_at, .. } = user.clone();
    let id = user.id.to_string();
    let may_change = ctx.may(Permission::UsersUpdate) && within_reach && user.status != UserStatus::Removed;
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Users", format!("{base}/users"))] />
        <PageHeader title=visible(user.display()) status actions />
        <ErrorSummary errors=summary />
        {note.map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> })}
        {duties::notes(ctx, &visible(user.display()), &duties)}
        <Card title="Profile">
            <DescriptionList>
                <Detail term="E-mail address">{email}</Detail>
                <Detail term="Id"><CopyId id what="user id" /></Detail>
                <Detail term="Role">{format!("{}: {}", role.label(), explain(role))}</Detail>
                <Detail term="Created"><AbsTime at=created_at /></Detail>
                <Detail term="Last seen">
                    {match last_seen_at {
                        Some(at) => view! { <RelTime at now /> }.into_any(),
                        None => "Never".into_any(),
                    }}
                </Detail>
            </DescriptionList>
        </Card>
        {may_change.then(|| edit(web, ctx, user.id, &form, &errors))}
        {roles.map(|held| roles::cards(web, ctx, &user, &held, &give, &errors))}
        {activity.map(|events| audit::activity(&events, "user", &format!("{base}/audit"), now))}
    }
    .into_any()
}

fn edit(web: &Web, ctx: &Ctx, id: UserId, form: &Edit, errors: &FieldErrors) -> AnyView {
    let choices: Vec<Choice> = Role::ALL
        .iter()
        .filter(|role| ctx.subject().may_assign(**role))
        .map(|role| Choice::new(role.code(), role.label()).hint(explain(*role)))
        .collect();
    let (action, csrf, hidden) = (path(ctx, id), web.csrf(), fields::hidden_with_version(web, form.version));
    let refused = |field| errors.of(field).map(str::to_owned);
    let (wrong_name, wrong_role) = (refused("name"), refused("role"));
    let Edit { name, role, .. } = form.clone();
    view! {
        <Card title="Change">
            <PostForm action csrf hidden>
                <Input name="name" label="Name" value=name error=wrong_name maxlength=120 optional=true autocomplete="off" />
                <Select name="role" label="Role" choices value=role error=wrong_role />
                <FormActions>
                    <SubmitButton label="Save changes" pending="Saving" />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

/// The buttons beside the title: what this user's status and the viewer's roles allow.
fn actions(web: &Web, ctx: &Ctx, user: &User, within_reach: bool) -> AnyView {
    let path = path(ctx, user.id);
    let may = ctx.may(Permission::UsersSuspend) && within_reach;
    let button = |action: &str, label: &'static str| {
        let action = format!("{path}/{action}");
        let hidden = fields::hidden_with_version(web, user.version);
        view! {
            <PostForm action csrf=web.csrf() hidden inline=true>
                <SubmitButton label variant=Variant::Secondary />
            </PostForm>
        }
        .into_any()
    };
    let link = |action: &str, label: &'static str, variant| {
        view! { <LinkButton label href=format!("{path}/{action}") variant /> }.into_any()
    };
    let mut buttons = Vec::new();
    match user.status {
        UserStatus::Invited if ctx.may(Permission::UsersInvite) && within_reach => {
            buttons.push(button("resend", "Resend invitation"));
        }
        UserStatus::Active if may => buttons.push(link("suspend", "Suspend", Variant::Secondary)),
        UserStatus::Suspended if may => buttons.push(button("reactivate", "Reactivate")),
        _ => {}
    }
    if may && user.status != UserStatus::Removed {
        buttons.push(link("remove", "Remove", Variant::Danger));
    }
    buttons.into_any()
}

/// `GET /t/{slug}/users/{id}/suspend`
pub async fn confirm_suspend(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    let consequences = vec![
        Consequence::new("Every session ends with its next request."),
        Consequence::new("Signing in is refused until someone reactivates the account."),
        Consequence::new("Nothing is deleted."),
    ];
    confirm(web, ctx, id, "Suspend", consequences).await
}

/// `GET /t/{slug}/users/{id}/remove`
pub async fn confirm_remove(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    let consequences = vec![
        Consequence::new("Every session ends with its next request, and open links stop working."),
        Consequence::new("The person disappears from the list; the audit log keeps what they did."),
        Consequence::new("The address can be invited again, as a new user."),
    ];
    confirm(web, ctx, id, "Remove", consequences).await
}

async fn confirm(web: Web, ctx: Ctx, id: UserId, verb: &'static str, consequences: Vec<Consequence>) -> PageResult {
    if !ctx.may(Permission::UsersSuspend) {
        return Err(Error::Forbidden(Permission::UsersSuspend).into());
    }
    let user = users::find(&ctx, id).await?;
    let title = format!("{verb} {}", visible(user.display()));
    let page = web.clone();
    Ok(web
        .show(&title.clone(), move || {
            let hidden = fields::hidden_with_version(&page, user.version);
            let cancel_href = page.path().rsplit_once('/').map_or("/", |(user, _)| user).to_owned();
            view! {
                <ConfirmPage title=title.clone() summary=user.email.clone() consequences>
                    <ConfirmForm action=page.path().to_owned() csrf=page.csrf() confirm_label=title.clone() cancel_href hidden />
                </ConfirmPage>
            }
            .into_any()
        })
        .await)
}

/// `POST /t/{slug}/users/{id}/suspend`
pub async fn suspend(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(seen): Form<Seen>,
) -> PageResult {
    let user = users::suspend(&ctx, id, seen.version).await?;
    Ok(web.done(&back_to_user(&web), &format!("{} suspended. Their sessions have ended.", visible(user.display()))))
}

/// `POST /t/{slug}/users/{id}/reactivate`
pub async fn reactivate(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(seen): Form<Seen>,
) -> PageResult {
    let user = users::reactivate(&ctx, id, seen.version).await?;
    Ok(web.done(&back_to_user(&web), &format!("{} reactivated. They can sign in again.", visible(user.display()))))
}

/// `POST /t/{slug}/users/{id}/remove`
pub async fn remove(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(seen): Form<Seen>,
) -> PageResult {
    let user = users::remove(&ctx, id, seen.version).await?;
    let user_page = back_to_user(&web);
    let list = user_page.rsplit_once('/').map_or("/", |(list, _)| list);
    Ok(web.done(list, &format!("{} removed.", visible(user.display()))))
}

/// `POST /t/{slug}/users/{id}/resend`
pub async fn resend(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here, Form(_): Form<Seen>) -> PageResult {
    let user = users::resend_invitation(&ctx, id).await?;
    Ok(web.done(
        &back_to_user(&web),
        &format!("A new invitation is on its way to {}. The old link stops working.", user.email),
    ))
}

fn back_to_user(web: &Web) -> String {
    web.path().rsplit_once('/').map_or("/", |(user, _)| user).to_owned()
}
