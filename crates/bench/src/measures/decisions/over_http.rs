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

pub(in crate::measures) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    report.section("A decision over HTTP, against an answer through the same layers without a database");
    let signed_in = bench.serve_signed_in(&bench.small, ORDINARY).await?;
    let (address, cookie) = (signed_in.server.address, signed_in.cookie.as_str());
    let user = whoami(&mut Http::open(address).await?, cookie).await?;
    let question = |action: &str| {
        let question = json!({"subject": {"type": "user", "id": user}, "action": {"name": action},
                              "resource": {"type": "backups", "id": "b-17", "properties": {"environment": "staging"}},
                              "context": {"ip_address": "192.0.2.17"}});
        Ask::json("/api/v1/decisions", cookie, question.to_string())
    };
    // An admin may restore backups; nobody may shred them. Denials are kept, and one of twenty of the others.
    let allowed = question("execute").holds("\"decision\":true");
    let denied = question("shred").holds("\"decision\":false");
    let echo = Ask::get("/.well-known/authzen-configuration", Some(cookie)).holds("policy_decision_point");
    for (what, ask) in [("allowed", &allowed), ("denied and recorded", &denied)] {
        let mut ours = bench.subject(&signed_in.server, ask.clone()).await?;
        let mut least = bench.subject(&signed_in.server, echo.clone()).await?;
        let pairs = pairs::of_subjects(&mut ours, &mut least, bench.plan.pairs(), bench.plan.slice()).await?;
        show(report, what, &pairs);
    }
    drop(signed_in);
    let asks = [allowed, denied, echo];
    // The same session: it is in the database, whichever server asks for it.
    let counted = trips::of(bench, &bench.small, &asks).await?;
    for (what, trips) in ["allowed", "denied and recorded", "the answer without a database"].iter().zip(counted) {
        report.note(format!("{what}: round trips to PostgreSQL, warm"), trips);
    }
    forget(bench).await
}

fn show(report: &mut Report, what: &str, pairs: &Pairs<Slice>) {
    report.at_most(format!("{what}: time to the answer"), pairs.ratio(Slice::median_ms), MOST);
    let (ours, least) = (pairs.first(Slice::median_ms), pairs.second(Slice::median_ms));
    report.note(format!("{what}: time, and of the echo"), format!("{}; {}", milliseconds(ours), milliseconds(least)));
    report.note(format!("{what}: server CPU against the echo's"), times(pairs.ratio(Slice::program_ms)));
    let (ours, least) = (pairs.first(Slice::program_ms), pairs.second(Slice::program_ms));
    report.note(
        format!("{what}: server CPU, and of the echo"),
        format!("{}; {}", milliseconds(ours), milliseconds(least)),
    );
    report.note(format!("{what}: PostgreSQL CPU"), milliseconds(pairs.first(Slice::postgres_ms)));
}

/// The id of whoever the session stands for.
async fn whoami(connection: &mut Http, cookie: &str) -> Result<String> {
    let (_, body) = connection.fetch(&Ask::get("/api/v1/me", Some(cookie))).await?;
    let me: Value = serde_json::from_slice(&body)?;
    me["id"].as_str().map(str::to_owned).ok_or_else(|| "nobody is signed in".into())
}

/// Takes away what was recorded meanwhile: the databases stay for the next run.
async fn forget(bench: &Bench<'_>) -> Result<()> {
    let mut connection = PgConnection::connect(bench.small.urls.migrate.expose_secret()).await?;
    sqlx::query("DELETE FROM decisions").execute(&mut connection).await?;
    Ok(connection.close().await?)
}
