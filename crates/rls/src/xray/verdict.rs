//! What follows from the layers and policies, in the order in which PostgreSQL goes through them.

use bulkhead_model::isolation::xray::{
    Command, Comparison, Decision, Outcome, PolicyResult, RowSide, Rung, RungKind, Shown, Truth, Verdict,
};

use super::evaluation::{Conjunct, Evaluated};
use super::row::{Coming, Existing};

/// Everything a verdict rests on.
pub(super) struct Grounds<'g> {
    pub(super) role: &'g str,
    pub(super) table: &'g str,
    pub(super) command: &'g Command,
    pub(super) rungs: &'g [Rung],
    pub(super) existing: &'g Existing,
    pub(super) coming: &'g Coming,
    /// Policies bind the role; `None` where that could not be asked.
    pub(super) bound: Option<bool>,
    /// The policies ask their own table, and PostgreSQL refuses to follow them.
    pub(super) circular: bool,
    pub(super) checks: &'g [Evaluated],
}

/// Judges.
pub(super) fn judge(grounds: &Grounds<'_>) -> Verdict {
    let conjuncts = |side: RowSide| {
        let checks = grounds.checks.iter().filter(move |evaluated| evaluated.check.row == side);
        checks.flat_map(|evaluated| evaluated.conjuncts.iter().map(move |conjunct| (evaluated, conjunct)))
    };
    let (existing, new): (Vec<_>, Vec<_>) = (conjuncts(RowSide::Existing).collect(), conjuncts(RowSide::New).collect());
    // What fails while the statement is planned fails before rights are looked at, whatever the rows are.
    let early = states(existing.iter().chain(&new).map(|(_, conjunct)| *conjunct), true);

    if let Some(rung) = stopped(grounds, RungKind::Schema) {
        return verdict(grounds, Decision::Refused, &rung.sentence, Vec::new());
    }
    if grounds.circular {
        let why = "its policies ask the table they belong to, in a circle.";
        return verdict(grounds, Decision::Fails, why, vec!["42P17".to_owned()]);
    }
    if let Some(rung) = stopped(grounds, RungKind::Grants) {
        return verdict(grounds, Decision::Refused, &rung.sentence, early);
    }
    if *grounds.existing == Existing::Missing {
        return verdict(grounds, Decision::NotReached, "there is no such row.", early);
    }
    if let Some(rung) = grounds.rungs.iter().find(|rung| rung.outcome == Outcome::Unknown) {
        return verdict(grounds, Decision::Unknown, &rung.sentence, Vec::new());
    }
    if grounds.bound == Some(false) {
        if let Coming::Fails { column, failure } = grounds.coming {
            let why = format!("column {column} cannot be computed.");
            return verdict(grounds, Decision::Fails, &why, vec![failure.sqlstate.clone()]);
        }
        return verdict(grounds, Decision::Reached, "no policy binds the role.", Vec::new());
    }
    // Without a new row there was nothing to ask the policies about, and nothing to miss.
    let asked = if matches!(grounds.coming, Coming::Fails { .. }) { &[][..] } else { &new[..] };
    let unseen = existing.iter().chain(asked).find_map(|(_, conjunct)| match &conjunct.truth {
        Truth::Unseen { reason } => Some(format!("{} was not seen: {reason}.", named(conjunct))),
        _ => None,
    });
    if let Some(why) = unseen {
        return verdict(grounds, Decision::Unknown, &why, Vec::new());
    }
    found(grounds, &existing, early.clone()).or_else(|| accepted(grounds, &new, early)).unwrap_or_else(|| {
        let why =
            if existing.is_empty() && new.is_empty() { "nothing restrains it." } else { "every policy check holds." };
        verdict(grounds, Decision::Reached, why, Vec::new())
    })
}

type Placed<'e> = (&'e Evaluated, &'e Conjunct);

/// What keeps the existing row from being found.
fn found(grounds: &Grounds<'_>, conjuncts: &[Placed<'_>], early: Vec<String>) -> Option<Verdict> {
    let mut may_fail = states(conjuncts.iter().map(|(_, conjunct)| *conjunct), false);
    may_fail.extend(early);
    let untrue = conjuncts.iter().find(|(_, conjunct)| matches!(conjunct.truth, Truth::False | Truth::Null));
    if let Some((evaluated, conjunct)) = untrue {
        return Some(verdict(grounds, Decision::NotReached, &why_not(grounds, evaluated, conjunct), may_fail));
    }
    let (_, conjunct) = conjuncts.iter().find(|(_, conjunct)| matches!(conjunct.truth, Truth::Error { .. }))?;
    let divisible =
        conjuncts.iter().any(|(_, conjunct)| conjunct.divisible && matches!(conjunct.truth, Truth::Error { .. }));
    let decision = if divisible { Decision::NotReached } else { Decision::Fails };
    Some(verdict(grounds, decision, &format!("{} fails.", named(conjunct)), may_fail))
}

