//! Password sign-in against Argon2 alone, and what a storm of them does to everybody else.

use std::time::Duration;

use crate::{
    Result, argon,
    argon::Hashing,
    client::{Ask, Load},
    measures::Bench,
    pairs::{Calibration, First, Pairs, Slice, Spread, Subject, quantile},
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
    // More than the machine can hash is refused in time, by design; the pages are what must not suffer.
    let asks = (1..=ACCOUNTS).map(|n| Ask { may_be_refused: true, ..Ask::sign_in(&format!("org-{n}")) }).collect();
    storm.load = Load::open(signed_in.server.address, CLIENTS, asks).await?;
    let page = Load::open(signed_in.server.address, 1, vec![signed_in.users()]).await?;
    let mut page = Subject { pid: signed_in.server.pid(), postgres: bench.postgres.pid, load: page };
    let (pairs, answered) = during(&mut page, &mut storm, count, time).await?;
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
    report.note("sign-ins answered meanwhile, and refused with 503", format!("{answered}, {}", storm.load.refused));
    Ok(())
}

enum Side {
    SignIns(Slice),
    Hashes(Hashing),
}

async fn sign_ins(storm: &mut Subject, count: usize, time: Duration) -> Result<Pairs<Side>> {
    storm.slice(time / 4).await?;
    let mut made = Pairs::new(count);
    while let Some(first) = made.begins() {
        let alone = || -> Result<_> {
            let first = Calibration::now()?;
            Ok((argon::hash_for(time)?, first.and(Calibration::now()?)))
        };
        let (ours, hashes) = match first {
            First::Ours => (storm.slice(time).await?, alone()?),
            First::Floor => {
                let hashes = alone()?;
                (storm.slice(time).await?, hashes)
            }
        };
        // Rates are compared, so it matters who else was on the core.
        let calibrations = (ours.calibration.wall, hashes.1.wall);
        made.keep(Side::SignIns(ours), Side::Hashes(hashes.0), calibrations);
    }
    made.enough()
}

/// Slices of the page with the storm around it, and without; and how many sign-ins the storm got through.
async fn during(
    page: &mut Subject,
    storm: &mut Subject,
    count: usize,
    time: Duration,
) -> Result<(Pairs<Slice>, usize)> {
    page.slice(time / 4).await?;
    let mut signed_in = 0;
    let mut made = Pairs::new(count);
    while let Some(first) = made.begins() {
        let (stormy, quiet) = match first {
            First::Ours => (stormy(page, storm, time).await?, page.slice(time).await?),
            First::Floor => {
                let quiet = page.slice(time).await?;
                (stormy(page, storm, time).await?, quiet)
            }
        };
        signed_in += stormy.1;
        // Only by the processor's speed: the storm itself is on the core when the stormy half is calibrated.
        let calibrations = (stormy.0.calibration.cpu, quiet.calibration.cpu);
        made.keep(stormy.0, quiet, calibrations);
    }
    Ok((made.enough()?, signed_in))
}

async fn stormy(page: &mut Subject, storm: &mut Subject, time: Duration) -> Result<(Slice, usize)> {
    // The storm begins a little earlier and ends a little later; sign-ins that fail end the run.
    let margin = Duration::from_millis(150);
    let (storm, slice) = tokio::join!(storm.load.run_for(time + 3 * margin), async {
        tokio::time::sleep(margin).await;
        page.slice(time).await
    });
    Ok((slice?, storm?.len()))
}
