//! What just happened, and what stands in the way.

use crate::{Icon, IconName, Markup, Tag, Tone, field_id};
use leptos::prelude::*;

/// The message about the last request, once, at the top of `main`.
#[component(transparent)]
pub fn Flash(
    /// The message, in the past tense, with its consequence.
    #[prop(into)]
    message: String,
    /// [`Tone::Danger`] makes it an alert; everything else is a status.
    #[prop(default = Tone::Ok)]
    tone: Tone,
    /// An undo form or a link.
    #[prop(optional)]
    children: Option<Children>,
) -> Markup {
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    let flash = Tag::new("div").class(&format!("flash flash-{}", tone.as_str())).attr("id", "flash");
    let flash = flash.attr("role", role).attr("tabindex", "-1").child(tone.icon().drawn());
    let actions = children.map(|children| Tag::new("div").class("flash-actions").child(children()));
    flash.child(Tag::new("p").text(&message)).child(actions).into()
}

/// A standing remark inside a page: what to know before going on.
#[component(transparent)]
pub fn Notice(
    /// What it means.
    #[prop(default = Tone::Info)]
    tone: Tone,
    /// The remark.
    children: Children,
) -> Markup {
    let notice = Tag::new("div").class(&format!("notice notice-{}", tone.as_str())).child(tone.icon().drawn());
    notice.child(Tag::new("div").class("notice-body").open().view(children())).into()
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The `name` of the field; empty for what concerns the whole form.
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl FieldError {
    /// An error of a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Everything that is wrong with a form, each linked to its field. Renders nothing when all is well.
#[component]
pub fn ErrorSummary(
    /// The errors, in the order of the fields.
    errors: Vec<FieldError>,
) -> impl IntoView {
    if errors.is_empty() {
        return ().into_any();
    }
    // A form with one error that belongs to no field (sign-in) needs no list and no count.
    if let [FieldError { field, message }] = errors.as_slice()
        && field.is_empty()
    {
        let message = message.clone();
        return view! {
            <div class="error-summary" id="error-summary" role="alert" tabindex="-1">
                <Icon name=IconName::CircleX />
                <p class="error-alone">{message}</p>
            </div>
        }
        .into_any();
    }
    let title = match errors.len() {
        1 => "One thing to correct before this can be saved".to_owned(),
        count => format!("{count} things to correct before this can be saved"),
    };
    let items = errors
        .into_iter()
        .map(|error| {
            let message = if error.field.is_empty() {
                error.message.into_any()
            } else {
                view! { <a href=format!("#{}", field_id(&error.field))>{error.message}</a> }.into_any()
            };
            view! { <li>{message}</li> }
        })
        .collect_view();
    view! {
        <div class="error-summary" id="error-summary" role="alert" tabindex="-1">
            <Icon name=IconName::CircleX />
            <div>
                <h2>{title}</h2>
                <ul>{items}</ul>
            </div>
        </div>
    }
    .into_any()
}
