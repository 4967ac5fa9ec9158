//! Where the attacks happen: what is tried, as whom, and in which order.

use std::collections::BTreeSet;

use bulkhead_model::isolation::{Catalogue, RelationKind, TableFacts};
use secrecy::ExposeSecret;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;

use super::attacks::{self, Marks, Setting};
use super::clones::{Clones, close, on_database};
use super::error::{Result, while_};
use super::matrix::{Asked, Matrix, Pair};
use super::planting::Planted;
use super::quoting::{literals, name, relation, value};
use super::row::insert_statement;
use super::session::{OPERATOR, send};
use super::survey::{Callable, Survey};
use super::target::Target;
use super::values::Owner;
use super::{Options, breaking};

/// Where the attacks happen.
pub(super) struct Field<'a> {
    pub options: &'a Options,
    pub clones: &'a Clones,
    pub catalogue: &'a Catalogue,
    pub survey: &'a Survey,
    pub planted: &'a Planted,
    /// The administrator in the broken copy.
    pub broken: PgConnection,
}

impl<'a> Field<'a> {
    /// Tries everything as every role, in the order in which the broken copy can be broken further.
    pub async fn strike(&mut self, matrix: &mut Matrix<'_>, pairs: &mut [Pair], aims: &[Vec<Target>], marks: &Marks) {
        let settings = self.settings(marks);
        let views = views(self.catalogue);
        let channels = channels(self.survey);
        let stronger: Vec<Vec<String>> = pairs.iter().map(|pair| self.stronger(&pair.role)).collect();
        let per_table = |targets: &Vec<Target>| -> usize {
            targets.iter().map(|target| attacks::on_table(target).len() + attacks::on_keys(target).len()).sum()
        };
        let functions = |role: &str| {
            self.survey.functions.iter().filter(|function| function.roles.iter().any(|r| r == role)).count()
        };
        let per_role = 2 * views.len() + self.catalogue.sequences.len() + channels.len() + attacks::BECOMES.len() + 1;
        matrix.expect(
            aims.iter().map(per_table).sum::<usize>()
                + pairs
                    .iter()
                    .map(|pair| per_role + functions(&pair.role) + self.asked_functions(&pair.role).count())
                    .sum::<usize>(),
        );

        for ((pair, targets), stronger) in pairs.iter_mut().zip(aims).zip(&stronger) {
            breaking::give_tables_to(&mut self.broken, self.catalogue, &pair.role).await;
            for target in targets {
                for shot in attacks::on_table(target) {
                    matrix.shoot(shot, pair, &settings).await;
                }
            }
            for view in &views {
                matrix.view(view, self.survey, pair, marks).await;
            }
            for sequence in &self.catalogue.sequences {
                matrix.sequence(sequence, pair).await;
            }
            matrix.identity(pair, stronger).await;
        }
        breaking::break_keys(&mut self.broken, self.catalogue).await;
        for (pair, targets) in pairs.iter_mut().zip(aims) {
            breaking::give_tables_to(&mut self.broken, self.catalogue, &pair.role).await;
            for shot in targets.iter().flat_map(attacks::on_keys) {
                matrix.shoot(shot, pair, &settings).await;
            }
        }
        self.notifications(matrix, pairs, &channels, marks).await;
        // What a function tells must not be what it was asked with.
        let told = marks.all.get(1).unwrap_or(&marks.key);
        let counted = aims.first().and_then(|targets| targets.first()).map(|target| target.sql.as_str());
        breaking::break_functions(&mut self.broken, self.survey, &self.options.profile, &marks.key, told, counted)
            .await;
        for pair in &mut *pairs {
            for function in &self.survey.functions {
                matrix.function(function, pair, marks).await;
            }
            matrix.default_context(&self.options.profile, pair).await;
        }
        self.influence(matrix, pairs, aims, &views, marks).await;
    }

