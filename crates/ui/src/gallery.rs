//! Every component in every state.

use leptos::prelude::*;

/// Every component in every state.
#[component]
pub fn Gallery() -> impl IntoView {
    view! { <p>"Gallery"</p> }
}
