//! Copying an id, a link or a command.

use crate::{IconName, Markup, Tag};
use leptos::prelude::*;

/// A button that copies. Hidden without JavaScript, since it could do nothing.
#[component(transparent)]
pub fn CopyButton(
    /// What is copied, exactly.
    #[prop(into)]
    text: String,
    /// What it is: "user id", "invitation link".
    #[prop(into)]
    what: String,
) -> Markup {
    copy_button(&text, &what)
}

fn copy_button(text: &str, what: &str) -> Markup {
    let name = format!("Copy {what}");
    let button = Tag::new("button").attr("type", "button").class("copy").attr("data-copy", text);
    button.attr("aria-label", &name).attr("title", &name).child(IconName::Copy.drawn()).into()
}

/// An id in monospace with its copy button.
#[component(transparent)]
pub fn CopyId(
    /// The id, exactly.
    #[prop(into)]
    id: String,
    /// What it is: "user id".
    #[prop(into)]
    what: String,
) -> Markup {
    let code = Tag::new("code").text(&id);
    Tag::new("span").class("copy-id").child(code).child(copy_button(&id, &what)).into()
}