    /// Asks every view and function twice, takes the attacked organization's rows away, and asks again. Last, because
    /// nothing is left to attack afterwards.
    async fn influence(
        &mut self,
        matrix: &mut Matrix<'_>,
        pairs: &mut [Pair],
        aims: &[Vec<Target>],
        views: &[&TableFacts],
        marks: &Marks,
    ) {
        let mut asked: Vec<(usize, Asked<'_>)> = Vec::new();
        for (at, pair) in pairs.iter().enumerate() {
            asked.extend(views.iter().map(|view| (at, Asked::View(view))));
            asked.extend(self.asked_functions(&pair.role).map(|function| (at, Asked::Function(function))));
        }
        let mut rounds: Vec<Vec<Option<(String, String)>>> = Vec::new();
        for round in 0..3 {
            if round == 2 {
                let tables = aims.first().map_or(&[][..], Vec::as_slice);
                if let Ok(mut sound) = self.clones.connect(&self.clones.sound).await {
                    forget(&mut sound, tables, self.catalogue).await;
                    close(sound).await;
                }
                forget(&mut self.broken, tables, self.catalogue).await;
            }
            let mut answers = Vec::with_capacity(asked.len());
            for (at, asked) in &asked {
                let Some(pair) = pairs.get_mut(*at) else { continue };
                answers.push(matrix.answers(asked, self.survey, pair, marks).await);
            }
            rounds.push(answers);
        }
        let mut rounds = rounds.into_iter().map(Vec::into_iter);
        let (Some(first), Some(second), Some(third)) = (rounds.next(), rounds.next(), rounds.next()) else { return };
        for (((at, asked), first), (second, third)) in asked.iter().zip(first).zip(second.zip(third)) {
            let answers = first.zip(second).zip(third).map(|((first, second), third)| [first, second, third]);
            if let Some(pair) = pairs.get(*at) {
                matrix.influence(asked, &pair.role, answers);
            }
        }
    }

    /// The functions that a role may call. Those that name the context are attacked as that.
    fn asked_functions(&self, role: &str) -> impl Iterator<Item = &'a Callable> {
        let context = &self.options.profile.context;
        let names: Vec<String> =
            context.org_functions.iter().chain(&context.operator_functions).map(|name| format!("{name}(")).collect();
        let role = role.to_owned();
        self.survey.functions.iter().filter(move |function| {
            function.roles.contains(&role) && !names.iter().any(|name| function.signature.starts_with(name))
        })
    }

    /// Roles that must be out of reach: whom no policy binds, who owns tenant tables, and who else serves requests.
    fn stronger(&self, role: &str) -> Vec<String> {
        let owns =
            |name: &str| self.catalogue.tables.iter().any(|table| table.tenant_column.is_some() && table.owner == name);
        self.catalogue
            .roles
            .iter()
            .filter(|other| other.name != role)
            .filter(|other| {
                other.superuser || other.bypass_rls || owns(&other.name) || self.options.profile.is_runtime(&other.name)
            })
            .map(|other| other.name.clone())
            .collect()
    }

    /// Settings that policies and functions read besides the context, with what is worth trying in them.
    fn settings(&self, marks: &Marks) -> Vec<Setting> {
        let context = &self.options.profile.context;
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut said: BTreeSet<String> = BTreeSet::new();
        for text in &self.survey.texts {
            for call in text.split("current_setting(").skip(1) {
                names.extend(literals(call).into_iter().next());
                said.extend(literals(text));
            }
        }
        names.retain(|name| {
            name.contains('.') && *name != context.org_setting && Some(name) != context.operator_setting.as_ref()
        });
        let common = ["true", "on", "1", "admin", "ADMIN", "superuser", "service_role", "system"].map(str::to_owned);
        let short =
            said.into_iter().filter(|text| !text.is_empty() && text.len() < 60 && !names.contains(text)).take(30);
        let values: Vec<String> = short.chain(common).chain([marks.key.clone()]).collect();
        // An operator's setting opens nothing to a role that is no operator's; to one that is, it is its context.
        names
            .into_iter()
            .map(|name| Setting { name, values: values.clone() })
            .chain(
                context
                    .operator_setting
                    .iter()
                    .map(|name| Setting { name: name.clone(), values: vec![OPERATOR.to_owned()] }),
            )
            .collect()
    }

    /// Somebody listens while rows of the attacked organization come and go. LISTEN asks for no right, so one listener
    /// stands for every role.
    async fn notifications(&mut self, matrix: &mut Matrix<'_>, pairs: &mut [Pair], channels: &[String], marks: &Marks) {
        for channel in channels {
            let sound = self.heard(&self.clones.sound, channel, &self.comings_and_goings()).await;
            let told = format!("SELECT pg_notify({}, {})", value(channel), value(&marks.key));
            let broken = self.heard(&self.clones.broken, channel, &[told]).await;
            for pair in &*pairs {
                matrix.notification(channel, &pair.role, &sound, &broken, marks);
            }
        }
    }

