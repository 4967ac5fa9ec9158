//! What shows no row may still be made of them: a count over every organization is told by a view or function that has
//! nothing of anybody in it. So its answer is compared with what it is once the other organization's rows are gone.

use super::Strike;
use super::reach::{Marks, calls, shown};
use crate::prove::session::{Answer, Said, Session};
use crate::prove::survey::{Callable, Rights};

/// All that a view answers in A's context.
pub(in crate::prove) async fn of_view(sql: &str, rights: &Rights, session: &mut Session) -> String {
    let shown = shown(rights);
    text(session.ask(Said::A, &format!("SELECT {shown} FROM {sql} v ORDER BY 1")).await)
}

/// All that a function answers in A's context.
pub(in crate::prove) async fn of_function(function: &Callable, marks: &Marks, session: &mut Session) -> String {
    let mut all = String::new();
    for (sql, _) in calls(function, marks) {
        all.push_str(&text(session.ask(Said::A, &sql).await));
        all.push('\n');
    }
    all
}

fn text(answer: Answer) -> String {
    match answer {
        Answer::Done { rows, .. } => format!("{rows:?}"),
        Answer::Refused { code, message } => format!("{code} {message}"),
    }
}

/// Asked twice with the other organization's rows, and once without.
pub(in crate::prove) fn compare(with: [&str; 2], without: &str) -> Strike {
    if with[0] != with[1] {
        Strike::Unclear("its answer changes by itself".to_owned())
    } else if with[1] == without {
        Strike::Held("its answer is the same with and without the other organization's rows".to_owned())
    } else {
        Strike::Leaked("its answer changed when the other organization's rows were gone".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_steady_answer_says_anything() {
        assert!(matches!(compare(["1", "1"], "1"), Strike::Held(_)));
        assert!(matches!(compare(["2", "2"], "1"), Strike::Leaked(_)));
        assert!(matches!(compare(["1", "2"], "1"), Strike::Unclear(_)));
    }
}
