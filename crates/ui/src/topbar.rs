//! The bar over everything: whose pages these are, and who looks at them.

use crate::auth_shell::mark;
use crate::avatar::avatar;
use crate::input::hidden;
use crate::shell::{Realm, ShellInfo};
use crate::{CSRF_FIELD, Density, Element, IconName, NamedLink, Tag, Theme, user_text};
use leptos::prelude::*;

/// Product, organization, environment, search and the person's menu.
pub(crate) fn top_bar(info: &ShellInfo, search: Option<AnyView>) -> Element {
    let brand = Tag::new("a").class("topbar-brand").attr("href", &info.home_href);
    let whose = match info.realm {
        Realm::Operator => Tag::new("span").class("topbar-realm").text("Operator"),
        Realm::Organization => Tag::new("span").class("topbar-org").child(user_text(&info.organization)),
    };
    let environment = info.environment.as_deref().map(|name| Tag::new("span").class("topbar-env").text(name));
    let bar = Tag::new("header").class("topbar").open();
    bar.child(brand.child(mark()).child(Tag::new("span").text("Bulkhead")))
        .child(whose)
        .child(environment)
        .child(Tag::new("div").class("topbar-search").child(search))
        .child(user_menu(info))
}

/// Account, other sessions of this browser, looks, sign-out.
fn user_menu(info: &ShellInfo) -> Element {
    let name = Tag::new("span").class("user-menu-name").child(user_text(&info.user_name));
    let summary = Tag::new("summary").class("user-menu-summary").child(avatar(&info.user_name, false));
    let who = Tag::new("div").class("menu-who").child(Tag::new("strong").child(user_text(&info.user_name)));
    let account = Tag::new("a").class("menu-item").attr("href", &info.account_href);
    let account = account.child(IconName::User.drawn()).text("Your account");
    let help = Tag::new("button").class("menu-item").attr("type", "button");
    let help = help.attr("commandfor", "shortcuts").attr("command", "show-modal");
    let help = help.child(IconName::Help.drawn()).text("Keyboard shortcuts");
    let links = Tag::new("ul").class("menu-group").child(Tag::new("li").child(account));
    let panel = Tag::new("div").class("menu-panel menu-panel-end").open();
    let panel = panel
        .child(who.child(Tag::new("span").child(user_text(&info.user_email))))
        .child(links.child(Tag::new("li").class("needs-js").child(help)))
        .child((!info.switch_to.is_empty()).then(|| others(&info.switch_to)))
        .child(looks(info))
        .child(sign_out(info));
    let summary = summary.child(name).child(IconName::ChevronDown.drawn());
    Tag::new("details").class("menu user-menu").child(summary).child(panel)
}

/// The other sessions of this browser.
fn others(links: &[NamedLink]) -> Element {
    let items = links.iter().map(|link| {
        let item = Tag::new("a").class("menu-item").attr("href", &link.href);
        Tag::new("li").child(item.child(IconName::Building.drawn()).child(user_text(&link.label)))
    });
    let label = Tag::new("p").class("menu-label").text("Switch to");
    Tag::new("div").class("menu-group").child(label).child(Tag::new("ul").open().children(items))
}

/// Theme and density.
fn looks(info: &ShellInfo) -> Element {
    let themes = Theme::ALL.map(|theme| (theme.as_str(), theme.label(), theme == info.theme));
    let densities = Density::ALL.map(|density| (density.as_str(), density.label(), density == info.density));
    post(&info.preferences_action, &info.csrf)
        .child(hidden("return_to", &info.return_to))
        .child(segment("Theme", "theme", themes))
        .child(segment("Density", "density", densities))
}

fn sign_out(info: &ShellInfo) -> Element {
    let button = Tag::new("button").class("menu-item").attr("type", "submit");
    post(&info.logout_action, &info.csrf).child(button.child(IconName::SignOut.drawn()).text("Sign out"))
}

/// A form of the menu.
fn post(action: &str, csrf: &str) -> Element {
    let form = Tag::new("form").class("menu-group").attr("method", "post").attr("action", action);
    form.child(hidden(CSRF_FIELD, csrf))
}

/// A row of submit buttons of which one is pressed: each sends its own value.
fn segment(label: &str, name: &str, options: [(&str, &str, bool); 3]) -> Element {
    let buttons = options.map(|(value, word, on)| {
        let button = Tag::new("button").attr("type", "submit").attr("name", name).attr("value", value);
        button.attr("aria-pressed", if on { "true" } else { "false" }).text(word)
    });
    let segment = Tag::new("div").class("segment").attr("role", "group").attr("aria-label", label);
    let label = Tag::new("span").class("menu-label").text(label);
    Tag::new("div").class("menu-segment").child(label).child(segment.open().children(buttons))
}
