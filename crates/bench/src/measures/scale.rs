//! Whether a page's cost depends on who else is in the database.

use crate::{
    Result,
    measures::Bench,
    pairs::{self, Slice},
    report::{Report, times},
    seed::{HUGE, ORDINARY},
};

/// Flat, with room for one more level of an index.
const MOST: f64 = 1.35;

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let shape = bench.large.shape;
    report.section("The same page of the same organization, alone among ten and beside a huge one among many");
    let alone = bench.serve_signed_in(&bench.small, ORDINARY).await?;
    let beside = bench.serve_signed_in(&bench.large, ORDINARY).await?;
    let huge = bench.serve_signed_in(&bench.large, HUGE).await?;
    let (count, time) = (bench.plan.pairs(), bench.plan.slice());
    for (what, large, small) in
        [("users", beside.users(), alone.users()), ("audit log", beside.events(), alone.events())]
    {
        let mut large = bench.subject(&beside.server, large).await?;
        let mut small = bench.subject(&alone.server, small).await?;
        let pairs = pairs::of_subjects(&mut large, &mut small, count, time).await?;
        let n = shape.organizations;
        report.at_most(
            format!("{what}: {n} organizations against 10, PostgreSQL CPU"),
            pairs.ratio(Slice::postgres_ms),
            MOST,
        );
        report.at_most(
            format!("{what}: {n} organizations against 10, server CPU"),
            pairs.ratio(Slice::program_ms),
            MOST,
        );
    }
    for (what, large, small) in [("users", huge.users(), beside.users()), ("audit log", huge.events(), beside.events())]
    {
        let mut large = bench.subject(&huge.server, large).await?;
        let mut small = bench.subject(&beside.server, small).await?;
        let pairs = pairs::of_subjects(&mut large, &mut small, count / 2, time).await?;
        report.note(
            format!("{what}: the huge organization's own page against the ordinary one's, PostgreSQL CPU"),
            times(pairs.ratio(Slice::postgres_ms)),
        );
    }
    Ok(())
}
