//! Breaks the second copy on purpose, in every way the attacks look for. An attack that does not succeed here proves
//! nothing where it fails.
//!
//! It happens in steps, because one hole can hide another: a key that is unique across organizations would stop the
//! row with which a foreign key is tried.

use bulkhead_model::isolation::{Catalogue, RelationKind, TableFacts};
use sqlx::PgConnection;

use super::clones::execute;
use super::error::Result;
use super::quoting::{mentions, name, names, relation, value};
use super::session::{Answer, send};
use super::survey::Survey;
use crate::Profile;

/// Policies, row-level security, FORCE, grants, triggers, views' rights.
pub(super) async fn break_walls(broken: &mut PgConnection, profile: &Profile) -> Result<()> {
    let roles = profile.runtime_roles.iter().map(|role| value(&role.name)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "DO $break$
        DECLARE it record; who text;
        BEGIN
            FOR it IN SELECT evtname FROM pg_event_trigger LOOP
                EXECUTE format('ALTER EVENT TRIGGER %I DISABLE', it.evtname);
            END LOOP;
            FOR it IN SELECT p.polname, p.polrelid::regclass AS rel FROM pg_policy p LOOP
                EXECUTE format('DROP POLICY %I ON %s', it.polname, it.rel);
            END LOOP;
            FOR it IN SELECT c.oid::regclass AS rel, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' LOOP
                CASE it.relkind
                    WHEN 'v' THEN
                        EXECUTE format('ALTER VIEW %s OWNER TO CURRENT_USER', it.rel);
                        EXECUTE format('ALTER VIEW %s SET (security_invoker = false)', it.rel);
                    WHEN 'm' THEN EXECUTE format('ALTER MATERIALIZED VIEW %s OWNER TO CURRENT_USER', it.rel);
                    ELSE
                        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', it.rel);
                        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', it.rel);
                        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', it.rel);
                END CASE;
            END LOOP;
            FOREACH who IN ARRAY ARRAY[{roles}]::text[] LOOP
                EXECUTE format('GRANT ALL ON DATABASE %I TO %I', current_database(), who);
                FOR it IN SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' LOOP
                    EXECUTE format('GRANT ALL ON SCHEMA %I TO %I', it.nspname, who);
                    EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO %I', it.nspname, who);
                    EXECUTE format('GRANT ALL ON ALL SEQUENCES IN SCHEMA %I TO %I', it.nspname, who);
                    EXECUTE format('GRANT ALL ON ALL ROUTINES IN SCHEMA %I TO %I', it.nspname, who);
                END LOOP;
            END LOOP;
        END $break$"
    );
    execute(broken, "breaking the second copy", &sql).await
}

/// Every foreign key between tenant tables, without the tenant column. Where the other side cannot be made unique
/// without it, the key is dropped: a row that points anywhere is the same hole.
pub(super) async fn break_links(broken: &mut PgConnection, catalogue: &Catalogue) -> Result<()> {
    for table in catalogue.tables.iter().filter(|table| table.kind != RelationKind::Partition) {
        let Some(tenant) = &table.tenant_column else { continue };
        let sql = relation(&table.schema, &table.name);
        for foreign in table.foreign_keys.iter().filter(|foreign| foreign.to_tenant_table && foreign.keeps_tenant) {
            let pairs = foreign.columns.iter().zip(&foreign.referenced_columns);
            let (own, theirs): (Vec<&String>, Vec<&String>) =
                pairs.filter(|(column, _)| **column != tenant.name).unzip();
            let Some(parent) = catalogue.tables.iter().find(|parent| parent.qualified() == foreign.references) else {
                continue;
            };
            if own.is_empty() {
                continue;
            }
            execute(
                broken,
                "breaking a foreign key",
                &format!("ALTER TABLE {sql} DROP CONSTRAINT {}", name(&foreign.name)),
            )
            .await?;
            let parent_sql = relation(&parent.schema, &parent.name);
            // Refused where two rows of the copy share the value, or on partitions; then it stays dropped.
            let unique = format!("CREATE UNIQUE INDEX ON {parent_sql} ({})", names(theirs.iter().copied()));
            if matches!(send(broken, &unique).await, Answer::Done { .. }) {
                let plain = format!(
                    "ALTER TABLE {sql} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {parent_sql} ({})",
                    name(&foreign.name),
                    names(own),
                    names(theirs)
                );
                send(broken, &plain).await;
            }
        }
    }
    Ok(())
}

