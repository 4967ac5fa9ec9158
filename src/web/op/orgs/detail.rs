//! One organization: the frame with its tabs and actions, the overview, and trying its provisioning again.

use super::{Pressed, badge, page_of, plan_name, tabs};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    orgs::{self, OrgDetail},
};
use bulkhead_model::{
    OrgId, Permission,
    org::{Org, OrgStatus, ProvisioningState, StepStatus},
};
use bulkhead_ui::{
    AbsTime, Breadcrumb, Card, CardFooter, CopyId, Crumb, DescriptionList, Detail, LinkButton, Notice, PageHeader,
    PostForm, Stat, Stats, Step, StepState, Steps, SubmitButton, Tab, TabsNav, Tone, UserText, Variant, absolute_time,
    counted, date, number, visible,
};
use leptos::prelude::*;
use tabs::Tabs;

/// `GET /op/orgs/{id}?tab=`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<OrgId>) -> PageResult {
    let detail = orgs::find(&ctx, id).await?;
    let tab = Tabs::load(&web, &ctx, id).await?;
    let (title, page) = (visible(&detail.org.name), web.clone());
    Ok(web
        .show(&title, move || {
            let content = match &tab {
                Tabs::Overview => overview(&page, &detail),
                Tabs::Users(users) => tabs::users(&page, users),
                Tabs::Settings(settings) => tabs::settings(settings),
                Tabs::Activity(activity) => tabs::activity(&page, id, activity),
            };
            frame(&page, &detail.org, tab.code(), content)
        })
        .await)
}

fn frame(web: &Web, org: &Org, current: &str, content: AnyView) -> AnyView {
    let base = page_of(org.id);
    let tab = |code: &str, label: &str| {
        let href = if code == "overview" { base.clone() } else { format!("{base}?tab={code}") };
        Tab::new(label, href, code == current)
    };
    let mut tabs = vec![tab("overview", "Overview"), tab("users", "Users"), tab("settings", "Settings")];
    if web.may(Permission::PlatformAuditRead) {
        tabs.push(tab("activity", "Activity"));
    }
    let notice = notice(org);
    let (status, actions, purpose) = (badge(org.status), actions(web, org), format!("/t/{}", org.slug));
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Organizations", "/op/orgs")] />
        <PageHeader title=visible(&org.name) purpose status actions />
        {notice}
        <TabsNav label="Organization" tabs />
        {content}
    }
    .into_any()
}

