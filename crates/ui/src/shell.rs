//! The frame of every page after sign-in.

use crate::topbar::TopBar;
use crate::{Density, NavSection, OptText, SideNav, Theme};
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
#[component]
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
) -> impl IntoView {
    let keys: Vec<(char, String)> = nav
        .iter()
        .flat_map(|section| &section.items)
        .filter_map(|item| item.key.map(|key| (key, item.label.clone())))
        .collect();
    let realm = info.realm.as_str();
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="app" data-realm=realm>
            <TopBar info search />
            {banner}
            <div class="app-body">
                <SideNav sections=nav />
                <main class="main" id="main" tabindex="-1">
                    {flash}
                    {children()}
                </main>
            </div>
        </div>
        <Shortcuts keys />
    }
}

/// The help dialog that `?` opens.
#[component]
fn Shortcuts(keys: Vec<(char, String)>) -> impl IntoView {
    const COMMON: [(&str, &str); 6] = [
        ("/", "Search this list"),
        ("j", "Next row"),
        ("k", "Previous row"),
        ("x", "Choose the row"),
        ("Enter", "Open the row"),
        ("?", "Show this help"),
    ];
    let common = COMMON.map(|(key, what)| shortcut(vec![key.to_owned()], what.to_owned()));
    let go = keys
        .into_iter()
        .map(|(key, label)| shortcut(vec!["g".to_owned(), key.to_string()], format!("Go to {label}")))
        .collect_view();
    view! {
        <dialog class="dialog" id="shortcuts" aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title">"Keyboard shortcuts"</h2>
            <dl class="shortcuts">{common.into_iter().collect_view()} {go}</dl>
            <form method="dialog" class="form-actions form-actions-end">
                <button type="submit" class="btn btn-secondary">
                    "Close"
                </button>
            </form>
        </dialog>
    }
}

fn shortcut(keys: Vec<String>, what: String) -> impl IntoView {
    let keys = keys.into_iter().map(|key| view! { <kbd>{key}</kbd> }).collect_view();
    view! {
        <div>
            <dt>{keys}</dt>
            <dd>{what}</dd>
        </div>
    }
}
