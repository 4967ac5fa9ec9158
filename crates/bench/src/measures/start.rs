//! From the start of the program on a migrated database to its first answer that came from the database.

use std::time::Instant;

use crate::{
    Result, client,
    measures::{Bench, SignedIn},
    pairs::Spread,
    report::{Report, milliseconds},
    seed::ORDINARY,
};

/// Milliseconds: must, and aim.
const GOALS: (f64, f64) = (100.0, 30.0);

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    report.section("Start and memory");
    let server = bench.serve(&bench.large).await?;
    // A session outlives the process that began it.
    let cookie = client::sign_in(server.address, ORDINARY).await?;
    let page = SignedIn { server, cookie, slug: ORDINARY }.users();
    let mut times = Vec::new();
    for _ in 0..5 {
        let begin = Instant::now();
        let mut server = bench.binary.start(&bench.large.urls)?;
        times.push(server.answers(&page, begin).await?.as_secs_f64() * 1e3);
    }
    let took = Spread::of(times);
    report.judged(
        "start to the first signed-in page of 100 users, five times",
        milliseconds(took),
        &format!("must ≤ {} ms, aim ≤ {} ms", GOALS.0, GOALS.1),
        took.median <= GOALS.0,
    );
    Ok(())
}
