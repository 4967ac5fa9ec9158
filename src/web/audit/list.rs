//! The list of events, newest first.

use super::{
    Reader,
    filters::{self, Filters},
    row,
};
use crate::web::{
    list::ListQuery,
    page::{PageResult, Web},
    references,
};
use bulkhead_domain::audit::EventList;
use bulkhead_islands::LiveTail;
use bulkhead_model::{
    audit::AuditEvent,
    page::{Page, Place},
};
use bulkhead_ui::{EmptyFiltered, FilterBar, PageHeader, ResultLine, Table};
use leptos::prelude::*;

/// `GET /t/{slug}/audit` and `GET /op/audit`
pub async fn show(web: Web, reader: Reader) -> PageResult {
    let query = ListQuery::read(&web, "audit", &filters::NAMES);
    let filters = Filters::read(&query, &reader).await?;
    let request = query.page(&web);
    let list = reader.list(&filters.filter, &request).await?;
    let total = match filters.is_empty() {
        true => list.count,
        false => reader.count().await?,
    };
    let platform = reader.is_platform();
    // Only on top of the list is there a place for what is new, and none where the past was asked for.
    let live = (request.place == Place::First && filters.filter.until.is_none()).then(|| live_url(&web, &list.page));
    let viewer = web.clone();
    Ok(web
        .show_with_islands("Audit log", move || {
            let purpose = match platform {
                true => "What was done in every organization, by whom, and what was refused.",
                false => "What was done in this organization, by whom, and what was refused.",
            };
            let number = |count: i64| u64::try_from(count).unwrap_or_default();
            let reference = viewer.path().strip_suffix("/audit").map(references::form).into_any();
            view! {
                <PageHeader title="Audit log" purpose actions=reference />
                <FilterBar
                    action=viewer.path().to_owned()
                    search_label="Actor: address or id"
                    query=query.first("actor").unwrap_or_default().to_owned()
                    query_name="actor"
                    facets=vec![filters::outcome_facet(&query)]
                    more=filters::more(&query, platform)
                    applied=filters.applied(&query)
                    clear_href=(!filters.is_empty()).then(|| query.cleared())
                    keep=query.kept()
                />
                <ResultLine
                    matching=number(list.count.0)
                    total=number(total.0)
                    one="event"
                    many="events"
                    sorted_by="time, newest first"
                />
                {live.map(|url| view! { <LiveTail url /> })}
                {table(&viewer, &list, platform)}
                {list
                    .page
                    .rows
                    .is_empty()
                    .then(|| {
                        view! {
                            <div id="audit-empty">
                                <EmptyFiltered noun="events" clear_href=query.cleared() />
                            </div>
                        }
                    })}
                {query.pager(&viewer, &list.page, ("Newer", "Older"))}
            }
            .into_any()
        })
        .await)
}

/// The table; hidden without rows, because the live tail may bring some. Beside it the row the tail fills.
fn table(web: &Web, list: &EventList, platform: bool) -> AnyView {
    let (base, now) = (web.path(), web.now());
    let rows = list
        .page
        .rows
        .iter()
        .map(|event| {
            let organization = list.org_names.get(&event.org_id).map(String::as_str);
            row::drawn(event, row::row(event, base, organization), now, platform)
        })
        .collect_view();
    view! {
        <div class="audit-list" id="audit-list" hidden=list.page.rows.is_empty()>
            <Table caption="Events" head=row::head(platform)>
                {rows}
            </Table>
        </div>
        <template id="audit-row">{row::template(platform)}</template>
    }
    .into_any()
}

/// Where the tail of this list comes from: the same filters, after the newest event shown.
fn live_url(web: &Web, page: &Page<AuditEvent>) -> String {
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(web.query()).unwrap_or_default();
    pairs.retain(|(name, value)| filters::NAMES.contains(&name.as_str()) && !value.is_empty());
    pairs.extend(page.rows.first().map(|newest| ("since".to_owned(), newest.id.to_string())));
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    format!("{}/live?{query}", web.path())
}
