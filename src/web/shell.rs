//! The frame of the two consoles: who is signed in, where they can go.

use super::page::{Viewer, Web};
use crate::site::Site;
use bulkhead_islands::{Entry, Palette};
use bulkhead_model::{Permission, org::OrgKind};
use bulkhead_ui::{AppShell, Flash, IconName, NavItem, NavSection, Realm, ShellInfo};
use leptos::prelude::*;

/// Where a viewer's console begins.
pub fn home_href(viewer: &Viewer) -> String {
    match viewer.identity.org_kind {
        OrgKind::Platform => "/op".to_owned(),
        OrgKind::Customer => format!("/t/{}", viewer.identity.org_slug),
    }
}

/// The synchroniser token: the session's handle, sealed. It only proves that a form was made for this session.
pub fn csrf_token(site: &Site, viewer_session: bulkhead_model::SessionId) -> String {
    site.app().sealer().seal("csrf", viewer_session.uuid().as_bytes(), i64::MAX)
}

/// Whether a token is this session's.
pub fn csrf_matches(site: &Site, viewer: &Viewer, token: &str) -> bool {
    site.app().sealer().open("csrf", token, 0).as_deref() == Some(viewer.identity.session_id.uuid().as_bytes())
}

/// Draws a page inside the console of its viewer.
pub fn console(web: &Web, viewer: &Viewer, content: AnyView) -> AnyView {
    let identity = &viewer.identity;
    let info = ShellInfo {
        realm: viewer.realm,
        organization: identity.org_name.clone(),
        home_href: home_href(viewer),
        environment: if web.site().app().production() { None::<String>.into() } else { "development".into() },
        user_name: if identity.name.is_empty() { identity.email.clone() } else { identity.name.clone() },
        user_email: identity.email.clone(),
        account_href: "/account".to_owned(),
        logout_action: "/logout".to_owned(),
        preferences_action: "/preferences".to_owned(),
        csrf: viewer.csrf.clone(),
        return_to: web.here(),
        theme: web.theme(),
        density: web.density(),
        switch_to: Vec::new(),
    };
    let nav = match viewer.realm {
        Realm::Operator => operator_nav(web, viewer),
        Realm::Organization => organization_nav(web, viewer),
    };
    let search = palette(viewer, &nav);
    match web.flash() {
        Some(message) => {
            let flash = view! { <Flash message=message.text.clone() tone=message.tone() /> }.into_any();
            view! { <AppShell info nav search flash>{content}</AppShell> }.into_any()
        }
        None => view! { <AppShell info nav search>{content}</AppShell> }.into_any(),
    }
}

/// The palette: every page of the navigation, and the search of the console's main list where the viewer may see it.
fn palette(viewer: &Viewer, nav: &[NavSection]) -> AnyView {
    let pages = nav.iter().flat_map(|section| &section.items).map(|item| Entry {
        label: item.label.clone(),
        detail: String::new(),
        href: item.href.clone(),
    });
    let home = home_href(viewer);
    let (permission, list, noun) = match viewer.identity.org_kind {
        OrgKind::Platform => (Permission::PlatformOrgsRead, "orgs", "organizations"),
        OrgKind::Customer => (Permission::UsersRead, "users", "users"),
    };
    let (search_url, list_href) = match viewer.may(permission) {
        true => (format!("{home}/palette"), format!("{home}/{list}")),
        false => (String::new(), home),
    };
    view! { <Palette pages=pages.collect() search_url list_href noun=noun.to_owned() /> }.into_any()
}

fn item(web: &Web, label: &str, href: String, icon: IconName, key: char) -> NavItem {
    let current = web.path() == href || web.path().starts_with(&format!("{href}/"));
    NavItem::new(label, href, icon, current).key(key)
}

fn organization_nav(web: &Web, viewer: &Viewer) -> Vec<NavSection> {
    if viewer.identity.org_kind == OrgKind::Platform {
        return operator_nav(web, viewer);
    }
    let base = home_href(viewer);
    let mut items = vec![NavItem::new("Home", base.clone(), IconName::Home, web.path() == base).key('h')];
    let mut add = |permission, label: &str, path: &str, icon, key| {
        if viewer.may(permission) {
            items.push(item(web, label, format!("{base}/{path}"), icon, key));
        }
    };
    add(Permission::UsersRead, "Users", "users", IconName::Users, 'u');
    add(Permission::RolesRead, "Roles", "roles", IconName::Key, 'r');
    add(Permission::WorkspacesRead, "Workspaces", "workspaces", IconName::Layers, 'w');
    add(Permission::AuditRead, "Audit log", "audit", IconName::List, 'a');
    add(Permission::AuditRead, "Decisions", "decisions", IconName::ShieldCheck, 'd');
    add(Permission::SettingsRead, "Settings", "settings", IconName::Settings, 's');
    vec![NavSection::new(items), account_nav(web)]
}

fn operator_nav(web: &Web, viewer: &Viewer) -> Vec<NavSection> {
    let mut items = vec![NavItem::new("Home", "/op", IconName::Home, web.path() == "/op").key('h')];
    let mut add = |permission, label: &str, path: &str, icon, key| {
        if viewer.may(permission) {
            items.push(item(web, label, path.to_owned(), icon, key));
        }
    };
    add(Permission::PlatformOrgsRead, "Organizations", "/op/orgs", IconName::Building, 'o');
    add(Permission::PlatformIsolationRead, "Isolation", "/op/isolation", IconName::Shield, 'i');
    add(Permission::PlatformIsolationRead, "Data sources", "/op/sources", IconName::Database, 'd');
    add(Permission::PlatformIsolationRead, "Proofs", "/op/proofs", IconName::ShieldCheck, 'f');
    add(Permission::PlatformIsolationRead, "Plans", "/op/plans", IconName::Activity, 'n');
    add(Permission::PlatformIsolationRead, "Attempts", "/op/attempts", IconName::ShieldAlert, 't');
    // The operators' own: they belong to an organization like others.
    add(Permission::RolesRead, "Roles", &format!("/t/{}/roles", viewer.identity.org_slug), IconName::Key, 'r');
    add(Permission::RolesRead, "Resource types", "/op/resource-types", IconName::Layers, 'y');
    add(Permission::PlatformAuditRead, "Audit log", "/op/audit", IconName::List, 'a');
    vec![NavSection::new(items), account_nav(web)]
}

fn account_nav(web: &Web) -> NavSection {
    NavSection::titled(
        "Your account",
        vec![
            NavItem::new("Profile", "/account", IconName::User, web.path() == "/account"),
            item(web, "Sessions", "/account/sessions".to_owned(), IconName::Monitor, 'e'),
            item(web, "Password", "/account/password".to_owned(), IconName::Key, 'p'),
            NavItem::new("API reference", "/api/docs", IconName::Terminal, false),
        ],
    )
}
