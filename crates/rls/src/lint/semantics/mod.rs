//! Asks PostgreSQL what policies say about rows of two organizations.
//!
//! Text can prove that a policy compares the tenant column; it cannot say what `org_id IS NOT NULL`, a user's function
//! or a sub-query lets through. So every clause that a runtime role meets is evaluated as that role, joined with the
//! restrictive policies that hold it, on rows of organizations other than the transaction's: rows made up from the
//! columns' types and the expression's own constants, and a few that exist. It must not be true for any of them, nor
//! for any row without a context, with an empty one, or with one that means nothing. What cannot be evaluated is
//! reported as not seen.
//!
//! This refutes; it does not prove. It reads only, within limits of time and rows, and takes no lock but ACCESS SHARE.

mod ask;
mod rows;

use bulkhead_model::isolation::{
    Catalogue, Code, Finding, Object, ObjectKind, PolicyCommand, PolicyFacts, RelationKind, TableFacts,
};
use sqlx::{Connection, PgConnection};

use self::ask::{Answer, Kind, MadeUp, Situation, Transaction};
use self::rows::{Columns, Rows};
use super::policy::Clause;
use super::survey::{Identity, Survey};
use super::{COMMANDS, PUBLIC, sorted, sql};
use crate::catalogue::expression::{Expression, constants};
use crate::{Profile, Result, Scope};

/// How many values of a setting that is not the context are tried.
const TRIED_VALUES: usize = 8;

/// Evaluates the policies and reports what they let through, and what could not be seen. The connection should be a
/// fresh one: only there was no setting ever set.
///
/// # Errors
/// When the connection breaks, or the catalogue cannot be read. A policy that fails is a finding.
pub async fn semantics(
    connection: &mut PgConnection,
    catalogue: &Catalogue,
    profile: &Profile,
) -> Result<Vec<Finding>> {
    let survey = Survey::new(catalogue, profile);
    let mut transaction = connection.begin().await?;
    let mut asked = Transaction::open(&mut transaction, profile).await?;
    let columns = Columns::read(asked.connection()).await?;
    let mut findings = Vec::new();
    if !asked.is_fresh {
        let sentence =
            "The connection was used before, so what policies say where no context was ever set was not seen.";
        let object = Object::named(ObjectKind::Server, catalogue.database.as_str());
        findings.push(Finding::new(Code::PolicyNotSeen, object, sentence).fixed_by("-- Ask with a new connection."));
    }
    let mut able = Vec::new();
    for identity in &survey.identities {
        match asked.can_become(identity.name).await? {
            true => able.push(identity),
            false => findings.push(not_this_role(identity.name)),
        }
    }
    // First everything without a context: a setting that was set once is never again as if it had not been.
    let phases: &[Phase] = if asked.is_fresh { &[Phase::Unset, Phase::Set] } else { &[Phase::Set] };
    for phase in phases {
        for facts in catalogue.tables.iter().filter(|facts| is_asked(&survey, facts)) {
            let existing = asked.existing_rows(facts).await?;
            let mut prepared = Vec::new();
            for subject in subjects(&survey, facts, &able) {
                match columns.rows(facts, &subject.condition) {
                    Some(rows) => prepared.push((subject, rows)),
                    None => findings.push(without_rows(facts, &subject)),
                }
            }
            let posed: Vec<Posed<'_>> = prepared
                .iter()
                .flat_map(|(subject, rows)| {
                    let situations = situations(profile, subject, &rows.own, *phase);
                    situations.into_iter().map(move |situation| Posed { subject, rows, situation })
                })
                .collect();
            let refused = sweep(&mut asked, facts, &posed, &existing).await?;
            for (Posed { subject, rows, situation }, _) in posed.iter().zip(refused).filter(|(_, refused)| !refused) {
                let answer = examine(&mut asked, facts, subject, situation, rows, &existing).await?;
                findings.extend(judge(profile, facts, subject, situation, answer));
            }
        }
    }
    transaction.rollback().await?;
    Ok(sorted(profile, merged(findings)))
}