/// What keeps the new row from being accepted.
fn accepted(grounds: &Grounds<'_>, conjuncts: &[Placed<'_>], early: Vec<String>) -> Option<Verdict> {
    if let Coming::Fails { column, failure } = grounds.coming {
        let why = format!("column {column} cannot be computed.");
        let states = std::iter::once(failure.sqlstate.clone()).chain(early).collect();
        return Some(verdict(grounds, Decision::Fails, &why, states));
    }
    let planned = conjuncts.iter().find(|(_, conjunct)| matches!(conjunct.truth, Truth::Error { early: true, .. }));
    if let Some((_, conjunct)) = planned {
        return Some(verdict(grounds, Decision::Fails, &format!("{} fails.", named(conjunct)), early));
    }
    let (evaluated, conjunct) = conjuncts.iter().find(|(_, conjunct)| conjunct.truth != Truth::True)?;
    Some(match &conjunct.truth {
        Truth::Error { sqlstate, .. } => {
            verdict(grounds, Decision::Fails, &format!("{} fails.", named(conjunct)), vec![sqlstate.clone()])
        }
        _ => verdict(grounds, Decision::Refused, &why_not(grounds, evaluated, conjunct), Vec::new()),
    })
}

fn stopped<'g>(grounds: &'g Grounds<'_>, kind: RungKind) -> Option<&'g Rung> {
    grounds.rungs.iter().find(|rung| rung.kind == kind && rung.outcome == Outcome::Stops)
}

/// The SQLSTATEs of conditions that fail, each once.
fn states<'c>(conjuncts: impl Iterator<Item = &'c Conjunct>, only_early: bool) -> Vec<String> {
    let mut states = Vec::new();
    for conjunct in conjuncts {
        if let Truth::Error { sqlstate, early, .. } = &conjunct.truth
            && (*early || !only_early)
            && !states.contains(sqlstate)
        {
            states.push(sqlstate.clone());
        }
    }
    states
}

/// Why a condition does not hold, with the values where they were compared plainly.
fn why_not(grounds: &Grounds<'_>, evaluated: &Evaluated, conjunct: &Conjunct) -> String {
    let what = match evaluated.check.row {
        RowSide::Existing => "the row",
        RowSide::New => "the new row",
    };
    match &conjunct.policies[..] {
        [] => format!("no permissive policy lets {} {} {what}.", grounds.role, evaluated.check.command.as_sql()),
        [policy] => match decisive(policy) {
            Some(comparison) => format!(
                "policy {} compares {} {} of {what} with {} {}.",
                policy.policy,
                comparison.column,
                text(&comparison.value),
                source(comparison),
                text(&comparison.with_value),
            ),
            None if policy.truth == Truth::Null => {
                format!("policy {} is NULL for {what}, which is not true.", policy.policy)
            }
            None => format!("policy {} is not true for {what}.", policy.policy),
        },
        _ => format!("{} are not true for {what}, and one would have to be.", named(conjunct)),
    }
}

/// The comparison whose sides differ.
fn decisive(policy: &PolicyResult) -> Option<&Comparison> {
    policy
        .compared
        .iter()
        .find(|comparison| comparison.value != comparison.with_value || comparison.value == Shown::Null)
}

/// Where the other side comes from, in a word: what calls a function or asks a sub-select depends on the context.
fn source(comparison: &Comparison) -> &'static str {
    if comparison.with.contains('(') { "the context" } else { "the value" }
}

fn text(shown: &Shown) -> String {
    match shown {
        Shown::Null => "NULL".to_owned(),
        Shown::Value { text, truncated } => format!("{text}{}", if *truncated { "…" } else { "" }),
        Shown::Masked { data_type, .. } => format!("({data_type})"),
    }
}

fn named(conjunct: &Conjunct) -> String {
    let names: Vec<&str> = conjunct.policies.iter().map(|policy| policy.policy.as_str()).collect();
    format!("{} {}", if names.len() == 1 { "policy" } else { "policies" }, names.join(", "))
}

fn verdict(grounds: &Grounds<'_>, decision: Decision, why: &str, states: Vec<String>) -> Verdict {
    let mut may_fail_with = Vec::with_capacity(states.len());
    for state in states {
        if !may_fail_with.contains(&state) {
            may_fail_with.push(state);
        }
    }
    let done = match grounds.command {
        Command::Select { .. } => "visible",
        Command::Insert { .. } => "added",
        Command::Update { .. } => "changed",
        Command::Delete { .. } => "removed",
    };
    let head = match decision {
        Decision::Reached => format!("{}{}", done[..1].to_uppercase(), &done[1..]),
        Decision::NotReached => format!("Not {done}"),
        Decision::Refused => format!("Not {done}, refused with SQLSTATE 42501"),
        Decision::Fails => format!("Not {done}, fails with SQLSTATE {}", may_fail_with.join(" or ")),
        Decision::Unknown => format!("Not known whether {} reaches {}", grounds.role, grounds.table),
    };
    let mut sentence = format!("{head}: {why}");
    if matches!(decision, Decision::NotReached | Decision::Refused) && !may_fail_with.is_empty() {
        sentence += &format!(
            " PostgreSQL may come upon a policy that fails first, and end the statement with SQLSTATE {}.",
            may_fail_with.join(" or ")
        );
    }
    Verdict { decision, sentence, may_fail_with }
}
