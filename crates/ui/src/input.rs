//! One-line inputs.

use crate::field::{described_by, field};
use crate::{IconName, Markup, OptText, Tag, field_id};
use leptos::prelude::*;

/// A one-line field with its label, hint and error. Required unless `optional`.
#[component(transparent)]
pub fn Input(
    /// The `name`; the id is `f-{name}`.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// The value typed or stored.
    #[prop(optional, into)]
    value: String,
    /// The HTML type.
    #[prop(into, default = "text".to_owned())]
    r#type: String,
    /// What to type, before it is wrong.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
    /// The HTML autocomplete token: `username`, `name`, `one-time-code`.
    #[prop(optional, into)]
    autocomplete: OptText,
    /// Which keyboard: `numeric`, `email`, `url`.
    #[prop(optional, into)]
    inputmode: OptText,
    /// The length limit in characters, the same as the server's.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// Shown but not editable; say why in the hint.
    #[prop(optional)]
    readonly: bool,
    /// Out of reach and not sent; say why in the hint.
    #[prop(optional)]
    disabled: bool,
    /// Monospace: slugs, ids, codes.
    #[prop(optional)]
    mono: bool,
    /// Where typing starts; at most one a page.
    #[prop(optional)]
    autofocus: bool,
    /// Text fixed in front of the input, such as the start of an address.
    #[prop(optional, into)]
    prefix: OptText,
) -> Markup {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let invalid = error.is_some().then_some("true");
    // An address or a code is not prose: no spelling, no capitals.
    let machine = mono || matches!(r#type.as_str(), "email" | "url" | "search");
    let input = Tag::new("input")
        .class(if mono { "input mono" } else { "input" })
        .attr("id", &id)
        .attr("name", &name)
        .attr("type", &r#type)
        .attr("value", &value)
        .maybe("autocomplete", autocomplete.as_deref())
        .maybe("inputmode", inputmode.as_deref())
        .maybe("maxlength", maxlength.map(|length| length.to_string()).as_deref())
        .flag("required", !optional)
        .flag("readonly", readonly)
        .flag("disabled", disabled)
        .flag("autofocus", autofocus)
        .maybe("spellcheck", machine.then_some("false"))
        .maybe("autocapitalize", machine.then_some("none"))
        .maybe("aria-invalid", invalid)
        .maybe("aria-describedby", describedby.as_deref())
        .void();
    let control = match prefix.as_deref() {
        Some(prefix) => {
            let prefix = Tag::new("span").class("input-prefix").text(prefix);
            Tag::new("div").class("input-group").child(prefix).child(input).into()
        }
        None => input,
    };
    field(&name, &label, &hint, &error, optional, control)
}

/// A password field. Paste and password managers are welcome; `app.js` adds the show button's work.
#[component(transparent)]
pub fn PasswordInput(
    /// The `name`; the id is `f-{name}`.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// `current-password` to sign in, `new-password` to choose one.
    #[prop(into, default = "current-password".to_owned())]
    autocomplete: String,
    /// The rules, before they are broken.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
    /// Where typing starts.
    #[prop(optional)]
    autofocus: bool,
    /// A link at the end of the label row, such as "Forgot password".
    #[prop(optional)]
    aside: Option<AnyView>,
) -> Markup {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let invalid = error.is_some().then_some("true");
    // No `value`, ever: a password is not sent back to the browser.
    let input = Tag::new("input")
        .class("input")
        .attr("id", &id)
        .attr("name", &name)
        .attr("type", "password")
        .attr("autocomplete", &autocomplete)
        .flag("required", true)
        .flag("autofocus", autofocus)
        .attr("spellcheck", "false")
        .attr("autocapitalize", "none")
        .maybe("aria-invalid", invalid)
        .maybe("aria-describedby", describedby.as_deref())
        .void();
    let show = Tag::new("button").attr("type", "button").class("password-show").attr("data-show", &id);
    let show = show.attr("aria-pressed", "false").attr("aria-label", "Show password").child(IconName::Eye.drawn());
    let control = Tag::new("div").class("password").child(input).child(show).into();
    let aside = aside.map(|aside| Tag::new("div").class("field-aside").child(aside));
    let field = field(&name, &label, &hint, &error, false, control);
    Tag::new("div").class("field-with-aside").child(aside).child(field).into()
}

/// A field the person does not see. Never authority: the server compares it with the credential.
#[component(transparent)]
pub fn Hidden(
    /// The `name`.
    #[prop(into)]
    name: String,
    /// The value.
    #[prop(into)]
    value: String,
) -> Markup {
    hidden(&name, &value)
}

/// [`Hidden`] for markup.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    Tag::new("input").attr("type", "hidden").attr("name", name).attr("value", value).void()
}
