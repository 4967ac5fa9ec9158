//! Description lists: the facts of one object.

use leptos::prelude::*;

/// The facts of one object, as [`Detail`] rows.
#[component]
pub fn DescriptionList(
    /// The [`Detail`] rows.
    children: Children,
) -> impl IntoView {
    view! { <dl class="details">{children()}</dl> }
}

/// One fact: a term and its value.
#[component]
pub fn Detail(
    /// The term.
    #[prop(into)]
    term: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="details-row">
            <dt>{term}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
