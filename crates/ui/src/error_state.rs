//! What a page shows when it cannot show itself.

use crate::{CopyId, Icon, IconName, OptText};
use leptos::prelude::*;

/// What failed, whether anything was saved, what to do, and the id to report.
#[component]
pub fn ErrorState(
    /// The HTTP status, shown small.
    status: u16,
    /// What failed: "This page does not exist".
    #[prop(into)]
    title: String,
    /// The cause, as far as the reader may know it.
    #[prop(into)]
    body: String,
    /// Whether anything was saved; absent where nothing could have been.
    #[prop(optional)]
    saved: Option<bool>,
    /// What to do.
    #[prop(optional, into)]
    advice: OptText,
    /// The id of the request, under which the log has the cause: people call it the reference.
    #[prop(optional, into)]
    request_id: OptText,
    /// Links and buttons out of here.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// More, such as a person to ask or both values of a conflict.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let icon = match status {
        401 | 403 => IconName::Lock,
        404 | 410 => IconName::Search,
        409 => IconName::Layers,
        419 | 429 => IconName::Clock,
        _ => IconName::AlertTriangle,
    };
    let saved = saved.map(|saved| if saved { "Your change was saved." } else { "Nothing was saved." });
    view! {
        <div class="error-state">
            <span class="empty-icon"><Icon name=icon /></span>
            <p class="error-status">{format!("Error {status}")}</p>
            <h1>{title}</h1>
            <p>{body}</p>
            {saved.map(|saved| view! { <p class="error-saved">{saved}</p> })}
            {advice.get().map(|advice| view! { <p>{advice}</p> })}
            {children.map(|children| children())}
            {actions.map(|actions| view! { <div class="error-actions">{actions}</div> })}
            {request_id
                .get()
                .map(|id| {
                    view! {
                        <p class="error-request">
                            "Reference " <CopyId id=id what="reference" />
                        </p>
                    }
                })}
        </div>
    }
}
