//! "Who can see users?": everybody who may do something, by which kind of role, and who may not in spite of theirs.

use super::{
    csv,
    list::ListQuery,
    page::{PageResult, Web},
};
use crate::routes::{Access, Routes};
use axum::extract::Extension;
use bulkhead_authz::{access::role_id, catalogue::Entry};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Able, Reach},
};
use bulkhead_model::{FieldErrors, Permission, RoleId, UserId, access::PermissionName, user::Role};
use bulkhead_ui::{
    Align, Badge, Breadcrumb, Card, Cell, Choice, Crumb, FormActions, HeadCell, IconName, LinkButton, PageHeader, Row,
    Select, SubmitButton, Table, Tone, UserText, Variant, counted, visible,
};
use leptos::prelude::*;

/// The routes of this page.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant).get("/t/{slug}/roles/who", show).get("/t/{slug}/roles/who.csv", download)
}

/// What is asked for: nothing yet, or what stands in the address.
fn asked(web: &Web) -> Option<String> {
    ListQuery::read(web, "who", &["permission"]).first("permission").map(str::to_owned)
}

/// Who may do it.
///
/// # Errors
/// [`Error::NotFound`] where it does not exist in this organization.
async fn answered(ctx: &Ctx, text: &str) -> Result<Able, Error> {
    let permission: PermissionName = text.parse().map_err(|_| Error::NotFound)?;
    access::who_can(ctx, &permission).await
}

/// `GET /t/{slug}/roles/who?permission=…`
async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let choices = access::permissions(&ctx).await?;
    let page = web.clone();
    let able = match asked(&web) {
        None => None,
        Some(text) => match answered(&ctx, &text).await {
            Ok(able) => Some(able),
            Err(Error::NotFound) => {
                let errors = FieldErrors::one("permission", "There is no such permission. Choose one.");
                return Ok(web.refuse("Who can?", move || body(&page, &ctx, &choices, None, &errors)).await);
            }
            Err(error) => return Err(error.into()),
        },
    };
    let title = able.as_ref().map_or_else(|| "Who can?".to_owned(), |able| question(&able.permission));
    Ok(web.show(&title, move || body(&page, &ctx, &choices, able.as_ref(), &FieldErrors::new())).await)
}

fn question(permission: &Entry) -> String {
    format!("Who can {}?", visible(&permission.sentence))
}

/// `GET /t/{slug}/roles/who.csv?permission=…`
async fn download(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    ctx.require(Permission::RolesRead).await?;
    let able = answered(&ctx, &asked(&web).ok_or(Error::NotFound)?).await?;
    let permission = able.permission.name.to_string();
    let row = |kind: &str, id: String, name: String, reach: Reach, holders: String| {
        [permission.clone(), kind.to_owned(), id, name, reach.code().to_owned(), holders]
    };
    let built_in = able.by_built_in.iter().map(|(role, holders)| {
        row("built_in_role", role_id(*role).to_string(), role.label().to_owned(), Reach::Always, holders.to_string())
    });
    let own =
        able.roles.iter().map(|(id, name, reach)| row("own_role", id.to_string(), name.clone(), *reach, String::new()));
    let people = |kind: &'static str, people: &[(UserId, String, Reach)]| -> Vec<[String; 6]> {
        people
            .iter()
            .map(|(id, email, reach)| row(kind, id.to_string(), email.clone(), *reach, String::new()))
            .collect()
    };
    let rows: Vec<[String; 6]> = built_in
        .chain(own)
        .chain(people("user_by_own_role", &able.by_own))
        .chain(people("user_denied", &able.denied))
        .collect();
    let file = format!("who-can-{}", permission.replace([':', '.'], "-"));
    Ok(csv::download(&file, ["permission", "kind", "id", "name", "reach", "holders"], &rows))
}

fn body(web: &Web, ctx: &Ctx, choices: &[Entry], able: Option<&Able>, errors: &FieldErrors) -> AnyView {
    let base = format!("/t/{}", ctx.identity().org_slug);
    let title = able.map_or_else(|| "Who can?".to_owned(), |able| question(&able.permission));
    let actions = able.map(|able| {
        let href = format!("{}.csv?permission={}", web.path(), able.permission.name);
        view! { <LinkButton label="Download CSV" href variant=Variant::Secondary icon=IconName::Download /> }
    });
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Roles", format!("{base}/roles"))] />
        <PageHeader title purpose="Everybody who may do something, and by which role." actions=actions.into_any() />
        {choose(web, choices, able.map(|able| &able.permission), errors)}
        {able.map(|able| answer(&base, able))}
    }
    .into_any()
}