/// Tables whose policies decide something. Where row-level security is off they do not, which the facts say already.
fn is_asked(survey: &Survey<'_>, facts: &TableFacts) -> bool {
    matches!(facts.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::Partition)
        && facts.rls_enabled
        && facts.tenant_column.is_some()
        && survey.shared(facts).is_none()
}

/// A clause of a permissive policy as a role meets it.
struct Subject<'a> {
    policy: &'a PolicyFacts,
    clause: Clause,
    command: PolicyCommand,
    role: &'a str,
    scope: Scope,
    /// The clause and every restrictive one that must hold as well.
    condition: String,
}

fn subjects<'a>(survey: &Survey<'_>, facts: &'a TableFacts, identities: &[&'a Identity<'_>]) -> Vec<Subject<'a>> {
    let mut subjects: Vec<Subject<'a>> = Vec::new();
    for identity in identities {
        for command in COMMANDS.into_iter().filter(|command| survey.may(identity, facts, *command)) {
            let about = |policy: &&PolicyFacts| policy.command == command || policy.command == PolicyCommand::All;
            for clause in Clause::BOTH.into_iter().filter(|clause| clause.applies(command)) {
                let fences = facts.policies.iter().filter(about).filter(|policy| {
                    !policy.permissive && policy.roles.iter().any(|role| role == identity.name || role == PUBLIC)
                });
                let fences: String =
                    fences.filter_map(|fence| clause.of(fence)).map(|text| format!(" AND ({text})")).collect();
                let open = facts
                    .policies
                    .iter()
                    .filter(about)
                    .filter(|policy| policy.permissive && policy.roles.iter().any(|role| identity.has(role)));
                for policy in open {
                    let Some(text) = clause.of(policy) else { continue };
                    let condition = format!("({text}){fences}");
                    let known = subjects.iter().any(|known| {
                        known.role == identity.name && known.policy.name == policy.name && known.condition == condition
                    });
                    if !known {
                        let (role, scope) = (identity.name, identity.scope);
                        subjects.push(Subject { policy, clause, command, role, scope, condition });
                    }
                }
            }
        }
    }
    subjects
}

/// Whether the settings of the context were touched yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Unset,
    Set,
}

/// A clause to be asked about in a situation, with rows made up for it.
struct Posed<'a> {
    subject: &'a Subject<'a>,
    rows: &'a Rows,
    situation: Situation,
}

/// How many clauses are asked about in one statement.
const TOGETHER: usize = 32;

