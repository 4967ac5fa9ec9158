//! Ways around: the side navigation and tabs.

use crate::{Icon, IconName};
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
#[component]
pub fn SideNav(
    /// The groups of links.
    sections: Vec<NavSection>,
) -> impl IntoView {
    let current = sections
        .iter()
        .flat_map(|section| &section.items)
        .find(|item| item.current)
        .map_or_else(|| "Menu".to_owned(), |item| item.label.clone());
    let sections = sections.into_iter().map(section).collect_view();
    view! {
        <nav class="sidenav" aria-label="Main">
            <details class="sidenav-details">
                <summary>
                    <Icon name=IconName::Menu />
                    <span>{current}</span>
                    <Icon name=IconName::ChevronDown class="summary-chevron" />
                </summary>
                <div class="sidenav-body">{sections}</div>
            </details>
        </nav>
    }
}

fn section(section: NavSection) -> impl IntoView {
    let items = section.items.into_iter().map(item).collect_view();
    view! {
        <div>
            {section.label.map(|label| view! { <h2 class="sidenav-label">{label}</h2> })}
            <ul>{items}</ul>
        </div>
    }
}

fn item(item: NavItem) -> impl IntoView {
    let current = item.current.then_some("page");
    let key = item.key.map(String::from);
    view! {
        <li>
            <a class="sidenav-link" href=item.href aria-current=current data-go=key>
                <Icon name=item.icon />
                <span>{item.label}</span>
                {item.count.map(|count| view! { <span class="sidenav-count">{count.to_string()}</span> })}
            </a>
        </li>
    }
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
#[component]
pub fn TabsNav(
    /// Whose parts they are, for the landmark's name.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs = tabs
        .into_iter()
        .map(|tab| {
            let current = tab.current.then_some("page");
            view! {
                <li>
                    <a class="tab" href=tab.href aria-current=current>
                        {tab.label}
                        {tab.count.map(|count| view! { <span class="tab-count">{count.to_string()}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label><ul>{tabs}</ul></nav> }
}
