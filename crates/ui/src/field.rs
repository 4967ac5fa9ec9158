//! The frame around a control: label, hint, error, and the ids that tie them together.

use crate::{Element, IconName, Markup, OptText, Tag};
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
#[component(transparent)]
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
) -> Markup {
    field(&name, &label, &hint, &error, optional, Markup::drawn(children()))
}

/// [`Field`] for markup.
pub(crate) fn field(
    name: &str,
    label: &str,
    hint: &OptText,
    error: &OptText,
    optional: bool,
    control: Markup,
) -> Markup {
    let id = field_id(name);
    let optional = optional.then(|| Tag::new("span").class("label-optional").text("optional"));
    let label = Tag::new("label").class("label").attr("for", &id).text(label).child(optional);
    let field = Tag::new("div").class("field").child(label).child(hint_line(&id, hint));
    field.child(control).child(error_line(&id, error)).into()
}

/// A group of controls under one question: checkboxes, radio cards.
#[component(transparent)]
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
) -> Markup {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let group = Tag::new("fieldset").class("field").attr("id", &id);
    let group = group.maybe("aria-describedby", describedby.as_deref()).attr("tabindex", "-1");
    let group = group.child(Tag::new("legend").class("label").text(&legend)).child(hint_line(&id, &hint));
    group.view(children()).child(error_line(&id, &error)).into()
}

/// The hint of a field.
fn hint_line(id: &str, hint: &OptText) -> Option<Element> {
    hint.as_deref().map(|hint| Tag::new("p").class("hint").attr("id", &format!("{id}-hint")).text(hint))
}

/// The error of a field, if there is one.
pub(crate) fn error_line(id: &str, error: &OptText) -> Option<Element> {
    error.as_deref().map(|error| {
        let line = Tag::new("p").class("field-error").attr("id", &format!("{id}-error"));
        line.child(IconName::CircleX.drawn()).child(Tag::new("span").text(error))
    })
}