    fn comings_and_goings(&self) -> Vec<String> {
        let mut statements = Vec::new();
        for table in self.catalogue.tables.iter().filter(|table| !table.triggers.is_empty()) {
            let fresh = self.planted.fresh.get(&(table.qualified(), Owner::B));
            let (Some(fresh), Some(tenant)) = (fresh, &table.tenant_column) else { continue };
            let sql = relation(&table.schema, &table.name);
            statements.push(insert_statement(&sql, fresh));
            let column = name(&tenant.name);
            statements.push(format!(
                "UPDATE {sql} SET {column} = {column} WHERE {column}::text = {}",
                value(fresh.get(&tenant.name).cloned().flatten().as_deref().unwrap_or_default())
            ));
            let same: Vec<String> = fresh
                .iter()
                .filter_map(|(column, given)| Some(format!("{}::text = {}", name(column), value(given.as_deref()?))))
                .collect();
            statements.push(format!("DELETE FROM {sql} WHERE {}", same.join(" AND ")));
        }
        statements
    }

    /// What a listener on `channel` hears while an administrator runs these.
    async fn heard(&self, database: &str, channel: &str, statements: &[String]) -> Result<attacks::Notified> {
        let doing = "listening";
        let url = on_database(&self.options.admin, database)?;
        let mut listener = PgListener::connect(url.expose_secret()).await.map_err(while_(doing))?;
        listener.listen(channel).await.map_err(while_(doing))?;
        let mut admin = self.clones.connect(database).await?;
        for statement in statements {
            send(&mut admin, statement).await;
        }
        let heard = attacks::Notified::collect(&mut listener).await;
        close(admin).await;
        Ok(heard)
    }
}

/// Takes the attacked organization's rows away. Past foreign keys, so that no order has to be found. Where that is not
/// allowed, nothing changes in the broken copy either, and what is compared stays unproven.
async fn forget(copy: &mut PgConnection, tables: &[Target], catalogue: &Catalogue) {
    send(copy, "SET session_replication_role = replica").await;
    for target in tables.iter().filter(|target| target.kind != RelationKind::Partition) {
        send(copy, &format!("DELETE FROM {} WHERE {}", target.sql, target.is_of(&target.key_b))).await;
    }
    breaking::refresh(copy, catalogue).await;
}

/// Views that read a tenant table, directly or through other views.
fn views(catalogue: &Catalogue) -> Vec<&TableFacts> {
    let mut reading: BTreeSet<String> =
        catalogue.tables.iter().filter(|table| table.tenant_column.is_some()).map(TableFacts::qualified).collect();
    let is_view = |table: &&TableFacts| matches!(table.kind, RelationKind::View | RelationKind::MaterializedView);
    loop {
        let more: Vec<String> = catalogue
            .tables
            .iter()
            .filter(|table| is_view(table) && !reading.contains(&table.qualified()))
            .filter(|table| table.reads.iter().any(|read| reading.contains(read)))
            .map(TableFacts::qualified)
            .collect();
        if more.is_empty() {
            return catalogue
                .tables
                .iter()
                .filter(is_view)
                .filter(|table| reading.contains(&table.qualified()))
                .collect();
        }
        reading.extend(more);
    }
}

/// Channels that functions notify by a name that stands in them.
fn channels(survey: &Survey) -> Vec<String> {
    let mut found = BTreeSet::new();
    for text in &survey.texts {
        let lower = text.to_lowercase();
        for (at, call) in lower.match_indices("pg_notify(") {
            found.extend(literals(&text[at + call.len()..]).into_iter().next());
        }
        for (at, _) in lower.match_indices("notify ") {
            let word = text[at + 7..].trim_start().split(|c: char| !(c.is_alphanumeric() || c == '_')).next();
            if !lower[..at].ends_with("pg_") {
                found.extend(word.filter(|word| !word.is_empty()).map(str::to_owned));
            }
        }
    }
    found.into_iter().collect()
}
