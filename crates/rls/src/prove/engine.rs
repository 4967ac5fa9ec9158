//! One run: copy, plant, break, attack, drop.

use std::collections::BTreeSet;
use std::time::Instant;

use bulkhead_model::isolation::{
    AttackingRole, Catalogue, Cell, Counts, Premises, Proof, RelationKind, TableFacts, Unplanted,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::attacks::Marks;
use super::clones::{ABANDONED, Clones, close, connect, sweep};
use super::error::{Error, Result, while_};
use super::field::Field;
use super::matrix::{Matrix, Pair};
use super::planting::{Planted, plant};
use super::quoting::relation;
use super::session::{Door, Session, send};
use super::survey::{Survey, survey};
use super::target::targets;
use super::{Cancellation, LONGEST, Options, Progress, breaking};
use crate::catalogue;
use crate::{Profile, Scope};

const _: () = assert!(LONGEST.as_secs() as i64 * 2 <= ABANDONED, "a run would be swept while it lasts");

type Observe<'a> = &'a mut (dyn FnMut(Progress) + Send);

pub(super) async fn run(options: &Options, cancellation: &Cancellation, observe: Observe<'_>) -> Result<Proof> {
    let begun = Instant::now();
    let mut source = connect(&options.admin).await?;
    let (at, seconds): (OffsetDateTime, i64) = sqlx::query_as("SELECT now(), extract(epoch FROM now())::bigint")
        .fetch_one(&mut source)
        .await
        .map_err(while_("reading the clock"))?;
    let original = read_in_one_moment(&mut source, &options.profile).await?;
    close(source).await;
    // Somebody else's leftovers must not keep this run from its work.
    let _ = sweep(&options.admin).await;
    let clones = Clones::named(&options.admin, seconds)?;
    let attacked = tokio::select! {
        attacked = attack(options, &clones, &original, begun, observe) => attacked,
        () = cancellation.cancelled() => Err(Error::Cancelled),
    };
    let removed = clones.remove().await;
    let Attacked { mut cells, tables, could_not_plant, clone_differs } = attacked?;
    removed?;
    cells.sort_by(|a, b| (&a.subject, &a.object, a.attack, &a.role).cmp(&(&b.subject, &b.object, b.attack, &b.role)));
    Ok(Proof {
        id: uuid::Uuid::new_v4(),
        at,
        database: original.database.clone(),
        data_source: None,
        server_version: original.server_version.clone(),
        catalogue_hash: catalogue::hash(&original),
        duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        premises: premises(options),
        tables,
        could_not_plant,
        clone_differs,
        counts: Counts::of(&cells),
        cells,
    })
}

async fn read_in_one_moment(connection: &mut PgConnection, profile: &Profile) -> Result<Catalogue> {
    let doing = "reading the catalogue";
    sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '30s'")
        .execute(&mut *connection)
        .await
        .map_err(while_(doing))?;
    let catalogue = catalogue::read(connection, profile).await?;
    sqlx::raw_sql("COMMIT").execute(connection).await.map_err(while_(doing))?;
    Ok(catalogue)
}

fn premises(options: &Options) -> Premises {
    // What the lint is told to accept is about findings; a proof accepts nothing but what its options say.
    let Profile { runtime_roles, tenant_columns, root, context, shared_by_design, accepted: _ } = &options.profile;
    let role = |role: &crate::RuntimeRole| AttackingRole {
        name: role.name.clone(),
        platform: role.scope == Scope::Platform,
        signed_in: options.role_urls.contains_key(&role.name),
    };
    Premises {
        roles: runtime_roles.iter().map(role).collect(),
        tenant_columns: tenant_columns.clone(),
        root: root.as_ref().map(|root| format!("{}.{}", root.table, root.column)),
        org_setting: context.org_setting.clone(),
        operator_setting: context.operator_setting.clone(),
        shared_by_design: shared_by_design.clone(),
        accepted: options.accepted.clone(),
    }
}

struct Attacked {
    cells: Vec<Cell>,
    tables: Vec<String>,
    could_not_plant: Vec<Unplanted>,
    clone_differs: Vec<String>,
}

async fn attack(
    options: &Options,
    clones: &Clones,
    original: &Catalogue,
    begun: Instant,
    observe: Observe<'_>,
) -> Result<Attacked> {
    let Options { profile, .. } = options;
    let say = |observe: Observe<'_>, doing: &str| observe(Progress { done: 0, total: 0, doing: doing.to_owned() });
    say(observe, "copying the schema");
    clones.create(original.server_version_num / 10_000, options.pg_dump.as_deref()).await?;

    say(observe, "planting rows of two organizations");
    let mut copy = clones.connect(&clones.sound).await?;
    let copied = read_in_one_moment(&mut copy, profile).await?;
    let role_names: Vec<String> = profile.runtime_roles.iter().map(|role| role.name.clone()).collect();
    let survey = survey(&mut copy, &role_names).await?;
    let lifted = lift_for_planting(&mut copy, &copied).await?;
    let planted = plant(&mut copy, &copied, &survey, profile).await?;
    breaking::refresh(&mut copy, &copied).await;
    let mut aims = Vec::new();
    for role in &role_names {
        aims.push(targets(&mut copy, &copied, &survey, &planted, role).await);
    }
    for statement in lifted {
        send(&mut copy, &statement).await;
    }
    close(copy).await;

    say(observe, "breaking a second copy");
    clones.create_broken().await?;
    let mut broken = clones.connect(&clones.broken).await?;
    breaking::break_walls(&mut broken, profile).await?;
    breaking::break_links(&mut broken, &copied).await?;
    breaking::refresh(&mut broken, &copied).await;

    let budget = options.budget.min(LONGEST);
    let mut field = Field { options, clones, catalogue: &copied, survey: &survey, planted: &planted, broken };
    let tables: BTreeSet<String> = aims.iter().flatten().map(|target| target.subject.clone()).collect();
    let (key_a, key_b) = aims.iter().flatten().next().map(|t| (t.key_a.clone(), t.key_b.clone())).unwrap_or_default();
    let mut pairs = Vec::new();
    for role in &profile.runtime_roles {
        let url = options.role_urls.get(&role.name);
        let door = Door { admin: &options.admin, url, role, context: &profile.context, key_a: &key_a, key_b: &key_b };
        pairs.push(Pair {
            role: role.name.clone(),
            sound: Session::open(door, &clones.sound, false).await?,
            broken: Session::open(door, &clones.broken, true).await?,
        });
    }
    let marks = Marks::of(&planted, &key_b);
    let mut matrix = Matrix::new(&options.accepted, begun + budget, observe);
    field.strike(&mut matrix, &mut pairs, &aims, &marks).await;
    for pair in pairs {
        pair.sound.close().await;
        pair.broken.close().await;
    }
    close(field.broken).await;
    let mut could_not_plant = not_planted(&planted, &copied, &survey, profile);
    could_not_plant.sort_by(|a, b| a.table.cmp(&b.table));
    Ok(Attacked {
        cells: matrix.into_cells(),
        tables: tables.into_iter().collect(),
        could_not_plant,
        clone_differs: differences(original, &copied),
    })
}

/// An administrator whom policies bind lifts them in the copy while planting, as the owner. What brings them back.
async fn lift_for_planting(copy: &mut PgConnection, catalogue: &Catalogue) -> Result<Vec<String>> {
    let bound: bool =
        sqlx::query_scalar("SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user")
            .fetch_one(&mut *copy)
            .await
            .map_err(while_("asking who the administrator is"))?;
    let mut back = Vec::new();
    for table in catalogue.tables.iter().filter(|table| bound && table.rls_enabled) {
        let sql = relation(&table.schema, &table.name);
        send(copy, &format!("ALTER TABLE {sql} DISABLE ROW LEVEL SECURITY")).await;
        back.push(format!("ALTER TABLE {sql} ENABLE ROW LEVEL SECURITY"));
    }
    Ok(back)
}

/// Tenant tables without rows of both organizations, and tables about which nothing was declared though a runtime role
/// can reach them.
fn not_planted(planted: &Planted, catalogue: &Catalogue, survey: &Survey, profile: &Profile) -> Vec<Unplanted> {
    let is_tenant =
        |name: &str| catalogue.tables.iter().any(|table| table.qualified() == name && table.tenant_column.is_some());
    let mut red: Vec<Unplanted> = planted
        .unplanted
        .iter()
        .filter(|unplanted| is_tenant(&unplanted.table))
        .map(|unplanted| Unplanted {
            table: unplanted.table.clone(),
            why: format!("could not plant: {}", unplanted.why),
        })
        .collect();
    let reached = |table: &&TableFacts| {
        profile.runtime_roles.iter().any(|role| {
            survey.rights.get(&(role.name.clone(), table.qualified())).is_some_and(|rights| {
                !(rights.readable.is_empty() && rights.insertable.is_empty() && rights.updatable.is_empty())
            })
        })
    };
    let undeclared = |table: &&TableFacts| {
        table.tenant_column.is_none()
            && matches!(table.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::Foreign)
            && !profile.shared_by_design.iter().any(|(name, _)| *name == table.qualified())
    };
    red.extend(catalogue.tables.iter().filter(undeclared).filter(reached).map(|table| {
        Unplanted {
            table: table.qualified(),
            why: "could not plant: it has no tenant column, a runtime role reaches it, and it is not declared shared"
                .to_owned(),
        }
    }));
    red
}

/// Where the copy is not what was copied.
fn differences(original: &Catalogue, copied: &Catalogue) -> Vec<String> {
    if catalogue::hash(original) == catalogue::hash(copied) {
        return Vec::new();
    }
    let mut all: Vec<String> =
        original.tables.iter().filter(|table| !copied.tables.contains(table)).map(TableFacts::qualified).collect();
    all.extend(
        original.functions.iter().filter(|function| !copied.functions.contains(function)).map(|f| f.signature()),
    );
    let other = [
        ("schemas", original.schemas != copied.schemas),
        ("sequences", original.sequences != copied.sequences),
        ("roles", original.roles != copied.roles),
        ("more tables than the original", original.tables.len() < copied.tables.len()),
    ];
    all.extend(other.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what.to_owned()));
    all
}
