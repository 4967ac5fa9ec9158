//! Narrowing a list. The address is the state: everything here is a GET form and links.

use crate::{Chip, Icon, IconName, OptText, visible};
use leptos::prelude::*;

/// One value of a [`Facet`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FacetOption {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// How many rows have it, when that is known cheaply.
    pub count: Option<u64>,
    /// Whether it is applied.
    pub checked: bool,
}

impl FacetOption {
    /// A value without a count.
    pub fn new(value: impl Into<String>, label: impl Into<String>, checked: bool) -> Self {
        Self { value: value.into(), label: label.into(), count: None, checked }
    }
}

/// A column that can be narrowed to some of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facet {
    /// The query parameter, repeated for each value.
    pub name: String,
    /// What the person reads.
    pub label: String,
    /// The values.
    pub options: Vec<FacetOption>,
}

impl Facet {
    /// A facet.
    pub fn new(name: impl Into<String>, label: impl Into<String>, options: Vec<FacetOption>) -> Self {
        Self { name: name.into(), label: label.into(), options }
    }
}

/// A filter that is on, and the address without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppliedFilter {
    /// The facet.
    pub name: String,
    /// The value; may be user text.
    pub label: String,
    /// The list without this filter.
    pub remove_href: String,
}

impl AppliedFilter {
    /// A filter that is on.
    pub fn new(name: impl Into<String>, label: impl Into<String>, remove_href: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), remove_href: remove_href.into() }
    }
}

/// Search, facets and the filters that are on.
#[component]
pub fn FilterBar(
    /// The address of the list, without a query.
    #[prop(into)]
    action: String,
    /// The accessible name of the search field: "Search users".
    #[prop(into)]
    search_label: String,
    /// The text searched for.
    #[prop(optional, into)]
    query: String,
    /// The query parameter of the search; `q` unless said otherwise.
    #[prop(into, default = "q".to_owned())]
    query_name: String,
    /// The facets.
    #[prop(optional)]
    facets: Vec<Facet>,
    /// More fields, such as a range of dates.
    #[prop(optional)]
    more: Option<AnyView>,
    /// The filters that are on.
    #[prop(optional)]
    applied: Vec<AppliedFilter>,
    /// The list without any filter.
    #[prop(optional, into)]
    clear_href: OptText,
    /// Parameters to keep, such as the sort order; never the page.
    #[prop(optional)]
    keep: Vec<(String, String)>,
) -> impl IntoView {
    let keep = keep.into_iter().map(|(name, value)| view! { <crate::Hidden name value /> }).collect_view();
    let facets = facets.into_iter().map(facet).collect_view();
    let applied = (!applied.is_empty()).then(|| {
        let chips = applied
            .into_iter()
            .map(|filter| {
                view! {
                    <li>
                        <Chip name=filter.name label=filter.label remove_href=filter.remove_href />
                    </li>
                }
            })
            .collect_view();
        view! {
            <div class="applied">
                <ul aria-label="Filters that are on">{chips}</ul>
                {clear_href
                    .get()
                    .map(|href| view! { <a class="applied-clear" href=href>"Clear all"</a> })}
            </div>
        }
    });
    view! {
        <div class="filter-bar">
            <form class="filter-form" method="get" action=action role="search">
                {keep}
                <div class="search-field">
                    <Icon name=IconName::Search />
                    <input
                        class="input"
                        type="search"
                        name=query_name
                        value=query
                        placeholder=search_label.clone()
                        aria-label=search_label
                        aria-keyshortcuts="/"
                        data-search=""
                        spellcheck="false"
                        autocapitalize="none"
                    />
                    <kbd aria-hidden="true">"/"</kbd>
                </div>
                {facets}
                {more}
                <button type="submit" class="btn btn-secondary">
                    "Apply"
                </button>
            </form>
            {applied}
        </div>
    }
}

fn facet(facet: Facet) -> impl IntoView {
    let on = facet.options.iter().filter(|option| option.checked).count();
    let options = facet
        .options
        .into_iter()
        .map(|option| {
            let name = facet.name.clone();
            view! {
                <label class="facet-option">
                    <input
                        class="check"
                        type="checkbox"
                        name=name
                        value=option.value
                        checked=option.checked
                    />
                    <span>{visible(&option.label)}</span>
                    {option
                        .count
                        .map(|count| view! { <span class="facet-count">{count.to_string()}</span> })}
                </label>
            }
        })
        .collect_view();
    let count = (on > 0).then(|| view! { <span class="facet-on">{on.to_string()}</span> });
    view! {
        <details class="menu facet">
            <summary class="btn btn-secondary">
                <span>{facet.label.clone()}</span>
                {count}
                <Icon name=IconName::ChevronDown />
            </summary>
            <div class="menu-panel">
                <fieldset class="facet-options">
                    <legend class="sr-only">{facet.label}</legend>
                    {options}
                </fieldset>
                <div class="facet-foot">
                    <button type="submit" class="btn btn-primary btn-sm">
                        "Apply"
                    </button>
                </div>
            </div>
        </details>
    }
}
