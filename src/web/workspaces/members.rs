//! Who is in a workspace: seen with the roles they hold there, added by their address, and removed after saying what
//! they lose.

use super::{crumbs, detail, page_of};
use crate::web::{
    fields,
    form::Form,
    list::ListQuery,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx, Error,
    workspaces::{self, MemberList, WorkspaceDetail},
};
use bulkhead_model::{
    FieldErrors, Permission, UserId, WorkspaceId,
    page::Count,
    workspace::{Member, WorkspaceStatus},
};
use bulkhead_ui::{
    Badge, Breadcrumb, Card, Cell, ConfirmForm, ConfirmPage, Consequence, EmptyFiltered, FormActions, HeadCell, Input,
    LinkButton, Markup, PostForm, RelTime, Row, RowTitle, Size, SubmitButton, Table, Tag, UserText, Variant, user_text,
    visible,
};
use leptos::prelude::*;
use serde::Deserialize;

/// Whose address was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    email: String,
}

/// Nothing but the question's own fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {}

/// The path: organization, workspace and user.
type OfMember = Path<(String, WorkspaceId, UserId)>;

/// `POST /t/{slug}/workspaces/{id}/members`
pub async fn add(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Path<(String, WorkspaceId)>,
    Form(form): Form<Add>,
) -> PageResult {
    match workspaces::add_by_address(&ctx, id, &form.email).await {
        Ok(user) => {
            let message = format!("{} added. Give them a role in it on their page.", visible(user.display()));
            Ok(web.done(&page_of(&ctx, id), &message))
        }
        Err(Error::Invalid(errors)) => detail::refused(&web, ctx, id, form, errors).await,
        Err(error) => Err(error.into()),
    }
}

async fn member_of(ctx: &Ctx, id: WorkspaceId, user: UserId) -> Result<(WorkspaceDetail, Member), Error> {
    Ok((workspaces::find(ctx, id).await?, workspaces::member(ctx, id, user).await?))
}

/// `GET /t/{slug}/workspaces/{id}/members/{user}/remove`
pub async fn confirm_remove(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id, user)): OfMember) -> PageResult {
    ctx.require(Permission::WorkspacesManage).await?;
    let (detail, member) = member_of(&ctx, id, user).await?;
    let title = format!("Remove {} from {}", visible(member.display()), visible(&detail.workspace.name));
    let page = web.clone();
    Ok(web
        .show(&title.clone(), move || {
            let names: Vec<String> = member.roles.iter().map(|held| visible(&held.role_name)).collect();
            let lose = match names.is_empty() {
                true => Consequence::new("They hold no role in it, so they lose none."),
                false => Consequence::new(format!(
                    "They lose what they hold in it, with their next request: {}.",
                    names.join(", ")
                )),
            };
            let consequences = vec![
                lose,
                Consequence::new("They can be added again. Roles have to be given again."),
                Consequence::new("They stay in the organization, with all that they hold there."),
            ];
            let crumbs = crumbs(&ctx, &detail.workspace);
            let (action, csrf, hidden) = (page.path().to_owned(), page.csrf(), fields::hidden(&page));
            let (cancel_href, confirm_label) = (page_of(&ctx, id), "Remove from workspace");
            view! {
                <Breadcrumb crumbs />
                <ConfirmPage title=title.clone() summary=member.email.clone() consequences>
                    <ConfirmForm action csrf confirm_label cancel_href hidden />
                </ConfirmPage>
            }
            .into_any()
        })
        .await)
}

/// `POST /t/{slug}/workspaces/{id}/members/{user}/remove`
pub async fn remove(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id, user)): OfMember,
    Form(Confirmed {}): Form<Confirmed>,
) -> PageResult {
    let person = workspaces::remove_member(&ctx, id, user).await?;
    Ok(web.done(&page_of(&ctx, id), &format!("{} removed from the workspace.", visible(person.display()))))
}

/// A page of members, as it was asked for.
pub struct Members {
    query: ListQuery,
    list: MemberList,
    /// All of them, without the search.
    all: Count,
}

impl Members {
    /// Reads it.
    pub async fn read(web: &Web, ctx: &Ctx, id: WorkspaceId) -> Result<Self, Error> {
        let query = ListQuery::of(&page_of(ctx, id), "workspace-members", &[], web.query());
        let (search, page) = (query.search(), query.page(web));
        let list = workspaces::members(ctx, id, &search, &page).await?;
        let all = match search.is_empty() {
            true => list.count,
            false => workspaces::members(ctx, id, "", &page).await?.count,
        };
        Ok(Self { query, list, all })
    }

