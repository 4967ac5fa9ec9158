//! What the server holds: idle, after every kind of page, and after a storm of sign-ins.

use std::time::Duration;

use crate::{
    Result,
    client::{Ask, Load},
    cpu::{self, Memory},
    measures::Bench,
    report::Report,
    seed::{HUGE, ORDINARY},
};

/// MiB resident after the run.
const MOST: f64 = 100.0;

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let server = bench.serve(&bench.large).await?;
    let idle = Duration::from_secs(if bench.plan.quick { 3 } else { 30 });
    tokio::time::sleep(idle).await;
    let words = |Memory { rss, pss }: Memory| format!("{rss:.1} MiB resident, {pss:.1} MiB PSS");
    let now = cpu::memory(server.pid())?;
    report.note(format!("idle, {} s after the start (must ≤ 40, aim ≤ 20)", idle.as_secs()), words(now));
    drop(server);

    let ordinary = bench.serve_signed_in(&bench.large, ORDINARY).await?;
    let huge = crate::client::sign_in(ordinary.server.address, HUGE).await?;
    let huge_users = Ask::get(format!("/t/{HUGE}/users?limit=100"), Some(&huge)).rows("data-row=\"\"", 100);
    // None of these may be refused: a pool that cannot grow under load would refuse some for as long as it lasts.
    let asks = vec![ordinary.users(), ordinary.events(), ordinary.users_as_json(), huge_users];
    let mut pages = Load::open(ordinary.server.address, 64, asks).await?;
    let sign_ins = (1..=64).map(|n| Ask { may_be_refused: true, ..Ask::sign_in(&format!("org-{n}")) }).collect();
    let mut sign_ins = Load::open(ordinary.server.address, 4, sign_ins).await?;
    let time = bench.plan.slice() * 10;
    let (given, signed_in) = tokio::join!(pages.run_for(time), sign_ins.run_for(time));
    let answered = given?.len() + signed_in?.len();
    report.note("sign-ins refused with 503 in that run", sign_ins.refused.to_string());
    let now = cpu::memory(ordinary.server.pid())?;
    report.judged(
        format!("after {answered} pages and sign-ins over 68 connections"),
        words(now),
        &format!("< {MOST} MiB"),
        now.rss < MOST,
    );
    Ok(())
}
