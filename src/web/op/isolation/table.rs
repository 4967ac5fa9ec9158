//! One table of the report: what the catalogue says about it, and what each policy means.

use super::{
    badge,
    clause::{laid_out, meaning},
    finding,
    place::Place,
    row_security,
};
use crate::web::{
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    OperatorCtx,
    isolation::{self, TableDetail},
};
use bulkhead_model::{
    DataSourceId, Permission,
    isolation::{
        ForeignKeyFacts, GrantFacts, PolicyCommand, PolicyFacts, RelationKind, TableFacts, TableReport, Verdict,
    },
};
use bulkhead_ui::{
    Badge, Breadcrumb, Card, Cell, CodeBlock, Columns, DescriptionList, Detail, HeadCell, IconName, Language,
    LinkButton, Notice, PageHeader, Row, Table, Tone, Variant, visible,
};
use leptos::prelude::*;

/// `GET /op/isolation/{schema.table}`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(table): Path<String>) -> PageResult {
    draw(web, &ctx, Place::own(), &table).await
}

/// `GET /op/sources/{id}/{schema.table}`
pub async fn show_source(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path((id, table)): Path<(DataSourceId, String)>,
) -> PageResult {
    let (place, _) = Place::find(&ctx, id).await?;
    draw(web, &ctx.again().await?, place, &table).await
}

async fn draw(web: Web, ctx: &OperatorCtx, place: Place, table: &str) -> PageResult {
    let detail = isolation::table(ctx, place.subject, table).await?;
    let (viewer, title) = (web.clone(), visible(&detail.report.facts.qualified()));
    Ok(web.show(&title, move || body(&viewer, &place, &detail)).await)
}

fn body(web: &Web, place: &Place, detail: &TableDetail) -> AnyView {
    let TableDetail { server_version, report, unbound_roles } = detail;
    let facts = &report.facts;
    let purpose = facts.comment.clone().unwrap_or_else(|| format!("As PostgreSQL {server_version} has it right now."));
    let (status, name) = (badge(&report.verdict), facts.qualified());
    let (xray, title, may) = (place.xray(&name), visible(&name), web.may(Permission::PlatformIsolationManage));
    let actions = match may && facts.kind != RelationKind::View {
        true => view! { <LinkButton label="X-ray a row" href=xray icon=IconName::Eye variant=Variant::Secondary /> }
            .into_any(),
        false => ().into_any(),
    };
    let (verdict, facts_card) = (verdict(place, may, report), facts_card(facts));
    let findings = noted(place, may, report);
    let policies: Vec<AnyView> = facts.policies.iter().map(|policy| policy_card(facts, policy)).collect();
    let (combined, grants, keys) = (combination(facts, unbound_roles), grants(facts), foreign_keys(facts));
    view! {
        <Breadcrumb crumbs=place.trail() />
        <PageHeader title purpose status actions />
        {verdict}
        {findings}
        {facts_card}
        {combined}
        {policies}
        {grants}
        {keys}
    }
    .into_any()
}

/// Why the verdict is what it is.
fn verdict(place: &Place, may: bool, report: &TableReport) -> AnyView {
    match &report.verdict {
        Verdict::Exposed(leaks) => {
            let leaks = finding::card(place, may, "Leaks", "Each of these is one too many.", leaks);
            view! {
                <Notice tone=Tone::Danger>
                    "A role that serves requests can reach rows across organizations, or it cannot be excluded."
                </Notice>
                {leaks}
            }
            .into_any()
        }
        Verdict::SharedByDesign(why) => {
            let why = why.clone();
            view! { <Notice tone=Tone::Info>{why}</Notice> }.into_any()
        }
        Verdict::Isolated => {
            let text = "Every way in for a role that serves requests goes through a policy on the tenant column.";
            view! { <Notice tone=Tone::Ok>{text}</Notice> }.into_any()
        }
        Verdict::Locked => {
            let text = "No role that serves requests reaches any row; what is in it is read through functions only.";
            view! { <Notice tone=Tone::Info>{text}</Notice> }.into_any()
        }
    }
}

fn noted(place: &Place, may: bool, report: &TableReport) -> AnyView {
    let purpose = "No row is reachable because of these alone; they tell something, cost time or are one mistake away from a leak.";
    finding::card(place, may, "Findings", purpose, &report.findings)
}

