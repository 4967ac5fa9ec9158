//! The list of conflicts, with who holds both.

use super::{TITLE, base, page_of, permission};
use crate::web::{
    page::{PageResult, Web},
    roles::list_crumb,
    text::one_line,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx,
    duties::{self, DutyList, Held, Holders},
};
use bulkhead_model::Permission;
use bulkhead_ui::{
    Breadcrumb, Card, Cell, EmptyState, HeadCell, IconName, LinkButton, PageHeader, Row, RowTitle, Table, Variant,
    counted, visible,
};
use leptos::prelude::*;

/// People that a row names; the others are counted.
const MOST_NAMED: usize = 3;

/// `GET /t/{slug}/roles/conflicts`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let list = duties::list(&ctx).await?;
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &ctx, &list)).await)
}

fn body(web: &Web, ctx: &Ctx, list: &DutyList) -> AnyView {
    let new = || {
        let href = format!("{}/new", base(ctx));
        web.may(Permission::RolesManage)
            .then(|| view! { <LinkButton label="New conflict" href icon=IconName::Plus variant=Variant::Primary /> })
            .into_any()
    };
    let (actions, content) = match list.data.is_empty() {
        false => (new(), table(ctx, list)),
        true => (
            ().into_any(),
            view! {
                <EmptyState
                    title="No conflicting duties yet"
                    body="Name two permissions that no one person should hold together: who makes backups does not delete them, who changes roles does not read the audit log. Whoever would give somebody both is asked for a reason, or refused."
                    icon=IconName::Shield
                    action=new()
                />
            }
            .into_any(),
        ),
    };
    view! {
        <Breadcrumb crumbs=vec![list_crumb(ctx)] />
        <PageHeader
            title=TITLE
            purpose="Pairs of permissions that no one person should hold together. Admins hold everything, so they are not counted."
            actions
        />
        {content}
    }
    .into_any()
}

fn table(ctx: &Ctx, list: &DutyList) -> AnyView {
    let rows: Vec<_> = list.data.iter().map(|held| row(ctx, list, held)).collect();
    let head = view! {
        <HeadCell label="Conflict" />
        <HeadCell label="Permission" />
        <HeadCell label="Not together with" />
        <HeadCell label="On giving both" />
        <HeadCell label="Who holds both" />
    }
    .into_any();
    view! { <Card flush=true><Table caption="Conflicting duties, by name" head>{rows}</Table></Card> }.into_any()
}

fn row(ctx: &Ctx, list: &DutyList, held: &Held) -> AnyView {
    let Held { conflict, holders } = held;
    let (title, subtitle, href) = (conflict.name.clone(), one_line(&conflict.why), page_of(ctx, conflict.id));
    let first = permission(&list.catalogue, conflict.pair.first());
    let second = permission(&list.catalogue, conflict.pair.second());
    let rule = conflict.rule.label();
    let who = who(&href, &conflict.name, holders);
    view! {
        <Row>
            <Cell header=true><RowTitle title href subtitle /></Cell>
            <Cell label="Permission">{first}</Cell>
            <Cell label="Not together with">{second}</Cell>
            <Cell label="On giving both">{rule}</Cell>
            <Cell label="Who holds both">{who}</Cell>
        </Row>
    }
    .into_any()
}

/// How many, leading to all of them, and the first by name.
fn who(href: &str, name: &str, holders: &Holders) -> AnyView {
    let count = holders.count();
    if count == 0 {
        return view! { <span class="muted">"Nobody"</span> }.into_any();
    }
    let people = counted(u64::try_from(count).unwrap_or(u64::MAX), "person", "people");
    let href = format!("{href}#holders");
    let aria_label = format!("{people} who hold both: {}", visible(name));
    let built_in = holders.by_built_in.iter().filter(|(_, count)| *count > 0);
    let built_in = built_in.map(|(role, count)| format!("{count} with the role {}", role.label()));
    let named = holders.people.iter().map(|(_, email)| visible(email));
    let all: Vec<String> = built_in.chain(named).collect();
    let shown = all.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let shown = match all.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    };
    view! {
        <div>
            <a href=href aria-label=aria_label>{people}</a>
            <div class="row-sub">{shown}</div>
        </div>
    }
    .into_any()
}
