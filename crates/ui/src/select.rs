//! Choosing one of a list.

use crate::field::described_by;
use crate::{Field, OptText, field_id, visible};
use leptos::prelude::*;

/// One thing to choose, in a [`Select`](crate::Select()), a checkbox group or radio cards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// What choosing it means.
    pub hint: Option<String>,
    /// Why it cannot be chosen; `None` when it can.
    pub disabled: Option<String>,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, disabled: None }
    }

    /// The same choice with what it means.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same choice, out of reach for this reason.
    #[must_use]
    pub fn disabled(mut self, reason: impl Into<String>) -> Self {
        self.disabled = Some(reason.into());
        self
    }
}

/// One of a list, in the browser's own control. Required unless `optional`.
#[component]
pub fn Select(
    /// The `name`; the id is `f-{name}`.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
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
    /// May be left at its empty choice.
    #[prop(optional)]
    optional: bool,
    /// Out of reach and not sent; say why in the hint.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let invalid = error.is_some().then_some("true");
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == value;
            view! {
                <option value=choice.value selected=selected disabled=choice.disabled.is_some()>
                    {visible(&choice.label)}
                </option>
            }
        })
        .collect_view();
    view! {
        <Field name=name.clone() label hint error optional>
            <select
                class="input select"
                id=id
                name=name
                required=!optional
                disabled=disabled
                aria-invalid=invalid
                aria-describedby=describedby
            >
                {options}
            </select>
        </Field>
    }
}
