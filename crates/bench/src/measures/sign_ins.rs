//! Password sign-in against Argon2 alone, and what a storm of them does to everybody else.

use std::time::Duration;

use crate::{
    Result, argon,
    argon::Hashing,
    client::{Ask, Load},
    measures::Bench,
    pairs::{Pairs, Slice, Spread, Subject, calibration, quantile},
    report::{Report, milliseconds, times},
    seed::ORDINARY,
};

/// Of Argon2's own rate.
const LEAST_RATE: f64 = 0.90;
/// A signed-in page's median during the storm, against its median before.
const MOST_GROWTH: f64 = 3.0;
/// Clients of the storm.
const CLIENTS: usize = 4;
/// Accounts they use, so that no two wait for each other's row.
const ACCOUNTS: u32 = 64;

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let signed_in = bench.serve_signed_in(&bench.large, ORDINARY).await?;
    let asks: Vec<Ask> = (1..=ACCOUNTS).map(|n| Ask::sign_in(&format!("org-{n}"))).collect();
    let load = Load::open(signed_in.server.address, CLIENTS, asks).await?;
    let mut storm = Subject { pid: signed_in.server.pid(), postgres: bench.postgres.pid, load };
    let (count, time) = (bench.plan.pairs(), bench.plan.slice());

    report.section("Password sign-in (Argon2id 19 MiB, 2 passes, 1 lane; one core for everything)");
    let pairs = sign_ins(&mut storm, count, time).await?;
    let rate = pairs.ratio(|side| match side {
        Side::SignIns(slice) => slice.answers / slice.wall,
        Side::Hashes(hashing) => hashing.hashes as f64 / hashing.wall,
    });
    report.at_least("sign-ins a second, against Argon2 alone", rate, LEAST_RATE);
    let cost = |side: &Side| match side {
        Side::SignIns(slice) => slice.both_ms(),
        Side::Hashes(hashing) => hashing.cpu * 1e3 / hashing.hashes as f64,
    };
    let (whole, hash) = (pairs.first(cost), pairs.second(cost));
    let rest = Spread::of(pairs.kept.iter().map(|(ours, alone)| cost(ours) - cost(alone)).collect());
    report.note(
        "CPU of a sign-in, server + PostgreSQL",
        format!("{}; ratio {}", milliseconds(whole), times(pairs.ratio(cost))),
    );
    report.note("CPU of Argon2 alone", milliseconds(hash));
    report.note("everything except the hash (aim ≤ 0.3 ms)", milliseconds(rest));

    report.section("Signed-in pages during a storm of sign-ins (4 clients without a pause; one core for everything)");
    let page = Load::open(signed_in.server.address, 1, vec![signed_in.users()]).await?;
    let mut page = Subject { pid: signed_in.server.pid(), postgres: bench.postgres.pid, load: page };
    let pairs = during(&mut page, &mut storm, count, time).await?;
    report.at_most("users, HTML: median latency, against before", pairs.ratio(Slice::median_ms), MOST_GROWTH);
    let p99 = |slice: &Slice| quantile(&slice.latencies, 0.99) * 1e3;
    report.note(
        "median latency in the storm, and before",
        format!("{}; {}", milliseconds(pairs.first(Slice::median_ms)), milliseconds(pairs.second(Slice::median_ms))),
    );
    report.note(
        "99th percentile in the storm (must ≤ 10 ms, aim ≤ 3 ms), and before",
        format!("{}; {}", milliseconds(pairs.first(p99)), milliseconds(pairs.second(p99))),
    );
    Ok(())
}

enum Side {
    SignIns(Slice),
    Hashes(Hashing),
}

async fn sign_ins(storm: &mut Subject, count: usize, time: Duration) -> Result<Pairs<Side>> {
    storm.slice(time / 4).await?;
    let mut made = Pairs { kept: Vec::new(), dropped: 0 };
    for place in 0..count {
        let alone = || -> Result<_> {
            let first = calibration()?;
            Ok((argon::hash_for(time)?, (first + calibration()?) / 2.0))
        };
        let (ours, hashes) = if place % 2 == 0 {
            (storm.slice(time).await?, alone()?)
        } else {
            let hashes = alone()?;
            (storm.slice(time).await?, hashes)
        };
        let calibrations = (ours.calibration, hashes.1);
        made.keep(Side::SignIns(ours), Side::Hashes(hashes.0), calibrations);
    }
    made.enough()
}

/// Slices of the page with the storm around it, and without.
async fn during(page: &mut Subject, storm: &mut Subject, count: usize, time: Duration) -> Result<Pairs<Slice>> {
    page.slice(time / 4).await?;
    let mut made = Pairs { kept: Vec::new(), dropped: 0 };
    for place in 0..count {
        let (stormy, quiet) = if place % 2 == 0 {
            (stormy(page, storm, time).await?, page.slice(time).await?)
        } else {
            let quiet = page.slice(time).await?;
            (stormy(page, storm, time).await?, quiet)
        };
        let calibrations = (stormy.calibration, quiet.calibration);
        made.keep(stormy, quiet, calibrations);
    }
    made.enough()
}

async fn stormy(page: &mut Subject, storm: &mut Subject, time: Duration) -> Result<Slice> {
    // The storm begins a little earlier and ends a little later; sign-ins that fail end the run.
    let margin = Duration::from_millis(150);
    let (storm, slice) = tokio::join!(storm.load.run_for(time + 3 * margin), async {
        tokio::time::sleep(margin).await;
        page.slice(time).await
    });
    storm?;
    slice
}
