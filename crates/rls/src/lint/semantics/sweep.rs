//! Many questions in one statement: on a sound schema all of them are refused, and a statement for each takes a minute
//! for 5 000 policies.

use bulkhead_model::isolation::TableFacts;

use super::Subject;
use super::ask::{Kind, MadeUp, Situation, Transaction};
use super::rows::Rows;
use crate::Result;

/// How many clauses are asked about in one statement.
const TOGETHER: usize = 32;

/// A clause to be asked about in a situation, with rows made up for it.
pub(super) struct Posed<'a> {
    pub subject: &'a Subject<'a>,
    pub rows: &'a Rows,
    pub situation: Situation,
}

/// Those that are not all refused when they are asked together: each of them has to be asked by itself.
pub(super) async fn sweep<'a>(
    asked: &mut Transaction<'_>,
    facts: &TableFacts,
    posed: Vec<Posed<'a>>,
    existing: &[String],
) -> Result<Vec<Posed<'a>>> {
    let mut left = Vec::new();
    let mut waiting = posed;
    while let Some(first) = waiting.first() {
        let (role, settings) = (first.subject.role, first.situation.settings().to_owned());
        let alike = |other: &Posed<'_>| other.subject.role == role && other.situation.settings() == settings;
        let (mut group, mut rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(alike);
        rest.extend(group.split_off(group.len().min(TOGETHER)));
        waiting = rest;
        let conditions: Vec<(&str, Vec<MadeUp<'_>>)> = group
            .iter()
            .map(|Posed { subject, rows, situation }| {
                let mut made_up = vec![rows.of_others()];
                made_up.extend((situation.kind != Kind::Own).then(|| rows.of_own()));
                (subject.condition.as_str(), made_up)
            })
            .collect();
        let Some(Posed { subject, situation, .. }) = group.first() else { break };
        if !asked.refuses_all(subject.role, situation, facts, &conditions, existing).await? {
            left.extend(group);
        }
    }
    Ok(left)
}
