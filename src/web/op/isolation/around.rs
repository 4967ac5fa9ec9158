//! What stands around the tables: roles, functions, schemas and sequences, which decide what policies are worth.

use crate::web::op::table_card::table_card;
use bulkhead_domain::isolation::Report;
use bulkhead_model::isolation::{FunctionFacts, GrantFacts, RoleFacts, SchemaFacts, SequenceFacts, Volatility};
use bulkhead_ui::{Badge, Cell, HeadCell, Row, Tone};
use leptos::prelude::*;

/// A card each, where there is anything.
pub fn cards(report: &Report) -> AnyView {
    let (roles, functions) = (roles(&report.roles), functions(&report.functions));
    let (schemas, sequences) = (schemas(&report.schemas), sequences(&report.sequences));
    view! {
        {roles}
        {functions}
        {schemas}
        {sequences}
    }
    .into_any()
}

/// A card with a table whose columns all begin at the start.
fn card(title: &'static str, purpose: &'static str, head: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    let head: Vec<_> = head.iter().map(|label| view! { <HeadCell label=*label /> }).collect();
    table_card(title, purpose, head.into_any(), rows)
}

fn roles(roles: &[RoleFacts]) -> AnyView {
    let rows = roles
        .iter()
        .map(|role| {
            let name = role.name.clone();
            let badges = [
                (role.superuser, "Superuser", Tone::Warn),
                (role.bypass_rls, "Bypasses policies", Tone::Warn),
                (role.login, "Signs in", Tone::Neutral),
            ]
            .map(|(is, label, tone)| is.then(|| view! { <Badge label tone /> }));
            let becomes = if role.member_of.is_empty() { "Nobody else".to_owned() } else { role.member_of.join(", ") };
            view! {
                <Row>
                    <Cell header=true><code>{name}</code></Cell>
                    <Cell label="Is"><div class="badges">{Vec::from(badges)}</div></Cell>
                    <Cell label="Can become"><code class="wrap-anywhere">{becomes}</code></Cell>
                </Row>
            }
            .into_any()
        })
        .collect();
    let purpose = "Superusers and roles that bypass policies are bound by none. What a role can become it can do.";
    card("Roles", purpose, &["Role", "Is", "Can become"], rows)
}

fn functions(functions: &[FunctionFacts]) -> AnyView {
    let rows = functions
        .iter()
        .map(|function| {
            let signature = function.signature();
            let rights = match function.security_definer {
                true => format!("Those of {}", function.owner),
                false => "Those of who calls it".to_owned(),
            };
            let path = function.search_path.clone().unwrap_or_else(|| "Not fixed".to_owned());
            let by = if function.executable_by.is_empty() {
                "Its owner".to_owned()
            } else {
                function.executable_by.join(", ")
            };
            let volatility = match function.volatility {
                Volatility::Immutable => "Immutable",
                Volatility::Stable => "Stable",
                Volatility::Volatile => "Volatile",
            };
            view! {
                <Row>
                    <Cell header=true><code class="wrap-anywhere">{signature}</code></Cell>
                    <Cell label="Rights it has">{rights}</Cell>
                    <Cell label="Called by"><code class="wrap-anywhere">{by}</code></Cell>
                    <Cell label="search_path"><code class="wrap-anywhere">{path}</code></Cell>
                    <Cell label="Volatility">{volatility}</Cell>
                </Row>
            }
            .into_any()
        })
        .collect();
    let purpose = "Those that run with their owner’s rights, that everybody may call, or that a policy calls.";
    card("Functions", purpose, &["Function", "Rights it has", "Called by", "search_path", "Volatility"], rows)
}

fn granted(grants: &[GrantFacts]) -> String {
    let all: Vec<String> =
        grants.iter().map(|grant| format!("{}: {}", grant.role, grant.privileges.join(", ").to_lowercase())).collect();
    if all.is_empty() { "Nobody besides the owner".to_owned() } else { all.join("; ") }
}

fn schemas(schemas: &[SchemaFacts]) -> AnyView {
    let rows = schemas
        .iter()
        .map(|schema| {
            let (name, owner, grants) = (schema.name.clone(), schema.owner.clone(), granted(&schema.grants));
            view! {
                <Row>
                    <Cell header=true><code>{name}</code></Cell>
                    <Cell label="Owner"><code>{owner}</code></Cell>
                    <Cell label="Granted to"><span class="wrap-anywhere">{grants}</span></Cell>
                </Row>
            }
            .into_any()
        })
        .collect();
    let purpose = "Who may create in a schema can put a table or function of its own in the way of yours.";
    card("Schemas", purpose, &["Schema", "Owner", "Granted to"], rows)
}

fn sequences(sequences: &[SequenceFacts]) -> AnyView {
    let rows = sequences
        .iter()
        .map(|sequence| {
            let name = format!("{}.{}", sequence.schema, sequence.name);
            let (counts, grants) = (sequence.owned_by.clone().unwrap_or_default(), granted(&sequence.grants));
            view! {
                <Row>
                    <Cell header=true><code>{name}</code></Cell>
                    <Cell label="Counts for"><code>{counts}</code></Cell>
                    <Cell label="Granted to"><span class="wrap-anywhere">{grants}</span></Cell>
                </Row>
            }
            .into_any()
        })
        .collect();
    let purpose = "A sequence has no policy: its value tells how many rows there ever were, in every organization.";
    card("Sequences", purpose, &["Sequence", "Counts for", "Granted to"], rows)
}
