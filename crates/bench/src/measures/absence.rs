//! Whether somebody else's id can be told from one that does not exist: the same bytes, and the same time.
//!
//! One connection asks for both kinds in a random order and waits a moment after each answer, because what is looked up
//! later (whose it was) must not slow the next one. The times are compared by rank (Mann and Whitney), which needs no
//! assumption about how they are spread and is not moved by the few that something else held up. A floor that does ask
//! one thing more about foreign ids is measured the same way: it shows what the measure would have seen.

use std::time::{Duration, Instant};

use http::{HeaderName, StatusCode, response::Parts};
use secrecy::ExposeSecret;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::{
    Result,
    client::{Ask, Connection},
    measures::{Bench, Plan},
    pairs::quantile,
    report::Report,
};

/// Who asks, and whose users are asked for. Not the organization of the other measures, which this one writes into.
const ASKER: &str = "org-5";
const OWNER: &str = "org-6";
/// Standard deviations of the rank sum beyond which a difference is not chance: one run in 370 goes beyond by itself.
const CHANCE: f64 = 3.0;
/// Headers that are different in any two answers.
const OF_THIS_ANSWER: [&str; 2] = ["date", "x-request-id"];

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    report.section("Somebody else's id against one that does not exist, on the same route");
    let signed_in = bench.serve_signed_in(&bench.small, ASKER).await?;
    let floor = bench.floor(&bench.small).await?;
    let (asker, foreign) = (bench.org(&bench.small, ASKER).await?, users_of(bench, OWNER).await?);
    let cookie = Some(signed_in.cookie.as_str());
    for (what, base) in [("page", format!("/t/{ASKER}/users")), ("JSON", "/api/v1/users".to_owned())] {
        let mut connection = Connection::open(signed_in.server.address).await?;
        let ask = |id: Uuid| Ask::get(format!("{base}/{id}"), cookie);
        let times = sample(&mut connection, bench.plan, &foreign, ask, true).await?;
        report.judged(
            format!("{what}: bytes of {} answers of each kind", times.foreign.len()),
            "the same",
            "the same",
            true,
        );
        report.judged(format!("{what}: time"), times.text(), "by chance", times.rank_sum().abs() <= CHANCE);
    }
    let mut connection = Connection::open(floor.address).await?;
    let ask = |id: Uuid| Ask::get(format!("/telling/{asker}/{id}"), None);
    let times = sample(&mut connection, bench.plan, &foreign, ask, false).await?;
    report.judged("a floor that tells, time", times.text(), "seen", times.rank_sum() > CHANCE);
    Ok(())
}

/// How long answers took, in seconds.
struct Times {
    foreign: Vec<f64>,
    nobodys: Vec<f64>,
}

