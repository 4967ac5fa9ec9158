//! Cards: one subject, one form, one save.

use crate::OptText;
use leptos::prelude::*;

/// A titled region of a page.
#[component]
pub fn Card(
    /// The heading (`h2`).
    #[prop(optional, into)]
    title: OptText,
    /// One line under the heading.
    #[prop(optional, into)]
    purpose: OptText,
    /// Buttons and links at the end of the heading row.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// No padding around the children: for a table or a list that has its own.
    #[prop(optional)]
    flush: bool,
    /// Marks the place of irreversible actions.
    #[prop(optional)]
    danger: bool,
    /// An id to link to.
    #[prop(optional, into)]
    id: OptText,
    /// The content.
    children: Children,
) -> impl IntoView {
    let class = if danger { "card card-danger" } else { "card" };
    let body = if flush { "card-body card-flush" } else { "card-body" };
    let head = (title.is_some() || actions.is_some()).then(|| {
        view! {
            <header class="card-head">
                <div>
                    {title.get().map(|title| view! { <h2 class="card-title">{title}</h2> })}
                    {purpose.get().map(|purpose| view! { <p class="card-purpose">{purpose}</p> })}
                </div>
                {actions.map(|actions| view! { <div class="card-actions">{actions}</div> })}
            </header>
        }
    });
    view! { <section class=class id=id.get()>{head} <div class=body>{children()}</div></section> }
}

/// The row of buttons that ends a form inside a card.
#[component]
pub fn CardFooter(
    /// A line beside the buttons, such as what saving does.
    #[prop(optional, into)]
    note: OptText,
    /// The buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <footer class="card-foot">
            {note.get().map(|note| view! { <p class="card-note">{note}</p> })}
            <div class="card-buttons">{children()}</div>
        </footer>
    }
}

/// Cards side by side where there is room.
#[component]
pub fn Columns(
    /// The second child is a narrow column beside the first.
    #[prop(optional)]
    aside: bool,
    /// The cards.
    children: Children,
) -> impl IntoView {
    let class = if aside { "columns columns-aside" } else { "columns" };
    view! { <div class=class>{children()}</div> }
}

/// Cards under each other, with the distance they have on a page.
#[component]
pub fn Stack(
    /// The cards.
    children: Children,
) -> impl IntoView {
    view! { <div class="stack">{children()}</div> }
}

/// One number on a home page: what it counts, and where the list behind it is.
#[component]
pub fn Stat(
    /// What is counted.
    #[prop(into)]
    label: String,
    /// The number, already formatted.
    #[prop(into)]
    value: String,
    /// The list behind the number.
    #[prop(optional, into)]
    href: OptText,
    /// What to know about it.
    #[prop(optional, into)]
    hint: OptText,
) -> impl IntoView {
    let label = match href.get() {
        Some(href) => view! { <a class="stat-link" href=href>{label}</a> }.into_any(),
        None => label.into_any(),
    };
    view! {
        <div class="stat">
            <dt class="stat-label">{label}</dt>
            <dd class="stat-value">{value}</dd>
            {hint.get().map(|hint| view! { <dd class="stat-hint">{hint}</dd> })}
        </div>
    }
}

/// A row of [`Stat`]s.
#[component]
pub fn Stats(
    /// The numbers.
    children: Children,
) -> impl IntoView {
    view! { <dl class="stats">{children()}</dl> }
}
