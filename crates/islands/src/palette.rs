//! The command palette.

use leptos::prelude::*;

/// Ctrl/Cmd-K: go anywhere, find an organization or user.
#[island]
pub fn Palette(
    /// Where the viewer's console begins.
    home: String,
) -> impl IntoView {
    view! { <a class="btn btn-ghost" href=home>"Search"</a> }
}
