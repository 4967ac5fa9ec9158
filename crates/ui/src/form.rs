//! Forms that change something.

use crate::{Markup, Tag, input::hidden as field};
use leptos::prelude::*;

/// The hidden field that carries the synchroniser token.
pub const CSRF_FIELD: &str = "csrf";

/// A form that posts. Brings the synchroniser token; everything hidden else goes into `hidden`
/// (the organization, the idempotency key, the version).
#[component(transparent)]
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
) -> Markup {
    let form = Tag::new("form").class(if inline { "form-inline" } else { "form" }).maybe("id", id.as_deref());
    // The server's messages are better than the browser's bubbles, and read the same everywhere.
    let form = form.attr("method", "post").attr("action", &action).flag("novalidate", true).open();
    let hidden = hidden.iter().map(|(name, value)| field(name, value));
    form.child(field(CSRF_FIELD, &csrf)).children(hidden).view(children()).into()
}

/// The row of buttons that ends a form.
#[component(transparent)]
pub fn FormActions(
    /// The buttons, the primary one first.
    children: Children,
) -> Markup {
    Tag::new("div").class("form-actions").open().view(children()).into()
}
