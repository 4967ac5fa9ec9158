//! Every component in every state, for eyes, screenshots and axe.
//!
//! Five sheets, because some components are a whole page: the frame with everything inside it, a
//! list page as it is meant to be put together, the operator console, sign-in, and a confirmation.
//! The data is invented here and nowhere else.

mod data;
mod feedback;
mod forms;
mod list_page;
mod lists;
mod operator_page;
mod whole_pages;

use crate::{
    AppShell, Density, IconName, NamedLink, NavItem, NavSection, OptText, PageHeader, Realm, ShellInfo, Tab, TabsNav,
    Theme,
};
use leptos::prelude::*;
use std::str::FromStr;
use time::OffsetDateTime;

/// One page of the gallery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sheet {
    /// Every component, by family.
    #[default]
    Components,
    /// A list page, put together as pages should be.
    List,
    /// A detail page of the operator console.
    Operator,
    /// A sign-in page.
    SignIn,
    /// A confirmation page.
    Confirm,
    /// An error page.
    Error,
}

impl Sheet {
    /// Every sheet, in the order of the tabs.
    pub const ALL: [Self; 6] = [Self::Components, Self::List, Self::Operator, Self::SignIn, Self::Confirm, Self::Error];

    /// The value of the `sheet` query parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Components => "components",
            Self::List => "list",
            Self::Operator => "operator",
            Self::SignIn => "sign-in",
            Self::Confirm => "confirm",
            Self::Error => "error",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Components => "Components",
            Self::List => "List page",
            Self::Operator => "Operator page",
            Self::SignIn => "Sign-in page",
            Self::Confirm => "Confirmation page",
            Self::Error => "Error page",
        }
    }

    /// The address of the sheet.
    pub fn href(self) -> String {
        format!("/gallery?sheet={}", self.as_str())
    }
}

impl FromStr for Sheet {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|sheet| sheet.as_str() == text).ok_or(())
    }
}

/// The gallery: the body of a [`Document`](crate::Document()).
#[component]
pub fn Gallery(
    /// The time of the request, or a fixed one for screenshots.
    now: OffsetDateTime,
    /// Which sheet.
    #[prop(optional)]
    sheet: Sheet,
    /// The theme chosen, for the user menu.
    #[prop(optional)]
    theme: Theme,
    /// The density chosen, for the user menu.
    #[prop(optional)]
    density: Density,
) -> impl IntoView {
    let look = Look { now, sheet, theme, density };
    match sheet {
        Sheet::Components => components(look).into_any(),
        Sheet::List => list_page::page(look).into_any(),
        Sheet::Operator => operator_page::page(look).into_any(),
        Sheet::SignIn => whole_pages::sign_in().into_any(),
        Sheet::Confirm => whole_pages::confirm(look).into_any(),
        Sheet::Error => whole_pages::error(look).into_any(),
    }
}

/// What a sheet is drawn with.
#[derive(Clone, Copy)]
struct Look {
    now: OffsetDateTime,
    sheet: Sheet,
    theme: Theme,
    density: Density,
}

fn components(look: Look) -> impl IntoView {
    view! {
        <AppShell info=info(look, Realm::Organization) nav=nav()>
            <PageHeader
                title="Components"
                purpose="Every component of the design system in every state."
            />
            {tabs(look.sheet)}
            <div class="gallery">
                {feedback::family(look.now)} {lists::family()} {data::family(look.now)}
                {forms::family()}
            </div>
        </AppShell>
    }
}

/// The way between the sheets.
fn tabs(sheet: Sheet) -> impl IntoView {
    let tabs = Sheet::ALL.map(|other| Tab::new(other.label(), other.href(), other == sheet)).to_vec();
    view! { <TabsNav label="Gallery" tabs /> }
}

fn info(look: Look, realm: Realm) -> ShellInfo {
    ShellInfo {
        realm,
        organization: "Northwind Trading".to_owned(),
        home_href: Sheet::Components.href(),
        environment: OptText::from("staging"),
        user_name: "Ana Lopez".to_owned(),
        user_email: "ana@northwind.example".to_owned(),
        account_href: "/account".to_owned(),
        logout_action: "/logout".to_owned(),
        preferences_action: "/preferences".to_owned(),
        csrf: "gallery".to_owned(),
        return_to: look.sheet.href(),
        theme: look.theme,
        density: look.density,
        switch_to: vec![NamedLink { label: "Acme".to_owned(), href: "/t/acme".to_owned() }],
    }
}

fn nav() -> Vec<NavSection> {
    let here = |label, sheet: Sheet, icon, key, current| NavItem::new(label, sheet.href(), icon, current).key(key);
    vec![
        NavSection::new(vec![here("Home", Sheet::Components, IconName::Home, 'h', false)]),
        NavSection::titled(
            "Access",
            vec![
                here("Users", Sheet::List, IconName::Users, 'u', true),
                here("Roles", Sheet::Components, IconName::Shield, 'r', false),
                here("Sign-in", Sheet::SignIn, IconName::Lock, 's', false),
            ],
        ),
        NavSection::titled(
            "Records",
            vec![
                here("Audit log", Sheet::Components, IconName::List, 'a', false),
                here("Data requests", Sheet::Confirm, IconName::Download, 'd', false).count(2),
            ],
        ),
        NavSection::titled("Organization", vec![here("Settings", Sheet::Error, IconName::Settings, 'e', false)]),
    ]
}

/// One specimen with its name.
fn item(name: &'static str, specimen: impl IntoView) -> impl IntoView {
    view! {
        <div class="gallery-item">
            <h3>{name}</h3>
            {specimen}
        </div>
    }
}

/// Specimens side by side.
fn row(specimens: impl IntoView) -> impl IntoView {
    view! { <div class="gallery-row">{specimens}</div> }
}
