//! What a page costs above its floor.

use crate::{
    Result,
    client::Ask,
    measures::Bench,
    pairs::{self, Pairs, Slice},
    report::{Report, milliseconds, times},
    seed::ORDINARY,
};

/// Server CPU of a signed-in list page may be twice the floor's, and PostgreSQL's 1.3 times.
const SERVER: f64 = 2.0;
const POSTGRES: f64 = 1.3;

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let signed_in = bench.serve_signed_in(&bench.large, ORDINARY).await?;
    let floor = bench.floor(&bench.large).await?;
    let org = bench.org(&bench.large, ORDINARY).await?;
    let compare = async |ours: Ask, path: String, mark, rows| -> Result<Pairs<Slice>> {
        let mut server = bench.subject(&signed_in.server, ours).await?;
        let holds = format!("@{ORDINARY}.example");
        let mut floor = bench.subject(&floor, Ask::get(path, None).rows(mark, rows).holds(holds)).await?;
        pairs::of_subjects(&mut server, &mut floor, bench.plan.pairs(), bench.plan.slice()).await
    };

    report.section("A signed-in page of 100 rows, against a bare handler with the same SQL and rows");
    let pairs = compare(signed_in.users(), format!("/users/{org}"), "data-row=\"\"", 100).await?;
    report.at_most("users, HTML: server CPU, floor drawn with Leptos", pairs.ratio(Slice::program_ms), SERVER);
    report.at_most("users, HTML: PostgreSQL CPU", pairs.ratio(Slice::postgres_ms), POSTGRES);
    absolute(report, "users, HTML", &pairs, Some((0.70, 0.50)));
    let pairs = compare(signed_in.users(), format!("/users/{org}/plain"), "data-row=\"\"", 100).await?;
    report.note("users, HTML: server CPU, floor written by hand", times(pairs.ratio(Slice::program_ms)));
    let pairs = compare(signed_in.users_as_json(), format!("/users/{org}/json"), "\"email\":", 100).await?;
    report.at_most("users, JSON: server CPU", pairs.ratio(Slice::program_ms), SERVER);
    report.at_most("users, JSON: PostgreSQL CPU", pairs.ratio(Slice::postgres_ms), POSTGRES);
    absolute(report, "users, JSON", &pairs, Some((0.23, 0.20)));
    let pairs = compare(signed_in.events(), format!("/audit/{org}"), "data-row=\"\"", 100).await?;
    report.at_most("audit log, HTML: server CPU, floor drawn with Leptos", pairs.ratio(Slice::program_ms), SERVER);
    report.at_most("audit log, HTML: PostgreSQL CPU", pairs.ratio(Slice::postgres_ms), POSTGRES);
    absolute(report, "audit log, HTML", &pairs, Some((0.75, 0.55)));

    let mut page =
        bench.subject(&signed_in.server, Ask::get(format!("/login/{ORDINARY}"), None).holds(ORDINARY)).await?;
    let mut hello = bench.subject(&floor, Ask::get("/hello", None).holds("hello")).await?;
    let pairs = pairs::of_subjects(&mut page, &mut hello, bench.plan.pairs() / 2, bench.plan.slice()).await?;
    absolute(report, "sign-in page", &pairs, Some((0.10, 0.035)));
    Ok(())
}

/// Both sides in milliseconds, beside what the project wants for the sum of server and PostgreSQL.
fn absolute(report: &mut Report, what: &str, pairs: &Pairs<Slice>, goals: Option<(f64, f64)>) {
    let both = pairs.first(Slice::both_ms);
    let goal = goals.map(|(must, aim)| {
        format!("; must {must}, aim {aim}: {:.1} × must, {:.1} × aim", both.median / must, both.median / aim)
    });
    report.note(
        format!("{what}: CPU of server + PostgreSQL, and of the floor"),
        format!(
            "{} = {:.3} + {:.3}; floor {:.3} + {:.3}{} [{} pairs, {} dropped]",
            milliseconds(both),
            pairs.first(Slice::program_ms).median,
            pairs.first(Slice::postgres_ms).median,
            pairs.second(Slice::program_ms).median,
            pairs.second(Slice::postgres_ms).median,
            goal.unwrap_or_default(),
            pairs.kept.len(),
            pairs.dropped,
        ),
    );
}
