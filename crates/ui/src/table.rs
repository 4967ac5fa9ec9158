//! Tables. Plain ones: not `role=grid`, which would take the Tab key over.
//!
//! Below 640 px the rows become cards by CSS. `display: block` takes the table semantics away, so
//! every part says its role; use [`Row`] and [`Cell`] rather than raw `tr` and `td`.

use crate::{Icon, IconName, OptText};
use leptos::{either::Either, prelude::*, tachys::html::InertElement};

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
#[component]
pub fn Table<Rows: IntoView + 'static>(
    /// What the table holds; visually hidden, since the page's heading says it.
    #[prop(into)]
    caption: String,
    /// The cells of the head row.
    head: AnyView,
    /// The [`Row`]s.
    children: TypedChildren<Rows>,
) -> impl IntoView {
    // Written out here, while their type is known: `into_any`, which every page goes through, makes a shared string of
    // each attribute first, the constant ones too.
    let rows = InertElement::new(children.into_inner()().to_html());
    view! {
        <div class="table-wrap">
            <table class="table" role="table">
                <caption class="sr-only">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

/// A column heading that does not sort.
#[component]
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
) -> impl IntoView {
    let label = if hidden { view! { <span class="sr-only">{label}</span> }.into_any() } else { label.into_any() };
    view! { <th scope="col" role="columnheader" class=align.class()>{label}</th> }
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
#[component]
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
) -> impl IntoView {
    let (aria, icon) = match sort {
        Sort::None => (None, IconName::Sort),
        Sort::Ascending => (Some("ascending"), IconName::ArrowUp),
        Sort::Descending => (Some("descending"), IconName::ArrowDown),
    };
    view! {
        <th scope="col" role="columnheader" aria-sort=aria class=align.class()>
            <a class="sort" href=href>
                <span>{label}</span>
                <Icon name=icon />
            </a>
        </th>
    }
}

/// A row. `j` and `k` move between rows; Enter follows the first link.
#[component]
pub fn Row<Cells: IntoView + 'static>(
    /// The [`Cell`]s.
    children: TypedChildren<Cells>,
) -> impl IntoView {
    view! { <tr role="row" data-row="">{children.into_inner()()}</tr> }
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
/// Cells and rows keep the type of what is in them: a list has hundreds, and erasing it would put each on the heap.
#[component]
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
) -> impl IntoView {
    let class = cell_class(align, actions, truncate);
    let label = (!label.is_empty()).then_some(label);
    let content = children.into_inner()();
    if header {
        Either::Left(view! {
            <th scope="row" role="rowheader" class=class data-label=label>
                {content}
            </th>
        })
    } else {
        Either::Right(view! { <td role="cell" class=class data-label=label>{content}</td> })
    }
}

/// The name cell's content: what the thing is called, linked, and a second line under it.
#[component]
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
) -> impl IntoView {
    view! {
        <div class="row-title">
            {avatar.then(|| view! { <crate::Avatar name=title.clone() /> })}
            <div>
                <a class="row-link" href=href data-row-link="">
                    <crate::UserText text=title />
                </a>
                {subtitle
                    .get()
                    .map(|text| view! { <div class="row-sub"><crate::UserText text /></div> })}
            </div>
        </div>
    }
}

/// The checkbox of a row, inside a form with a [`BulkBar`].
#[component]
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
) -> impl IntoView {
    view! {
        <td class="row-select" role="cell">
            <label class="row-check">
                <input class="check" type="checkbox" name=name value=value data-select="" />
                <span class="sr-only">{label}</span>
            </label>
        </td>
    }
}

/// The bar that appears, by `:has(:checked)`, once a row of its form is chosen.
#[component]
pub fn BulkBar(
    /// What is chosen: "users".
    #[prop(into)]
    noun: String,
    /// The submit buttons, each with its `formaction`.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="bulk-bar" role="group" aria-label=format!("Actions on the chosen {noun}")>
            <p>{format!("Chosen {noun}")} <span data-selected-count=""></span></p>
            <div class="bulk-actions">{children()}</div>
        </div>
    }
}
