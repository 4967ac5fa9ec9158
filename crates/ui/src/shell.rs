//! The frame of every page after sign-in.

use crate::nav::side_nav;
use crate::topbar::top_bar;
use crate::{Density, Element, Markup, NavSection, OptText, Tag, Theme};
use leptos::prelude::*;

/// Whose pages these are. Decides the colour of the bar and the word on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realm {
    /// The pages of one organization.
    #[default]
    Organization,
    /// The operator console, across organizations.
    Operator,
}

impl Realm {
    fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Operator => "operator",
        }
    }
}

/// A place to go, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedLink {
    /// What the person reads; may be user text.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// What the frame knows about the request. Build it in one place of the server.
#[derive(Clone, Debug, Default)]
pub struct ShellInfo {
    /// Whose pages these are.
    pub realm: Realm,
    /// The organization's name; not shown in the operator console.
    pub organization: String,
    /// The home of the realm (`/t/acme`, `/op`).
    pub home_href: String,
    /// A badge beside the name: "staging". None in production.
    pub environment: OptText,
    /// The person's name.
    pub user_name: String,
    /// The person's address.
    pub user_email: String,
    /// The person's own account page.
    pub account_href: String,
    /// Where signing out posts.
    pub logout_action: String,
    /// Where theme and density post, with `return_to`.
    pub preferences_action: String,
    /// The synchroniser token of the session.
    pub csrf: String,
    /// The address of this page, to come back to.
    pub return_to: String,
    /// The theme chosen.
    pub theme: Theme,
    /// The density chosen.
    pub density: Density,
    /// Other sessions of this browser.
    pub switch_to: Vec<NamedLink>,
}

/// The frame of every page after sign-in: skip link, top bar, side navigation, `main`.
#[component(transparent)]
pub fn AppShell(
    /// What the frame knows about the request.
    info: ShellInfo,
    /// The side navigation.
    nav: Vec<NavSection>,
    /// The command palette, or a link to a search page.
    #[prop(optional)]
    search: Option<AnyView>,
    /// An [`ActingAsBanner`](crate::ActingAsBanner()), or another bar over the page.
    #[prop(optional)]
    banner: Option<AnyView>,
    /// The message about the last request.
    #[prop(optional)]
    flash: Option<AnyView>,
    /// The page.
    children: Children,
) -> Markup {
    let main = Tag::new("main").class("main").attr("id", "main").attr("tabindex", "-1").open();
    let main = main.child(flash).view(children());
    let body = Tag::new("div").class("app-body").child(side_nav(&nav)).child(main);
    let app = Tag::new("div").class("app").attr("data-realm", info.realm.as_str());
    let app = app.child(top_bar(&info, search)).child(banner).child(body);
    [skip_link(), app.into(), shortcuts(&nav).into()].into_iter().collect()
}

/// The first thing the Tab key reaches.
pub(crate) fn skip_link() -> Markup {
    Markup::constant("<a class=\"skip-link\" href=\"#main\">Skip to content</a>")
}

/// The help dialog that `?` opens.
fn shortcuts(nav: &[NavSection]) -> Element {
    const COMMON: [(&str, &str); 6] = [
        ("/", "Search this list"),
        ("j", "Next row"),
        ("k", "Previous row"),
        ("x", "Choose the row"),
        ("Enter", "Open the row"),
        ("?", "Show this help"),
    ];
    let go = nav.iter().flat_map(|section| &section.items).filter_map(|item| {
        let key = item.key?;
        Some(shortcut(&["g", key.encode_utf8(&mut [0; 4])], &format!("Go to {}", item.label)))
    });
    let list = Tag::new("dl").class("shortcuts").open();
    let list = list.children(COMMON.map(|(key, what)| shortcut(&[key], what))).children(go);
    let close = Markup::constant(
        "<form method=\"dialog\" class=\"form-actions form-actions-end\">\
         <button type=\"submit\" class=\"btn btn-secondary\">Close</button></form>",
    );
    let dialog = Tag::new("dialog").class("dialog").attr("id", "shortcuts").attr("aria-labelledby", "shortcuts-title");
    dialog.child(Tag::new("h2").attr("id", "shortcuts-title").text("Keyboard shortcuts")).child(list).child(close)
}

fn shortcut(keys: &[&str], what: &str) -> Element {
    let keys = Tag::new("dt").open().children(keys.iter().map(|key| Tag::new("kbd").text(key)));
    Tag::new("div").child(keys).child(Tag::new("dd").text(what))
}
