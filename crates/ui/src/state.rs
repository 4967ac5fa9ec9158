//! What a list shows when it has nothing to show yet.

use crate::{Icon, IconName, OptText};
use leptos::prelude::*;

/// Nothing here yet: what it is, why, and the one thing to do.
#[component]
pub fn EmptyState(
    /// What is missing: "No users yet".
    #[prop(into)]
    title: String,
    /// What it is for, or why nothing matched.
    #[prop(into)]
    body: String,
    /// Its icon.
    #[prop(default = IconName::Layers)]
    icon: IconName,
    /// The one action.
    #[prop(optional)]
    action: Option<AnyView>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon"><Icon name=icon /></span>
            <h2>{title}</h2>
            <p>{body}</p>
            {action.map(|action| view! { <div class="empty-action">{action}</div> })}
        </div>
    }
}

/// Filters that match nothing: "No users match `role:billing`."
#[component]
pub fn EmptyFiltered(
    /// The noun for many: "users".
    #[prop(into)]
    noun: String,
    /// The filters, as a person would type them.
    #[prop(optional, into)]
    filters: OptText,
    /// The list without filters.
    #[prop(into)]
    clear_href: String,
) -> impl IntoView {
    let title = format!("No {noun} match");
    view! {
        <div class="empty">
            <span class="empty-icon"><Icon name=IconName::Filter /></span>
            <h2>{title}</h2>
            {filters.get().map(|text| view! { <p><code><crate::UserText text /></code></p> })}
            <div class="empty-action">
                <a class="btn btn-secondary" href=clear_href>
                    "Clear filters"
                </a>
            </div>
        </div>
    }
}

/// The place of something slow, at its final height.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 3)]
    lines: u8,
    /// What is being loaded.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let lines = (0..lines).map(|_| view! { <span class="skeleton-line"></span> }).collect_view();
    view! {
        <div class="skeleton" aria-busy="true" role="status">
            <span class="sr-only">{format!("Loading {label}")}</span>
            {lines}
        </div>
    }
}
