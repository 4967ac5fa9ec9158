//! Plants canary rows of two organizations in every tenant table of the copy, as an administrator whom policies do not
//! bind, and finds out for each table what a further row would look like.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::isolation::{Catalogue, ForeignKeyFacts, RelationKind, TableFacts, Unplanted};
use sqlx::{AssertSqlSafe, PgConnection};

use super::error::{Result, while_};
use super::row::{Draft, Failure, Row};
use super::survey::Survey;
use super::values::{Owner, Seed, candidates, key};
use crate::Profile;

/// What grows in the copy.
#[derive(Debug, Default)]
pub(super) struct Planted {
    /// Rows as PostgreSQL has them, by table and owner.
    pub rows: BTreeMap<(String, Owner), Vec<Row>>,
    /// Rows that could be made and were not: what an attack inserts. Only the columns that must be given.
    pub fresh: BTreeMap<(String, Owner), Row>,
    /// Why a table has no such row.
    pub no_fresh: BTreeMap<String, String>,
    /// Tables without a row of each organization.
    pub unplanted: Vec<Unplanted>,
    /// The key of an organization that the schema itself names.
    named: Option<String>,
}

impl Planted {
    /// An organization's rows in a table.
    pub fn rows(&self, table: &str, owner: Owner) -> &[Row] {
        self.rows.get(&(table.to_owned(), owner)).map_or(&[], Vec::as_slice)
    }
}

/// Plants and commits. Tables whose rows need each other are tried with deferred constraints; where that fails they are
/// left out and named.
pub(super) async fn plant(
    copy: &mut PgConnection,
    catalogue: &Catalogue,
    survey: &Survey,
    profile: &Profile,
) -> Result<Planted> {
    let mut left_out: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut gardener =
            Gardener { copy, catalogue, survey, profile, planted: Planted::default(), cyclic: BTreeSet::new() };
        gardener.run("BEGIN; SET LOCAL statement_timeout = '10s'; SET CONSTRAINTS ALL DEFERRED").await?;
        gardener.plant_all(&left_out).await?;
        let (planted, cyclic) = (gardener.planted, gardener.cyclic);
        let settled = sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE").execute(&mut *copy).await;
        match settled {
            Ok(_) => {
                sqlx::raw_sql("COMMIT").execute(&mut *copy).await.map_err(while_("planting"))?;
                return Ok(planted);
            }
            Err(error) if cyclic.iter().all(|table| left_out.contains_key(table)) => {
                return Err(while_("planting")(error));
            }
            Err(error) => {
                sqlx::raw_sql("ROLLBACK").execute(&mut *copy).await.map_err(while_("planting"))?;
                left_out.extend(cyclic.into_iter().map(|table| (table, format!("its rows need each other: {error}"))));
            }
        }
    }
}

struct Gardener<'a> {
    copy: &'a mut PgConnection,
    catalogue: &'a Catalogue,
    survey: &'a Survey,
    profile: &'a Profile,
    planted: Planted,
    /// Tables in which a row pointed to one that was not there yet.
    cyclic: BTreeSet<String>,
}

