//! Narrowing a list. The address is the state: everything here is a GET form and links.

use crate::badge::chip;
use crate::input::hidden;
use crate::{Element, IconName, Markup, OptText, Tag, visible};
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
#[component(transparent)]
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
) -> Markup {
    let search = Tag::new("input")
        .class("input")
        .attr("type", "search")
        .attr("name", &query_name)
        .attr("value", &query)
        .attr("placeholder", &search_label)
        .attr("aria-label", &search_label)
        .attr("aria-keyshortcuts", "/")
        .attr("data-search", "")
        .attr("spellcheck", "false")
        .attr("autocapitalize", "none")
        .void();
    let search = Tag::new("div").class("search-field").child(IconName::Search.drawn()).child(search);
    let form = Tag::new("form").class("filter-form").attr("method", "get").attr("action", &action);
    let form = form
        .attr("role", "search")
        .open()
        .children(keep.iter().map(|(name, value)| hidden(name, value)))
        .child(search.child(Tag::new("kbd").attr("aria-hidden", "true").text("/")))
        .children(facets.iter().map(facet))
        .child(more)
        .child(Tag::new("button").attr("type", "submit").class("btn btn-secondary").text("Apply"));
    let applied = (!applied.is_empty()).then(|| {
        let chips = applied.iter().map(|filter| {
            let AppliedFilter { name, label, remove_href } = filter;
            Tag::new("li").child(chip(label, Some(name), Some(remove_href)))
        });
        let list = Tag::new("ul").attr("aria-label", "Filters that are on").open().children(chips);
        let clear = clear_href.as_deref().map(|href| Tag::new("a").class("applied-clear").attr("href", href));
        Tag::new("div").class("applied").child(list).child(clear.map(|link| link.text("Clear all")))
    });
    Tag::new("div").class("filter-bar").child(form).child(applied).into()
}

fn facet(facet: &Facet) -> Element {
    let on = facet.options.iter().filter(|option| option.checked).count();
    let options = facet.options.iter().map(|option| {
        let check = Tag::new("input").class("check").attr("type", "checkbox").attr("name", &facet.name);
        let check = check.attr("value", &option.value).flag("checked", option.checked).void();
        let count = option.count.map(|count| Tag::new("span").class("facet-count").text(&count.to_string()));
        let label = Tag::new("span").text(&visible(&option.label));
        Tag::new("label").class("facet-option").child(check).child(label).child(count)
    });
    let legend = Tag::new("legend").class("sr-only").text(&facet.label);
    let options = Tag::new("fieldset").class("facet-options").child(legend).children(options);
    let apply = Tag::new("button").attr("type", "submit").class("btn btn-primary btn-sm").text("Apply");
    let panel = Tag::new("div").class("menu-panel").child(options);
    let panel = panel.child(Tag::new("div").class("facet-foot").child(apply));
    let count = (on > 0).then(|| Tag::new("span").class("facet-on").text(&on.to_string()));
    let summary = Tag::new("summary").class("btn btn-secondary").child(Tag::new("span").text(&facet.label));
    let summary = summary.child(count).child(IconName::ChevronDown.drawn());
    Tag::new("details").class("menu facet").child(summary).child(panel)
}