    /// The cards on the workspace's page.
    pub fn cards(&self, web: &Web, ctx: &Ctx, detail: &WorkspaceDetail, typed: &Add, errors: &FieldErrors) -> AnyView {
        let Self { query, list, all } = self;
        let may_manage = web.may(Permission::WorkspacesManage);
        let card = match (all.0 == 0, list.page.rows.is_empty()) {
            (true, _) => {
                view! { <Card title="Members"><p class="muted">"Nobody is in this workspace."</p></Card> }.into_any()
            }
            (false, nobody) => {
                let found = match nobody {
                    true => view! { <EmptyFiltered noun="members" clear_href=query.cleared() /> }.into_any(),
                    false => table(web, ctx, detail, &list.page.rows, may_manage),
                };
                let (filter, pager) = query.around(web, &list.page, (list.count, *all), "when they were added");
                let purpose = "Who is in this workspace, and which roles they hold in it.";
                view! {
                    <Card title="Members" purpose id="members" flush=true>
                        {filter}
                        {found}
                        {pager}
                    </Card>
                }
                .into_any()
            }
        };
        let may_add = may_manage && detail.workspace.status == WorkspaceStatus::Active;
        let form = may_add.then(|| add_form(web, ctx, detail.workspace.id, typed, errors));
        view! {
            {card}
            {form}
        }
        .into_any()
    }
}

fn table(web: &Web, ctx: &Ctx, detail: &WorkspaceDetail, members: &[Member], may_manage: bool) -> AnyView {
    let (now, rights) = (web.now(), detail.rights_of(ctx));
    let rows: Vec<_> = members
        .iter()
        .map(|member| {
            let (title, subtitle) =
                (member.display().to_owned(), (!member.name.is_empty()).then(|| member.email.clone()));
            let who = match web.may(Permission::UsersRead) {
                true => {
                    let href = format!("/t/{}/users/{}", ctx.identity().org_slug, member.user);
                    view! { <RowTitle title href subtitle avatar=true /> }.into_any()
                }
                false => {
                    let subtitle = subtitle.map(|text| Tag::new("div").class("row-sub").child(user_text(&text)));
                    [user_text(&title), subtitle.into()].into_iter().collect::<Markup>().into_any()
                }
            };
            let may_remove = may_manage && detail.may_remove(&rights, member, now);
            let remove = may_remove.then(|| {
                let href = format!("{}/members/{}/remove", page_of(ctx, detail.workspace.id), member.user);
                let aria_label = format!("Remove {}", visible(member.display()));
                view! { <LinkButton label="Remove" href size=Size::Small variant=Variant::Ghost aria_label /> }
            });
            let actions = may_manage.then(|| view! { <Cell actions=true>{remove}</Cell> });
            let (roles, at, by) = (roles(web, ctx, member), member.added_at, member.added_by.clone());
            view! {
                <Row>
                    <Cell header=true>{who}</Cell>
                    <Cell label="Roles here"><div>{roles}</div></Cell>
                    <Cell label="Added">
                        <div><RelTime at now /> <div class="row-sub"><UserText text=by /></div></div>
                    </Cell>
                    {actions}
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="User" />
        <HeadCell label="Roles here" />
        <HeadCell label="Added" />
        {may_manage.then(|| view! { <HeadCell label="Actions" hidden=true /> })}
    }
    .into_any();
    view! { <Table caption="Members of this workspace" head>{rows}</Table> }.into_any()
}

/// The roles that a member holds there, one a line.
fn roles(web: &Web, ctx: &Ctx, member: &Member) -> AnyView {
    if member.roles.is_empty() {
        return view! { <span class="muted">"None"</span> }.into_any();
    }
    let (now, may_open) = (web.now(), web.may(Permission::RolesRead));
    let roles = member.roles.iter().map(|held| {
        let text = held.role_name.clone();
        let name = match may_open {
            true => {
                let href = format!("/t/{}/roles/{}", ctx.identity().org_slug, held.role);
                view! { <a href=href><UserText text /></a> }.into_any()
            }
            false => view! { <UserText text /> }.into_any(),
        };
        let over = held.is_over(now).then(|| view! { " " <Badge label="Over" /> });
        let later = held.from.is_some_and(|from| from > now).then(|| view! { " " <Badge label="Later" /> });
        view! { <div>{name} {over} {later}</div> }
    });
    roles.collect_view().into_any()
}

fn add_form(web: &Web, ctx: &Ctx, id: WorkspaceId, typed: &Add, errors: &FieldErrors) -> AnyView {
    let (action, csrf, hidden) = (format!("{}/members", page_of(ctx, id)), web.csrf(), fields::hidden(web));
    let (value, error) = (typed.email.clone(), errors.of("email").map(str::to_owned));
    view! {
        <Card title="Add a member" purpose="Being in it allows nothing by itself. Roles in it are given on the page of a user.">
            <PostForm action csrf hidden>
                <Input
                    name="email"
                    label="E-mail address"
                    r#type="email"
                    value
                    error
                    hint="Of somebody in the organization."
                    autocomplete="off"
                    maxlength=254
                />
                <FormActions>
                    <SubmitButton label="Add member" pending="Adding" />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}
