//! Every policy on the very row, evaluated by PostgreSQL, and how the results combine.

use bulkhead_model::isolation::xray::{Check, Comparison, Node, PolicyResult, RowSide, Truth};

use super::comparison;
use super::error::Result;
use super::masking::{message, shown};
use super::policies::{Expression, Planned};
use super::row::Row;
use super::session::{Answer, Session};
use super::target::Target;

/// A check with what came out.
#[derive(Debug, Clone)]
pub(super) struct Evaluated {
    pub(super) check: Check,
    /// The conditions PostgreSQL makes of it, in its order. All must be true.
    pub(super) conjuncts: Vec<Conjunct>,
}

impl Evaluated {
    /// Whether a policy in it has a sub-select.
    pub(super) fn asks_tables(&self) -> bool {
        self.check.tree.policies().iter().any(|policy| policy.expression.contains("SELECT "))
    }
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conjunct {
    pub(super) truth: Truth,
    /// It is made of several conditions, which PostgreSQL evaluates in any order.
    pub(super) divisible: bool,
    /// Its policies: several where they are alternatives, none where no policy allows anything.
    pub(super) policies: Vec<PolicyResult>,
}

/// The rows the policies are asked about.
pub(super) struct Rows<'r> {
    pub(super) existing: Option<&'r Row>,
    pub(super) new: Option<&'r Row>,
    /// Columns of the new row whose values PostgreSQL will only know then.
    pub(super) unknown: Vec<&'r str>,
}

impl Rows<'_> {
    fn side(&self, side: RowSide) -> Option<&Row> {
        match side {
            RowSide::Existing => self.existing,
            RowSide::New => self.new,
        }
    }
}

/// Evaluates the planned checks.
pub(super) async fn evaluate(
    session: &mut Session<'_>,
    target: &Target,
    planned: Vec<Planned>,
    rows: &Rows<'_>,
    reveal: bool,
) -> Result<Vec<Evaluated>> {
    let mut evaluated = Vec::with_capacity(planned.len());
    for planned in planned {
        let row = rows.side(planned.row);
        let permissive = results(session, target, &planned.permissive, true, row, reveal).await?;
        let restrictive = results(session, target, &planned.restrictive, false, row, reveal).await?;
        let unknown = if planned.row == RowSide::New { &rows.unknown[..] } else { &[] };
        let permissive = permissive.into_iter().map(|result| doubted(result, unknown)).collect();
        let restrictive = restrictive.into_iter().map(|result| doubted(result, unknown)).collect();
        evaluated.push(combine(session, target, &planned, permissive, restrictive, row, reveal).await?);
    }
    Ok(evaluated)
}

/// What mentions a value that is not known yet was not evaluated on the row that will come.
fn doubted(result: PolicyResult, unknown: &[&str]) -> PolicyResult {
    match unknown.iter().find(|column| comparison::mentions(&result.expression, &column.replace('"', "\"\""))) {
        Some(column) => {
            let reason = format!("it depends on {column}, which PostgreSQL counts when the row is added");
            PolicyResult { truth: Truth::Unseen { reason }, ..result }
        }
        None => result,
    }
}

async fn results(
    session: &mut Session<'_>,
    target: &Target,
    expressions: &[Expression],
    permissive: bool,
    row: Option<&Row>,
    reveal: bool,
) -> Result<Vec<PolicyResult>> {
    let truths = match row {
        None => vec![Truth::Unseen { reason: "there is no row to ask about".to_owned() }; expressions.len()],
        Some(row) => {
            let source = target.source(&row.text);
            let ask = |expression: &Expression| format!("SELECT ({})::pg_catalog.text FROM {source}", expression.sql);
            let answers = session.ask(&expressions.iter().map(ask).collect::<Vec<_>>()).await?;
            answers.into_iter().map(|answer| truth(answer, reveal)).collect()
        }
    };
    let mut results = Vec::with_capacity(expressions.len());
    for (expression, truth) in expressions.iter().zip(truths) {
        let compared = match row {
            Some(row) => compare(session, target, &expression.sql, row).await?,
            None => Vec::new(),
        };
        results.push(PolicyResult {
            policy: expression.policy.clone(),
            permissive,
            expression: expression.sql.clone(),
            falls_back_to_using: expression.falls_back_to_using,
            truth,
            compared,
        });
    }
    Ok(results)
}

fn truth(answer: Answer, reveal: bool) -> Truth {
    match answer {
        Answer::Value(Some(text)) if text == "true" => Truth::True,
        Answer::Value(Some(_)) | Answer::NoRow => Truth::False,
        Answer::Value(None) => Truth::Null,
        Answer::Failed { failure, early } => {
            let message = message(&failure, reveal);
            Truth::Error { sqlstate: failure.sqlstate, message, early }
        }
        Answer::Unseen(reason) => Truth::Unseen { reason },
    }
}

