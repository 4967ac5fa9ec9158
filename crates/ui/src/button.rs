//! Buttons and links that look like buttons.

use crate::{Icon, IconName, OptText};
use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// The one action of the page or form.
    Primary,
    /// Everything else.
    #[default]
    Secondary,
    /// Destroys, signs out or lowers security.
    Danger,
    /// Inside rows and bars, where borders would be noise.
    Ghost,
}

impl Variant {
    /// Every variant, for the gallery.
    pub const ALL: [Self; 4] = [Self::Primary, Self::Secondary, Self::Danger, Self::Ghost];

    /// The word for it, for the gallery.
    pub fn label(self) -> &'static str {
        match self {
            Self::Primary => "Primary",
            Self::Secondary => "Secondary",
            Self::Danger => "Danger",
            Self::Ghost => "Ghost",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Danger => "danger",
            Self::Ghost => "ghost",
        }
    }
}

/// How tall a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// 28 px: inside rows and bars.
    Small,
    /// The control height of the density: 28, 32 or 36 px.
    #[default]
    Medium,
    /// 40 px: the sign-in pages.
    Large,
}

/// The class names of a button.
pub(crate) fn class(variant: Variant, size: Size) -> String {
    let size = match size {
        Size::Small => " btn-sm",
        Size::Medium => "",
        Size::Large => " btn-lg",
    };
    format!("btn btn-{}{size}", variant.as_str())
}

/// A button that does not submit by default. For forms, use [`SubmitButton`].
#[component]
pub fn Button(
    /// Verb and noun.
    #[prop(into)]
    label: String,
    /// How much it asks for attention.
    #[prop(optional)]
    variant: Variant,
    /// How tall.
    #[prop(optional)]
    size: Size,
    /// An icon in front.
    #[prop(optional)]
    icon: Option<IconName>,
    /// The id of the dialog it opens (`command="show-modal"`).
    #[prop(optional, into)]
    opens: OptText,
    /// Whether it is out of reach; say why beside it.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let command = opens.is_some().then_some("show-modal");
    view! {
        <button
            type="button"
            class=class(variant, size)
            disabled=disabled
            command=command
            commandfor=opens.get()
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span>{label}</span>
        </button>
    }
}

/// A link that looks like a button: it navigates.
#[component]
pub fn LinkButton(
    /// Verb and noun.
    #[prop(into)]
    label: String,
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How much it asks for attention.
    #[prop(optional)]
    variant: Variant,
    /// How tall.
    #[prop(optional)]
    size: Size,
    /// An icon in front.
    #[prop(optional)]
    icon: Option<IconName>,
    /// The id of a dialog that says the same as the linked page; opened instead where it can be.
    #[prop(optional, into)]
    dialog: OptText,
    /// An accessible name that says more than the label ("Edit Acme").
    #[prop(optional, into)]
    aria_label: OptText,
) -> impl IntoView {
    view! {
        <a
            class=class(variant, size)
            href=href
            data-dialog=dialog.get()
            aria-label=aria_label.get()
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span>{label}</span>
        </a>
    }
}

/// The button that sends a form. A second press while the first is on its way is stopped by
/// `app.js`, and by the idempotency key of the form where that is not enough.
#[component]
pub fn SubmitButton(
    /// Verb and noun.
    #[prop(into)]
    label: String,
    /// How much it asks for attention.
    #[prop(default = Variant::Primary)]
    variant: Variant,
    /// How tall.
    #[prop(optional)]
    size: Size,
    /// An icon in front.
    #[prop(optional)]
    icon: Option<IconName>,
    /// What it says while the request is on its way.
    #[prop(optional, into)]
    pending: OptText,
    /// A field the button itself brings (`name`).
    #[prop(optional, into)]
    name: OptText,
    /// The value of that field.
    #[prop(optional, into)]
    value: OptText,
    /// Sends the form somewhere else than its `action`.
    #[prop(optional, into)]
    formaction: OptText,
    /// An accessible name that says more than the label.
    #[prop(optional, into)]
    aria_label: OptText,
    /// Whether it is out of reach; say why beside it.
    #[prop(optional)]
    disabled: bool,
    /// Fills the width of its container (the sign-in pages).
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let class = if wide { format!("{} btn-wide", class(variant, size)) } else { class(variant, size) };
    view! {
        <button
            type="submit"
            class=class
            name=name.get()
            value=value.get()
            formaction=formaction.get()
            aria-label=aria_label.get()
            disabled=disabled
            data-pending=pending.get()
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span>{label}</span>
        </button>
    }
}
