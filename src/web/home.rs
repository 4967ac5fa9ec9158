//! The start page of an organization: what needs its viewer first, then what happened. Everything on it is counted
//! when the page is asked for; nothing is there to be looked at only.

use super::page::{PageResult, Web};
use crate::routes::{Access, Routes};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, Error, audit, settings, users};
use bulkhead_model::{
    Permission,
    audit::AuditFilter,
    page::{PageRequest, Place},
    setting::{SettingKey, SettingValue},
    user::{Role, UserFilter, UserSort, UserStatus},
};
use bulkhead_ui::{
    Card, EmptyState, IconName, LinkButton, PageHeader, Size, Stat, Stats, UserText, Variant, counted, number,
    relative_time,
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The routes of this page.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant).get("/t/{slug}", show)
}

/// The organization in numbers.
struct Standing {
    users: u64,
    invited: u64,
    suspended: u64,
    admins: u64,
    /// When the longest open invitation was created.
    oldest_invitation: Option<OffsetDateTime>,
    /// The most users the plan allows, for those who may know.
    most: Option<u64>,
}

impl Standing {
    async fn read(ctx: &Ctx) -> Result<Self, Error> {
        let any = UserFilter::default();
        // Dates order newest first; reversed, the first row is the oldest.
        let invited =
            UserFilter { status: vec![UserStatus::Invited], sort: UserSort::Created, descending: true, ..any.clone() };
        let suspended = UserFilter { status: vec![UserStatus::Suspended], ..any.clone() };
        let admins = UserFilter { status: vec![UserStatus::Active], role: vec![Role::Admin], ..any.clone() };
        let one = PageRequest::new(Place::First, 1);
        let invited = users::list(ctx, &invited, &one).await?;
        let number = |list: users::UserList| u64::try_from(list.count.0).unwrap_or_default();
        Ok(Self {
            users: number(users::list(ctx, &any, &one).await?),
            oldest_invitation: invited.page.rows.first().map(|user| user.created_at),
            invited: number(invited),
            suspended: number(users::list(ctx, &suspended, &one).await?),
            admins: number(users::list(ctx, &admins, &one).await?),
            most: match ctx.may(Permission::SettingsRead) {
                true => settings::in_force(ctx).await?.into_iter().find_map(|setting| match setting.value {
                    SettingValue::Integer(most) if setting.key == SettingKey::UsersMax => u64::try_from(most).ok(),
                    _ => None,
                }),
                false => None,
            },
        })
    }
}

/// One thing that waits for the viewer.
struct Todo {
    title: String,
    why: &'static str,
    label: &'static str,
    href: String,
}

/// What waits for this viewer: only what their role can settle, the most pressing first.
fn todos(ctx: &Ctx, standing: &Standing, base: &str, now: OffsetDateTime) -> Vec<Todo> {
    let mut todos = Vec::new();
    if ctx.identity().role == Role::Admin && standing.admins == 1 {
        todos.push(Todo {
            title: "You are the only admin".to_owned(),
            why: "If you lose access, nobody here can invite you back. Make someone else an admin as well.",
            label: "Choose a user",
            href: format!("{base}/users?status=active"),
        });
    }
    if let Some(most) = standing.most
        && ctx.may(Permission::UsersInvite)
        && standing.users.saturating_mul(10) >= most.saturating_mul(9)
    {
        todos.push(Todo {
            title: format!("{} of {} places are taken", number(standing.users), number(most)),
            why: "Invitations stop when none is left. Remove users who are gone, or have an operator change the plan.",
            label: "Review users",
            href: format!("{base}/users?sort=last_seen"),
        });
    }
    if let Some(oldest) = standing.oldest_invitation
        && ctx.may(Permission::UsersInvite)
    {
        let open = counted(standing.invited, "invitation is open", "invitations are open");
        todos.push(Todo {
            title: format!("{open}, the oldest from {}", relative_time(oldest, now)),
            why: "Resend those whose link has expired; remove those nobody will accept.",
            label: "Review invitations",
            href: format!("{base}/users?status=invited&sort=created"),
        });
    }
    if standing.suspended > 0 && ctx.may(Permission::UsersSuspend) {
        todos.push(Todo {
            title: counted(standing.suspended, "user is suspended", "users are suspended"),
            why: "They cannot sign in. Reactivate them, or remove them to free their places.",
            label: "Review suspended users",
            href: format!("{base}/users?status=suspended"),
        });
    }
    if ctx.identity().name.is_empty() {
        todos.push(Todo {
            title: "You have not said what you are called".to_owned(),
            why: "Others see your address instead.",
            label: "Add your name",
            href: "/account".to_owned(),
        });
    }
    todos
}

async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let standing = Standing::read(&ctx).await?;
    let recent = match ctx.may(Permission::AuditRead) {
        true => Some(audit::list(&ctx, &AuditFilter::default(), &PageRequest::new(Place::First, 8)).await?.page.rows),
        false => None,
    };
    let support = settings::support_address(&ctx).await?;
    let (now, may_invite) = (web.now(), web.may(Permission::UsersInvite));
    Ok(web
        .show("Home", move || {
            let identity = ctx.identity();
            let base = format!("/t/{}", identity.org_slug);
            let users_href = format!("{base}/users");
            let actions = match may_invite {
                true => {
                    let href = format!("{users_href}/invite");
                    view! { <LinkButton label="Invite users" href variant=Variant::Primary /> }.into_any()
                }
                false => ().into_any(),
            };
            let recent = recent.map(|events| {
                let all = format!("{base}/audit");
                let events = super::audit::timeline(&events, &all, now);
                let actions = view! { <LinkButton label="Audit log" href=all size=Size::Small /> }.into_any();
                view! { <Card title="Latest events" actions>{events}</Card> }
            });
            let todos = todos(&ctx, &standing, &base, now);
            view! {
                <PageHeader
                    title=identity.org_name.clone()
                    purpose=format!("You are signed in as {}, {}.", identity.email, identity.role.label().to_lowercase())
                    actions
                />
                {waiting(todos)}
                <Stats>
                    <Stat label="Users" value=number(standing.users) href=users_href.clone() />
                    <Stat label="Open invitations" value=number(standing.invited) href=format!("{users_href}?status=invited") />
                    <Stat label="Suspended" value=number(standing.suspended) href=format!("{users_href}?status=suspended") />
                </Stats>
                {recent}
                {support
                    .map(|address| {
                        let href = format!("mailto:{address}");
                        view! {
                            <p class="muted">
                                "Help from your own organization: " <a href=href><UserText text=address /></a>
                            </p>
                        }
                    })}
            }
            .into_any()
        })
        .await)
}

fn waiting(todos: Vec<Todo>) -> AnyView {
    if todos.is_empty() {
        return view! {
            <Card title="Needs you" flush=true>
                <EmptyState title="Nothing needs you" body="What waits for your decision appears here." icon=IconName::CircleCheck />
            </Card>
        }
        .into_any();
    }
    let items: Vec<_> = todos
        .into_iter()
        .map(|Todo { title, why, label, href }| {
            view! {
                <li class="todo">
                    <div>
                        <p class="todo-title">{title}</p>
                        <p class="hint">{why}</p>
                    </div>
                    <LinkButton label href size=Size::Small />
                </li>
            }
        })
        .collect();
    view! {
        <Card title="Needs you" flush=true>
            <ul class="todos">{items}</ul>
        </Card>
    }
    .into_any()
}
