//! Copying an id, a link or a command.

use crate::{Icon, IconName};
use leptos::prelude::*;

/// A button that copies. Hidden without JavaScript, since it could do nothing.
#[component]
pub fn CopyButton(
    /// What is copied, exactly.
    #[prop(into)]
    text: String,
    /// What it is: "user id", "invitation link".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="copy"
            data-copy=text
            aria-label=format!("Copy {what}")
            title=format!("Copy {what}")
        >
            <Icon name=IconName::Copy />
        </button>
    }
}

/// An id in monospace with its copy button.
#[component]
pub fn CopyId(
    /// The id, exactly.
    #[prop(into)]
    id: String,
    /// What it is: "user id".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <span class="copy-id">
            <code>{id.clone()}</code>
            <CopyButton text=id what />
        </span>
    }
}
