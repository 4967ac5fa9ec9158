//! The frame of the pages before sign-in.

use crate::shell::skip_link;
use crate::{Markup, OptText, Tag, user_text};
use leptos::prelude::*;

/// The mark: a hull cut into watertight compartments.
#[component(transparent)]
pub fn Mark() -> Markup {
    mark()
}

/// [`Mark`] for markup.
pub(crate) fn mark() -> Markup {
    Markup::constant(
        "<svg class=\"mark\" aria-hidden=\"true\" width=\"20\" height=\"20\" focusable=\"false\">\
         <use href=\"/icons.svg#mark\"></use></svg>",
    )
}

/// A centred card with the product's mark, for sign-in, reset and invitation pages.
#[component(transparent)]
pub fn AuthShell(
    /// The heading (`h1`); left out where what is inside brings its own.
    #[prop(optional, into)]
    title: OptText,
    /// The organization the page is about; may be user text.
    #[prop(optional, into)]
    organization: OptText,
    /// One line under the heading.
    #[prop(optional, into)]
    purpose: OptText,
    /// The message about the last request.
    #[prop(optional)]
    flash: Option<AnyView>,
    /// Links under the card: help, another organization.
    #[prop(optional)]
    footer: Option<AnyView>,
    /// The form.
    children: Children,
) -> Markup {
    let brand = Tag::new("header").class("auth-brand").child(mark()).child(Tag::new("span").text("Bulkhead"));
    let organization = organization.as_deref().map(|name| Tag::new("p").class("auth-org").child(user_text(name)));
    let card = Tag::new("main").class("auth-card").attr("id", "main").attr("tabindex", "-1");
    let card = card
        .child(flash)
        .child(organization)
        .child(title.as_deref().map(|title| Tag::new("h1").text(title)))
        .child(purpose.as_deref().map(|purpose| Tag::new("p").class("auth-purpose").text(purpose)))
        .view(children());
    let footer = footer.map(|footer| Tag::new("footer").class("auth-foot").child(footer));
    let page = Tag::new("div").class("auth").child(brand).child(card).child(footer);
    [skip_link(), page.into()].into_iter().collect()
}
