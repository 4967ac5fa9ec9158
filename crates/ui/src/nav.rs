//! Ways around: the side navigation and tabs.

use crate::{Element, IconName, Markup, Tag, icon::icon};
use leptos::prelude::*;

/// One link of the side navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// The name of the page.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// Its icon.
    pub icon: IconName,
    /// Whether the page shown is this one or below it.
    pub current: bool,
    /// How many things wait there.
    pub count: Option<u64>,
    /// The letter after `g` that goes there.
    pub key: Option<char>,
}

impl NavItem {
    /// A link; `current` says whether the page shown is this one or below it.
    pub fn new(label: &str, href: impl Into<String>, icon: IconName, current: bool) -> Self {
        Self { label: label.to_owned(), href: href.into(), icon, current, count: None, key: None }
    }

    /// The same link, reachable by `g` and this letter.
    #[must_use]
    pub fn key(mut self, key: char) -> Self {
        self.key = Some(key);
        self
    }

    /// The same link with the number of things that wait there.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// A group of links of the side navigation.
#[derive(Clone, Debug, Default)]
pub struct NavSection {
    /// The heading of the group; the first group usually has none.
    pub label: Option<String>,
    /// The links.
    pub items: Vec<NavItem>,
}

impl NavSection {
    /// A group without heading.
    pub fn new(items: Vec<NavItem>) -> Self {
        Self { label: None, items }
    }

    /// A group with a heading.
    pub fn titled(label: &str, items: Vec<NavItem>) -> Self {
        Self { label: Some(label.to_owned()), items }
    }
}

/// The side navigation. A `<details>` below 1024 px; always open above.
#[component(transparent)]
pub fn SideNav(
    /// The groups of links.
    sections: Vec<NavSection>,
) -> Markup {
    side_nav(&sections)
}

/// [`SideNav`] for markup.
pub(crate) fn side_nav(sections: &[NavSection]) -> Markup {
    let current = sections.iter().flat_map(|section| &section.items).find(|item| item.current);
    let current = Tag::new("span").text(current.map_or("Menu", |item| &item.label));
    let chevron = icon(IconName::ChevronDown, "summary-chevron");
    let summary = Tag::new("summary").child(IconName::Menu.drawn()).child(current).child(chevron);
    let body = Tag::new("div").class("sidenav-body").open().children(sections.iter().map(section));
    let details = Tag::new("details").class("sidenav-details").child(summary).child(body);
    Tag::new("nav").class("sidenav").attr("aria-label", "Main").child(details).into()
}

fn section(section: &NavSection) -> Element {
    let label = section.label.as_deref().map(|label| Tag::new("h2").class("sidenav-label").text(label));
    Tag::new("div").child(label).child(Tag::new("ul").open().children(section.items.iter().map(item)))
}

fn item(item: &NavItem) -> Element {
    let key = item.key.map(String::from);
    let count = item.count.map(|count| Tag::new("span").class("sidenav-count").text(&count.to_string()));
    let link = Tag::new("a").class("sidenav-link").attr("href", &item.href);
    let link = link.maybe("aria-current", item.current.then_some("page")).maybe("data-go", key.as_deref());
    let link = link.child(item.icon.drawn()).child(Tag::new("span").text(&item.label)).child(count);
    Tag::new("li").child(link)
}

/// One tab: a link, since it changes the address.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    /// The name.
    pub label: String,
    /// Where it leads (`?tab=sessions`).
    pub href: String,
    /// Whether it is shown.
    pub current: bool,
    /// How many things are there.
    pub count: Option<u64>,
}

impl Tab {
    /// A tab without a number.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, count: None }
    }

    /// The same tab with a number.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// The parts of a detail page, as links.
#[component(transparent)]
pub fn TabsNav(
    /// Whose parts they are, for the landmark's name.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<Tab>,
) -> Markup {
    let tabs = tabs.iter().map(|tab| {
        let count = tab.count.map(|count| Tag::new("span").class("tab-count").text(&count.to_string()));
        let link = Tag::new("a").class("tab").attr("href", &tab.href);
        let link = link.maybe("aria-current", tab.current.then_some("page")).text(&tab.label).child(count);
        Tag::new("li").child(link)
    });
    let list = Tag::new("ul").open().children(tabs);
    Tag::new("nav").class("tabs").attr("aria-label", &label).child(list).into()
}
