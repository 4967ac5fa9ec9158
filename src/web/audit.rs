//! The audit log.

use crate::routes::{Access, Routes};
use bulkhead_model::audit::AuditEvent;
use bulkhead_ui::{Timeline, TimelineItem, Tone};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant)
}

/// Events as a short timeline, each leading to its page below `base`.
pub fn timeline(events: &[AuditEvent], base: &str, now: OffsetDateTime) -> AnyView {
    let items = events
        .iter()
        .map(|event| TimelineItem {
            title: format!("{} {}", event.actor_label, event.action.label()),
            detail: event.target_label.clone().into(),
            at: event.at,
            tone: Tone::Neutral,
            href: format!("{base}/{}", event.id).into(),
        })
        .collect::<Vec<_>>();
    view! { <Timeline items now /> }.into_any()
}
