//! Checkboxes, switches and radio cards.

use crate::field::{described_by, error_line};
use crate::{Choice, FieldGroup, Markup, OptText, UserText, field_id};
use leptos::prelude::*;

/// One checkbox with its label.
#[component]
pub fn Checkbox(
    /// The `name`; the id is `f-{name}`.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// What the form sends when it is on.
    #[prop(into, default = "true".to_owned())]
    value: String,
    /// Whether it is on.
    #[prop(optional)]
    checked: bool,
    /// What it means.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
    /// Out of reach and not sent; say why in the hint.
    #[prop(optional)]
    disabled: bool,
    /// A setting that holds at once when saved, shown as a switch.
    #[prop(optional)]
    switch: bool,
) -> impl IntoView {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let invalid = error.is_some().then_some("true");
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label class="choice" for=id.clone()>
                <input
                    class=if switch { "switch" } else { "check" }
                    type="checkbox"
                    role=switch.then_some("switch")
                    id=id.clone()
                    name=name
                    value=value
                    checked=checked
                    disabled=disabled
                    aria-invalid=invalid
                    aria-describedby=describedby
                />
                <span class="choice-text">
                    <span class="choice-label">{label}</span>
                    {hint.get().map(|hint| view! { <span class="hint" id=hint_id>{hint}</span> })}
                </span>
            </label>
            {Markup::from(error_line(&id, &error))}
        </div>
    }
}

/// A setting that is on or off: a checkbox that says "switch" to assistive technology.
#[component]
pub fn Switch(
    /// The `name`; the id is `f-{name}`.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// Whether it is on.
    #[prop(optional)]
    checked: bool,
    /// What it means.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
    /// Out of reach and not sent; say why in the hint.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    view! { <Checkbox name label checked hint error disabled switch=true /> }
}

/// The input and text of one choice of a group.
fn option(name: &str, choice: Choice, kind: &'static str, on: bool, required: bool) -> impl IntoView + use<> {
    let hint = choice.disabled.clone().or(choice.hint);
    let name = name.to_owned();
    view! {
        <label class="choice">
            <input
                class=if kind == "radio" { "radio" } else { "check" }
                type=kind
                name=name
                value=choice.value
                checked=on
                required=required
                disabled=choice.disabled.is_some()
            />
            <span class="choice-text">
                <span class="choice-label"><UserText text=choice.label /></span>
                {hint.map(|hint| view! { <span class="hint">{hint}</span> })}
            </span>
        </label>
    }
}

/// Several of a list. The form sends `name` once for each one chosen.
#[component]
pub fn CheckboxGroup(
    /// The `name` they share.
    #[prop(into)]
    name: String,
    /// The question.
    #[prop(into)]
    legend: String,
    /// The choices, in order.
    choices: Vec<Choice>,
    /// The values chosen.
    #[prop(optional)]
    values: Vec<String>,
    /// What to know before choosing.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(|choice| {
            let on = values.contains(&choice.value);
            option(&name, choice, "checkbox", on, false)
        })
        .collect_view();
    view! { <FieldGroup name legend hint error><div class="choices">{options}</div></FieldGroup> }
}

/// One of a few, each with a line on what it means.
#[component]
pub fn RadioCards(
    /// The `name` they share.
    #[prop(into)]
    name: String,
    /// The question.
    #[prop(into)]
    legend: String,
    /// The choices, in order.
    choices: Vec<Choice>,
    /// The value chosen.
    #[prop(optional, into)]
    value: String,
    /// What to know before choosing.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(|choice| {
            let on = choice.value == value;
            option(&name, choice, "radio", on, true)
        })
        .collect_view();
    view! { <FieldGroup name legend hint error><div class="radio-cards">{options}</div></FieldGroup> }
}
