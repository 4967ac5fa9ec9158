//! Over random tables, policies, rights, rows and contexts the ladder says what PostgreSQL does.

use std::collections::BTreeMap;

use bulkhead_model::isolation::xray::{Decision, Happened, Ladder, Outcome, Question, Reality, RungKind};
use bulkhead_rls::Profile;
use bulkhead_rls::xray::explain;
use sqlx::{AssertSqlSafe, PgConnection};

use super::world::{Dice, Roles, World};
use crate::database::{Blank, profile};

const QUESTIONS: usize = 12;

/// What a run came to.
#[derive(Debug, Default)]
struct Tally {
    cases: usize,
    /// By decision.
    decisions: BTreeMap<String, usize>,
    /// By SQLSTATE of the real command.
    states: BTreeMap<String, usize>,
    /// The command was not run, or nothing was claimed.
    open: usize,
    mismatches: Vec<Mismatch>,
}

/// A case in which the ladder and PostgreSQL part.
#[derive(Debug)]
struct Mismatch {
    said: String,
    happened: Happened,
    case: String,
}

struct Run {
    roles: Roles,
    profile: Profile,
    connection: PgConnection,
    blank: Blank,
}

impl Run {
    async fn start(name: &'static str) -> Self {
        let roles = Roles { run: name };
        let blank = Blank::create(&roles.create()).await;
        let mut profile = profile();
        profile.context.org_setting = "x.n".to_owned();
        Self { connection: blank.connect().await, profile, roles, blank }
    }

    async fn run(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connection).await.unwrap();
    }

    async fn ask(&mut self, question: &Question) -> Ladder {
        explain(&mut self.connection, &self.profile, question)
            .await
            .map_err(|error| format!("{question:?}: {error}"))
            .unwrap()
    }

    async fn cases(&mut self, seed: u64, cases: usize) -> Tally {
        let mut tally = Tally::default();
        for number in 0..cases.div_ceil(QUESTIONS) {
            let mut dice = Dice(seed + u64::try_from(number).unwrap() * 7919);
            let world = World::random(&mut dice, &self.roles, number);
            self.run(&world.sql).await;
            for _ in 0..QUESTIONS {
                let question = world.question(&mut dice, &self.roles);
                let ladder = self.ask(&question).await;
                tally.count(&ladder, &world, &question);
            }
            self.run(&format!("DROP SCHEMA {} CASCADE", world.schema)).await;
        }
        tally
    }

    /// On how many tables ladders that take permissive policies for restrictive ones, and the other way round,
    /// disagree with what the real table does.
    async fn doctored(&mut self, seed: u64, worlds: usize) -> usize {
        let mut wrong = 0;
        for number in 0..worlds {
            let mut dice = Dice(seed + u64::try_from(number).unwrap() * 7919);
            let world = World::random(&mut dice, &self.roles, number);
            self.run(&world.sql).await;
            if !world.policies.is_empty() {
                let questions: Vec<Question> = (0..6).map(|_| world.question(&mut dice, &self.roles)).collect();
                let mut real = Vec::new();
                for question in &questions {
                    real.push(self.ask(question).await.reality);
                }
                for (name, permissive, rest) in world.policies.clone() {
                    let table = world.table.replace('"', "\"\"");
                    let drop = format!("DROP POLICY {name} ON {}.\"{table}\"; ", world.schema);
                    self.run(&(drop + &world.create_policy(&(name, !permissive, rest)))).await;
                }
                let mut found = false;
                for (question, reality) in questions.iter().zip(real) {
                    let doctored = self.ask(question).await;
                    let Reality::Tried { happened, .. } = reality else { continue };
                    found |= doctored.verdict.decision != Decision::Unknown && !agrees(&doctored, &happened);
                }
                wrong += usize::from(found);
            }
            self.run(&format!("DROP SCHEMA {} CASCADE", world.schema)).await;
        }
        wrong
    }
}