fn facts_card(facts: &TableFacts) -> AnyView {
    let (kind, owner, rls) = (facts.kind.label(), facts.owner.clone(), row_security(facts));
    let view_rights = (facts.kind == RelationKind::View).then(|| {
        let whose = if facts.security_invoker { "Those of who asks" } else { "Its owner’s" };
        view! { <Detail term="Rights it reads with">{whose}</Detail> }
    });
    let column = match &facts.tenant_column {
        None => "None".into_any(),
        Some(column) => {
            let null = if column.nullable { "may be NULL" } else { "never NULL" };
            let default =
                column.default.clone().map_or_else(|| "no default".to_owned(), |sql| format!("default {sql}"));
            let text = format!("{} {}, {null}, {default}", column.name, column.data_type);
            view! { <code>{text}</code> }.into_any()
        }
    };
    let index = match facts.tenant_index.clone() {
        None => "None".into_any(),
        Some(sql) => view! { <CodeBlock code=sql language=Language::Sql label="Index" /> }.into_any(),
    };
    view! {
        <Card title="Facts">
            <DescriptionList>
                <Detail term="Kind">{kind}</Detail>
                <Detail term="Owner"><code>{owner}</code></Detail>
                <Detail term="Row-level security">{rls}</Detail>
                {view_rights}
                <Detail term="Tenant column">{column}</Detail>
                <Detail term="Index on it">{index}</Detail>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

/// `CREATE POLICY`, as someone would write it.
fn statement(facts: &TableFacts, policy: &PolicyFacts) -> String {
    let kind = if policy.permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
    format!(
        "CREATE POLICY {} ON {}\n    AS {kind} FOR {} TO {}",
        policy.name,
        facts.qualified(),
        policy.command.as_sql(),
        policy.roles.join(", "),
    )
}

fn policy_card(facts: &TableFacts, policy: &PolicyFacts) -> AnyView {
    let column = facts.tenant_column.as_ref().map(|column| column.name.as_str());
    let (title, purpose, code) = (policy.name.clone(), meaning(policy, column), statement(facts, policy));
    let side =
        |label: &'static str, clause: &Option<String>, absent: &'static str| match clause.as_deref().map(laid_out) {
            Some(code) => {
                view! { <CodeBlock code language=Language::Sql label=format!("{label} of {}", policy.name) /> }
                    .into_any()
            }
            None => view! {
                <div>
                    <p class="muted">{format!("{label}: {absent}")}</p>
                </div>
            }
            .into_any(),
        };
    let using = side("USING", &policy.using, "none, because no existing row is looked at.");
    let no_check =
        if policy.command.writes() { "none, so USING decides that too." } else { "none, because nothing is written." };
    let check = side("WITH CHECK", &policy.with_check, no_check);
    let (label, tone) = if policy.permissive { ("Permissive", Tone::Neutral) } else { ("Restrictive", Tone::Info) };
    let actions = view! { <Badge label tone /> <Badge label=policy.command.as_sql() /> }.into_any();
    let whole = format!("Policy {}", policy.name);
    view! {
        <Card title purpose actions>
            <CodeBlock code language=Language::Sql label=whole />
            <Columns>
                {using}
                {check}
            </Columns>
        </Card>
    }
    .into_any()
}

const COMMANDS: [PolicyCommand; 4] =
    [PolicyCommand::Select, PolicyCommand::Insert, PolicyCommand::Update, PolicyCommand::Delete];

/// The policies that apply to a role's statement, joined the way PostgreSQL joins them: permissive ones are
/// alternatives, and every restrictive one must hold as well. None where no permissive one lets anything through.
fn expression(facts: &TableFacts, role: &str, command: PolicyCommand) -> Option<String> {
    let applies = |policy: &&PolicyFacts| {
        (policy.command == command || policy.command == PolicyCommand::All)
            && policy.roles.iter().any(|to| to == role || to == "PUBLIC")
    };
    let (permissive, restrictive): (Vec<_>, Vec<_>) =
        facts.policies.iter().filter(applies).partition(|policy| policy.permissive);
    let names = |policies: &[&PolicyFacts], word: &str| {
        policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>().join(word)
    };
    let any = names(&permissive, " OR ");
    match (permissive.len(), restrictive.is_empty()) {
        (0, _) => None,
        (_, true) => Some(any),
        (1, false) => Some(format!("{any} AND {}", names(&restrictive, " AND "))),
        (_, false) => Some(format!("({any}) AND {}", names(&restrictive, " AND "))),
    }
}

fn combination(facts: &TableFacts, unbound_roles: &[String]) -> AnyView {
    let held =
        |grant: &GrantFacts| COMMANDS.into_iter().filter(|command| grant.holds(command.as_sql())).collect::<Vec<_>>();
    let rows: Vec<_> = facts
        .grants
        .iter()
        .flat_map(|grant| held(grant).into_iter().map(|command| (grant.role.clone(), command)))
        .map(|(role, command)| {
            let policies = match (facts.rls_enabled, expression(facts, &role, command)) {
                _ if unbound_roles.contains(&role) => "Every row: policies do not bind this role".into_any(),
                (false, _) => "Every row: row-level security is off".into_any(),
                (true, Some(text)) => view! { <code>{text}</code> }.into_any(),
                (true, None) => view! { <span class="muted">"No row: no policy lets one through"</span> }.into_any(),
            };
            view! {
                <Row>
                    <Cell header=true><code>{role}</code></Cell>
                    <Cell label="Statement"><code>{command.as_sql()}</code></Cell>
                    <Cell label="Rows it reaches">{policies}</Cell>
                </Row>
            }
        })
        .collect();
    if rows.is_empty() {
        return ().into_any();
    }
    let head = view! { <HeadCell label="Role" /> <HeadCell label="Statement" /> <HeadCell label="Rows it reaches" /> }
        .into_any();
    view! {
        <Card
            title="How the policies combine"
            purpose="Permissive policies are alternatives: one is enough (OR). Restrictive ones must all hold as well (AND)."
            flush=true
        >
            <Table caption="Policies for each role and statement" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn grants(facts: &TableFacts) -> AnyView {
    let rows: Vec<_> = facts
        .grants
        .iter()
        .flat_map(|grant| {
            let whole = (!grant.privileges.is_empty()).then(|| (grant.privileges.join(", "), "Whole table".to_owned()));
            let columns = grant.columns.iter().map(|right| (right.privilege.clone(), right.columns.join(", ")));
            whole.into_iter().chain(columns).map(|(right, on)| (grant.role.clone(), right, on))
        })
        .map(|(role, right, on)| {
            view! {
                <Row>
                    <Cell header=true><code>{role}</code></Cell>
                    <Cell label="May"><code>{right}</code></Cell>
                    <Cell label="On">{on}</Cell>
                </Row>
            }
        })
        .collect();
    let head = view! { <HeadCell label="Role" /> <HeadCell label="May" /> <HeadCell label="On" /> }.into_any();
    let content = match rows.is_empty() {
        true => view! { <p class="muted">"No role besides the owner holds any right on it."</p> }.into_any(),
        false => view! { <Table caption="Grants" head>{rows}</Table> }.into_any(),
    };
    view! {
        <Card title="Grants" purpose="What each role may do at all, before any policy is asked. The owner’s own rights are left out." flush=true>
            {content}
        </Card>
    }
    .into_any()
}

fn foreign_keys(facts: &TableFacts) -> AnyView {
    if facts.foreign_keys.is_empty() {
        return ().into_any();
    }
    let verdict = |key: &ForeignKeyFacts| match (key.to_tenant_table, key.keeps_tenant) {
        (true, true) => ("Stays inside the organization", Tone::Ok),
        (true, false) => ("Can leave the organization", Tone::Danger),
        (false, _) => ("Not to an organization’s table", Tone::Neutral),
    };
    let rows: Vec<_> = facts
        .foreign_keys
        .iter()
        .map(|key| {
            let (label, tone) = verdict(key);
            let columns = key.columns.join(", ");
            let to = format!("{} ({})", key.references, key.referenced_columns.join(", "));
            let name = key.name.clone();
            view! {
                <Row>
                    <Cell header=true><code>{name}</code></Cell>
                    <Cell label="Columns"><code>{columns}</code></Cell>
                    <Cell label="References"><code>{to}</code></Cell>
                    <Cell label="Organization"><Badge label tone icon=tone.icon() /></Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="Foreign key" />
        <HeadCell label="Columns" />
        <HeadCell label="References" />
        <HeadCell label="Organization" />
    }
    .into_any();
    view! {
        <Card title="Foreign keys" purpose="Their checks read the other table past every policy, so the key itself has to hold the organization." flush=true>
            <Table caption="Foreign keys" head>{rows}</Table>
        </Card>
    }
    .into_any()
}
