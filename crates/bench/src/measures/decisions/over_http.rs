//! What asking for a decision over HTTP costs, beside an answer of the same server that needs no database: the document that
//! says where the decision API is, which goes through the same layers, with the same cookie, up to the guard.

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::{
    Result,
    client::{Ask, Connection as Http},
    measures::{Bench, trips},
    pairs::{self, Pairs, Slice},
    report::{Report, milliseconds, times},
    seed::ORDINARY,
};
use secrecy::ExposeSecret;

/// How much longer than the echo a decision may take.
const MOST: f64 = 1.5;

/// Connections that ask at the same time, each one question after the other.
const AT_ONCE: [usize; 3] = [4, 32, 128];

/// Users asked about in turn.
const PEOPLE: usize = 100;

pub(in crate::measures) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    report.section("A decision over HTTP, against an answer through the same layers without a database");
    let signed_in = bench.serve_signed_in(&bench.small, ORDINARY).await?;
    let (address, cookie) = (signed_in.server.address, signed_in.cookie.as_str());
    let mut connection = Http::open(address).await?;
    // Users may send data in, and so may managers; nobody may shred what comes in. Denials are kept, and one of twenty of
    // the others.
    let everybody = people(&mut connection, cookie).await?;
    let mut allowed: Vec<Ask> = Vec::new();
    for user in &everybody {
        let ask = question(cookie, user, "write").holds("\"decision\":true");
        let (_, body) = connection.fetch(&ask).await?;
        allowed.extend(std::str::from_utf8(&body)?.contains(&ask.holds).then_some(ask));
    }
    if allowed.len() < PEOPLE / 2 {
        return Err(format!("only {} of {} may send data in", allowed.len(), everybody.len()).into());
    }
    let denied: Vec<Ask> =
        everybody.iter().map(|user| question(cookie, user, "shred").holds("\"decision\":false")).collect();
    let echo = Ask::get("/.well-known/authzen-configuration", Some(cookie)).holds("policy_decision_point");
    for (what, asks) in [("allowed", &allowed), ("denied and recorded", &denied)] {
        for connections in AT_ONCE {
            let mut ours = bench.loaded(&signed_in.server, connections, asks.clone()).await?;
            let mut least = bench.loaded(&signed_in.server, connections, vec![echo.clone()]).await?;
            let pairs = pairs::of_subjects(&mut ours, &mut least, bench.plan.pairs(), bench.plan.slice()).await?;
            show(report, &format!("{what}, {connections} at once"), &pairs);
        }
    }
    let asks = [allowed.swap_remove(0), denied[0].clone(), echo];
    drop(signed_in);
    // The same session: it is in the database, whichever server asks for it.
    let counted = trips::of(bench, &bench.small, &asks).await?;
    for (what, trips) in ["allowed", "denied and recorded", "the answer without a database"].iter().zip(counted) {
        report.note(format!("{what}, alone: round trips to PostgreSQL, warm"), trips);
    }
    forget(bench).await
}

fn question(cookie: &str, user: &str, action: &str) -> Ask {
    let question = json!({"subject": {"type": "user", "id": user}, "action": {"name": action},
                          "resource": {"type": "ingest", "id": "stream-17"}, "context": {"ip_address": "192.0.2.17"}});
    Ask::json("/api/v1/decisions", cookie, question.to_string())
}

fn show(report: &mut Report, what: &str, pairs: &Pairs<Slice>) {
    report.at_most(format!("{what}: time to the answer"), pairs.ratio(Slice::median_ms), MOST);
    let (ours, least) = (pairs.first(Slice::median_ms), pairs.second(Slice::median_ms));
    report.note(format!("{what}: time, and of the echo"), format!("{}; {}", milliseconds(ours), milliseconds(least)));
    report.note(format!("{what}: CPU of server and PostgreSQL against the echo's"), times(pairs.ratio(Slice::both_ms)));
    let cpu = [pairs.first(Slice::program_ms), pairs.first(Slice::postgres_ms), pairs.second(Slice::program_ms)];
    let [program, postgres, least] = cpu.map(milliseconds);
    report.note(
        format!("{what}: CPU of server, of PostgreSQL, and of the echo"),
        format!("{program}; {postgres}; {least}"),
    );
}

/// Ids of users of the organization.
async fn people(connection: &mut Http, cookie: &str) -> Result<Vec<String>> {
    let path = format!("/api/v1/users?limit={PEOPLE}&status=active");
    let (_, body) = connection.fetch(&Ask::get(path, Some(cookie))).await?;
    let page: Value = serde_json::from_slice(&body)?;
    let users = page["data"].as_array().ok_or("no list of users")?;
    Ok(users.iter().filter_map(|user| user["id"].as_str().map(str::to_owned)).collect())
}

/// Takes away what was recorded meanwhile: the databases stay for the next run.
async fn forget(bench: &Bench<'_>) -> Result<()> {
    let mut connection = PgConnection::connect(bench.small.urls.migrate.expose_secret()).await?;
    sqlx::query("DELETE FROM decisions").execute(&mut connection).await?;
    Ok(connection.close().await?)
}
