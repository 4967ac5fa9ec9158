//! The cells of a proof as they come to be: every attack is sent to both copies, and the rule of green is kept here.

use std::time::Instant;

use bulkhead_model::isolation::{Acceptance, Attack, Cell, Outcome, RelationKind, SequenceFacts, TableFacts};

use super::attacks::{self, Marks, Notified, Setting, Shot, Strike};
use super::error::Result;
use super::quoting::relation;
use super::session::Session;
use super::survey::{Callable, Rights, Survey};
use super::{Profile, Progress};

/// One role in both copies.
#[derive(Debug)]
pub(super) struct Pair {
    pub role: String,
    pub sound: Session,
    pub broken: Session,
}

/// Something whose answers are compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    View(&'a TableFacts),
    Function(&'a Callable),
}

impl Asked<'_> {
    fn subject(&self) -> String {
        match self {
            Self::View(view) => view.qualified(),
            Self::Function(function) => function.signature.clone(),
        }
    }
}

/// What is known so far.
pub(super) struct Matrix<'a> {
    cells: Vec<Cell>,
    accepted: &'a [Acceptance],
    deadline: Instant,
    total: usize,
    observe: Option<&'a mut (dyn FnMut(Progress) + Send)>,
}

/// Sends to both copies at once, unless time has run out.
macro_rules! both {
    ($matrix:ident, $sound:expr, $broken:expr) => {
        if Instant::now() >= $matrix.deadline { None } else { Some(tokio::join!($sound, $broken)) }
    };
}

impl<'a> Matrix<'a> {
    pub fn new(accepted: &'a [Acceptance], deadline: Instant, observe: &'a mut (dyn FnMut(Progress) + Send)) -> Self {
        Self { cells: Vec::new(), accepted, deadline, total: 0, observe: Some(observe) }
    }

    /// Says how many cells there will be.
    pub fn expect(&mut self, total: usize) {
        self.total = total;
    }

    pub fn into_cells(self) -> Vec<Cell> {
        self.cells
    }

    pub async fn shoot(&mut self, shot: Shot<'_>, pair: &mut Pair, settings: &[Setting]) {
        let strikes = both!(
            self,
            attacks::strike(shot, &mut pair.sound, settings),
            attacks::strike(shot, &mut pair.broken, settings)
        );
        self.record(&shot.target.subject, shot.object(), shot.attack, &pair.role, strikes);
    }

    pub async fn view(&mut self, view: &TableFacts, survey: &Survey, pair: &mut Pair, marks: &Marks) {
        let attack = if view.kind == RelationKind::MaterializedView { Attack::MaterializedView } else { Attack::View };
        let sql = relation(&view.schema, &view.name);
        let rights = rights_on(view, survey, &pair.role);
        let strikes = both!(
            self,
            attacks::read_view(&sql, &rights, marks, &mut pair.sound),
            attacks::read_view(&sql, &rights, marks, &mut pair.broken)
        );
        self.record(&view.qualified(), None, attack, &pair.role, strikes);
    }

    pub async fn sequence(&mut self, sequence: &SequenceFacts, pair: &mut Pair) {
        let (schema, name) = (&sequence.schema, &sequence.name);
        let strikes = both!(
            self,
            attacks::read_sequence(schema, name, &mut pair.sound),
            attacks::read_sequence(schema, name, &mut pair.broken)
        );
        self.record(&format!("{schema}.{name}"), None, Attack::Sequence, &pair.role, strikes);
    }

    pub async fn function(&mut self, function: &Callable, pair: &mut Pair, marks: &Marks) {
        if !function.roles.contains(&pair.role) {
            return;
        }
        let strikes = both!(
            self,
            attacks::call(function, marks, &mut pair.sound),
            attacks::call(function, marks, &mut pair.broken)
        );
        self.record(&function.signature, None, Attack::Function, &pair.role, strikes);
    }

    pub async fn default_context(&mut self, profile: &Profile, pair: &mut Pair) {
        if profile.context.org_functions.is_empty() && profile.context.operator_functions.is_empty() {
            return;
        }
        let strikes = both!(
            self,
            attacks::default_context(profile, &mut pair.sound),
            attacks::default_context(profile, &mut pair.broken)
        );
        self.record("context", None, Attack::DefaultContext, &pair.role, strikes);
    }

    /// The answers to what [`attacks::influence`] asks, from both copies.
    pub async fn answers(
        // Only read, but what watches the progress cannot be shared between threads.
        &mut self,
        asked: &Asked<'_>,
        survey: &Survey,
        pair: &mut Pair,
        marks: &Marks,
    ) -> Option<(String, String)> {
        use attacks::influence::{of_function, of_view};
        match asked {
            Asked::View(view) => {
                let sql = relation(&view.schema, &view.name);
                let rights = rights_on(view, survey, &pair.role);
                both!(self, of_view(&sql, &rights, &mut pair.sound), of_view(&sql, &rights, &mut pair.broken))
            }
            Asked::Function(function) => both!(
                self,
                of_function(function, marks, &mut pair.sound),
                of_function(function, marks, &mut pair.broken)
            ),
        }
    }

    /// Judges three answers of each copy.
    pub fn influence(&mut self, asked: &Asked<'_>, role: &str, answers: Option<[(String, String); 3]>) {
        use attacks::influence::compare;
        let strikes = answers.map(|[first, second, third]| {
            (compare([&first.0, &second.0], &third.0), compare([&first.1, &second.1], &third.1))
        });
        self.record(&asked.subject(), None, Attack::Influence, role, strikes);
    }