/// Both sides of every plain comparison. What cannot be evaluated without the row is left out.
async fn compare(session: &mut Session<'_>, target: &Target, expression: &str, row: &Row) -> Result<Vec<Comparison>> {
    let names: Vec<&str> = target.columns.iter().map(|column| column.name.as_str()).collect();
    let found = comparison::find(expression, &target.name, &names);
    let queries: Vec<String> = found.iter().map(|(_, with)| format!("SELECT ({with})::pg_catalog.text")).collect();
    let answers = session.ask(&queries).await?;
    Ok(found
        .into_iter()
        .zip(answers)
        .filter_map(|((column, with), answer)| {
            let Answer::Value(other) = answer else { return None };
            let at = names.iter().position(|name| *name == column)?;
            let value = shown(row.values.get(at)?.as_deref());
            Some(Comparison { column, value, with: with.trim().to_owned(), with_value: shown(other.as_deref()) })
        })
        .collect())
}

async fn combine(
    session: &mut Session<'_>,
    target: &Target,
    planned: &Planned,
    permissive: Vec<PolicyResult>,
    restrictive: Vec<PolicyResult>,
    row: Option<&Row>,
    reveal: bool,
) -> Result<Evaluated> {
    let mut conjuncts = Vec::new();
    // Without a permissive policy PostgreSQL evaluates no restrictive one either: the answer is no.
    if permissive.is_empty() {
        conjuncts.push(Conjunct { truth: Truth::False, divisible: false, policies: Vec::new() });
    } else {
        let fences = restrictive.iter().map(|result| vec![result.clone()]);
        let groups: Vec<Vec<PolicyResult>> = match planned.row {
            // Existing rows meet the restrictive policies first, new rows the permissive ones.
            RowSide::Existing => fences.chain([permissive.clone()]).collect(),
            RowSide::New => [permissive.clone()].into_iter().chain(fences).collect(),
        };
        for policies in groups {
            let divisible = policies.iter().any(|result| comparison::has_conjunction(&result.expression));
            let truth = alternatives(session, target, planned.row, &policies, row, reveal).await?;
            conjuncts.push(Conjunct { truth, divisible, policies });
        }
    }
    let any_truth = conjuncts
        .iter()
        .find(|conjunct| conjunct.policies == permissive)
        .map_or(Truth::False, |conjunct| conjunct.truth.clone());
    let truth = conjunction(&conjuncts);
    let any = Node::Any { of: permissive.into_iter().map(Node::Policy).collect(), truth: any_truth };
    let of = restrictive.into_iter().map(Node::Policy).chain([any]).collect();
    let tree = Node::All { of, truth };
    let check = Check { row: planned.row, command: planned.command, clause: planned.clause, tree };
    Ok(Evaluated { check, conjuncts })
}

/// What the OR of policies comes to. Where one of them fails, whether PostgreSQL gets as far is its own affair, so it
/// is asked to evaluate all of them together, in its own order and in the position it evaluates them in. For existing
/// rows that is always asked: they are found by a WHERE, and estimating how many rows a WHERE finds evaluates parts of
/// it, which can fail even though evaluating the whole would not have come to them.
async fn alternatives(
    session: &mut Session<'_>,
    target: &Target,
    side: RowSide,
    policies: &[PolicyResult],
    row: Option<&Row>,
    reveal: bool,
) -> Result<Truth> {
    let truths: Vec<&Truth> = policies.iter().map(|result| &result.truth).collect();
    let expressions: Vec<String> = policies.iter().map(|result| format!("({})", result.expression)).collect();
    let either = expressions.join(" OR ");
    let form = |source: String| match side {
        RowSide::Existing => format!("SELECT 'true' FROM {source} WHERE {either}"),
        RowSide::New => format!("SELECT ({either})::pg_catalog.text FROM {source}"),
    };
    if let Some(unseen) = truths.iter().find(|truth| matches!(truth, Truth::Unseen { .. })) {
        // Planning may fail all the same, and needs no row to do so.
        let answer = if row.is_none() { session.ask(&[form(target.no_row())]).await?.pop() } else { None };
        return Ok(match answer {
            Some(Answer::Failed { failure, early: true }) => truth(Answer::Failed { failure, early: true }, reveal),
            _ => (*unseen).clone(),
        });
    }
    let fails = truths.iter().any(|truth| matches!(truth, Truth::Error { .. }));
    let together = match row.filter(|_| fails || side == RowSide::Existing) {
        Some(row) => session.ask(&[form(target.source(&row.text))]).await?.pop().map(|answer| truth(answer, reveal)),
        None => None,
    };
    Ok(match together {
        Some(together) if fails || !matches!(together, Truth::True | Truth::False) => together,
        _ if truths.contains(&&Truth::True) => Truth::True,
        _ if truths.contains(&&Truth::Null) => Truth::Null,
        _ => Truth::False,
    })
}

/// What all conditions together come to, for show; a failing one outweighs a false one only where none is false.
fn conjunction(conjuncts: &[Conjunct]) -> Truth {
    let truths = || conjuncts.iter().map(|conjunct| &conjunct.truth);
    let first = |wanted: fn(&Truth) -> bool| truths().find(|truth| wanted(truth)).cloned();
    first(|truth| matches!(truth, Truth::Unseen { .. }))
        .or_else(|| first(|truth| *truth == Truth::False))
        .or_else(|| first(|truth| *truth == Truth::Null))
        .or_else(|| first(|truth| matches!(truth, Truth::Error { .. })))
        .unwrap_or(Truth::True)
}
