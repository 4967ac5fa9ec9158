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
        let (ours, after) = count(&relay, &signed_in.server, &ask).await?;
        let (least, _) = count(&relay, &floor, &Ask::get(path, None)).await?;
        let added = ours.trips.saturating_sub(least.trips);
        report.judged(
            format!("{what}: added by session, scope and guard"),
            format!(
                "{added} ({} against {}; after the answer {}: {})",
                ours.trips,
                least.trips,
                after.trips,
                after.texts.join("; ")
            ),
            &format!("≤ {MOST}"),
            added <= MOST,
        );
    }
    let (sign_in, after) = count(&relay, &signed_in.server, &Ask::sign_in(ORDINARY)).await?;
    report.note("password sign-in, in all", format!("{} (after the answer {})", sign_in.trips, after.trips));
    Ok(())
}

/// What one warm request sends before its answer is complete, and after it.
async fn count(relay: &Relay, program: &Program, ask: &Ask) -> Result<(Counted, Counted)> {
    let mut connection = Connection::open(program.address).await?;
    let mut counted = (Counted::default(), Counted::default());
    // The first ones prepare statements, on as many connections as the pool happens to use; the least is the rule.
    for round in 0..12 {
        quiet(relay).await;
        connection.ask(ask).await?;
        let now = (relay.take(), quiet(relay).await);
        if round == 0 || now.0.trips < counted.0.trips {
            counted = now;
        }
    }
    Ok(counted)
}

/// Waits until nothing passes any more; what passed meanwhile.
async fn quiet(relay: &Relay) -> Counted {
    let mut all = Counted::default();
    loop {
        tokio::time::sleep(Duration::from_millis(30)).await;
        let now = relay.take();
        if now == Counted::default() {
            return all;
        }
        all.trips += now.trips;
        all.executed += now.executed;
        all.texts.extend(now.texts);
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
    })
}
