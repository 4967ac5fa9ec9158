//! The head of a page's content: where it is, what it is, what can be done.

use crate::{Markup, OptText, Tag, user_text};
use leptos::prelude::*;

/// One step of a [`Breadcrumb`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crumb {
    /// The name of the page.
    pub label: String,
    /// Where it is.
    pub href: String,
}

impl Crumb {
    /// A step.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// The pages above this one. The page itself is the `h1` below and is not repeated.
#[component(transparent)]
pub fn Breadcrumb(
    /// The pages above, outermost first.
    crumbs: Vec<Crumb>,
) -> Markup {
    let steps = crumbs.iter().map(|crumb| {
        let link = Tag::new("a").attr("href", &crumb.href).text(&crate::visible(&crumb.label));
        Tag::new("li").child(link)
    });
    let list = Tag::new("ol").open().children(steps);
    Tag::new("nav").class("breadcrumb").attr("aria-label", "Breadcrumb").child(list).into()
}

/// The `h1`, one line on what the page is for, and its actions.
#[component(transparent)]
pub fn PageHeader(
    /// The heading; may be user text.
    #[prop(into)]
    title: String,
    /// The level of the heading: 1, once a page; 2 for an object inside a page.
    #[prop(default = 1)]
    level: u8,
    /// One line on what the page is for.
    #[prop(optional, into)]
    purpose: OptText,
    /// A badge or chip after the heading.
    #[prop(optional)]
    status: Option<AnyView>,
    /// A line of facts under the heading: an id with its copy button, a time.
    #[prop(optional)]
    meta: Option<AnyView>,
    /// Buttons and links, the primary action last.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> Markup {
    let heading = Tag::new(if level == 1 { "h1" } else { "h2" }).child(user_text(&title));
    let text = Tag::new("div").class("page-head-text").open();
    let text = text
        .child(Tag::new("div").class("page-head-title").child(heading).child(status))
        .child(purpose.as_deref().map(|purpose| Tag::new("p").class("page-purpose").text(purpose)))
        .child(meta.map(|meta| Tag::new("div").class("page-meta").child(meta)));
    let actions = actions.map(|actions| Tag::new("div").class("page-actions").child(actions));
    Tag::new("header").class("page-head").child(text).child(actions).into()
}
