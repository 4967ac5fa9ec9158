//! Before something that cannot be taken back lightly: the consequences, then the question.

use crate::{Icon, IconName, Input, OptText, PostForm, SubmitButton, TextArea, Variant, number};
use leptos::prelude::*;

/// One consequence, with its number where there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequence {
    /// How many things it concerns.
    pub count: Option<u64>,
    /// What happens to them: "users are signed out".
    pub text: String,
}

impl Consequence {
    /// A consequence without a number.
    pub fn new(text: impl Into<String>) -> Self {
        Self { count: None, text: text.into() }
    }

    /// A consequence for so many things.
    pub fn counted(count: u64, text: impl Into<String>) -> Self {
        Self { count: Some(count), text: text.into() }
    }
}

/// The consequences of an action, each with its number.
#[component]
pub fn Consequences(
    /// The consequences, the worst first.
    items: Vec<Consequence>,
) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|item| {
            view! {
                <li>
                    <span class="consequence-count">
                        {match item.count {
                            Some(count) => number(count).into_any(),
                            None => view! { <Icon name=IconName::ArrowRight /> }.into_any(),
                        }}
                    </span>
                    <span>{item.text}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="consequences">{items}</ul> }
}

/// The form of a confirmation: what to type, why, and the two ways on. Cancel has the focus; the
/// other button repeats verb and object.
#[component]
pub fn ConfirmForm(
    /// Where confirming posts.
    #[prop(into)]
    action: String,
    /// The synchroniser token.
    #[prop(into)]
    csrf: String,
    /// More hidden fields, as name and value.
    #[prop(optional)]
    hidden: Vec<(String, String)>,
    /// Verb and object: "Suspend Acme".
    #[prop(into)]
    confirm_label: String,
    /// Where Cancel leads.
    #[prop(into)]
    cancel_href: String,
    /// The name to type, for destructive actions. Posted as `confirm_name`.
    #[prop(optional, into)]
    typed_name: OptText,
    /// What was typed.
    #[prop(optional, into)]
    typed_value: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    typed_error: OptText,
    /// Asks for a reason, kept in the audit log. Posted as `reason`.
    #[prop(optional)]
    ask_reason: bool,
    /// The reason typed.
    #[prop(optional, into)]
    reason_value: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    reason_error: OptText,
    /// The action gives something back (reactivate) instead of taking it away.
    #[prop(optional)]
    harmless: bool,
    /// Fields of the action's own.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let variant = if harmless { Variant::Primary } else { Variant::Danger };
    let typed = typed_name.get().map(|name| {
        let label = format!("Type {} to confirm", crate::visible(&name));
        view! {
            <Input
                name="confirm_name"
                label
                value=typed_value
                error=typed_error
                autocomplete="off"
            />
        }
    });
    let reason = ask_reason.then(|| {
        view! {
            <TextArea
                name="reason"
                label="Reason"
                hint="Kept in the audit log. The organization can read it."
                value=reason_value
                error=reason_error
                maxlength=500
            />
        }
    });
    view! {
        <PostForm action csrf hidden>
            {children.map(|children| children())}
            {reason}
            {typed}
            <div class="form-actions form-actions-end">
                <a class="btn btn-secondary" href=cancel_href autofocus=true data-close="">
                    "Cancel"
                </a>
                <SubmitButton label=confirm_label variant />
            </div>
        </PostForm>
    }
}

/// A page that says the consequences and asks. Put a [`ConfirmForm`] into it.
#[component]
pub fn ConfirmPage(
    /// What is about to happen: "Suspend Acme".
    #[prop(into)]
    title: String,
    /// The consequence in a sentence, before the question.
    #[prop(into)]
    summary: String,
    /// The consequences, with numbers.
    #[prop(optional)]
    consequences: Vec<Consequence>,
    /// The [`ConfirmForm`].
    children: Children,
) -> impl IntoView {
    view! {
        <section class="confirm">
            <h1><crate::UserText text=title /></h1>
            <p class="confirm-summary">{summary}</p>
            {(!consequences.is_empty()).then(|| view! { <Consequences items=consequences /> })}
            {children()}
        </section>
    }
}

/// The same question as a native dialog, opened by a [`LinkButton`](crate::LinkButton()) whose
/// `href` is the page that asks without JavaScript.
#[component]
pub fn ConfirmDialog(
    /// The id the link names in `dialog`.
    #[prop(into)]
    id: String,
    /// What is about to happen: "Suspend Acme".
    #[prop(into)]
    title: String,
    /// The consequence in a sentence, before the question.
    #[prop(into)]
    summary: String,
    /// The consequences, with numbers.
    #[prop(optional)]
    consequences: Vec<Consequence>,
    /// The [`ConfirmForm`].
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    view! {
        <dialog class="dialog" id=id aria-labelledby=heading.clone()>
            <h2 id=heading.clone()>{crate::visible(&title)}</h2>
            <p class="confirm-summary">{summary}</p>
            {(!consequences.is_empty()).then(|| view! { <Consequences items=consequences /> })}
            {children()}
        </dialog>
    }
}