/// What is unusual about it, above everything else.
fn notice(org: &Org) -> AnyView {
    let why = org.status_reason.as_deref().map(|reason| format!(" Reason: {}", visible(reason))).unwrap_or_default();
    match (org.status, org.delete_after) {
        (OrgStatus::Suspended, _) => {
            view! { <Notice tone=Tone::Warn>{format!("Suspended: nobody can sign in, nothing is deleted.{why}")}</Notice> }.into_any()
        }
        (OrgStatus::PendingDeletion, Some(at)) => {
            let text = format!(
                "Pending deletion: nobody can sign in. It can be restored until {}, then it is deleted for good.{why}",
                date(at)
            );
            view! { <Notice tone=Tone::Danger>{text}</Notice> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// What its status and the viewer's role allow.
fn actions(web: &Web, org: &Org) -> AnyView {
    if !web.may(Permission::PlatformOrgsManage) {
        return ().into_any();
    }
    let link = |action: &str, label: &'static str, variant| {
        view! { <LinkButton label href=format!("{}/{action}", page_of(org.id)) variant /> }.into_any()
    };
    let (edit, deprovision) = (("edit", "Edit", Variant::Secondary), ("deprovision", "Deprovision", Variant::Danger));
    let offered = match org.status {
        OrgStatus::Active => vec![edit, ("suspend", "Suspend", Variant::Secondary), deprovision],
        OrgStatus::Suspended => vec![edit, ("reactivate", "Reactivate", Variant::Primary), deprovision],
        OrgStatus::Provisioning => vec![edit, deprovision],
        OrgStatus::PendingDeletion => vec![("restore", "Restore", Variant::Primary)],
        OrgStatus::Deleted => vec![],
    };
    offered.into_iter().map(|(action, label, variant)| link(action, label, variant)).collect::<Vec<_>>().into_any()
}

fn overview(web: &Web, detail: &OrgDetail) -> AnyView {
    let (org, impact) = (&detail.org, detail.impact);
    let users = format!("{}?tab=users", page_of(org.id));
    let count = |n: i64| number(u64::try_from(n).unwrap_or_default());
    let (id, slug, plan) = (org.id.to_string(), org.slug.clone(), plan_name(&detail.plans, &org.plan));
    let Org { status_reason, created_at, suspended_at, delete_after, .. } = org.clone();
    let provisioning = provisioning(web, detail);
    // The notice above the tabs says why it is suspended or leaving.
    let noticed = matches!(org.status, OrgStatus::Suspended | OrgStatus::PendingDeletion);
    let status_reason = status_reason.filter(|_| !noticed);
    view! {
        <Stats>
            <Stat label="Active users" value=count(impact.active_users) href=format!("{users}&status=active") />
            <Stat label="Open invitations" value=count(impact.invited_users) href=format!("{users}&status=invited") />
            <Stat label="Live sessions" value=count(impact.live_sessions) />
        </Stats>
        <Card title="Facts">
            <DescriptionList>
                <Detail term="Id"><CopyId id what="organization id" /></Detail>
                <Detail term="Short name"><code>{slug}</code></Detail>
                <Detail term="Plan">{plan}</Detail>
                <Detail term="Created"><AbsTime at=created_at /></Detail>
                {suspended_at.map(|at| view! { <Detail term="Suspended"><AbsTime at /></Detail> })}
                {delete_after.map(|at| view! { <Detail term="Restorable until"><AbsTime at /></Detail> })}
                {status_reason.map(|text| view! { <Detail term="Reason"><UserText text /></Detail> })}
            </DescriptionList>
        </Card>
        {provisioning}
    }
    .into_any()
}

fn step(state: &ProvisioningState, next: bool) -> Step {
    let progress = match state.status {
        StepStatus::Done => StepState::Done,
        StepStatus::Failed => StepState::Failed,
        StepStatus::Waiting if next => StepState::Running,
        StepStatus::Waiting => StepState::Waiting,
    };
    let attempts = match u64::try_from(state.attempts).unwrap_or_default() {
        0 => None,
        // One attempt is what everybody expects of a finished step.
        1 if state.status == StepStatus::Done => None,
        attempts => Some(format!("{} so far.", counted(attempts, "attempt", "attempts"))),
    };
    let finished = state.finished_at.map(|at| format!("Finished {}.", absolute_time(at)));
    let parts: Vec<String> = [state.detail.clone(), attempts, finished].into_iter().flatten().collect();
    Step::new(state.step.label(), progress).detail(parts.join(" "))
}

fn provisioning(web: &Web, detail: &OrgDetail) -> AnyView {
    if detail.steps.is_empty() {
        return ().into_any();
    }
    let unfinished = |state: &ProvisioningState| state.status != StepStatus::Done;
    let goes_on = matches!(detail.org.status, OrgStatus::Provisioning | OrgStatus::Active);
    let first_left = detail.steps.iter().position(unfinished).filter(|_| goes_on);
    let steps = detail.steps.iter().enumerate().map(|(at, state)| step(state, first_left == Some(at))).collect();
    let retry = first_left.filter(|_| web.may(Permission::PlatformOrgsManage)).map(|_| {
        let (action, csrf) = (format!("{}/provisioning", page_of(detail.org.id)), web.csrf());
        let hidden = fields::hidden(web);
        view! {
            <CardFooter note="Unfinished steps are also tried again by themselves.">
                <PostForm action=action.clone() csrf=csrf.clone() hidden=hidden.clone() inline=true>
                    <SubmitButton label="Retry provisioning" pending="Running the steps" />
                </PostForm>
            </CardFooter>
        }
    });
    view! {
        <Card title="Provisioning" purpose="What made this organization, in order. Each step can be repeated without harm.">
            <Steps steps label="Provisioning" />
            {retry}
        </Card>
    }
    .into_any()
}

/// `POST /op/orgs/{id}/provisioning`
pub async fn retry(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<OrgId>,
    Form(Pressed {}): Form<Pressed>,
) -> PageResult {
    // Unknown organizations are not found here, before a task looks for them.
    let before = orgs::find(&ctx, id).await?;
    if !matches!(before.org.status, OrgStatus::Provisioning | OrgStatus::Active) {
        return Err(Error::Conflict(bulkhead_model::error::Conflict::WrongStatus).into());
    }
    orgs::resume_provisioning(&ctx, id).await?;
    let detail = orgs::find(&ctx, id).await?;
    let left = detail.steps.iter().find(|state| state.status != StepStatus::Done);
    let message = match left {
        None => format!("Provisioning of {} finished.", visible(&detail.org.name)),
        Some(state) => format!("Provisioning tried again. It stopped at: {}.", state.step.label()),
    };
    Ok(web.done(&page_of(id), &message))
}
