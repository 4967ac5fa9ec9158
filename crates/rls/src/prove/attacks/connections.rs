//! What a connection remembers: pools hand the same one to many organizations.

use super::Strike;
use super::rows::judge_count;
use crate::prove::quoting::value;
use crate::prove::session::{Answer, Said, Session};
use crate::prove::target::Target;

fn counting(target: &Target) -> String {
    format!("SELECT count(*)::text, '0' FROM {}", target.sql)
}

/// A transaction has a context and commits; the next has none.
pub(super) async fn stale_pool(target: &Target, session: &mut Session) -> Strike {
    let begin = format!("BEGIN; {}", session.saying(Said::B));
    let answer = session.tell(&[&begin, "COMMIT", "BEGIN", &counting(target)]).await;
    session.tell(&["ROLLBACK"]).await;
    judge_count(&answer, target.of_nobody, Said::Empty)
}

/// A transaction has a context and fails; the next has none.
pub(super) async fn cancelled(target: &Target, session: &mut Session) -> Strike {
    let begin = format!("BEGIN; {}", session.saying(Said::B));
    let answer = session.tell(&[&begin, "SELECT 1/0", "ROLLBACK", "BEGIN", &counting(target)]).await;
    session.tell(&["ROLLBACK"]).await;
    judge_count(&answer, target.of_nobody, Said::Empty)
}

/// The other organization's context is set and rolled back to a savepoint, first from none and then from its own.
pub(super) async fn savepoint(target: &Target, session: &mut Session) -> Strike {
    let (own, other) = (session.saying(Said::A), session.saying(Said::B));
    let counting = counting(target);
    let from_none = session.tell(&["BEGIN", "SAVEPOINT s", &other, "ROLLBACK TO s", &counting]).await;
    session.tell(&["ROLLBACK"]).await;
    let from_own = session.tell(&["BEGIN", &own, "SAVEPOINT s", &other, "ROLLBACK TO s", &counting]).await;
    session.tell(&["ROLLBACK"]).await;
    Strike::worst([
        judge_count(&from_none, target.of_nobody, Said::Empty),
        judge_count(&from_own, target.of_a + target.of_nobody, Said::A),
    ])
}

/// Executions after which PostgreSQL has chosen a generic plan, were it to choose one.
const WARM: usize = 6;

/// A statement is prepared and used in B's context until its plan is kept, and then used in A's.
pub(super) async fn prepared(target: &Target, session: &mut Session) -> Strike {
    let others = if target.tenant_readable() {
        format!("(count(*) FILTER (WHERE {}))::text", target.is_of(&target.key_b))
    } else {
        "'0'".to_owned()
    };
    let prepare = format!("PREPARE carried AS SELECT count(*)::text, {others} FROM {}", target.sql);
    let prepared = session.tell(&[&prepare]).await;
    if let Answer::Refused { .. } = prepared {
        return judge_count(&prepared, 0, Said::A);
    }
    let (own, other) = (session.saying(Said::A), session.saying(Said::B));
    let warming = format!("BEGIN; {other}{}", "EXECUTE carried;".repeat(WARM));
    let begin = format!("BEGIN; {own}");
    let answer = session.tell(&[&warming, "COMMIT", &begin, "EXECUTE carried"]).await;
    session.tell(&["ROLLBACK", "DEALLOCATE carried"]).await;
    let strike = judge_count(&answer, target.of_a + target.of_nobody, Said::A);
    match strike {
        Strike::Held(_)
            if !target.tenant_readable() && target.of_a == target.of_b && !target.rights.readable.is_empty() =>
        {
            same_value(target, session).await
        }
        strike => strike,
    }
}

/// Where rows can only be counted and both organizations have as many, one that differs is asked for.
async fn same_value(target: &Target, session: &mut Session) -> Strike {
    let column = target.telling_column();
    let Some(theirs) = target.row_b.get(column).cloned().flatten() else {
        return Strike::Unclear("no column that it may read tells the organizations apart".to_owned());
    };
    let condition = format!("{}::text = {}", crate::prove::quoting::name(column), value(&theirs));
    let prepare = format!("PREPARE carried AS SELECT '0', count(*)::text FROM {} WHERE {condition}", target.sql);
    let (own, other) = (session.saying(Said::A), session.saying(Said::B));
    let warming = format!("BEGIN; {other}{}", "EXECUTE carried;".repeat(WARM));
    let begin = format!("BEGIN; {own}");
    let answer = session.tell(&[&prepare, &warming, "COMMIT", &begin, "EXECUTE carried"]).await;
    session.tell(&["ROLLBACK", "DEALLOCATE carried"]).await;
    judge_count(&answer, 0, Said::A)
}
