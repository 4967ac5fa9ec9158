//! COPY, and what no policy restrains: TRUNCATE and the table's own definition.

use futures::TryStreamExt;
use sqlx::postgres::PgConnection;

use super::rows::judge_write;
use super::{Strike, is_protection};
use crate::prove::quoting::names;
use crate::prove::row::Row;
use crate::prove::session::{Answer, Said, Session};
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
    let sql = format!("COPY {} ({}) TO STDOUT (FORMAT csv)", target.sql, names(&columns));
    let mut connection = match session.for_copy(Said::A).await {
        Ok(connection) => connection,
        Err(error) => return Strike::Unclear(error.to_string()),
    };
    let answer = copied_out(&mut connection, &sql).await;
    if matches!(answer, Answer::Done { .. }) {
        session.copied(connection).await;
    }
    judge_write(answer, target.of_a + target.of_nobody, Said::A, "copied out")
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

/// Copies in a row of B. On a table under row-level security PostgreSQL refuses COPY FROM as such.
pub(super) async fn copy_from(target: &Target, session: &mut Session) -> Strike {
    let Some(fresh) = &target.fresh_b else {
        return Strike::Unclear(format!("no further row could be made: {}", target.no_fresh));
    };
    let sql = format!("COPY {} ({}) FROM STDIN (FORMAT csv)", target.sql, names(fresh.keys()));
    let mut connection = match session.for_copy(Said::A).await {
        Ok(connection) => connection,
        Err(error) => return Strike::Unclear(error.to_string()),
    };
    let copied: sqlx::Result<u64> = async {
        let mut sink = connection.copy_in_raw(&sql).await?;
        sink.send(line(fresh).as_bytes()).await?;
        sink.finish().await
    }
    .await;
    let answer = match copied {
        Ok(affected) => {
            session.copied(connection).await;
            Answer::Done { rows: Vec::new(), affected }
        }
        Err(error) => Answer::of(&error),
    };
    match answer {
        Answer::Refused { code, message } if code == "0A000" => Strike::Held(message),
        answer => judge_write(answer, 0, Said::A, "copied in"),
    }
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
