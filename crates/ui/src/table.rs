//! Tables. Plain ones: not `role=grid`, which would take the Tab key over.
//!
//! Below 640 px the rows become cards by CSS. `display: block` takes the table semantics away, so
//! every part says its role; use [`Row`] and [`Cell`] rather than raw `tr` and `td`.

use crate::{IconName, Markup, OptText, Tag, markup::tag, user_text};
use leptos::prelude::*;

/// Where a column's content stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Text and dates.
    #[default]
    Start,
    /// Numbers.
    End,
}

impl Align {
    fn class(self) -> Option<&'static str> {
        (self == Self::End).then_some("num")
    }
}

/// A table with its caption. The head is a row of [`HeadCell`]s and [`SortHeader`]s.
#[component(transparent)]
pub fn Table<Rows: IntoView + 'static>(
    /// What the table holds; visually hidden, since the page's heading says it.
    #[prop(into)]
    caption: String,
    /// The cells of the head row.
    head: AnyView,
    /// The [`Row`]s.
    children: TypedChildren<Rows>,
) -> Markup {
    let head = Tag::new("tr").attr("role", "row").open().view(head);
    let rows = Tag::new("tbody").attr("role", "rowgroup").open().view(children.into_inner()());
    let table = Tag::new("table").class("table").attr("role", "table").open();
    let table = table
        .child(Tag::new("caption").class("sr-only").text(&caption))
        .child(Tag::new("thead").attr("role", "rowgroup").child(head))
        .child(rows);
    Tag::new("div").class("table-wrap").child(table).into()
}

/// The start of a column's heading.
fn head_cell(align: Align) -> Tag {
    Tag::new("th").attr("scope", "col").attr("role", "columnheader").maybe("class", align.class())
}

/// A column heading that does not sort.
#[component(transparent)]
pub fn HeadCell(
    /// The heading.
    #[prop(into)]
    label: String,
    /// Where the column's content stands.
    #[prop(optional)]
    align: Align,
    /// Heard but not seen: for the columns of checkboxes and actions.
    #[prop(optional)]
    hidden: bool,
) -> Markup {
    let cell = head_cell(align);
    if hidden { cell.child(Tag::new("span").class("sr-only").text(&label)).into() } else { cell.text(&label).into() }
}

/// The sort state of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Another column decides the order.
    #[default]
    None,
    /// Smallest, oldest or A first.
    Ascending,
    /// Largest, newest or Z first.
    Descending,
}

/// A column heading that sorts: a link to the other order.
#[component(transparent)]
pub fn SortHeader(
    /// The heading.
    #[prop(into)]
    label: String,
    /// The list in the order a click asks for.
    #[prop(into)]
    href: String,
    /// The order shown now.
    #[prop(optional)]
    sort: Sort,
    /// Where the column's content stands.
    #[prop(optional)]
    align: Align,
) -> Markup {
    let (aria, icon) = match sort {
        Sort::None => (None, IconName::Sort),
        Sort::Ascending => (Some("ascending"), IconName::ArrowUp),
        Sort::Descending => (Some("descending"), IconName::ArrowDown),
    };
    let link = Tag::new("a").class("sort").attr("href", &href);
    let link = link.child(Tag::new("span").text(&label)).child(icon.drawn());
    head_cell(align).maybe("aria-sort", aria).child(link).into()
}

/// A row. `j` and `k` move between rows; Enter follows the first link.
#[component(transparent)]
pub fn Row<Cells: IntoView + 'static>(
    /// The [`Cell`]s.
    children: TypedChildren<Cells>,
) -> Markup {
    tag!("tr", "role" = "row", "data-row" = "").open().view(children.into_inner()()).into()
}

/// The class attribute of a cell.
fn cell_class(align: Align, actions: bool, truncate: bool) -> Option<&'static str> {
    match (align, actions, truncate) {
        (Align::Start, false, false) => None,
        (Align::Start, false, true) => Some("truncate"),
        (Align::Start, true, false) => Some("row-actions"),
        (Align::Start, true, true) => Some("row-actions truncate"),
        (Align::End, false, false) => Some("num"),
        (Align::End, false, true) => Some("num truncate"),
        (Align::End, true, false) => Some("num row-actions"),
        (Align::End, true, true) => Some("num row-actions truncate"),
    }
}

