//! Resource types: what services have that can be allowed or denied, the same in every organization.

pub mod edit;
mod form;
pub mod remove;

use crate::web::page::{PageResult, Web};
use axum::extract::Extension;
use bulkhead_domain::{OperatorCtx, resource_types};
use bulkhead_model::{
    Permission,
    access::{ResourceType, StoredResourceType},
};
use bulkhead_ui::{
    Align, Cell, EmptyState, HeadCell, IconName, LinkButton, PageHeader, RelTime, Row, RowTitle, Table, UserText,
    number, visible,
};
use leptos::prelude::*;

/// What the page is called.
pub const TITLE: &str = "Resource types";
/// Where it is.
pub const PATH: &str = "/op/resource-types";

/// The page of one.
fn page_of(name: &ResourceType) -> String {
    format!("{PATH}/{name}")
}

/// `GET /op/resource-types`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    let types = resource_types::list(&ctx).await?;
    let viewer = web.clone();
    Ok(web.show(TITLE, move || body(&viewer, &types)).await)
}

fn body(web: &Web, types: &[StoredResourceType]) -> AnyView {
    let may = web.may(Permission::PlatformTypesManage);
    let register = || {
        let href = format!("{PATH}/new");
        may.then(|| view! { <LinkButton label="Register a type" href icon=IconName::Plus variant=bulkhead_ui::Variant::Primary /> })
            .into_any()
    };
    let content = match types {
        [] => {
            let body = "Register what your product has, such as invoices, and every organization's roles can say who may do what to it.";
            view! { <EmptyState title="Nothing is registered" body icon=IconName::Layers action=register() /> }
                .into_any()
        }
        types => table(web, types),
    };
    let actions = if types.is_empty() { ().into_any() } else { register() };
    let purpose = "What your services have that can be allowed or denied. Roles of every organization name their actions, and services ask for decisions about them.";
    view! {
        <PageHeader title=TITLE purpose actions />
        {content}
    }
    .into_any()
}

fn table(web: &Web, types: &[StoredResourceType]) -> AnyView {
    let now = web.now();
    let count = |many: usize| number(u64::try_from(many).unwrap_or(u64::MAX));
    let rows: Vec<_> = types
        .iter()
        .map(|stored| {
            let schema = &stored.schema;
            let (title, href, subtitle) = (visible(&schema.label), page_of(&schema.name), visible(&schema.description));
            let (name, at, by) = (schema.name.to_string(), stored.updated_at, stored.updated_by.clone());
            let (actions, attributes) = (count(schema.actions.len()), count(schema.attributes.len()));
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Name"><code>{name}</code></Cell>
                    <Cell label="Actions" align=Align::End>{actions}</Cell>
                    <Cell label="Attributes" align=Align::End>{attributes}</Cell>
                    <Cell label="Last change">
                        <div><RelTime at now /> <div class="row-sub"><UserText text=by /></div></div>
                    </Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="Type" />
        <HeadCell label="Name" />
        <HeadCell label="Actions" align=Align::End />
        <HeadCell label="Attributes" align=Align::End />
        <HeadCell label="Last change" />
    }
    .into_any();
    view! { <Table caption="Resource types, by name" head>{rows}</Table> }.into_any()
}
