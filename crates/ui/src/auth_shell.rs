//! The frame of the pages before sign-in.

use crate::{OptText, UserText};
use leptos::prelude::*;

/// The mark: a hull cut into watertight compartments.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" aria-hidden="true" width="20" height="20" focusable="false">
            <use href="/icons.svg#mark"></use>
        </svg>
    }
}

/// A centred card with the product's mark, for sign-in, reset and invitation pages.
#[component]
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
) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="auth">
            <header class="auth-brand">
                <Mark />
                <span>"Bulkhead"</span>
            </header>
            <main class="auth-card" id="main" tabindex="-1">
                {flash}
                {organization
                    .get()
                    .map(|name| view! { <p class="auth-org"><UserText text=name /></p> })}
                {title.get().map(|title| view! { <h1>{title}</h1> })}
                {purpose.get().map(|purpose| view! { <p class="auth-purpose">{purpose}</p> })}
                {children()}
            </main>
            {footer.map(|footer| view! { <footer class="auth-foot">{footer}</footer> })}
        </div>
    }
}