/// A cell. The label is the column's heading, shown beside the value when rows are cards.
///
/// Cells and rows keep the type of what is in them, which the usual cell, of markup, does not have to box.
#[component(transparent)]
pub fn Cell<Content: IntoView + 'static>(
    /// The column's heading; none for checkboxes and actions.
    #[prop(optional)]
    label: &'static str,
    /// Where the content stands.
    #[prop(optional)]
    align: Align,
    /// The name of the row: a `th scope=row`. One a row.
    #[prop(optional)]
    header: bool,
    /// Buttons and links about the row, at its end.
    #[prop(optional)]
    actions: bool,
    /// Too long for a line: cut at its end, whole on focus and in the detail page.
    #[prop(optional)]
    truncate: bool,
    /// The content.
    children: TypedChildren<Content>,
) -> Markup {
    let class = cell_class(align, actions, truncate);
    let cell = match header {
        true => tag!("th", "scope" = "row", "role" = "rowheader"),
        false => tag!("td", "role" = "cell"),
    };
    let cell = cell.maybe("class", class).maybe("data-label", (!label.is_empty()).then_some(label));
    cell.open().view(children.into_inner()()).into()
}

/// The name cell's content: what the thing is called, linked, and a second line under it.
#[component(transparent)]
pub fn RowTitle(
    /// The name; may be user text.
    #[prop(into)]
    title: String,
    /// The page about it.
    #[prop(into)]
    href: String,
    /// The second line: an address, a slug; may be user text.
    #[prop(optional, into)]
    subtitle: OptText,
    /// Shows initials in front.
    #[prop(optional)]
    avatar: bool,
) -> Markup {
    let link = tag!("a", "class" = "row-link", "data-row-link" = "").attr("href", &href).child(user_text(&title));
    let subtitle = subtitle.as_deref().map(|text| tag!("div", "class" = "row-sub").child(user_text(text)));
    let initials = avatar.then(|| crate::avatar::avatar(&title, false));
    let names = tag!("div").child(link).child(subtitle);
    tag!("div", "class" = "row-title").child(initials).child(names).into()
}

/// The checkbox of a row, inside a form with a [`BulkBar`].
#[component(transparent)]
pub fn RowSelect(
    /// The `name` the rows share.
    #[prop(into)]
    name: String,
    /// The row's value.
    #[prop(into)]
    value: String,
    /// The accessible name: "Select Ana Lopez".
    #[prop(into)]
    label: String,
) -> Markup {
    let check = tag!("input", "class" = "check", "type" = "checkbox", "data-select" = "");
    let check = check.attr("name", &name).attr("value", &value).void();
    let label = tag!("label", "class" = "row-check").child(check).child(tag!("span", "class" = "sr-only").text(&label));
    tag!("td", "class" = "row-select", "role" = "cell").child(label).into()
}

/// The bar that appears, by `:has(:checked)`, once a row of its form is chosen.
#[component]
pub fn BulkBar(
    /// What is chosen: "users".
    #[prop(into)]
    noun: String,
    /// Where a filter chooses instead of checkboxes: what it chooses, "All 214 users who match". The bar is there at once.
    #[prop(optional, into)]
    everybody: OptText,
    /// The submit buttons, each with its `formaction`.
    children: Children,
) -> impl IntoView {
    let open = everybody.is_some();
    let chosen = match everybody.get() {
        Some(everybody) => view! { <p>{everybody}</p> }.into_any(),
        None => view! { <p>{format!("Chosen {noun}")} <span data-selected-count=""></span></p> }.into_any(),
    };
    view! {
        <div class="bulk-bar" class:bulk-bar-open=open role="group" aria-label=format!("Actions on the chosen {noun}")>
            {chosen}
            <div class="bulk-actions">{children()}</div>
        </div>
    }
}