/// Every unique key, without the tenant column.
pub(super) async fn break_keys(broken: &mut PgConnection, catalogue: &Catalogue) {
    for table in &catalogue.tables {
        let Some(tenant) = &table.tenant_column else { continue };
        for key in &table.unique_keys {
            let parts = parts_without_tenant(table, key, &tenant.name);
            if !parts.is_empty() && parts.len() < key.columns.len() {
                let predicate = key.predicate.as_ref().map(|text| format!(" WHERE {text}")).unwrap_or_default();
                let sql = relation(&table.schema, &table.name);
                // Refused on values that both organizations have; the attack then finds no hole here, and says so.
                send(broken, &format!("CREATE UNIQUE INDEX ON {sql} ({}){predicate}", parts.join(", "))).await;
            }
        }
    }
}

/// The parts of a key that do not speak of the tenant column, as SQL.
pub(super) fn parts_without_tenant(
    table: &TableFacts,
    key: &bulkhead_model::isolation::UniqueFacts,
    tenant: &str,
) -> Vec<String> {
    let is_column = |part: &String| table.columns.iter().any(|column| column.name == *part);
    key.columns
        .iter()
        .filter(|part| part.as_str() != tenant && (is_column(part) || !mentions(part, tenant)))
        .map(|part| if is_column(part) { name(part) } else { format!("({part})") })
        .collect()
}

/// Every function tells a value of the attacked organization and how many rows there are in `counted`, and the ones that
/// policies ask name the organization (by its `key`) without being asked. Last, because tables may need their functions.
pub(super) async fn break_functions(
    broken: &mut PgConnection,
    survey: &Survey,
    profile: &Profile,
    key: &str,
    told: &str,
    counted: Option<&str>,
) {
    let context: Vec<&String> =
        profile.context.org_functions.iter().chain(&profile.context.operator_functions).collect();
    let rows = counted.map_or_else(|| "0".to_owned(), |table| format!("(SELECT count(*) FROM {table})"));
    if let Some(table) = counted {
        // Who owned it meanwhile took the rights of the others along.
        send(broken, &format!("GRANT SELECT ON {table} TO PUBLIC")).await;
    }
    for function in &survey.functions {
        let plain = function.signature.split('(').next().unwrap_or_default();
        let body = if context.iter().any(|name| *name == plain) {
            format!("LANGUAGE sql STABLE AS {}", value(&format!("SELECT {}", cast_like(&function.header, key))))
        } else {
            let raise = format!("BEGIN RAISE EXCEPTION 'told: % %', {}, {rows}; END", value(told));
            format!("LANGUAGE plpgsql AS {}", value(&raise))
        };
        // A function whose replacement is refused stays whole, and its cell unproven.
        send(broken, &format!("CREATE OR REPLACE FUNCTION {} {body}", function.header)).await;
    }
}

/// The key, as the type that the function returns.
fn cast_like(header: &str, key: &str) -> String {
    let returns = header.rsplit_once(" RETURNS ").map_or("text", |(_, returns)| returns);
    format!("{}::{returns}", value(key))
}

/// Makes one role the owner of every table.
pub(super) async fn give_tables_to(broken: &mut PgConnection, catalogue: &Catalogue, role: &str) {
    let is_table = |table: &&TableFacts| {
        matches!(table.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::Partition)
    };
    for table in catalogue.tables.iter().filter(is_table) {
        let sql = relation(&table.schema, &table.name);
        send(broken, &format!("ALTER TABLE {sql} OWNER TO {}", name(role))).await;
    }
}

/// Fills what the dump left empty, as whoever owns it: materialized views and the planner's statistics.
pub(super) async fn refresh(copy: &mut PgConnection, catalogue: &Catalogue) {
    for view in catalogue.tables.iter().filter(|table| table.kind == RelationKind::MaterializedView) {
        send(copy, &format!("REFRESH MATERIALIZED VIEW {}", relation(&view.schema, &view.name))).await;
    }
    send(copy, "ANALYZE").await;
}
