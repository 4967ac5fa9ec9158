//! The attacks. Each sends the same statements to both copies and judges what comes back in the same way: an attack
//! does not know which copy it is in.

mod bulk;
mod connections;
mod identity;
pub(super) mod influence;
mod keys;
mod oracles;
mod reach;
mod rows;

use bulkhead_model::isolation::{Attack, RelationKind};

pub(super) use self::identity::{BECOMES, strike as strike_identity};
pub(super) use self::reach::{Marks, Notified, call, default_context, hear, read_sequence, read_view};
use super::session::{Said, Session};
use super::target::{Key, Link, Target};

/// How an attack ended in one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Strike {
    /// It got nothing.
    Held(String),
    /// It got something.
    Leaked(String),
    /// It could not be tried, or something else stood in its way.
    Unclear(String),
}

/// What is said of an attack that there was no way to begin.
const NOT_TRIED: &str = "it was not tried";

impl Strike {
    /// Of several ways to do the same, the one that got through; else what keeps it from being sure.
    fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        let mut worst = Self::Unclear(NOT_TRIED.to_owned());
        for strike in all {
            worst = match (&worst, &strike) {
                (Self::Leaked(_), _) => break,
                (_, Self::Leaked(_)) => strike,
                // Whatever it says, it was tried.
                (Self::Unclear(why), _) if why == NOT_TRIED => strike,
                (Self::Held(_), Self::Unclear(_)) => strike,
                _ => worst,
            };
        }
        worst
    }
}

/// One attack on one table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shot<'a> {
    pub attack: Attack,
    pub target: &'a Target,
    pub part: Part<'a>,
}

/// What of the table it is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    Whole,
    Link(&'a Link),
    Key(&'a Key),
}

impl Shot<'_> {
    /// The constraint, where it is about one.
    pub fn object(&self) -> Option<&str> {
        match self.part {
            Part::Whole => None,
            Part::Link(link) => Some(&link.constraint),
            Part::Key(key) => Some(&key.constraint),
        }
    }
}

/// Attacks on the table as a whole; the contexts of the row attacks are below.
const WHOLE: [Attack; 33] = {
    use Attack::*;
    [
        SelectOwn,
        SelectMissing,
        SelectEmpty,
        SelectGarbage,
        SelectOther,
        InsertOwn,
        InsertMissing,
        InsertEmpty,
        InsertGarbage,
        InsertOther,
        UpdateOwn,
        UpdateMissing,
        UpdateEmpty,
        UpdateGarbage,
        UpdateOther,
        DeleteOwn,
        DeleteMissing,
        DeleteEmpty,
        DeleteGarbage,
        DeleteOther,
        Move,
        StalePool,
        CancelledTransaction,
        Savepoint,
        Prepared,
        OtherSettings,
        RowSecurityOff,
        ErrorOracle,
        TimingOracle,
        Statistics,
        CopyTo,
        CopyFrom,
        Truncate,
    ]
};

/// Every attack on a table but those on its keys, which need a copy that is broken further.
pub(super) fn on_table(target: &Target) -> Vec<Shot<'_>> {
    let whole = |attack| Shot { attack, target, part: Part::Whole };
    let mut shots: Vec<Shot<'_>> = WHOLE.into_iter().map(whole).collect();
    shots.push(whole(Attack::DisableProtection));
    if target.of_nobody > 0 {
        shots.push(whole(Attack::SelectUnowned));
    }
    if target.kind != RelationKind::Partition {
        let link = |link| Shot { attack: Attack::ForeignKey, target, part: Part::Link(link) };
        shots.extend(target.links.iter().map(link));
    }
    shots
}

/// The attacks on its unique keys.
pub(super) fn on_keys(target: &Target) -> Vec<Shot<'_>> {
    let both = [Attack::UniqueProbe, Attack::OnConflict];
    target.keys.iter().flat_map(|key| both.map(|attack| Shot { attack, target, part: Part::Key(key) })).collect()
}

/// Strikes once.
pub(super) async fn strike(shot: Shot<'_>, session: &mut Session, settings: &[Setting]) -> Strike {
    use Attack::*;
    let target = shot.target;
    match (shot.attack, shot.part) {
        (SelectOwn | SelectMissing | SelectEmpty | SelectGarbage | SelectOther, _) => {
            rows::select(target, session, said(shot.attack)).await
        }
        (SelectUnowned, _) => rows::select_unowned(target, session).await,
        (InsertOwn | InsertMissing | InsertEmpty | InsertGarbage | InsertOther, _) => {
            rows::insert(target, session, said(shot.attack)).await
        }
        (UpdateOwn | UpdateMissing | UpdateEmpty | UpdateGarbage | UpdateOther, _) => {
            rows::update(target, session, said(shot.attack)).await
        }
        (DeleteOwn | DeleteMissing | DeleteEmpty | DeleteGarbage | DeleteOther, _) => {
            rows::delete(target, session, said(shot.attack)).await
        }
        (Move, _) => rows::move_away(target, session).await,
        (ForeignKey, Part::Link(link)) => keys::point(target, link, session).await,
        (UniqueProbe, Part::Key(key)) => keys::probe(target, key, session).await,
        (OnConflict, Part::Key(key)) => keys::on_conflict(target, key, session).await,
        (StalePool, _) => connections::stale_pool(target, session).await,
        (CancelledTransaction, _) => connections::cancelled(target, session).await,
        (Savepoint, _) => connections::savepoint(target, session).await,
        (Prepared, _) => connections::prepared(target, session).await,
        (OtherSettings, _) => oracles::other_settings(target, session, settings).await,
        (RowSecurityOff, _) => oracles::row_security_off(target, session).await,
        (ErrorOracle, _) => oracles::error(target, session).await,
        (TimingOracle, _) => oracles::timing(target, session).await,
        (Statistics, _) => oracles::statistics(target, session).await,
        (CopyTo, _) => bulk::copy_to(target, session).await,
        (CopyFrom, _) => bulk::copy_from(target, session).await,
        (Truncate, _) => bulk::refused(session, &format!("TRUNCATE {} CASCADE", target.sql)).await,
        (DisableProtection, _) => {
            bulk::refused(session, &format!("ALTER TABLE {} DISABLE ROW LEVEL SECURITY", target.sql)).await
        }
        (other, _) => Strike::Unclear(format!("{other} is no attack on a table")),
    }
}

/// A setting that policies read besides the context, and what to try in it.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub name: String,
    pub values: Vec<String>,
}

/// In which context a row attack happens.
const fn said(attack: Attack) -> Said {
    use Attack::*;
    match attack {
        SelectMissing | InsertMissing | UpdateMissing | DeleteMissing => Said::Nothing,
        SelectEmpty | InsertEmpty | UpdateEmpty | DeleteEmpty => Said::Empty,
        SelectGarbage | InsertGarbage | UpdateGarbage | DeleteGarbage => Said::Garbage,
        SelectOther | InsertOther | UpdateOther | DeleteOther => Said::B,
        _ => Said::A,
    }
}

/// Whether PostgreSQL's refusal is a protection at work: a missing right or a policy, and in a senseless context that
/// the context cannot be read.
fn is_protection(code: &str, said: Said) -> bool {
    code == "42501" || (!matches!(said, Said::A | Said::B) && (code.starts_with("22") || code == "42704"))
}

/// A constraint spoke: the row had been reached.
fn is_constraint(code: &str) -> bool {
    code.starts_with("23")
}