impl Times {
    /// The rank sum of the foreign times, in standard deviations from what chance expects.
    fn rank_sum(&self) -> f64 {
        let mut all: Vec<(f64, bool)> = self.foreign.iter().map(|time| (*time, true)).collect();
        all.extend(self.nobodys.iter().map(|time| (*time, false)));
        // Times are nanoseconds apart: ties are too few to matter.
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        let ranks = all.iter().zip(1_u32..).filter(|((_, foreign), _)| *foreign).map(|(_, rank)| f64::from(rank));
        let (n, m) = (self.foreign.len() as f64, self.nobodys.len() as f64);
        (ranks.sum::<f64>() - n * (n + m + 1.0) / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
    }

    fn text(&self) -> String {
        let (foreign, nobodys) = (quantile(&self.foreign, 0.5) * 1e6, quantile(&self.nobodys, 0.5) * 1e6);
        format!(
            "medians {foreign:.1} and {nobodys:.1} µs, {:+.1} µs; rank sum {:+.1} standard deviations",
            foreign - nobodys,
            self.rank_sum()
        )
    }
}

/// Asks for both kinds as often as the plan says, every answer 404; with `compare`, all of one form.
async fn sample(
    connection: &mut Connection,
    plan: &Plan,
    foreign: &[Uuid],
    ask: impl Fn(Uuid) -> Ask,
    compare: bool,
) -> Result<Times> {
    let mut times = Times { foreign: Vec::new(), nobodys: Vec::new() };
    let mut first: Option<String> = None;
    // The first ones warm caches and prepared statements.
    let (warm, wanted) = (plan.samples() / 10, plan.samples());
    for round in 0..warm + wanted {
        let theirs = foreign.get(round % foreign.len()).copied().ok_or("nobody is there to ask for")?;
        let mut pair = [(theirs, true), (Uuid::new_v4(), false)];
        // A random id is as good as a coin.
        if Uuid::new_v4().as_u128() & 1 == 1 {
            pair.reverse();
        }
        for (id, is_foreign) in pair {
            let ask = ask(id);
            let begin = Instant::now();
            let (head, body) = connection.fetch(&ask).await?;
            let time = begin.elapsed().as_secs_f64();
            tokio::time::sleep(Duration::from_millis(3)).await;
            if head.status != StatusCode::NOT_FOUND {
                return Err(format!("{} answered {} and not 404", ask.path, head.status).into());
            }
            if compare {
                let form = form(&head, std::str::from_utf8(&body)?, id);
                let first = first.get_or_insert_with(|| form.clone());
                if *first != form {
                    return Err(format!("two answers can be told apart:\n{first}\n\n{form}").into());
                }
            }
            if round >= warm {
                if is_foreign { times.foreign.push(time) } else { times.nobodys.push(time) }
            }
        }
    }
    Ok(times)
}

/// An answer as text, without what is different in any two of them: the id asked for, the request's own id, the moment,
/// the nonce of the policy and the sealed token of the forms.
fn form(head: &Parts, body: &str, id: Uuid) -> String {
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let nonce = between(header("content-security-policy"), "'nonce-", "'");
    let request = header("x-request-id");
    let mut lines: Vec<String> = head
        .headers
        .iter()
        .filter(|(name, _)| !OF_THIS_ANSWER.map(HeaderName::from_static).contains(name))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    let token = between(body, "name=\"csrf\" value=\"", "\"");
    let mut text = format!("{}\n{}\n\n{body}", head.status, lines.join("\n")).replace(&id.to_string(), "(id)");
    for (own, name) in [(request, "(request)"), (nonce, "(nonce)"), (token, "(token)")] {
        if !own.is_empty() {
            text = text.replace(own, name);
        }
    }
    text
}

/// What stands between two texts; empty where they are not.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(inner, _)| inner)
}

async fn users_of(bench: &Bench<'_>, slug: &str) -> Result<Vec<Uuid>> {
    let mut connection = PgConnection::connect(bench.small.urls.migrate.expose_secret()).await?;
    let users =
        sqlx::query_scalar("SELECT u.id FROM users u JOIN orgs o ON o.id = u.org_id WHERE o.slug = $1 ORDER BY u.id")
            .bind(slug)
            .fetch_all(&mut connection)
            .await?;
    connection.close().await?;
    Ok(users)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_rank_sum_sees_a_shift_and_nothing_where_there_is_none() {
        let base: Vec<f64> = (0..1000_u32).map(|n| f64::from(n * 7919 % 1000)).collect();
        let times = |shift: f64| Times {
            foreign: base.iter().map(|time| time + shift).collect(),
            nobodys: base.iter().map(|time| time + 0.5).collect(),
        };
        assert!(times(0.5).rank_sum().abs() < 0.1, "{}", times(0.5).rank_sum());
        assert!(times(60.0).rank_sum() > CHANCE, "{}", times(60.0).rank_sum());
        assert!(times(-60.0).rank_sum() < -CHANCE);
    }

    #[test]
    fn the_form_of_an_answer_leaves_out_what_is_its_own_and_nothing_else() {
        let answer = |id: Uuid, request: &str, nonce: &str, cache: &str| {
            let policy = format!("script-src 'nonce-{nonce}'");
            let response = http::Response::builder()
                .status(404)
                .header("x-request-id", request)
                .header("content-security-policy", policy)
                .header("cache-control", cache);
            let (head, ()) = response.body(()).unwrap().into_parts();
            form(&head, &format!("<p>{request}</p><a href=\"/users/{id}\"><script nonce={nonce}>"), id)
        };
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(answer(one, "r1", "n1", "no-store"), answer(other, "r2", "n2", "no-store"));
        assert_ne!(answer(one, "r1", "n1", "no-store"), answer(other, "r2", "n2", "private"));
    }
}
