//! Data sources: databases of somebody else's that the isolation pages look at.

pub mod edit;
pub mod remove;

use crate::web::page::{PageResult, Web};
use axum::extract::Extension;
use bulkhead_domain::{OperatorCtx, data_sources};
use bulkhead_model::{DataSourceId, Permission, isolation::DataSource};
use bulkhead_ui::{
    Cell, EmptyState, HeadCell, IconName, LinkButton, PageHeader, RelTime, Row, RowTitle, Table, UserText, visible,
};
use leptos::prelude::*;

/// What the page is called.
pub const TITLE: &str = "Data sources";
/// Where it is.
pub const PATH: &str = "/op/sources";

/// The report of one.
pub fn page_of(id: DataSourceId) -> String {
    format!("{PATH}/{id}")
}

/// The settings of one.
pub fn settings_of(id: DataSourceId) -> String {
    format!("{}/settings", page_of(id))
}

/// `GET /op/sources`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    let sources = data_sources::list(&ctx).await?;
    let viewer = web.clone();
    Ok(web.show(TITLE, move || body(&viewer, &sources)).await)
}

fn body(web: &Web, sources: &[DataSource]) -> AnyView {
    let may = web.may(Permission::PlatformIsolationManage);
    let register = || {
        let href = format!("{PATH}/new");
        may.then(|| view! { <LinkButton label="Register a database" href icon=IconName::Plus /> }).into_any()
    };
    let now = web.now();
    let rows: Vec<_> = sources
        .iter()
        .map(|source| {
            let (title, href) = (visible(source.name.as_str()), page_of(source.id));
            let (place, by, at) = (source.place.clone(), source.created_by.clone(), source.updated_at);
            view! {
                <Row>
                    <Cell header=true><RowTitle title href /></Cell>
                    <Cell label="Where"><code class="wrap-anywhere">{visible(&place)}</code></Cell>
                    <Cell label="Registered by"><UserText text=by /></Cell>
                    <Cell label="Changed"><RelTime at now /></Cell>
                </Row>
            }
        })
        .collect();
    let (actions, content) = match rows.is_empty() {
        true => (
            ().into_any(),
            view! {
                <EmptyState
                    title="No data source yet"
                    body="Register the database of your own product, and the isolation report, its findings and the X-ray work on it as they do on this one. Nothing is ever changed in it."
                    icon=IconName::Database
                    action=register()
                />
            }
            .into_any(),
        ),
        false => {
            let head = view! {
                <HeadCell label="Name" />
                <HeadCell label="Where" />
                <HeadCell label="Registered by" />
                <HeadCell label="Changed" />
            }
            .into_any();
            (register(), view! { <Table caption="Data sources, by name" head>{rows}</Table> }.into_any())
        }
    };
    view! {
        <PageHeader
            title=TITLE
            purpose="Other databases whose isolation can be looked at from here: read-only, within time limits, over TLS."
            actions
        />
        {content}
    }
    .into_any()
}
