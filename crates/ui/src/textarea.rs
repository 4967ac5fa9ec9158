//! The only `<textarea>` of the product.

use crate::field::{described_by, field};
use crate::{Markup, OptText, Tag, field_id};
use leptos::prelude::*;

/// A field of several lines. Required unless `optional`.
///
/// Leptos 0.8.23 writes the children of `<textarea>` unescaped, [`Tag`] does not; a `<textarea>` in a
/// `view!` anywhere else would let `</textarea><script>` out.
#[component(transparent)]
pub fn TextArea(
    /// The `name`; the id is `f-{name}`.
    #[prop(into)]
    name: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// The value typed or stored.
    #[prop(optional, into)]
    value: String,
    /// What to type, before it is wrong.
    #[prop(optional, into)]
    hint: OptText,
    /// What is wrong and how to mend it.
    #[prop(optional, into)]
    error: OptText,
    /// Lines to begin with; it grows with its text where the browser can.
    #[prop(default = 3)]
    rows: u16,
    /// The length limit in characters, the same as the server's.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// May be left empty.
    #[prop(optional)]
    optional: bool,
    /// Monospace: lists of addresses, JSON.
    #[prop(optional)]
    mono: bool,
) -> Markup {
    let id = field_id(&name);
    let describedby = described_by(&name, &hint, &error);
    let invalid = error.is_some().then_some("true");
    let area = Tag::new("textarea")
        .class(if mono { "input textarea mono" } else { "input textarea" })
        .attr("id", &id)
        .attr("name", &name)
        .attr("rows", &rows.to_string())
        .maybe("maxlength", maxlength.map(|length| length.to_string()).as_deref())
        .flag("required", !optional)
        .maybe("spellcheck", mono.then_some("false"))
        .maybe("aria-invalid", invalid)
        .maybe("aria-describedby", describedby.as_deref());
    // The parser drops one line break after the tag, so one is given: what was typed survives.
    let control = area.text("\n").text(&value).into();
    field(&name, &label, &hint, &error, optional, control)
}
