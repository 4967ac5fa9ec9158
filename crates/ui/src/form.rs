//! Forms that change something.

use crate::Hidden;
use leptos::prelude::*;

/// The hidden field that carries the synchroniser token.
pub const CSRF_FIELD: &str = "csrf";

/// A form that posts. Brings the synchroniser token; everything hidden else goes into `hidden`
/// (the organization, the idempotency key, the version).
#[component]
pub fn PostForm(
    /// Where it posts.
    #[prop(into)]
    action: String,
    /// The synchroniser token of the session.
    #[prop(into)]
    csrf: String,
    /// More hidden fields, as name and value.
    #[prop(optional)]
    hidden: Vec<(String, String)>,
    /// In a row of buttons instead of a column of fields.
    #[prop(optional)]
    inline: bool,
    /// An id, when a button elsewhere sends this form.
    #[prop(optional, into)]
    id: crate::OptText,
    /// The fields and the button.
    children: Children,
) -> impl IntoView {
    let hidden = hidden.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect_view();
    // The server's messages are better than the browser's bubbles, and read the same everywhere.
    view! {
        <form
            class=if inline { "form-inline" } else { "form" }
            id=id.get()
            method="post"
            action=action
            novalidate=true
        >
            <Hidden name=CSRF_FIELD value=csrf />
            {hidden}
            {children()}
        </form>
    }
}

/// The row of buttons that ends a form.
#[component]
pub fn FormActions(
    /// The buttons, the primary one first.
    children: Children,
) -> impl IntoView {
    view! { <div class="form-actions">{children()}</div> }
}
