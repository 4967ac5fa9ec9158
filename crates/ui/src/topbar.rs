//! The bar over everything: whose pages these are, and who looks at them.

use crate::shell::{Realm, ShellInfo};
use crate::{Avatar, CSRF_FIELD, Density, Hidden, Icon, IconName, Mark, Theme, UserText};
use leptos::prelude::*;

/// Product, organization, environment, search and the person's menu.
#[component]
pub(crate) fn TopBar(info: ShellInfo, search: Option<AnyView>) -> impl IntoView {
    let operator = info.realm == Realm::Operator;
    let word = operator.then(|| view! { <span class="topbar-realm">"Operator"</span> });
    let organization =
        (!operator).then(|| view! { <span class="topbar-org"><UserText text=info.organization.clone() /></span> });
    let environment = info.environment.clone().get().map(|name| view! { <span class="topbar-env">{name}</span> });
    view! {
        <header class="topbar">
            <a class="topbar-brand" href=info.home_href.clone()>
                <Mark />
                <span>"Bulkhead"</span>
            </a>
            {word}
            {organization}
            {environment}
            <div class="topbar-search">{search}</div>
            {user_menu(info)}
        </header>
    }
}

/// Account, other sessions of this browser, looks, sign-out.
fn user_menu(info: ShellInfo) -> impl IntoView {
    let ShellInfo { user_name, user_email, csrf, return_to, preferences_action, .. } = info;
    let others = (!info.switch_to.is_empty()).then(|| {
        let items = info
            .switch_to
            .into_iter()
            .map(|link| {
                view! {
                    <li>
                        <a class="menu-item" href=link.href>
                            <Icon name=IconName::Building />
                            <UserText text=link.label />
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <div class="menu-group">
                <p class="menu-label">"Switch to"</p>
                <ul>{items}</ul>
            </div>
        }
    });
    view! {
        <details class="menu user-menu">
            <summary class="user-menu-summary">
                <Avatar name=user_name.clone() />
                <span class="user-menu-name"><UserText text=user_name.clone() /></span>
                <Icon name=IconName::ChevronDown />
            </summary>
            <div class="menu-panel menu-panel-end">
                <div class="menu-who">
                    <strong><UserText text=user_name /></strong>
                    <span><UserText text=user_email /></span>
                </div>
                <ul class="menu-group">
                    <li>
                        <a class="menu-item" href=info.account_href>
                            <Icon name=IconName::User />
                            "Your account"
                        </a>
                    </li>
                    <li class="needs-js">
                        <button
                            class="menu-item"
                            type="button"
                            commandfor="shortcuts"
                            command="show-modal"
                        >
                            <Icon name=IconName::Help />
                            "Keyboard shortcuts"
                        </button>
                    </li>
                </ul>
                {others}
                <form class="menu-group" method="post" action=preferences_action>
                    <Hidden name=CSRF_FIELD value=csrf.clone() />
                    <Hidden name="return_to" value=return_to />
                    {segment(
                        "Theme",
                        "theme",
                        Theme::ALL.map(|t| (t.as_str(), t.label(), t == info.theme)),
                    )}
                    {segment(
                        "Density",
                        "density",
                        Density::ALL.map(|d| (d.as_str(), d.label(), d == info.density)),
                    )}
                </form>
                <form class="menu-group" method="post" action=info.logout_action>
                    <Hidden name=CSRF_FIELD value=csrf />
                    <button class="menu-item" type="submit">
                        <Icon name=IconName::SignOut />
                        "Sign out"
                    </button>
                </form>
            </div>
        </details>
    }
}

/// A row of submit buttons of which one is pressed: each sends its own value.
fn segment(label: &'static str, name: &'static str, options: [(&'static str, &'static str, bool); 3]) -> impl IntoView {
    let buttons = options
        .map(|(value, word, on)| {
            let pressed = if on { "true" } else { "false" };
            view! {
                <button type="submit" name=name value=value aria-pressed=pressed>
                    {word}
                </button>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <div class="menu-segment">
            <span class="menu-label">{label}</span>
            <div class="segment" role="group" aria-label=label>
                {buttons}
            </div>
        </div>
    }
}
