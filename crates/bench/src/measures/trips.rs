//! How many round trips to PostgreSQL a signed-in request makes more than its floor.

use std::time::Duration;

use bulkhead_db::setup::DatabaseUrls;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    Result,
    client::{self, Ask, Connection},
    database::Seeded,
    measures::{Bench, SignedIn},
    program::Program,
    relay::{Counted, Relay},
    report::Report,
    seed::ORDINARY,
};

/// What session, scope and guard may add to a request.
const MOST: usize = 1;

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    report.section("Round trips to PostgreSQL, counted between the two");
    let url = Url::parse(bench.large.urls.app.expose_secret())?;
    let postgres = url.socket_addrs(|| Some(5432))?.into_iter().next().ok_or("PostgreSQL has no address")?;
    let relay = Relay::start(postgres).await?;
    let database = Seeded { urls: through(&bench.large.urls, relay.address.port())?, ..bench.large.clone() };
    let (server, floor) = (bench.serve(&database).await?, bench.floor(&database).await?);
    let cookie = client::sign_in(server.address, ORDINARY).await?;
    let signed_in = SignedIn { server, cookie, slug: ORDINARY };
    let org = bench.org(&bench.large, ORDINARY).await?;

    let asks = [
        ("list of users", signed_in.users(), format!("/users/{org}")),
        ("list of users, JSON", signed_in.users_as_json(), format!("/users/{org}/json")),
        ("audit log", signed_in.events(), format!("/audit/{org}")),
    ];
    for (what, ask, path) in asks {
        let (ours, least) =
            (count(&relay, &signed_in.server, &ask).await?, count(&relay, &floor, &Ask::get(path, None)).await?);
        let added = waited_for(&ours).saturating_sub(waited_for(&least));
        report.judged(
            format!("{what}: added by session, scope and guard"),
            format!("{added} ({} against {})", waited_for(&ours), waited_for(&least)),
            &format!("≤ {MOST}"),
            added <= MOST,
        );
        report.note(format!("{what}: nobody waits for"), unwaited(&ours));
    }
    let sign_in = count(&relay, &signed_in.server, &Ask::sign_in(ORDINARY)).await?;
    report
        .note("password sign-in, in all", format!("{}; nobody waits for {}", waited_for(&sign_in), unwaited(&sign_in)));
    Ok(())
}

/// How many round trips a warm request waits for, of a server that is started for it.
pub(super) async fn of(bench: &Bench<'_>, seeded: &Seeded, asks: &[Ask]) -> Result<Vec<usize>> {
    let url = Url::parse(seeded.urls.app.expose_secret())?;
    let postgres = url.socket_addrs(|| Some(5432))?.into_iter().next().ok_or("PostgreSQL has no address")?;
    let relay = Relay::start(postgres).await?;
    let database = Seeded { urls: through(&seeded.urls, relay.address.port())?, ..seeded.clone() };
    let server = bench.serve(&database).await?;
    let mut counted = Vec::new();
    for ask in asks {
        counted.push(waited_for(&count(&relay, &server, ask).await?));
    }
    Ok(counted)
}

/// Round trips that the answer waits for: all but what happens when a connection goes back to its pool.
fn waited_for(counted: &Counted) -> usize {
    counted.trips - counted.pings - rollbacks(counted)
}

fn rollbacks(counted: &Counted) -> usize {
    counted.texts.iter().filter(|text| *text == "ROLLBACK").count()
}

fn unwaited(counted: &Counted) -> String {
    format!("{} ROLLBACK, {} look whether the connection lives", rollbacks(counted), counted.pings)
}

/// What one warm request sends in all.
async fn count(relay: &Relay, program: &Program, ask: &Ask) -> Result<Counted> {
    let mut connection = Connection::open(program.address).await?;
    let mut least: Option<Counted> = None;
    // The first ones prepare statements, on as many connections as the pool happens to use; the least is the rule.
    for _ in 0..12 {
        quiet(relay).await;
        connection.ask(ask).await?;
        let counted = quiet(relay).await;
        if least.as_ref().is_none_or(|least| counted.trips < least.trips) {
            least = Some(counted);
        }
    }
    least.ok_or_else(|| "nothing was counted".into())
}

/// Waits until nothing passes any more; what passed meanwhile.
async fn quiet(relay: &Relay) -> Counted {
    let mut all = Counted::default();
    loop {
        tokio::time::sleep(Duration::from_millis(40)).await;
        let now = relay.take();
        if now == Counted::default() {
            return all;
        }
        all.add(now);
    }
}

fn through(urls: &DatabaseUrls, port: u16) -> Result<DatabaseUrls> {
    let moved = |url: &SecretString| -> Result<SecretString> {
        let mut url = Url::parse(url.expose_secret())?;
        url.set_port(Some(port)).map_err(|()| "a connection string without a host")?;
        Ok(String::from(url).into())
    };
    Ok(DatabaseUrls {
        app: moved(&urls.app)?,
        operator: moved(&urls.operator)?,
        auth: moved(&urls.auth)?,
        migrate: moved(&urls.migrate)?,
        inspect: moved(&urls.inspect)?,
    })
}
