//! Constraints see past every policy: a foreign key reaches another organization's row, a unique key tells that it is there.

use bulkhead_model::isolation::{
    Code, Finding, ForeignKeyFacts, Object, ObjectKind, PolicyCommand, TableFacts, UniqueFacts,
};

use super::sql;
use super::survey::Survey;
use crate::Scope;

/// Every finding about the keys of a table that holds rows of organizations.
pub(super) fn lint(survey: &Survey<'_>, facts: &TableFacts) -> Vec<Finding> {
    let crossing = facts.foreign_keys.iter().filter(|key| key.to_tenant_table && !key.keeps_tenant);
    let mut findings: Vec<Finding> = crossing.map(|key| foreign_key(survey, facts, key)).collect();
    if let Some(column) = &facts.tenant_column {
        let open = facts.unique_keys.iter().filter(|key| !key.columns.contains(&column.name));
        findings.extend(open.filter_map(|key| unique(survey, facts, key, &column.name)));
    }
    findings
}

fn foreign_key(survey: &Survey<'_>, facts: &TableFacts, key: &ForeignKeyFacts) -> Finding {
    let sentence = format!("Foreign key {} leaves the organization out and can point to another one's row.", key.name);
    let other = survey.table(&key.references);
    let tenant = |facts: Option<&TableFacts>| {
        facts
            .and_then(|facts| facts.tenant_column.as_ref())
            .map_or_else(|| "org_id".to_owned(), |column| sql::ident(&column.name))
    };
    let target = other.map_or_else(|| sql::path(&key.references), sql::table);
    let own = sql::idents(key.columns.iter().map(String::as_str));
    let referenced = sql::idents(key.referenced_columns.iter().map(String::as_str));
    let (name, theirs) = (sql::ident(&key.name), tenant(other));
    let fix = format!(
        "-- {target} needs UNIQUE ({theirs}, {referenced}) for this.\nALTER TABLE {table} DROP CONSTRAINT {name},\n    \
         ADD CONSTRAINT {name} FOREIGN KEY ({}, {own}) REFERENCES {target} ({theirs}, {referenced}) NOT VALID;\n\
         ALTER TABLE {table} VALIDATE CONSTRAINT {name};",
        tenant(Some(facts)),
        table = sql::table(facts),
    );
    let writer = survey
        .identities
        .iter()
        .find(|identity| key.columns.iter().any(|column| survey.may_write(identity, facts, "INSERT", column)));
    let finding =
        Finding::new(Code::ForeignKeyCrossesTenants, Object::of(facts, ObjectKind::Constraint, &key.name), sentence)
            .fixed_by(fix);
    match writer {
        Some(identity) => finding.proved_by(identity.name, PolicyCommand::Insert),
        None => finding,
    }
}

/// A key without the organization answers "taken" about rows that nobody may see, to whoever can guess a value and
/// write it. A uuid cannot be guessed (122 or, in version 7, 74 random bits), so a key with one in it tells nothing;
/// and a key that no organization's role writes cannot be asked. Operators see every organization anyway.
fn unique(survey: &Survey<'_>, facts: &TableFacts, key: &UniqueFacts, tenant: &str) -> Option<Finding> {
    let column = |name: &String| facts.columns.iter().find(|column| column.name == *name);
    if key.columns.iter().filter_map(column).any(|column| column.data_type == "uuid") {
        return None;
    }
    let asker = survey.identities.iter().filter(|identity| identity.scope == Scope::Tenant).find(|identity| {
        key.columns.iter().all(|name| match column(name) {
            // A column that is filled in by itself cannot be used to ask.
            Some(column) if column.generated => false,
            Some(column) => {
                ["INSERT", "UPDATE"].into_iter().any(|right| survey.may_write(identity, facts, right, &column.name))
            }
            // An expression over columns: whoever writes the row writes it.
            None => {
                survey.may(identity, facts, PolicyCommand::Insert) || survey.may(identity, facts, PolicyCommand::Update)
            }
        })
    })?;
    let (name, columns) = (&key.name, key.columns.join(", "));
    let sentence = format!(
        "{name} makes ({columns}) unique across organizations, so an error tells {} that another one has the value.",
        asker.name
    );
    let columns =
        key.columns.iter().map(|name| column(name).map_or_else(|| name.clone(), |column| sql::ident(&column.name)));
    let columns = std::iter::once(sql::ident(tenant)).chain(columns).collect::<Vec<_>>().join(", ");
    let predicate = key.predicate.as_ref().map(|predicate| format!(" WHERE {predicate}")).unwrap_or_default();
    let kind = if key.primary { "the primary key" } else { "the constraint or index" };
    let fix = format!(
        "CREATE UNIQUE INDEX CONCURRENTLY ON {} ({columns}){predicate};\n-- then drop {kind} {}.",
        sql::table(facts),
        sql::ident(name)
    );
    let object = Object::of(facts, ObjectKind::Constraint, name);
    let finding = Finding::new(Code::UniqueWithoutTenant, object, sentence).fixed_by(fix);
    Some(finding.proved_by(asker.name, PolicyCommand::Insert))
}