/// Which of the questions are all refused, asked together: on a sound schema that is every one of them, and a statement
/// for each takes a minute for 5 000 policies. Where one is admitted or fails, the whole group is asked one by one.
async fn sweep(
    asked: &mut Transaction<'_>,
    facts: &TableFacts,
    posed: &[Posed<'_>],
    existing: &[String],
) -> Result<Vec<bool>> {
    let mut refused = vec![false; posed.len()];
    let mut waiting: Vec<usize> = (0..posed.len()).collect();
    while let Some(first) = waiting.first().and_then(|first| posed.get(*first)) {
        let alike = |at: &usize| {
            posed.get(*at).is_some_and(|other| {
                other.subject.role == first.subject.role && other.situation.sets_as(&first.situation)
            })
        };
        let (mut group, mut rest): (Vec<usize>, Vec<usize>) = waiting.into_iter().partition(alike);
        rest.extend(group.split_off(group.len().min(TOGETHER)));
        waiting = rest;
        let conditions: Vec<(&str, Vec<MadeUp<'_>>)> = group
            .iter()
            .filter_map(|at| posed.get(*at))
            .map(|Posed { subject, rows, situation }| {
                let mut made_up = vec![rows.of_others()];
                made_up.extend((situation.kind != Kind::Own).then(|| rows.of_own()));
                (subject.condition.as_str(), made_up)
            })
            .collect();
        // One by one it is asked in any case.
        if conditions.len() > 1
            && asked.refuses_all(first.subject.role, &first.situation, facts, &conditions, existing).await?
        {
            for at in group {
                if let Some(refused) = refused.get_mut(at) {
                    *refused = true;
                }
            }
        }
    }
    Ok(refused)
}

/// What PostgreSQL says of one clause in one situation.
async fn examine(
    asked: &mut Transaction<'_>,
    facts: &TableFacts,
    subject: &Subject<'_>,
    situation: &Situation,
    rows: &Rows,
    existing: &[String],
) -> Result<Answer> {
    let (role, condition) = (subject.role, subject.condition.as_str());
    let mut answer = asked.ask(role, situation, facts, condition, &rows.of_others()).await?;
    if situation.kind != Kind::Own && matches!(answer, Answer::Refused) {
        answer = asked.ask(role, situation, facts, condition, &rows.of_own()).await?;
    }
    if !matches!(answer, Answer::Admitted) && !existing.is_empty() {
        let of_existing = asked.ask_existing(role, situation, facts, condition, existing).await?;
        // An error in rows that exist says no more than what was made up.
        if matches!(of_existing, Answer::Admitted) || matches!(answer, Answer::Failed { .. }) {
            answer = of_existing;
        }
    }
    Ok(answer)
}

fn judge(
    profile: &Profile,
    facts: &TableFacts,
    subject: &Subject<'_>,
    situation: &Situation,
    answer: Answer,
) -> Option<Finding> {
    match answer {
        Answer::Refused => None,
        Answer::Admitted => Some(admitted(profile, facts, subject, situation)),
        Answer::Failed { state, message } => match (situation.kind, state.as_str()) {
            // An unset setting ends in an error: closed, but as an error page instead of an empty one.
            (Kind::Missing, "42704") => Some(unguarded(facts, subject, Code::SettingWithoutMissingOk)),
            (Kind::Empty, "22P02" | "22007") => Some(unguarded(facts, subject, Code::SettingWithoutNullif)),
            // What means nothing may well be refused with an error.
            (Kind::Garbage, state) if state.starts_with("22") => None,
            _ => Some(not_seen(facts, subject, &message)),
        },
    }
}

/// No context, an empty one, one that means nothing, another organization's; the last also with every setting that the
/// condition trusts, and for an organization's role as if an operator acted.
fn situations(profile: &Profile, subject: &Subject<'_>, own: &str, phase: Phase) -> Vec<Situation> {
    let context = &profile.context;
    let org = |value: &str| vec![(context.org_setting.clone(), value.to_owned())];
    if phase == Phase::Unset {
        return vec![Situation::without(Kind::Missing, Vec::new())];
    }
    let mut situations = Vec::new();
    let mut emptied = org("");
    emptied.extend(context.operator_setting.iter().map(|setting| (setting.clone(), String::new())));
    situations.push(Situation::without(Kind::Empty, emptied));
    situations.push(Situation::without(Kind::Garbage, org("no organization")));
    situations.push(Situation::own(org(own), None));
    let expression = Expression::new(&subject.condition, context);
    // Whether a function reads the operator's setting no text tells, so it is always tried.
    let operator = context.operator_setting.iter().filter(|_| subject.scope == Scope::Tenant);
    let mut tried: Vec<(String, String)> = operator.map(|setting| (setting.clone(), own.to_owned())).collect();
    for name in expression.settings().into_iter().filter_map(|read| read.name) {
        let is_context = [Some(&context.org_setting), context.operator_setting.as_ref()]
            .into_iter()
            .flatten()
            .any(|setting| setting.eq_ignore_ascii_case(&name));
        if !is_context && !tried.iter().any(|(known, _)| *known == name) {
            let constants =
                constants(&subject.condition).into_iter().filter(|value| !value.is_empty() && *value != name);
            let values = [own.to_owned(), "true".to_owned()].into_iter().chain(constants).take(TRIED_VALUES);
            tried.extend(values.map(|value| (name.clone(), value)));
        }
    }
    for trusted in tried {
        let settings = [org(own), vec![trusted.clone()]].concat();
        situations.push(Situation::own(settings, Some(trusted)));
    }
    situations
}

fn about(code: Code, facts: &TableFacts, subject: &Subject<'_>, sentence: String) -> Finding {
    Finding::new(code, Object::of(facts, ObjectKind::Policy, &subject.policy.name), sentence)
        .proved_by(subject.role, subject.command)
}

fn admitted(profile: &Profile, facts: &TableFacts, subject: &Subject<'_>, situation: &Situation) -> Finding {
    let (policy, clause, role) = (&subject.policy.name, subject.clause.as_sql(), subject.role);
    let (code, when) = match (situation.kind, &situation.trusted) {
        (Kind::Own, None) => (Code::PolicyAdmitsOthers, String::new()),
        (Kind::Own, Some((setting, value))) => {
            (Code::PolicyAdmitsOthers, format!(" once {setting} is set to {}", sql::text(value)))
        }
        (Kind::Missing, _) => (Code::PolicyAdmitsWithoutContext, " without any context".to_owned()),
        (Kind::Empty, _) => (Code::PolicyAdmitsWithoutContext, " with an empty context".to_owned()),
        (Kind::Garbage, _) => (Code::PolicyAdmitsWithoutContext, " with a context that means nothing".to_owned()),
    };
    let whose =
        if code == Code::PolicyAdmitsOthers { "another organization’s row" } else { "an organization’s row" };
    let sentence =
        format!("PostgreSQL says that {clause} of policy {policy} is true for {whose} when {role} acts{when}.");
    let fix = facts.tenant_column.as_ref().map(|column| {
        let required = sql::requirement(profile, subject.scope, column);
        let text = subject.clause.of(subject.policy).unwrap_or_default();
        format!("{} {clause} ({required} AND {text});", sql::alter_policy(facts, subject.policy))
    });
    about(code, facts, subject, sentence).fixed_by(fix.unwrap_or_default())
}

fn unguarded(facts: &TableFacts, subject: &Subject<'_>, code: Code) -> Finding {
    let (policy, role) = (&subject.policy.name, subject.role);
    let when = match code {
        Code::SettingWithoutMissingOk => "where the context was never set",
        _ => "in a connection that was used before",
    };
    let sentence = format!("Policy {policy} ends in an error instead of no rows when {role} acts {when}.");
    let fix = "-- Where the context is read: nullif(current_setting('…', true), '')";
    about(code, facts, subject, sentence).fixed_by(fix)
}

fn not_seen(facts: &TableFacts, subject: &Subject<'_>, why: &str) -> Finding {
    let (policy, clause, role) = (&subject.policy.name, subject.clause.as_sql(), subject.role);
    let sentence = format!("What {clause} of policy {policy} says to {role} was not seen: {why}.");
    about(Code::PolicyNotSeen, facts, subject, sentence)
}

fn without_rows(facts: &TableFacts, subject: &Subject<'_>) -> Finding {
    let kind = facts.tenant_column.as_ref().map_or("", |column| column.data_type.as_str());
    not_seen(facts, subject, &format!("no two organizations could be made up for the type {kind}"))
}

fn not_this_role(role: &str) -> Finding {
    let sentence = format!("What policies say to {role} was not seen, because this connection may not act as it.");
    let fix = format!("GRANT {} TO CURRENT_USER; -- or ask as a role that is a member of it", sql::ident(role));
    Finding::new(Code::PolicyNotSeen, Object::named(ObjectKind::Role, role), sentence).fixed_by(fix)
}

/// One finding for a code and a policy: the first situation that shows it is enough.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut known = std::collections::HashSet::new();
    findings.into_iter().filter(|finding| known.insert((finding.code, finding.object.clone()))).collect()
}
