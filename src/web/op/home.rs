//! Where an operator starts: what needs somebody, then how things stand.

use super::orgs::{badge, page_of};
use crate::web::{
    audit::timeline,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx, audit,
    isolation::{self, IsolationReport, Subject},
    orgs::{self, Overview},
};
use bulkhead_model::{
    Permission,
    audit::{AuditEvent, AuditFilter},
    isolation::Verdict,
    org::{Org, OrgFilter, OrgStatus},
    page::{PageRequest, Place},
};
use bulkhead_ui::{
    Card, Cell, EmptyState, HeadCell, IconName, LinkButton, Notice, PageHeader, Row, RowTitle, Stat, Stats, Table,
    Tone, Variant, counted, date, number,
};
use leptos::prelude::*;

/// Organizations, as far as the viewer may see them.
struct Orgs {
    overview: Overview,
    leaving: Vec<Org>,
}

/// `GET /op`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    let orgs = match ctx.may(Permission::PlatformOrgsRead) {
        true => Some(Orgs { overview: orgs::overview(&ctx).await?, leaving: leaving(&ctx).await? }),
        false => None,
    };
    let report = match ctx.may(Permission::PlatformIsolationRead) {
        true => Some(isolation::report(&ctx, Subject::Own).await?),
        false => None,
    };
    let events = match ctx.may(Permission::PlatformAuditRead) {
        true => Some(newest(&ctx).await?),
        false => None,
    };
    let page = web.clone();
    Ok(web.show("Home", move || body(&page, orgs.as_ref(), report.as_ref(), events.as_deref())).await)
}

async fn leaving(ctx: &OperatorCtx) -> Result<Vec<Org>, Error> {
    let filter = OrgFilter { status: vec![OrgStatus::PendingDeletion], ..OrgFilter::default() };
    let list = orgs::list(ctx, &filter, &PageRequest::new(Place::First, 20)).await?;
    let mut leaving: Vec<Org> = list.page.rows.into_iter().map(|summary| summary.org).collect();
    leaving.sort_by_key(|org| org.delete_after);
    Ok(leaving)
}

async fn newest(ctx: &OperatorCtx) -> Result<Vec<AuditEvent>, Error> {
    Ok(audit::list_all(ctx, &AuditFilter::default(), &PageRequest::new(Place::First, 8)).await?.page.rows)
}

fn body(web: &Web, orgs: Option<&Orgs>, report: Option<&IsolationReport>, events: Option<&[AuditEvent]>) -> AnyView {
    let actions = match web.may(Permission::PlatformOrgsManage) {
        true => {
            view! { <LinkButton label="Create organization" href="/op/orgs/new" variant=Variant::Primary /> }.into_any()
        }
        false => ().into_any(),
    };
    let exposed = report.map_or(0, |report| of_verdict(report, |verdict| matches!(verdict, Verdict::Exposed(_))));
    let alarm = (exposed > 0).then(|| {
        let text = format!(
            "{} let a role reach rows across organizations. The isolation page says which, and why.",
            counted(exposed, "table", "tables")
        );
        view! { <Notice tone=Tone::Danger>{text}</Notice> }
    });
    let nothing = (orgs.is_none() && report.is_none() && events.is_none()).then(|| {
        view! {
            <EmptyState
                title="Nothing to see with this role"
                body="It belongs to the operators, but holds none of their permissions. An admin of the platform can change that."
                icon=IconName::Lock
            />
        }
    });
    let (orgs, report) = (orgs.map(organizations), report.map(isolation_card));
    let events = events.map(|events| {
        let events = timeline(events, "/op/audit", web.now());
        view! {
            <Card title="Newest events">
                {events}
            </Card>
        }
    });
    view! {
        <PageHeader title="Operator console" purpose="All organizations, from creation to deletion." actions />
        {alarm}
        {nothing}
        {orgs}
        {report}
        {events}
    }
    .into_any()
}

fn organizations(orgs: &Orgs) -> AnyView {
    let stats: Vec<_> = [OrgStatus::Active, OrgStatus::Provisioning, OrgStatus::Suspended, OrgStatus::PendingDeletion]
        .into_iter()
        .map(|status| {
            let count =
                orgs.overview.by_status.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count);
            let value = number(u64::try_from(count).unwrap_or_default());
            view! { <Stat label=status.label() value href=format!("/op/orgs?status={}", status.code()) /> }
        })
        .collect();
    let attention = attention(orgs);
    view! {
        <Stats>{stats}</Stats>
        {attention}
    }
    .into_any()
}

/// What an organization on this list waits for.
fn waits_for(org: &Org) -> String {
    match (org.status, org.delete_after) {
        (OrgStatus::Provisioning, _) => "Nobody can sign in until its provisioning has finished.".to_owned(),
        (OrgStatus::PendingDeletion, Some(at)) => {
            format!("Pending deletion. It can be restored until {}, then it is deleted for good.", date(at))
        }
        _ => "The invitation of its first admin has not gone out.".to_owned(),
    }
}

fn attention(orgs: &Orgs) -> AnyView {
    let rows: Vec<_> = orgs
        .overview
        .provisioning
        .iter()
        .chain(&orgs.leaving)
        .map(|org| {
            let (title, subtitle, href) = (org.name.clone(), org.slug.clone(), page_of(org.id));
            let (status, why) = (badge(org.status), waits_for(org));
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Status">{status}</Cell>
                    <Cell label="What it waits for">{why}</Cell>
                </Row>
            }
        })
        .collect();
    if rows.is_empty() {
        return view! {
            <Card title="Needs attention">
                <p class="muted">"Nothing: every organization is set up, and none is about to be deleted."</p>
            </Card>
        }
        .into_any();
    }
    let head =
        view! { <HeadCell label="Organization" /> <HeadCell label="Status" /> <HeadCell label="What it waits for" /> }
            .into_any();
    view! {
        <Card title="Needs attention" flush=true>
            <Table caption="Organizations that need attention" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn of_verdict(report: &IsolationReport, is: impl Fn(&Verdict) -> bool) -> u64 {
    report.report.tables.iter().filter(|table| is(&table.verdict)).count() as u64
}

fn isolation_card(report: &IsolationReport) -> AnyView {
    let exposed = of_verdict(report, |verdict| matches!(verdict, Verdict::Exposed(_)));
    let all = counted(report.report.tables.len() as u64, "table", "tables");
    let sentence = match exposed {
        0 => format!("{all}, read live from PostgreSQL {}: none is exposed.", report.server_version),
        exposed => format!("{all}, read live from PostgreSQL {}: {} exposed.", report.server_version, number(exposed)),
    };
    let actions =
        view! { <LinkButton label="Open the isolation report" href="/op/isolation" variant=Variant::Secondary /> }
            .into_any();
    view! {
        <Card title="Isolation" actions>
            <p>{sentence}</p>
        </Card>
    }
    .into_any()
}