impl Gardener<'_> {
    async fn run(&mut self, sql: &str) -> Result<()> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *self.copy).await.map_err(while_("planting"))?;
        Ok(())
    }

    async fn plant_all(&mut self, left_out: &BTreeMap<String, String>) -> Result<()> {
        let catalogue = self.catalogue;
        self.planted.named = named_organization(self.survey, catalogue, self.profile);
        for table in in_order(&wanted(catalogue, self.profile)) {
            let name = table.qualified();
            let planted = match left_out.get(&name) {
                Some(why) => Err(why.clone()),
                None => self.plant_table(table).await?,
            };
            if let Err(why) = planted {
                for owner in [Owner::A, Owner::B] {
                    self.planted.rows.remove(&(name.clone(), owner));
                }
                self.planted.unplanted.push(Unplanted { table: name, why });
            }
        }
        Ok(())
    }

    /// One row for each organization must be; a second, one of nobody and one of an organization named by the schema
    /// may.
    async fn plant_table(&mut self, table: &TableFacts) -> Result<std::result::Result<(), String>> {
        let name = table.qualified();
        if table.kind == RelationKind::Foreign {
            return Ok(Err("a foreign table: its rows are another server's".to_owned()));
        }
        let Some(tenant) = &table.tenant_column else {
            return Ok(self.plant_row(table, Owner::Nobody, 0).await?.map_err(|failure| failure.to_string()));
        };
        if self.profile.root.as_ref().is_some_and(|root| root.table == name) && self.planted.named.is_some() {
            // Not red when it fails: it is a guess that such an organization exists.
            let _ = self.plant_row(table, Owner::Named, 0).await?;
        }
        for owner in [Owner::A, Owner::B] {
            if let Err(failure) = self.plant_row(table, owner, 0).await? {
                return Ok(Err(failure.to_string()));
            }
        }
        let is_root = self.profile.root.as_ref().is_some_and(|root| root.table == name);
        if !is_root {
            for owner in [Owner::A, Owner::B] {
                let _ = self.plant_row(table, owner, 1).await?;
            }
            if self.planted.named.is_some() {
                let _ = self.plant_row(table, Owner::Named, 0).await?;
            }
            if tenant.nullable {
                let _ = self.plant_row(table, Owner::Nobody, 0).await?;
            }
        }
        for owner in [Owner::A, Owner::B] {
            let (of, variant) = if is_root { (Owner::New, 0) } else { (owner, 2) };
            match self.try_row(table, of, variant).await? {
                Ok((given, _)) => drop(self.planted.fresh.insert((name.clone(), owner), given)),
                Err(failure) => drop(self.planted.no_fresh.insert(name.clone(), failure.to_string())),
            }
            self.run("ROLLBACK TO SAVEPOINT row").await?;
        }
        Ok(Ok(()))
    }

    async fn plant_row(
        &mut self,
        table: &TableFacts,
        owner: Owner,
        variant: u32,
    ) -> Result<std::result::Result<(), Failure>> {
        Ok(match self.try_row(table, owner, variant).await? {
            Ok((_, row)) => {
                self.planted.rows.entry((table.qualified(), owner)).or_default().push(row);
                Ok(())
            }
            Err(failure) => {
                self.run("ROLLBACK TO SAVEPOINT row").await?;
                Err(failure)
            }
        })
    }

    /// Inserts after the savepoint `row`: what was given, and what came to be. Parents are tried in turn, because a
    /// row may be the only one that its parent can have.
    async fn try_row(
        &mut self,
        table: &TableFacts,
        owner: Owner,
        variant: u32,
    ) -> Result<std::result::Result<(Row, Row), Failure>> {
        self.run("SAVEPOINT row").await?;
        let mut failure = Failure("no value was found".to_owned());
        // A second row takes the first one's parent or none at all: the other parent is for the row that is still to come.
        let parents = if variant == 1 { 0..1 } else { 0..2 };
        for parent in parents {
            for full in [true, false] {
                let draft = match self.draft(table, owner, variant, parent, full) {
                    Ok(draft) => draft,
                    Err(why) => return Ok(Err(Failure(why))),
                };
                match draft.settle(&mut *self.copy, table).await? {
                    Ok(done) => return Ok(Ok(done)),
                    Err(why) => failure = why,
                }
            }
        }
        Ok(Err(failure))
    }

    /// What is known of a row before PostgreSQL has said anything. A `full` one has a value in every column, so that
    /// whatever shows it can be recognized; the other only what must be given.
    fn draft<'t>(
        &mut self,
        table: &'t TableFacts,
        owner: Owner,
        variant: u32,
        parent: usize,
        full: bool,
    ) -> std::result::Result<Draft<'t>, String> {
        let name = table.qualified();
        let mut draft = Draft::new(&name, owner, variant);
        if let Some(tenant) = &table.tenant_column {
            draft.fixed.insert(tenant.name.clone(), self.tenant_key(&name, &tenant.name, owner)?);
        }
        for foreign in &table.foreign_keys {
            self.follow(table, foreign, owner, (parent, full), &mut draft)?;
        }
        for column in &table.columns {
            if column.generated || draft.fixed.contains_key(&column.name) {
                continue;
            }
            // The default may be what a partial key allows only once: a further row then needs another value.
            let only_once = || {
                let mut conditions = table.unique_keys.iter().filter_map(|key| key.predicate.as_deref());
                conditions.any(|condition| super::quoting::mentions(condition, &column.name))
            };
            let given_by_itself = column.identity || (column.default.is_some() && !(variant > 0 && only_once()));
            if given_by_itself || (column.nullable && !full) {
                continue;
            }
            let facts = self
                .survey
                .types
                .get(&(name.clone(), column.name.clone()))
                .ok_or_else(|| format!("the type of {} is unknown", column.name))?;
            let mut constraints: Vec<&str> = table
                .checks
                .iter()
                .filter(|check| super::quoting::mentions(&check.expression, &column.name))
                .map(|check| check.expression.as_str())
                .collect();
            constraints.extend(self.survey.bounds.get(&name).into_iter().flatten().map(String::as_str));
            let seed = Seed { table: &name, column: &column.name, owner, variant };
            let values = candidates(facts, seed, column.nullable, &constraints);
            draft.choose(column, facts.clone(), values, constraints.iter().map(|text| (*text).to_owned()).collect());
        }
        Ok(draft)
    }

    fn tenant_key(&self, table: &str, column: &str, owner: Owner) -> std::result::Result<Option<String>, String> {
        match owner {
            Owner::Nobody => return Ok(None),
            Owner::Named => return Ok(self.planted.named.clone()),
            Owner::A | Owner::B | Owner::New => {}
        }
        let base =
            self.survey.types.get(&(table.to_owned(), column.to_owned())).map_or("", |facts| facts.base.as_str());
        key(owner, base).map(Some).ok_or_else(|| format!("no key of an organization can be made of type {base}"))
    }

    /// Points the row at one of the same organization, or at nothing where that is allowed and there is none, or only what
    /// must be given is: keys that share a column may have no parents that agree.
    fn follow(
        &mut self,
        table: &TableFacts,
        foreign: &ForeignKeyFacts,
        owner: Owner,
        (turn, full): (usize, bool),
        draft: &mut Draft<'_>,
    ) -> std::result::Result<(), String> {
        let tenant = table.tenant_column.as_ref().map(|column| column.name.as_str());
        let nullable = |column: &str| {
            Some(column) != tenant && table.columns.iter().any(|facts| facts.name == column && facts.nullable)
        };
        let optional = foreign.columns.iter().find(|column| nullable(column));
        if let Some(column) = optional.filter(|_| !full) {
            draft.fixed.insert(column.clone(), None);
            return Ok(());
        }
        let parent_owner = if foreign.to_tenant_table { owner } else { Owner::Nobody };
        let rows = self.planted.rows(&foreign.references, parent_owner);
        let pairs = foreign.columns.iter().zip(&foreign.referenced_columns);
        if let Some(row) = rows.get(turn.min(rows.len().saturating_sub(1))) {
            for (column, referenced) in pairs {
                draft.fixed.insert(column.clone(), row.get(referenced).cloned().flatten());
            }
            return Ok(());
        }
        if let Some(column) = optional {
            draft.fixed.insert(column.clone(), None);
            return Ok(());
        }
        if foreign.references == table.qualified() {
            // The first row of a table that points to itself points to itself.
            draft.same.extend(pairs.map(|(column, referenced)| (column.clone(), referenced.clone())));
            return Ok(());
        }
        if let Some(red) = self.planted.unplanted.iter().find(|red| red.table == foreign.references) {
            return Err(format!("it must point to {}, in which no row could be made: {}", red.table, red.why));
        }
        // The parent comes later: it will have the value that is tried first.
        self.cyclic.insert(table.qualified());
        for (column, referenced) in pairs {
            let parent = foreign.references.clone();
            let facts = self.survey.types.get(&(parent.clone(), referenced.clone()));
            let is_tenant = Some(column.as_str()) == tenant;
            let value = match facts {
                Some(_) if is_tenant => self.tenant_key(&table.qualified(), column, owner)?,
                Some(facts) => {
                    let seed = Seed { table: &parent, column: referenced, owner: parent_owner, variant: 0 };
                    candidates(facts, seed, false, &[]).into_iter().next().flatten()
                }
                None => return Err(format!("{parent} is out of sight")),
            };
            draft.fixed.insert(column.clone(), value);
        }
        Ok(())
    }
}

