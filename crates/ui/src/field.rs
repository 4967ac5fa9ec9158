//! The frame around a control: label, hint, error, and the ids that tie them together.

use crate::{Icon, IconName, OptText};
use leptos::prelude::*;

/// The id of the control of a field, which error summaries link to.
pub fn field_id(name: &str) -> String {
    format!("f-{name}")
}

/// The `aria-describedby` of a control: its error first, then its hint.
pub(crate) fn described_by(name: &str, hint: &OptText, error: &OptText) -> Option<String> {
    let ids: Vec<String> = [(error.is_some(), "error"), (hint.is_some(), "hint")]
        .into_iter()
        .filter(|(present, _)| *present)
        .map(|(_, kind)| format!("{}-{kind}", field_id(name)))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Label, hint and error around a control of your own. The controls of this crate bring theirs;
/// use this when you write one: give it the id [`field_id`]`(name)`.
#[component]
pub fn Field(
    /// The `name` of the control.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// What to type, before it is wrong.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
    /// Says "optional" after the label; fields are required unless they say so.
    #[prop(optional)]
    optional: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let id = field_id(&name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class="field">
            <label class="label" for=id>
                {label}
                {optional.then(|| view! { <span class="label-optional">"optional"</span> })}
            </label>
            {hint.get().map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {children()}
            {error.get().map(|error| view! { <FieldMessage id=error_id error /> })}
        </div>
    }
}

/// A group of controls under one question: checkboxes, radio cards.
#[component]
pub fn FieldGroup(
    /// The `name` the controls share.
    #[prop(into)]
    name: String,
    /// The question.
    #[prop(into)]
    legend: String,
    /// What to know before choosing.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
    /// The controls.
    children: Children,
) -> impl IntoView {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <fieldset class="field" id=id aria-describedby=describedby tabindex="-1">
            <legend class="label">{legend}</legend>
            {hint.get().map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {children()}
            {error.get().map(|error| view! { <FieldMessage id=error_id error /> })}
        </fieldset>
    }
}

/// The error line of a field.
#[component]
pub(crate) fn FieldMessage(id: String, error: String) -> impl IntoView {
    view! {
        <p class="field-error" id=id>
            <Icon name=IconName::CircleX />
            <span>{error}</span>
        </p>
    }
}
