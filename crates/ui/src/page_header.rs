//! The head of a page's content: where it is, what it is, what can be done.

use crate::OptText;
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
#[component]
pub fn Breadcrumb(
    /// The pages above, outermost first.
    crumbs: Vec<Crumb>,
) -> impl IntoView {
    let crumbs = crumbs
        .into_iter()
        .map(|crumb| {
            let label = crate::visible(&crumb.label);
            view! { <li><a href=crumb.href>{label}</a></li> }
        })
        .collect_view();
    view! { <nav class="breadcrumb" aria-label="Breadcrumb"><ol>{crumbs}</ol></nav> }
}

/// The `h1`, one line on what the page is for, and its actions.
#[component]
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
) -> impl IntoView {
    let title = view! { <crate::UserText text=title /> };
    let title = if level == 1 { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    view! {
        <header class="page-head">
            <div class="page-head-text">
                <div class="page-head-title">
                    {title}
                    {status}
                </div>
                {purpose.get().map(|purpose| view! { <p class="page-purpose">{purpose}</p> })}
                {meta.map(|meta| view! { <div class="page-meta">{meta}</div> })}
            </div>
            {actions.map(|actions| view! { <div class="page-actions">{actions}</div> })}
        </header>
    }
}