/// Tenant tables, and whatever they point to. Partitions get their rows through the tables they are part of.
fn wanted<'a>(catalogue: &'a Catalogue, profile: &Profile) -> Vec<&'a TableFacts> {
    let is_table = |table: &&TableFacts| {
        matches!(table.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::Foreign)
    };
    let shared = |table: &TableFacts| profile.shared_by_design.iter().any(|(name, _)| *name == table.qualified());
    let tables: Vec<&TableFacts> = catalogue.tables.iter().filter(is_table).collect();
    let mut wanted: Vec<&TableFacts> =
        tables.iter().filter(|table| table.tenant_column.is_some() && !shared(table)).copied().collect();
    let mut next = 0;
    while let Some(table) = wanted.get(next).copied() {
        for foreign in &table.foreign_keys {
            let parent = tables.iter().find(|parent| parent.qualified() == foreign.references);
            if let Some(parent) = parent.filter(|parent| !wanted.iter().any(|known| std::ptr::eq(*known, **parent))) {
                wanted.push(parent);
            }
        }
        next += 1;
    }
    wanted
}

/// Parents first. Of a circle, first the tables that may wait for their parents, then the first by name.
fn in_order<'a>(tables: &[&'a TableFacts]) -> Vec<&'a TableFacts> {
    let mut left: Vec<&TableFacts> = tables.to_vec();
    left.sort_by_key(|table| table.qualified());
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &TableFacts, only_required: bool| {
            table.foreign_keys.iter().any(|foreign| {
                let optional = foreign
                    .columns
                    .iter()
                    .any(|column| table.columns.iter().any(|facts| facts.name == *column && facts.nullable));
                foreign.references != table.qualified()
                    && !(only_required && optional)
                    && left.iter().any(|other| other.qualified() == foreign.references)
            })
        };
        let at = left
            .iter()
            .position(|table| !waits(table, false))
            .or_else(|| left.iter().position(|table| !waits(table, true)))
            .unwrap_or(0);
        ordered.push(left.remove(at));
    }
    ordered
}

/// A key that the schema falls back to when nobody has said who acts, such as `coalesce(…, '00000000-…')`.
fn named_organization(survey: &Survey, catalogue: &Catalogue, profile: &Profile) -> Option<String> {
    let column = catalogue.tables.iter().find_map(|table| Some((table.qualified(), table.tenant_column.as_ref()?)))?;
    let base = survey.types.get(&(column.0, column.1.name.clone()))?.base.as_str();
    let about_context = survey.texts.iter().filter(|text| text.contains(&profile.context.org_setting));
    about_context.flat_map(|text| super::quoting::literals(text)).find(|literal| match base {
        "uuid" => uuid::Uuid::try_parse(literal).is_ok(),
        "int2" | "int4" | "int8" | "numeric" => literal.parse::<u32>().is_ok(),
        _ => !literal.is_empty() && literal.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
    })
}
