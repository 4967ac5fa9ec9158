//! COPY, and what no policy restrains: TRUNCATE and the table's own definition.

use bulkhead_model::isolation::RelationKind;
use futures::TryStreamExt;
use sqlx::postgres::PgConnection;

use super::rows::judge_write;
use super::{Strike, is_protection};
use crate::prove::quoting::names;
use crate::prove::row::Row;
use crate::prove::session::{Answer, Said, Session, send};
use crate::prove::target::Target;

/// A statement that must not be allowed at all.
pub(super) async fn refused(session: &mut Session, sql: &str) -> Strike {
    match session.ask(Said::A, sql).await {
        Answer::Done { .. } => Strike::Leaked(format!("it may: {}", sql.split(' ').next().unwrap_or_default())),
        Answer::Refused { code, message } if is_protection(&code, Said::A) => Strike::Held(message),
        Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
    }
}

/// Copies out what it may read, and counts the lines.
pub(super) async fn copy_to(target: &Target, session: &mut Session) -> Strike {
    let columns = if target.copyable.is_empty() { vec![target.tenant.clone()] } else { target.copyable.clone() };
    // A partitioned table has no rows of its own to copy.
    let source = match target.kind {
        RelationKind::Partitioned => format!("(SELECT {} FROM {})", names(&columns), target.sql),
        _ => format!("{} ({})", target.sql, names(&columns)),
    };
    let sql = format!("COPY {source} TO STDOUT (FORMAT csv)");
    let expected = session.copying.out_refused;
    let answer = copy(session, &sql, None, expected).await;
    session.copying.out_refused = matches!(answer, Answer::Refused { .. });
    judge_write(answer, target.of_a + target.of_nobody, Said::A, "copied out")
}

/// Copies in a row of B. On a table under row-level security PostgreSQL refuses COPY FROM as such.
pub(super) async fn copy_from(target: &Target, session: &mut Session) -> Strike {
    let Some(fresh) = &target.fresh_b else {
        return Strike::Unclear(format!("no further row could be made: {}", target.no_fresh));
    };
    let sql = format!("COPY {} ({}) FROM STDIN (FORMAT csv)", target.sql, names(fresh.keys()));
    let expected = session.copying.in_refused;
    let answer = copy(session, &sql, Some(&line(fresh)), expected).await;
    session.copying.in_refused = matches!(answer, Answer::Refused { .. });
    match answer {
        Answer::Refused { code, message } if code == "0A000" => Strike::Held(message),
        answer => judge_write(answer, 0, Said::A, "copied in"),
    }
}

/// Sends COPY. sqlx loses count of the server's answers when a COPY that it began is refused, and when one comes that
/// it did not begin; the connection is then given up. Signing in anew is the slowest thing here, so where a refusal is
/// expected it is asked for as any other statement, which takes refusals well.
async fn copy(session: &mut Session, sql: &str, input: Option<&str>, refusal_expected: bool) -> Answer {
    for plainly in [true, false] {
        if plainly && !refusal_expected {
            continue;
        }
        let mut connection = match session.for_copy(Said::A).await {
            Ok(connection) => connection,
            Err(error) => return Answer::Refused { code: String::new(), message: error.to_string() },
        };
        let answer = match (plainly, input) {
            (true, _) => send(&mut connection, sql).await,
            (false, None) => copied_out(&mut connection, sql).await,
            (false, Some(line)) => copied_in(&mut connection, sql, line).await,
        };
        let in_step = match &answer {
            Answer::Done { .. } => !plainly,
            Answer::Refused { code, .. } => plainly && !code.is_empty(),
        };
        if in_step {
            session.copied(connection).await;
            return answer;
        }
        if !plainly {
            return answer;
        }
    }
    Answer::Refused { code: String::new(), message: "it was not sent".to_owned() }
}

async fn copied_out(connection: &mut PgConnection, sql: &str) -> Answer {
    let copied: sqlx::Result<Vec<u8>> = async {
        let mut stream = connection.copy_out_raw(sql).await?;
        let mut all = Vec::new();
        while let Some(piece) = stream.try_next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
    .await;
    match copied {
        Ok(bytes) => Answer::Done { rows: Vec::new(), affected: records(&bytes) },
        Err(error) => Answer::of(&error),
    }
}

async fn copied_in(connection: &mut PgConnection, sql: &str, line: &str) -> Answer {
    let copied: sqlx::Result<u64> = async {
        let mut sink = connection.copy_in_raw(sql).await?;
        sink.send(line.as_bytes()).await?;
        sink.finish().await
    }
    .await;
    match copied {
        Ok(affected) => Answer::Done { rows: Vec::new(), affected },
        Err(error) => Answer::of(&error),
    }
}

/// Records of CSV: line ends outside of quotes.
fn records(csv: &[u8]) -> u64 {
    let mut quoted = false;
    let mut records = 0;
    for byte in csv {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => records += 1,
            _ => {}
        }
    }
    records
}

/// A record of CSV; NULL is an empty field without quotes.
fn line(row: &Row) -> String {
    let quoted = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
    let fields: Vec<String> = row.values().map(|value| value.as_ref().map(quoted).unwrap_or_default()).collect();
    format!("{}\n", fields.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_inside_a_value_ends_no_record() {
        let row = Row::from([("a".to_owned(), Some("x\n\"y\"".to_owned())), ("b".to_owned(), None)]);
        assert_eq!(line(&row), "\"x\n\"\"y\"\"\",\n");
        assert_eq!(records(line(&row).as_bytes()), 1);
    }
}
