//! The banner over everything an operator does inside an organization.

use crate::{CSRF_FIELD, Hidden, Icon, IconName, UserText};
use leptos::prelude::*;

/// Who acts, where, why, how long still, and the way out. Sticky, and announced.
#[component]
pub fn ActingAsBanner(
    /// The operator.
    #[prop(into)]
    actor: String,
    /// The organization.
    #[prop(into)]
    organization: String,
    /// The reason given, or the ticket.
    #[prop(into)]
    reason: String,
    /// Whole minutes until the grant ends.
    minutes_left: u64,
    /// Where stopping posts.
    #[prop(into)]
    stop_action: String,
    /// The synchroniser token.
    #[prop(into)]
    csrf: String,
) -> impl IntoView {
    let left = match minutes_left {
        0 => "Under a minute left".to_owned(),
        1 => "1 minute left".to_owned(),
        minutes => format!("{minutes} minutes left"),
    };
    view! {
        <aside class="acting-as" aria-label="Operator access">
            <Icon name=IconName::ShieldAlert />
            <p>
                <strong><UserText text=actor /></strong>
                " acts as operator in "
                <strong><UserText text=organization /></strong>
                <span class="acting-as-fact"><UserText text=reason /></span>
                <span class="acting-as-fact">{left}</span>
            </p>
            <form method="post" action=stop_action>
                <Hidden name=CSRF_FIELD value=csrf />
                <button type="submit" class="btn btn-secondary btn-sm">
                    "Stop"
                </button>
            </form>
        </aside>
    }
}
