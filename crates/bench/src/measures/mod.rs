//! The measures, one file a question.

mod absence;
mod memory;
mod pages;
mod policies;
mod scale;
mod sign_ins;
mod start;
mod trips;

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Args;
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    Result,
    affinity::{self, Side},
    client::{self, Ask, Load},
    cpu,
    database::{Postgres, Seeded},
    pairs::Subject,
    program::{self, Binary, Program},
    report::{self, Report},
    seed::{HUGE, ORDINARY, ORDINARY_USERS, Shape},
};

/// What to run.
#[derive(Args)]
pub struct Plan {
    /// A tenth of the data and short slices: shows in two minutes that the bench works; its figures are not for quoting
    #[arg(long)]
    quick: bool,
    /// The server's release binary
    #[arg(long)]
    server: PathBuf,
    /// Where databases and logs are kept
    #[arg(long)]
    directory: PathBuf,
    /// Put the table into this document as well, between its markers
    #[arg(long)]
    document: Option<PathBuf>,
    /// What the figures belong to, for the table
    #[arg(long, default_value = "unknown")]
    commit: String,
    /// The day, for the table
    #[arg(long, default_value = "unknown")]
    date: String,
}

impl Plan {
    /// Pairs of slices a comparison.
    const fn pairs(&self) -> usize {
        if self.quick { 4 } else { 8 }
    }

    /// Samples of a latency.
    const fn samples(&self) -> usize {
        if self.quick { 200 } else { 2000 }
    }

    /// The length of a slice.
    const fn slice(&self) -> Duration {
        Duration::from_millis(if self.quick { 500 } else { 2000 })
    }
}

/// Everything that the measures share.
pub struct Bench<'a> {
    plan: &'a Plan,
    postgres: Postgres,
    binary: Binary,
    /// With a huge organization among a thousand.
    large: Seeded,
    /// With ten ordinary ones.
    small: Seeded,
}

/// A server with the session of an admin in it.
struct SignedIn {
    server: Program,
    cookie: String,
    slug: &'static str,
}

impl Bench<'_> {
    /// Starts a server on a database and waits until it answers.
    async fn serve(&self, database: &Seeded) -> Result<Program> {
        let begin = Instant::now();
        let mut server = self.binary.start(&database.urls)?;
        server.answers(&Ask::get("/readyz", None), begin).await?;
        Ok(server)
    }

    /// … and signs an organization's admin in.
    async fn serve_signed_in(&self, database: &Seeded, slug: &'static str) -> Result<SignedIn> {
        let server = self.serve(database).await?;
        let cookie = client::sign_in(server.address, slug).await?;
        Ok(SignedIn { server, cookie, slug })
    }

    /// Starts the floor on a database and waits until it answers.
    async fn floor(&self, database: &Seeded) -> Result<Program> {
        let begin = Instant::now();
        let mut floor = self.binary.start_floor(&database.urls)?;
        floor.answers(&Ask::get("/hello", None), begin).await?;
        Ok(floor)
    }

    /// A program under a load of four connections.
    async fn subject(&self, program: &Program, ask: Ask) -> Result<Subject> {
        let load = Load::open(program.address, 4, vec![ask]).await?;
        Ok(Subject { pid: program.pid(), postgres: self.postgres.pid, load })
    }

    /// An organization's id.
    async fn org(&self, database: &Seeded, slug: &str) -> Result<Uuid> {
        let mut connection = PgConnection::connect(database.urls.migrate.expose_secret()).await?;
        let id =
            sqlx::query_scalar("SELECT id FROM orgs WHERE slug = $1").bind(slug).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(id)
    }
}

impl SignedIn {
    /// The list of users, 100 a page.
    fn users(&self) -> Ask {
        let path = format!("/t/{}/users?limit=100", self.slug);
        Ask::get(path, Some(&self.cookie)).rows("data-row=\"\"", 100).holds(format!("@{}.example", self.slug))
    }

    /// The audit log, 100 a page; one row more is the live tail's template.
    fn events(&self) -> Ask {
        let path = format!("/t/{}/audit?limit=100", self.slug);
        Ask::get(path, Some(&self.cookie)).rows("data-row=\"\"", 101).holds(format!("@{}.example", self.slug))
    }

    /// The users as JSON.
    fn users_as_json(&self) -> Ask {
        let ask = Ask::get("/api/v1/users?limit=100", Some(&self.cookie));
        ask.rows("\"email\":", 100).holds(format!("@{}.example", self.slug))
    }
}

/// Measures everything; the code says whether all goals were met.
pub async fn run(plan: &Plan) -> Result<ExitCode> {
    let directory = program::directory(&plan.directory)?;
    let binary = Binary::install(&plan.server, &directory)?;
    affinity::move_to(Side::Served)?;
    let postgres = Postgres::start(&directory.join("postgres")).await?;
    affinity::move_to(Side::Client)?;
    let measured = measure(plan, postgres, binary).await;
    let report = measured?;
    report::line(&report.markdown())?;
    std::fs::write(directory.join("result.md"), report.markdown())?;
    if let Some(document) = &plan.document {
        report.write_into(document)?;
    }
    Ok(if report.missed() == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

async fn measure(plan: &Plan, postgres: Postgres, binary: Binary) -> Result<Report> {
    let organizations = if plan.quick { 100 } else { 1000 };
    let large = postgres.seeded(Shape { organizations, huge: true }).await?;
    let small = postgres.seeded(Shape { organizations: 10, huge: false }).await?;
    let bench = Bench { plan, postgres, binary, large, small };
    let mut report = Report::default();
    circumstances(&bench, &mut report)?;
    // What a figure is about comes before what it cost: a page that is wrong ends the run here.
    trips::measure(&bench, &mut report).await?;
    pages::measure(&bench, &mut report).await?;
    policies::measure(&bench, &mut report).await?;
    scale::measure(&bench, &mut report).await?;
    sign_ins::measure(&bench, &mut report).await?;
    start::measure(&bench, &mut report).await?;
    memory::measure(&bench, &mut report).await?;
    // Last: what it asks for is recorded, which makes the small database a little larger.
    absence::measure(&bench, &mut report).await?;
    report.circumstance("load average at the end", cpu::load()?);
    bench.postgres.stop().await?;
    Ok(report)
}

fn circumstances(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let Plan { quick, commit, date, .. } = bench.plan;
    let shape = bench.large.shape;
    let cores = std::thread::available_parallelism()?;
    report.circumstance("date, commit", format!("{date}, `{commit}`"));
    report.circumstance("command", if *quick { "`script/bench --quick`" } else { "`script/bench`" });
    report.circumstance("machine", format!("{}, {cores} cores", cpu::model()?));
    report.circumstance("database", format!("{}, private cluster, fsync on", bench.postgres.version()));
    report.circumstance(
        "rows",
        format!(
            "{} organizations (one of them huge), {} users, {} audit events",
            shape.organizations,
            shape.users(),
            shape.events()
        ),
    );
    report.circumstance("organization measured", format!("`{ORDINARY}`, {ORDINARY_USERS} users, beside `{HUGE}`"));
    report.circumstance("load average at the start", cpu::load()?);
    Ok(())
}
