//! The isolation report: what the database really enforces, table by table, the worst first.

mod around;
mod clause;
mod finding;
pub mod findings;
pub mod place;
pub mod table;
pub mod xray;

use self::place::Place;
use crate::web::{
    op::sources,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    OperatorCtx,
    isolation::{self, IsolationReport},
};
use bulkhead_model::{
    DataSourceId, Permission,
    isolation::{DataSource, GrantFacts, TableFacts, TableReport, Verdict},
};
use bulkhead_ui::{
    Align, Badge, Breadcrumb, Cell, EmptyState, HeadCell, IconName, LinkButton, Notice, PageHeader, Row, RowTitle,
    Stat, Stats, Table, Tone, Variant, counted, number,
};
use leptos::prelude::*;

/// `GET /op/isolation`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    draw(web, &ctx, Place::own(), None).await
}

/// `GET /op/sources/{id}`
pub async fn show_source(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<DataSourceId>) -> PageResult {
    let (place, source) = Place::find(&ctx, id).await?;
    draw(web, &ctx.again().await?, place, Some(source)).await
}

async fn draw(web: Web, ctx: &OperatorCtx, place: Place, source: Option<DataSource>) -> PageResult {
    let report = isolation::report(ctx, place.subject).await?;
    let (viewer, title) = (web.clone(), place.title.clone());
    Ok(web.show(&title, move || body(&viewer, &place, source.as_ref(), &report)).await)
}

/// The verdict as a badge.
fn badge(verdict: &Verdict) -> AnyView {
    let (tone, icon) = match verdict {
        Verdict::Exposed(_) => (Tone::Danger, IconName::ShieldAlert),
        Verdict::SharedByDesign(_) => (Tone::Info, IconName::Globe),
        Verdict::Isolated => (Tone::Ok, IconName::ShieldCheck),
        Verdict::Locked => (Tone::Neutral, IconName::Lock),
    };
    view! { <Badge label=verdict.label() tone icon=icon /> }.into_any()
}

fn body(web: &Web, place: &Place, source: Option<&DataSource>, seen: &IsolationReport) -> AnyView {
    let IsolationReport { server_version, report } = seen;
    let count = |rank: u8| report.tables.iter().filter(|table| table.verdict.rank() == rank).count() as u64;
    let [exposed, shared, isolated, locked] = [0, 1, 2, 3].map(count);
    let whose = source.map(|source| format!(" of {}", source.place)).unwrap_or_default();
    let purpose = format!(
        "What PostgreSQL {server_version}{whose} enforces right now, read from its catalogue as this page was opened."
    );
    let alarm = (exposed > 0).then(|| {
        let text = format!(
            "{} let a role that serves requests reach rows across organizations. They come first; each page says why.",
            counted(exposed, "table", "tables")
        );
        view! { <Notice tone=Tone::Danger>{text}</Notice> }
    });
    let (exposed, shared, isolated, locked) = (number(exposed), number(shared), number(isolated), number(locked));
    let may = web.may(Permission::PlatformIsolationManage);
    let table = table_of(place, &report.tables);
    let around = finding::card(
        place,
        may,
        "Around the tables",
        "Roles, functions, sequences, schemas and the server itself, which decide what policies are worth.",
        &report.findings,
    );
    let facts = around::cards(report);
    let (findings, above) = (place.findings(), place.above());
    let settings = source.filter(|_| may).map(|source| {
        let href = sources::settings_of(source.id);
        view! { <LinkButton label="Settings" href icon=IconName::Settings variant=Variant::Secondary /> }
    });
    let actions = view! {
        {settings}
        <LinkButton label="Ask PostgreSQL" href=findings icon=IconName::Shield variant=Variant::Secondary />
    }
    .into_any();
    let trail = (!above.is_empty()).then(|| view! { <Breadcrumb crumbs=above /> });
    view! {
        {trail}
        <PageHeader title=place.title.clone() purpose actions />
        {alarm}
        <Stats>
            <Stat label="Exposed" value=exposed hint="A role can reach rows across organizations" />
            <Stat label="Shared by design" value=shared hint="Holds nothing of any organization" />
            <Stat label="Isolated" value=isolated hint="Every way in goes through a policy" />
            <Stat label="Locked" value=locked hint="No role that serves requests reaches a row" />
        </Stats>
        {table}
        {around}
        {facts}
    }
    .into_any()
}

fn table_of(place: &Place, tables: &[TableReport]) -> AnyView {
    if tables.is_empty() {
        return view! {
            <EmptyState
                title="No tables"
                body="The catalogue of this database has no table, view or foreign table that the role signed in with can see."
                icon=IconName::Shield
            />
        }
        .into_any();
    }
    let head = view! {
        <HeadCell label="Table" />
        <HeadCell label="Verdict" />
        <HeadCell label="Row-level security" />
        <HeadCell label="Tenant column" />
        <HeadCell label="Owner" />
        <HeadCell label="Grants" />
        <HeadCell label="Policies" align=Align::End />
    }
    .into_any();
    let rows: Vec<_> = tables
        .iter()
        .map(|report| {
            let facts = &report.facts;
            let (title, href) = (facts.name.clone(), place.table(&facts.qualified()));
            let subtitle = match report.findings.len() as u64 {
                0 => format!("{} in {}", facts.kind.label(), facts.schema),
                findings => {
                    format!("{} in {}, {}", facts.kind.label(), facts.schema, counted(findings, "finding", "findings"))
                }
            };
            let (verdict, rls, owner) = (badge(&report.verdict), row_security(facts), facts.owner.clone());
            let (column, index) = tenant_column(facts);
            let grants: Vec<_> = facts.grants.iter().map(|grant| view! { <div>{summary(grant)}</div> }).collect();
            let policies = number(facts.policies.len() as u64);
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Verdict">{verdict}</Cell>
                    <Cell label="Row-level security">{rls}</Cell>
                    <Cell label="Tenant column">
                        {column}
                        <div class="row-sub">{index}</div>
                    </Cell>
                    <Cell label="Owner"><code>{owner}</code></Cell>
                    <Cell label="Grants">
                        <div class="row-sub">
                            {if grants.is_empty() { "None".into_any() } else { grants.into_any() }}
                        </div>
                    </Cell>
                    <Cell label="Policies" align=Align::End>{policies}</Cell>
                </Row>
            }
        })
        .collect();
    view! { <Table caption="Tables and what is enforced on them" head>{rows}</Table> }.into_any()
}

/// Enabled, and binding for the owner too?
fn row_security(facts: &TableFacts) -> &'static str {
    match (facts.rls_enabled, facts.rls_forced) {
        (true, true) => "Enabled and forced",
        (true, false) => "Enabled, not forced",
        (false, _) => "Off",
    }
}

/// The column that says whose a row is, and whether an index starts with it.
fn tenant_column(facts: &TableFacts) -> (AnyView, &'static str) {
    match (&facts.tenant_column, &facts.tenant_index) {
        (Some(column), index) => (
            view! { <code>{column.name.clone()}</code> }.into_any(),
            if index.is_some() { "indexed" } else { "no index" },
        ),
        (None, _) => (view! { <span class="muted">"None"</span> }.into_any(), ""),
    }
}

/// "bulkhead_app: select, insert": what a role may do on the table or on some of its columns.
fn summary(grant: &GrantFacts) -> String {
    const ORDER: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
    let held: Vec<String> =
        ORDER.iter().filter(|privilege| grant.holds(privilege)).map(|privilege| privilege.to_lowercase()).collect();
    format!("{}: {}", grant.role, held.join(", "))
}
