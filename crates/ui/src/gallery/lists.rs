//! Pagers, breadcrumbs, statistics, result lines.

use super::item;
use crate::{Breadcrumb, CopyId, Crumb, KeysetPager, PageHeader, PageSize, ResultLine, Stat, Stats, StatusBadge};
use leptos::prelude::*;

pub(super) fn family() -> impl IntoView {
    view! {
        <section class="gallery-family">
            <h2>"Navigation"</h2>
            {item("Breadcrumb and PageHeader of a detail page", view! {
                <Breadcrumb crumbs=vec![
                    Crumb::new("Northwind Trading", "#main"),
                    Crumb::new("Users", "#main"),
                ] />
                <PageHeaderSpecimen />
            })}
            {item("ResultLine: all, filtered, capped", view! {
                <ResultLine matching=214 total=214 one="user" many="users" sorted_by="last seen" />
                <ResultLine matching=38 total=214 one="user" many="users" sorted_by="last seen" />
                <ResultLine matching=52_310 total=52_310 one="event" many="events" />
            })}
            {item("KeysetPager: first page, between, last page", view! {
                <KeysetPager label="First page" older="#main" sizes=sizes() />
                <KeysetPager label="A page between" newer="#main" older="#main" sizes=sizes() />
                <KeysetPager label="Last page" newer="#main" newer_label="Previous" older_label="Next" />
            })}
            {item("Stats", view! {
                <Stats>
                    <Stat label="Active users" value="214" href="#main" hint="3 invited" />
                    <Stat label="Sessions now" value="67" href="#main" />
                    <Stat label="Failed sign-ins, 24 h" value="1,240" href="#main" hint="92 from one address" />
                    <Stat label="Audit events" value="10,000+" />
                </Stats>
            })}
        </section>
    }
}

/// A page header without the `h1`, which a page has once.
#[component]
fn PageHeaderSpecimen() -> impl IntoView {
    view! {
            <PageHeader
                title="Ana Lopez"
                level=2
                status=view! { <StatusBadge status="active" /> }.into_any()
                meta=view! {
                    <span>"ana@northwind.example"</span>
                    <CopyId id="7b0e7a52-5f0c-4c1e-9d4e-2f7f3f3c9b11" what="user id" />
                }.into_any()
            />
    }
}

pub(super) fn sizes() -> Vec<PageSize> {
    [25, 50, 100].map(|rows| PageSize { rows, href: "#main".to_owned(), current: rows == 25 }).to_vec()
}