impl Tally {
    fn count(&mut self, ladder: &Ladder, world: &World, question: &Question) {
        self.cases += 1;
        *self.decisions.entry(format!("{:?}", ladder.verdict.decision)).or_default() += 1;
        match &ladder.reality {
            Reality::Untried { .. } => self.open += 1,
            Reality::Tried { happened, agrees: said } => {
                if let Happened::Failed { sqlstate, .. } = happened {
                    *self.states.entry(sqlstate.clone()).or_default() += 1;
                }
                if !said || !agrees(ladder, happened) {
                    self.mismatches.push(Mismatch {
                        said: format!("{:?} {}", question.command, ladder.verdict.sentence),
                        happened: happened.clone(),
                        case: format!("{}\n{question:?}\n{:?}", world.sql, ladder.checks),
                    });
                }
            }
        }
    }
}

/// The comparison once more, stricter than the product's: a refusal must be the one that was announced.
fn agrees(ladder: &Ladder, happened: &Happened) -> bool {
    let verdict = &ladder.verdict;
    let granted = [RungKind::Schema, RungKind::Grants]
        .iter()
        .all(|kind| ladder.rung(*kind).is_some_and(|rung| rung.outcome == Outcome::Passes));
    match (verdict.decision, happened) {
        (Decision::Reached, Happened::Rows { count }) => *count == 1,
        (Decision::Reached, Happened::Failed { sqlstate, .. }) => sqlstate.starts_with("23"),
        (Decision::NotReached, Happened::Rows { count }) => *count == 0,
        (Decision::Refused, Happened::Failed { sqlstate, message }) if sqlstate == "42501" => {
            message.contains("row-level security") == granted
        }
        (_, Happened::Failed { sqlstate, .. }) => verdict.may_fail_with.contains(sqlstate),
        (_, Happened::Rows { .. }) => false,
    }
}

async fn tally(name: &'static str, seed: u64, cases: usize) -> Tally {
    let mut run = Run::start(name).await;
    let tally = run.cases(seed, cases).await;
    drop(run.blank);
    tally
}

impl Tally {
    fn assert_no_mismatch(&self) {
        let all: Vec<_> = self.mismatches.iter().map(|mismatch| (&mismatch.said, &mismatch.happened)).collect();
        let first = self.mismatches.first().map(|mismatch| &mismatch.case);
        assert!(all.is_empty(), "{} of {} mismatch: {all:#?}\nthe first: {first:?}", all.len(), self.cases);
    }
}

#[tokio::test]
async fn xray_agrees_with_postgresql() {
    let tally = tally("xp_short", 20_261_121, 300).await;
    tally.assert_no_mismatch();
    // The cases are worth something: everything happens, and little is left open.
    assert!(tally.open * 50 < tally.cases, "{tally:?}");
    for decision in ["Reached", "NotReached", "Refused", "Fails"] {
        assert!(tally.decisions.get(decision).is_some_and(|count| *count > 5), "{tally:?}");
    }
}

/// Negative control: a ladder that takes permissive policies for restrictive ones, and the other way round, is found out.
#[tokio::test]
async fn xray_a_wrong_ladder_is_found_out() {
    let wrong = Run::start("xp_wrong").await.doctored(4711, 24).await;
    assert!(wrong >= 5, "only {wrong} of 24 doctored tables were found out");
}

/// The long run: `cargo test -p bulkhead-rls --test it -- --ignored --nocapture xray_agrees_in_ten_thousand_cases`.
#[tokio::test]
#[ignore = "takes minutes; part of the bench"]
#[expect(clippy::print_stdout, reason = "the figures are what the run is for")]
async fn xray_agrees_in_ten_thousand_cases() {
    let (odd, even) = tokio::join!(tally("xp_odd", 1, 5_000), tally("xp_even", 1_000_000_007, 5_000));
    println!("{odd:?}\n{even:?}");
    odd.assert_no_mismatch();
    even.assert_no_mismatch();
}
