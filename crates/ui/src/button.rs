//! Buttons and links that look like buttons.

use crate::{Element, IconName, Markup, OptText, Tag};
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
#[component(transparent)]
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
) -> Markup {
    let command = opens.is_some().then_some("show-modal");
    let button = Tag::new("button").attr("type", "button").class(&class(variant, size)).flag("disabled", disabled);
    let button = button.maybe("command", command).maybe("commandfor", opens.as_deref());
    labelled(button, icon, &label).into()
}

/// Icon and word.
fn labelled(tag: Tag, icon: Option<IconName>, label: &str) -> Element {
    tag.child(icon.map(IconName::drawn)).child(Tag::new("span").text(label))
}

/// A link that looks like a button: it navigates.
#[component(transparent)]
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
) -> Markup {
    let link = Tag::new("a").class(&class(variant, size)).attr("href", &href);
    let link = link.maybe("data-dialog", dialog.as_deref()).maybe("aria-label", aria_label.as_deref());
    labelled(link, icon, &label).into()
}

/// The button that sends a form. A second press while the first is on its way is stopped by
/// `app.js`, and by the idempotency key of the form where that is not enough.
#[component(transparent)]
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
) -> Markup {
    let class = if wide { format!("{} btn-wide", class(variant, size)) } else { class(variant, size) };
    let button = Tag::new("button")
        .attr("type", "submit")
        .class(&class)
        .maybe("name", name.as_deref())
        .maybe("value", value.as_deref())
        .maybe("formaction", formaction.as_deref())
        .maybe("aria-label", aria_label.as_deref())
        .flag("disabled", disabled)
        .maybe("data-pending", pending.as_deref());
    labelled(button, icon, &label).into()
}
