//! One-line inputs.

use crate::field::described_by;
use crate::{Field, Icon, IconName, OptText, field_id};
use leptos::prelude::*;

/// A one-line field with its label, hint and error. Required unless `optional`.
#[component]
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
) -> impl IntoView {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let invalid = error.is_some().then_some("true");
    // An address or a code is not prose: no spelling, no capitals.
    let machine = mono || matches!(r#type.as_str(), "email" | "url" | "search");
    let input = view! {
        <input
            class=if mono { "input mono" } else { "input" }
            id=id
            name=name.clone()
            type=r#type
            value=value
            autocomplete=autocomplete.get()
            inputmode=inputmode.get()
            maxlength=maxlength.map(|length| length.to_string())
            required=!optional
            readonly=readonly
            disabled=disabled
            autofocus=autofocus
            spellcheck=machine.then_some("false")
            autocapitalize=machine.then_some("none")
            aria-invalid=invalid
            aria-describedby=describedby
        />
    };
    let control = match prefix.get() {
        Some(prefix) => view! {
            <div class="input-group">
                <span class="input-prefix">{prefix}</span>
                {input}
            </div>
        }
        .into_any(),
        None => input.into_any(),
    };
    view! { <Field name label hint error optional>{control}</Field> }
}

/// A password field. Paste and password managers are welcome; `app.js` adds the show button's work.
#[component]
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
) -> impl IntoView {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let invalid = error.is_some().then_some("true");
    // No `value`, ever: a password is not sent back to the browser.
    view! {
        <div class="field-with-aside">
            {aside.map(|aside| view! { <div class="field-aside">{aside}</div> })}
            <Field name=name.clone() label hint error>
                <div class="password">
                    <input
                        class="input"
                        id=id.clone()
                        name=name
                        type="password"
                        autocomplete=autocomplete
                        required=true
                        autofocus=autofocus
                        spellcheck="false"
                        autocapitalize="none"
                        aria-invalid=invalid
                        aria-describedby=describedby
                    />
                    <button
                        type="button"
                        class="password-show"
                        data-show=id
                        aria-pressed="false"
                        aria-label="Show password"
                    >
                        <Icon name=IconName::Eye />
                    </button>
                </div>
            </Field>
        </div>
    }
}

/// A field the person does not see. Never authority: the server compares it with the credential.
#[component]
pub fn Hidden(
    /// The `name`.
    #[prop(into)]
    name: String,
    /// The value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}
