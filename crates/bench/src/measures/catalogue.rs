//! How long a database of 500 tables and 5 000 policies takes to be looked at: the list of tables with its verdicts, and
//! the lint with PostgreSQL's own answers. From the first byte sent to the last one judged, connections included.

use std::time::{Duration, Instant};

use bulkhead_db::{
    catalog,
    foreign::{Address, ForeignDatabase, Plaintext, Profile, RuntimeRole, Scope},
};
use secrecy::SecretString;

use crate::{
    Result, cpu,
    database::Postgres,
    measures::Plan,
    pairs::Spread,
    report::{Report, milliseconds},
};

/// Milliseconds that the list may take.
const LIST: f64 = 300.0;
/// Milliseconds that the lint may take.
const LINT: f64 = 2000.0;
/// What every policy requires, as most do it.
const CONDITION: &str = "org_id = (SELECT app.org_id())";

pub(super) async fn measure(plan: &Plan, postgres: &Postgres, report: &mut Report) -> Result<()> {
    report.section("Looking at somebody else's database of 500 tables and 5 000 policies");
    let script = include_str!("../catalogue.sql").replace("$condition", CONDITION);
    let url = postgres.scripted("bench_catalogue", &script).await?;
    let subject = Subject { url, postgres: postgres.pid, times: if plan.quick { 3 } else { 9 } };
    subject.measure(report).await
}

/// A database that is looked at again and again.
struct Subject {
    url: SecretString,
    postgres: u32,
    times: usize,
}

/// How long something took each time, in milliseconds.
#[derive(Default)]
struct Times {
    wall: Vec<f64>,
    /// CPU of this thread, which does all the work on our side.
    ours: Vec<f64>,
    postgres: Vec<f64>,
}

impl Subject {
    async fn measure(&self, report: &mut Report) -> Result<()> {
        let address = Address::parse(&self.url, Plaintext::Refused)?;
        // One that knows nothing yet, and one that was asked before: the time that is counted begins with the second look.
        let new = || ForeignDatabase::new(address.clone(), profile());
        let known = new();
        let first = self.time(async || list(&new()).await).await?;
        first.note(report, "list of tables, at the first look");
        let again = self.time(async || list(&known).await).await?;
        again.judge(report, "list of tables, where nothing changed since the last look", LIST);
        let first = self.time(async || lint(&new()).await).await?;
        first.judge(report, "lint, at the first look", LINT);
        let again = self.time(async || lint(&known).await).await?;
        again.judge(report, "lint, where nothing changed since the last look", LINT);
        Ok(())
    }

    async fn time(&self, work: impl AsyncFn() -> Result<()>) -> Result<Times> {
        let mut times = Times::default();
        // Once more than counted: the first one reads from disk.
        for round in 0..=self.times {
            let (ours, postgres) = (cpu::of_this_thread(), cpu::of_postgres(self.postgres)?);
            let begin = Instant::now();
            work().await?;
            let wall = begin.elapsed().as_secs_f64();
            // PostgreSQL counts what its ended processes took once it has seen them end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            if round > 0 {
                times.wall.push(wall * 1e3);
                times.ours.push((cpu::of_this_thread() - ours) * 1e3);
                times.postgres.push((cpu::of_postgres(self.postgres)? - postgres) * 1e3);
            }
        }
        Ok(times)
    }
}

async fn list(database: &ForeignDatabase) -> Result<()> {
    let listed = catalog::report(database.catalogue().await?, database.profile());
    match listed.tables.len() {
        500 => Ok(()),
        other => Err(format!("{other} tables were listed").into()),
    }
}

async fn lint(database: &ForeignDatabase) -> Result<()> {
    let findings = database.lint().await?.findings;
    match findings.iter().find(|finding| finding.is_leak()) {
        None => Ok(()),
        Some(leak) => Err(format!("a sound database was called leaking: {}", leak.sentence).into()),
    }
}

impl Times {
    fn text(self) -> (String, f64) {
        let [wall, ours, postgres] = [self.wall, self.ours, self.postgres].map(Spread::of);
        let cpu = format!("CPU {:.0} ms of ours + {:.0} ms of PostgreSQL", ours.median, postgres.median);
        (format!("{}; {cpu}", milliseconds(wall)), wall.median)
    }

    fn judge(self, report: &mut Report, what: &str, most: f64) {
        let (text, median) = self.text();
        report.judged(what, text, &format!("≤ {most} ms"), median <= most);
    }

    fn note(self, report: &mut Report, what: &str) {
        report.note(what, self.text().0);
    }
}

/// What a SaaS of this form is measured by.
fn profile() -> Profile {
    let runtime_roles = vec![RuntimeRole { name: "bulkhead_app".to_owned(), scope: Scope::Tenant }];
    Profile { runtime_roles, ..Profile::new(vec!["org_id".to_owned()], "app.org_id", vec!["app.org_id".to_owned()]) }
}