    pub async fn identity(&mut self, pair: &mut Pair, stronger: &[String]) {
        for attack in attacks::BECOMES {
            let strikes = both!(
                self,
                attacks::strike_identity(attack, &mut pair.sound, &pair.role, stronger),
                attacks::strike_identity(attack, &mut pair.broken, &pair.role, stronger)
            );
            self.record("session", None, attack, &pair.role, strikes);
        }
    }

    pub fn notification(
        &mut self,
        channel: &str,
        role: &str,
        sound: &Result<Notified>,
        broken: &Result<Notified>,
        marks: &Marks,
    ) {
        let strike = |heard: &Result<Notified>| match heard {
            Ok(heard) => attacks::hear(heard, marks),
            Err(error) => Strike::Unclear(error.to_string()),
        };
        self.record(
            &format!("channel {channel}"),
            None,
            Attack::Notification,
            role,
            Some((strike(sound), strike(broken))),
        );
    }

    fn record(
        &mut self,
        subject: &str,
        object: Option<&str>,
        attack: Attack,
        role: &str,
        strikes: Option<(Strike, Strike)>,
    ) {
        let outcome = match strikes {
            Some((sound, broken)) => judged(sound, broken),
            None => Outcome::Unproven { why: "the time was up before it was tried".to_owned() },
        };
        let mut cell = Cell {
            subject: subject.to_owned(),
            object: object.map(str::to_owned),
            attack,
            role: role.to_owned(),
            outcome,
        };
        let ending = match &cell.outcome {
            Outcome::Leaked { how } => Some((how, false)),
            Outcome::Unproven { why } => Some((why, true)),
            Outcome::Held { .. } | Outcome::Accepted { .. } => None,
        };
        if let Some((how, unproven)) = ending
            && let Some(acceptance) = self.accepted.iter().find(|acceptance| covers(acceptance, &cell, unproven))
        {
            cell.outcome = Outcome::Accepted { how: how.clone(), reason: acceptance.reason.clone() };
        }
        self.cells.push(cell);
        if let Some(observe) = &mut self.observe {
            let doing = format!("attacking {subject} as {role}: {attack}");
            observe(Progress { done: self.cells.len(), total: self.total, doing });
        }
    }
}

/// What the role may read of a view. Who may read nothing of it asks for all of it.
fn rights_on(view: &TableFacts, survey: &Survey, role: &str) -> Rights {
    let known = survey.rights.get(&(role.to_owned(), view.qualified())).cloned().unwrap_or_default();
    if !known.readable.is_empty() {
        return known;
    }
    Rights { readable: view.columns.iter().map(|column| column.name.clone()).collect(), ..Rights::default() }
}

fn covers(acceptance: &Acceptance, cell: &Cell, unproven: bool) -> bool {
    acceptance.unproven == unproven
        && acceptance.subject == cell.subject
        && acceptance.object == cell.object
        && acceptance.attack == cell.attack
        && acceptance.role.as_ref().is_none_or(|role| *role == cell.role)
}

/// The rule: green is an attack that failed here and succeeded there. A leak needs no control.
fn judged(sound: Strike, broken: Strike) -> Outcome {
    match (sound, broken) {
        (Strike::Leaked(how), _) => Outcome::Leaked { how },
        (Strike::Held(by), Strike::Leaked(_)) => Outcome::Held { by },
        (Strike::Held(_), Strike::Held(why)) => {
            Outcome::Unproven { why: format!("it failed on the broken copy as well: {why}") }
        }
        (Strike::Held(_), Strike::Unclear(why)) => {
            Outcome::Unproven { why: format!("on the broken copy it could not be tried: {why}") }
        }
        (Strike::Unclear(why), _) => Outcome::Unproven { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_attack_that_can_succeed_is_green_when_it_fails() {
        let held = || Strike::Held("h".to_owned());
        let leaked = || Strike::Leaked("l".to_owned());
        let unclear = || Strike::Unclear("u".to_owned());
        assert_eq!(judged(held(), leaked()).label(), "Held");
        for control in [held(), unclear()] {
            assert_eq!(judged(held(), control).label(), "Unproven");
        }
        for control in [held(), leaked(), unclear()] {
            assert_eq!(judged(leaked(), control.clone()).label(), "Leaked");
            assert_eq!(judged(unclear(), control).label(), "Unproven");
        }
    }

    #[test]
    fn an_acceptance_covers_its_own_cell_only() {
        let acceptance = Acceptance {
            subject: "public.t".to_owned(),
            object: Some("t_key".to_owned()),
            attack: Attack::UniqueProbe,
            role: None,
            unproven: false,
            reason: "a random value".to_owned(),
        };
        let cell = |object: &str| Cell {
            subject: "public.t".to_owned(),
            object: Some(object.to_owned()),
            attack: Attack::UniqueProbe,
            role: "app".to_owned(),
            outcome: Outcome::Leaked { how: String::new() },
        };
        assert!(covers(&acceptance, &cell("t_key"), false));
        assert!(!covers(&acceptance, &cell("other_key"), false));
        assert!(!covers(&acceptance, &cell("t_key"), true), "a leak that was accepted hides no gap");
        let gap = Acceptance { unproven: true, ..acceptance.clone() };
        assert!(covers(&gap, &cell("t_key"), true));
        assert!(!covers(&gap, &cell("t_key"), false), "a gap that was accepted hides no leak");
        assert!(!covers(&Acceptance { role: Some("operator".to_owned()), ..acceptance }, &cell("t_key"), false));
    }
}
