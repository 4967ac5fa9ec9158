//! Organizations, as operators see them: the list, creating one, one with its tabs, and what can be done with it.

pub mod create;
pub mod detail;
pub mod edit;
pub mod list;
pub mod status;
mod tabs;

use bulkhead_domain::{Error, OperatorCtx};
use bulkhead_model::{
    OrgId, Permission,
    org::{OrgStatus, Plan},
};
use bulkhead_ui::{Choice, StatusBadge, Tone};
use leptos::prelude::*;

/// A form that only carries the hidden fields.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressed {}

/// The page of an organization.
pub fn page_of(id: OrgId) -> String {
    format!("/op/orgs/{id}")
}

/// Forms say so before they are filled in; the use case asks again.
pub fn must_manage(ctx: &OperatorCtx) -> Result<(), Error> {
    let permission = Permission::PlatformOrgsManage;
    if ctx.may(permission) { Ok(()) } else { Err(Error::Forbidden(permission)) }
}

/// The status as a badge. A scheduled deletion wants attention; the others have a tone of their own.
pub fn badge(status: OrgStatus) -> AnyView {
    match status {
        OrgStatus::PendingDeletion => view! { <StatusBadge status=status.code() tone=Tone::Danger /> }.into_any(),
        _ => view! { <StatusBadge status=status.code() /> }.into_any(),
    }
}

/// The name of a plan; its id where the plan is no longer offered.
pub fn plan_name(plans: &[Plan], id: &str) -> String {
    plans.iter().find(|plan| plan.id == id).map_or(id, |plan| plan.name.as_str()).to_owned()
}

/// The plans to choose from.
pub fn plan_choices(plans: &[Plan]) -> Vec<Choice> {
    plans.iter().map(|plan| Choice::new(plan.id.as_str(), plan.name.as_str())).collect()
}