fn choose(web: &Web, permissions: &[Entry], chosen: Option<&Entry>, errors: &FieldErrors) -> AnyView {
    let label = |entry: &Entry| format!("{} ({})", visible(&entry.sentence), entry.name);
    let none = Choice::new("", "Choose a permission");
    let choices = std::iter::once(none)
        .chain(permissions.iter().map(|entry| Choice::new(entry.name.to_string(), label(entry))))
        .collect();
    let value = chosen.map(|entry| entry.name.to_string()).unwrap_or_default();
    let (error, action) = (errors.of("permission").map(str::to_owned), web.path().to_owned());
    view! {
        <Card>
            <form class="form form-across" method="get" action=action novalidate>
                <Select name="permission" label="Who can …" choices value error />
                <FormActions>
                    <SubmitButton label="Show" />
                </FormActions>
            </form>
        </Card>
    }
    .into_any()
}

fn answer(base: &str, able: &Able) -> AnyView {
    let Able { by_built_in, by_own, denied, roles, .. } = able;
    view! {
        {built_in(base, by_built_in)}
        {people(
            base,
            "By a role of the organization's own",
            "Active users whose built-in role does not allow it.",
            "Nobody may by a role of the organization's own.",
            by_own,
        )}
        {people(
            base,
            "Not, in spite of their built-in role",
            "Active users whom a role of the organization's own denies it, always or under a condition.",
            "Nobody whose built-in role allows it is denied it.",
            denied,
        )}
        {own_roles(base, roles)}
    }
    .into_any()
}

fn built_in(base: &str, roles: &[(Role, i64)]) -> AnyView {
    let rows = roles
        .iter()
        .map(|(role, holders)| {
            let users = format!("{base}/users?role={}&status=active", role.code());
            let count = counted(u64::try_from(*holders).unwrap_or_default(), "active user", "active users");
            let (href, label) = (format!("{base}/roles/{}", role_id(*role)), role.label());
            view! {
                <Row>
                    <Cell header=true><a href=href>{label}</a></Cell>
                    <Cell label="Users" align=Align::End><a href=users>{count}</a></Cell>
                </Row>
            }
        })
        .collect_view();
    if roles.is_empty() {
        return view! { <Card title="By their built-in role"><p class="muted">"No built-in role allows it."</p></Card> }
            .into_any();
    }
    let head = view! { <HeadCell label="Role" /> <HeadCell label="Users" align=Align::End /> }.into_any();
    view! {
        <Card title="By their built-in role" flush=true>
            <Table caption="Built-in roles that allow it" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

/// How far, as a badge.
fn reach(reach: Reach) -> AnyView {
    let (label, tone) = match reach {
        Reach::Always => ("Allowed", Tone::Ok),
        Reach::Sometimes => ("Under a condition", Tone::Warn),
        Reach::Never => ("Not allowed", Tone::Neutral),
    };
    let icon = if reach == Reach::Never { IconName::Ban } else { tone.icon() };
    view! { <Badge label tone icon /> }.into_any()
}

fn people(
    base: &str,
    title: &'static str,
    purpose: &'static str,
    nobody: &'static str,
    people: &[(UserId, String, Reach)],
) -> AnyView {
    if people.is_empty() {
        return view! { <Card title><p class="muted">{nobody}</p></Card> }.into_any();
    }
    let rows = people
        .iter()
        .map(|(user, email, how_far)| (format!("{base}/users/{user}/access"), email.clone(), *how_far))
        .map(row)
        .collect_view();
    let head = view! { <HeadCell label="User" /> <HeadCell label="Answer" /> }.into_any();
    view! { <Card title purpose flush=true><Table caption=title head>{rows}</Table></Card> }.into_any()
}

fn own_roles(base: &str, roles: &[(RoleId, String, Reach)]) -> Option<AnyView> {
    if roles.is_empty() {
        return None;
    }
    let rows = roles
        .iter()
        .map(|(role, name, how_far)| (format!("{base}/roles/{role}"), name.clone(), *how_far))
        .map(row)
        .collect_view();
    let head = view! { <HeadCell label="Role" /> <HeadCell label="Answer" /> }.into_any();
    Some(
        view! {
            <Card title="Roles of the organization's own that allow it" flush=true>
                <Table caption="Roles of the organization's own that allow it" head>{rows}</Table>
            </Card>
        }
        .into_any(),
    )
}

fn row((href, text, how_far): (String, String, Reach)) -> AnyView {
    view! {
        <Row>
            <Cell header=true><a href=href><UserText text /></a></Cell>
            <Cell label="Answer">{reach(how_far)}</Cell>
        </Row>
    }
    .into_any()
}
