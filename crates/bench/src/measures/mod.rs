//! The measures, one file a question.

mod absence;
mod catalogue;
mod decisions;
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

use clap::{Args, ValueEnum};
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
    #[arg(long, required_unless_present = "only")]
    server: Option<PathBuf>,
    /// Nothing but one measure
    #[arg(long)]
    only: Option<Only>,
    /// Where databases and logs are kept
    #[arg(long)]
    directory: PathBuf,
    /// Put the table into this document as well, between its markers
    #[arg(long, conflicts_with = "only")]
    document: Option<PathBuf>,
    /// What the figures belong to, for the table
    #[arg(long, default_value = "unknown")]
    commit: String,
    /// The day, for the table
    #[arg(long, default_value = "unknown")]
    date: String,
}

/// A measure that can be made by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Foreign ids against nonexistent ones
    Absence,
    /// 500 tables and 5 000 policies; takes no server
    Catalogue,
    /// Decisions about roles, by themselves and, with a server, over HTTP
    Decisions,
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
    postgres: &'a Postgres,
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
        self.loaded(program, 4, vec![ask]).await
    }

    /// A program under a load of so many connections, which ask the same in turn.
    async fn loaded(&self, program: &Program, connections: usize, asks: Vec<Ask>) -> Result<Subject> {
        let load = Load::open(program.address, connections, asks).await?;
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

/// Measures everything, or what the plan says; the code says whether all goals were met.
pub async fn run(plan: &Plan) -> Result<ExitCode> {
    let directory = program::directory(&plan.directory)?;
    let binary = plan.server.as_ref().map(|server| Binary::install(server, &directory)).transpose()?;
    affinity::move_to(Side::Served)?;
    let postgres = Postgres::start(&directory.join("postgres")).await?;
    affinity::move_to(Side::Client)?;
    let mut report = Report::default();
    circumstances(plan, &postgres, &mut report)?;
    let measured = match (plan.only, binary) {
        (Some(Only::Catalogue), _) => catalogue::measure(plan, &postgres, &mut report).await,
        (Some(Only::Decisions), None) => decisions::measure(plan, &mut report),
        (only, Some(binary)) => with_server(plan, only, &postgres, binary, &mut report).await,
        (_, None) => Err("this measure needs --server".into()),
    };
    postgres.stop().await?;
    measured?;
    report.circumstance("load average at the end", cpu::load()?);
    report::line(&report.markdown())?;
    std::fs::write(directory.join("result.md"), report.markdown())?;
    if let Some(document) = &plan.document {
        report.write_into(document)?;
    }
    Ok(if report.missed() == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

async fn with_server(
    plan: &Plan,
    only: Option<Only>,
    postgres: &Postgres,
    binary: Binary,
    report: &mut Report,
) -> Result<()> {
    let few = Shape { organizations: 10, huge: false };
    let many = match only {
        // It asks for two organizations only, whoever else there is.
        Some(_) => few,
        None => Shape { organizations: if plan.quick { 100 } else { 1000 }, huge: true },
    };
    let (large, small) = (postgres.seeded(many).await?, postgres.seeded(few).await?);
    let bench = Bench { plan, postgres, binary, large, small };
    match only {
        None => {}
        Some(Only::Decisions) => {
            decisions::measure(plan, report)?;
            return decisions::over_http::measure(&bench, report).await;
        }
        Some(_) => return absence::measure(&bench, report).await,
    }
    rows(&bench, report);
    // What a figure is about comes before what it cost: a page that is wrong ends the run here.
    trips::measure(&bench, report).await?;
    pages::measure(&bench, report).await?;
    policies::measure(&bench, report).await?;
    scale::measure(&bench, report).await?;
    sign_ins::measure(&bench, report).await?;
    start::measure(&bench, report).await?;
    memory::measure(&bench, report).await?;
    decisions::measure(plan, report)?;
    decisions::over_http::measure(&bench, report).await?;
    catalogue::measure(plan, postgres, report).await?;
    // Last: what it asks for is recorded, which makes the small database a little larger.
    absence::measure(&bench, report).await
}

/// What the databases hold.
fn rows(bench: &Bench<'_>, report: &mut Report) {
    let shape = bench.large.shape;
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
}

fn circumstances(plan: &Plan, postgres: &Postgres, report: &mut Report) -> Result<()> {
    let Plan { quick, only, commit, date, .. } = plan;
    let cores = std::thread::available_parallelism()?;
    let name = only.and_then(|only| only.to_possible_value());
    let option = name.map(|name| format!(" --{}", name.get_name())).unwrap_or_default();
    report.circumstance("date, commit", format!("{date}, `{commit}`"));
    report.circumstance("command", format!("`script/bench{option}{}`", if *quick { " --quick" } else { "" }));
    if cfg!(debug_assertions) {
        report.circumstance("build", "a debug build of the bench");
    }
    report.circumstance("machine", format!("{}, {cores} cores", cpu::model()?));
    report.circumstance("database", format!("{}, private cluster, fsync on", postgres.version()));
    report.circumstance("load average at the start", cpu::load()?);
    Ok(())
}
