//! What can be learnt without being shown a row: other settings, errors, time, statistics.

use std::time::Instant;

use super::rows::judge_count;
use super::{Setting, Strike, is_protection};
use crate::prove::quoting::{name, value};
use crate::prove::session::{Answer, Said, Session, setting_statement};
use crate::prove::target::Target;

fn counting(target: &Target) -> String {
    let others = if target.tenant_readable() {
        format!("(count(*) FILTER (WHERE {}))::text", target.is_of(&target.key_b))
    } else {
        "'0'".to_owned()
    };
    format!("SELECT count(*)::text, {others} FROM {}", target.sql)
}

/// Every setting that a policy or function reads besides the context, with every value that the schema names.
pub(super) async fn other_settings(target: &Target, session: &mut Session, settings: &[Setting]) -> Strike {
    let counting = counting(target);
    let mut last = Strike::Held("no policy reads a setting but the context".to_owned());
    let others: Vec<&Setting> = settings.iter().filter(|setting| !session.is_context(&setting.name)).collect();
    if others.is_empty() {
        // The control has to be able to turn red without a setting too.
        return match judge_count(&session.ask(Said::A, &counting).await, target.of_a + target.of_nobody, Said::A) {
            Strike::Held(_) => last,
            strike => strike,
        };
    }
    for setting in others {
        for candidate in &setting.values {
            let begin = format!("BEGIN; {}{}", session.saying(Said::A), setting_statement(&setting.name, candidate));
            let answer = session.tell(&[&begin, &counting]).await;
            session.tell(&["ROLLBACK"]).await;
            match judge_count(&answer, target.of_a + target.of_nobody, Said::A) {
                Strike::Leaked(how) => {
                    return Strike::Leaked(format!("with {} = '{candidate}': {how}", setting.name));
                }
                // A value that the setting does not take opens nothing.
                Strike::Unclear(why) if why.starts_with("22") || why.starts_with("25P02") => {}
                strike => last = strike,
            }
        }
    }
    last
}

/// For a role that policies bind this is an error, not a way out.
pub(super) async fn row_security_off(target: &Target, session: &mut Session) -> Strike {
    let begin = format!("BEGIN; {}SET LOCAL row_security = off", session.saying(Said::A));
    let answer = session.tell(&[&begin, &counting(target)]).await;
    session.tell(&["ROLLBACK"]).await;
    judge_count(&answer, target.of_a + target.of_nobody, Said::A)
}

/// A condition that fails on B's row only: division by zero, and a cast.
pub(super) async fn error(target: &Target, session: &mut Session) -> Strike {
    let Some(condition) = on_their_row(target) else {
        return Strike::Unclear("no column tells the organizations apart".to_owned());
    };
    let mut strikes = Vec::new();
    for (trap, code) in [
        (format!("1 / (CASE WHEN {condition} THEN 0 ELSE 1 END) = 1"), "22012"),
        (format!("(CASE WHEN {condition} THEN 'x' ELSE '1' END)::int = 1"), "22P02"),
    ] {
        let answer = session.ask(Said::A, &format!("SELECT count(*)::text FROM {} WHERE {trap}", target.sql)).await;
        strikes.push(match answer {
            Answer::Refused { code: raised, message } if raised == code => {
                Strike::Leaked(format!("an error was raised from another organization's row: {message}"))
            }
            Answer::Refused { code, message } if is_protection(&code, Said::A) => Strike::Held(message),
            Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
            Answer::Done { .. } => Strike::Held("the condition never met another organization's row".to_owned()),
        });
    }
    Strike::worst(strikes)
}

/// True for rows of B as far as the role may look.
fn on_their_row(target: &Target) -> Option<String> {
    let column = target.telling_column();
    let theirs = target.row_b.get(column)?.as_deref()?;
    Some(format!("{}::text = {}", name(column), value(theirs)))
}

/// How long the predicate sleeps on a row of B, in milliseconds, time after time. Where two short ones seem to have been
/// slept the machine may have stalled instead; hardly for as long as the last one.
const SLEEPS: [u32; 3] = [20, 20, 100];

/// A predicate that takes time on B's row. It shows that the predicate is not run on the row, not that every plan takes
/// the same time.
pub(super) async fn timing(target: &Target, session: &mut Session) -> Strike {
    let Some(condition) = on_their_row(target) else {
        return Strike::Unclear("no column tells the organizations apart".to_owned());
    };
    for sleep in SLEEPS {
        let seconds = f64::from(sleep) / 1e3;
        let sql = format!(
            "SELECT count(*)::text FROM {} WHERE (CASE WHEN {condition} THEN pg_sleep({seconds})::text END) IS NULL",
            target.sql
        );
        let begin = Instant::now();
        if let Answer::Refused { code, message } = session.ask(Said::A, &sql).await {
            return if is_protection(&code, Said::A) {
                Strike::Held(message)
            } else {
                Strike::Unclear(format!("{code} {message}"))
            };
        }
        // A millisecond less: the two clocks are not one.
        if begin.elapsed().as_millis() + 1 < u128::from(sleep) {
            return Strike::Held(format!(
                "measured: the predicate did not sleep {sleep} ms on another organization's row"
            ));
        }
    }
    Strike::Leaked("measured: the predicate slept on another organization's row, every time".to_owned())
}

/// The values that ANALYZE kept. PostgreSQL hides them where row-level security binds the reader.
pub(super) async fn statistics(target: &Target, session: &mut Session) -> Strike {
    let sql = format!(
        "SELECT count(*)::text, count(*)::text FROM pg_catalog.pg_stats WHERE schemaname = {} AND tablename = {} \
         AND strpos(concat(histogram_bounds::text, most_common_vals::text), {}) > 0",
        value(&target.schema),
        value(&target.table),
        value(&target.key_b)
    );
    match judge_count(&session.ask(Said::A, &sql).await, 0, Said::A) {
        Strike::Leaked(_) => Strike::Leaked("pg_stats shows the other organization's key".to_owned()),
        Strike::Held(_) => Strike::Held("pg_stats shows nothing of another organization".to_owned()),
        strike @ Strike::Unclear(_) => strike,
    }
}
