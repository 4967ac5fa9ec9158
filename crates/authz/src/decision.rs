//! Deciding over an organization's roles.

use crate::{
    graph::RoleGraph,
    truth::{self, Facts, Truth},
};
use bulkhead_model::{
    RoleId, UserId, WorkspaceId,
    access::{Assignment, Effect, PermissionName},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder<'a> {
    /// Themselves.
    pub user: UserId,
    /// Whether theirs is the platform organization.
    pub platform: bool,
    /// The roles they hold, in any order.
    pub assignments: &'a [Assignment],
}

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The permission.
    pub permission: &'a PermissionName,
    /// Whether the permission is registered: nobody is allowed what does not exist.
    pub registered: bool,
    /// About what, when and from where.
    pub facts: Facts<'a>,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $sentence:literal;)*) => {
        /// Why a decision came out as it did. Codes are stable: `docs/reason-codes.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ReasonCode { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl ReasonCode {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As the API and the log write it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// In a sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// Reads the code; unknown ones are nothing, never a default.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }

        impl fmt::Display for ReasonCode {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

reasons! {
    /// The only one that allows.
    Granted = "granted", "A role that they hold allows it.";
    /// Denying wins over every allowing line.
    Denied = "denied", "A role that they hold denies it.";
    /// A line that denies has a condition of which nobody can say whether it holds.
    DenyUnclear = "deny-unclear", "A role that they hold denies it under a condition that could not be checked.";
    /// A line that allows has a condition that does not hold.
    ConditionFalse = "condition-false", "A role that they hold allows it under a condition that does not hold.";
    /// A line that allows has a condition of which nobody can say whether it holds.
    ConditionUnclear = "condition-unclear", "A role that they hold allows it under a condition that could not be checked.";
    /// It would be allowed in another workspace.
    OtherWorkspace = "other-workspace", "A role that allows it is theirs in another workspace only.";
    /// It will be allowed.
    NotYet = "not-yet", "A role that allows it will be theirs later.";
    /// It was allowed.
    Expired = "expired", "A role that allows it was theirs and has expired.";
    /// They hold roles, and none says anything about it.
    NotGranted = "not-granted", "None of their roles allows it.";
    /// They hold none.
    NoRole = "no-role", "They hold no role.";
    /// A role that they hold is not there, so nothing can be said of all that they hold.
    RoleUnknown = "role-unknown", "A role that they hold does not exist.";
    /// Nobody holds a permission that is not registered.
    PermissionUnknown = "permission-unknown", "There is no such permission.";
    /// Nobody of the organization has the id that was asked about.
    SubjectUnknown = "subject-unknown", "There is no such user.";
    /// Only active users may do anything.
    SubjectInactive = "subject-inactive", "They are suspended, removed, or have not accepted their invitation.";
    /// Something is said about the resource that is not registered for its type, or is of another kind.
    AttributeUnknown = "attribute-unknown", "The resource has an attribute that its type does not have, or one of another kind.";
    /// `platform.*` exists in the platform organization only.
    NotPlatform = "not-platform", "Only operators of the platform can hold it.";
}

impl ReasonCode {
    /// Whether a line that allows is there, and only circumstances keep it from counting, or may do so.
    #[must_use]
    pub const fn is_circumstantial(self) -> bool {
        match self {
            Self::ConditionUnclear | Self::ConditionFalse | Self::DenyUnclear | Self::OtherWorkspace | Self::NotYet => {
                true
            }
            Self::Granted
            | Self::Denied
            | Self::Expired
            | Self::NotGranted
            | Self::NoRole
            | Self::RoleUnknown
            | Self::PermissionUnknown
            | Self::SubjectUnknown
            | Self::SubjectInactive
            | Self::AttributeUnknown
            | Self::NotPlatform => false,
        }
    }
}

/// The line that decided, and by which of the held roles it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decider {
    /// The role they hold.
    pub assigned: RoleId,
    /// Where they hold it: in one workspace, or in the whole organization without one.
    pub workspace: Option<WorkspaceId>,
    /// The role that says it: that one, or one that it inherits from.
    pub origin: RoleId,
    /// Its place among the lines of the origin, from 0.
    pub line: usize,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Why. Only [`ReasonCode::Granted`] allows.
    pub reason: ReasonCode,
    /// The line that decided, where one did.
    pub decider: Option<Decider>,
}

impl Verdict {
    /// Whether it may happen.
    #[must_use]
    pub const fn allowed(self) -> bool {
        matches!(self.reason, ReasonCode::Granted)
    }

    /// An answer that no line decided.
    #[must_use]
    pub const fn because(reason: ReasonCode) -> Self {
        Self { reason, decider: None }
    }
}

/// One line that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whose line, through which role.
    pub decider: Decider,
    /// Allowing or denying.
    pub effect: Effect,
    /// Whether the role counts here and now.
    pub standing: Standing,
    /// Whether its condition holds.
    pub truth: Truth,
}

/// Whether a held role counts here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Counts,
    /// In another workspace only.
    OtherWorkspace,
    /// Later.
    NotYet,
    /// Not any more.
    Expired,
}

impl Standing {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Counts, Self::OtherWorkspace, Self::NotYet, Self::Expired];

    /// As the API writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::OtherWorkspace => "other-workspace",
            Self::NotYet => "not-yet",
            Self::Expired => "expired",
        }
    }
}

/// Decides.
#[must_use]
pub fn decide(graph: &RoleGraph, holder: &Holder<'_>, question: &Question<'_>) -> Verdict {
    consider(graph, holder, question, &mut |_| {})
}

/// Decides, and lists every line that was looked at, in the order of the roles held. It is the same deciding: an
/// explanation that differs from what is enforced cannot be written.
#[must_use]
pub fn explain(graph: &RoleGraph, holder: &Holder<'_>, question: &Question<'_>) -> (Verdict, Vec<Step>) {
    let mut steps = Vec::new();
    let verdict = consider(graph, holder, question, &mut |step| steps.push(step));
    (verdict, steps)
}

fn consider(graph: &RoleGraph, holder: &Holder<'_>, question: &Question<'_>, observe: &mut dyn FnMut(Step)) -> Verdict {
    if !question.registered {
        return Verdict::because(ReasonCode::PermissionUnknown);
    }
    if question.permission.is_platform() && !holder.platform {
        return Verdict::because(ReasonCode::NotPlatform);
    }
    if holder.assignments.is_empty() {
        return Verdict::because(ReasonCode::NoRole);
    }
    let topic = graph.topic(question.permission);
    let mut best = Verdict::because(ReasonCode::NotGranted);
    for assignment in holder.assignments {
        let Some(lines) = graph.lines(assignment.role, topic) else {
            // What it would have denied is not known, so nothing is allowed.
            return Verdict::because(ReasonCode::RoleUnknown);
        };
        let standing = standing(assignment, question);
        for line in lines {
            let truth = truth::condition(line.when, &question.facts);
            let Assignment { role: assigned, workspace, .. } = *assignment;
            let decider = Decider { assigned, workspace, origin: graph.id(line.origin), line: line.place };
            observe(Step { decider, effect: line.effect, standing, truth });
            if let Some(reason) = reason(line.effect, standing, truth)
                && weight(reason) > weight(best.reason)
            {
                best = Verdict { reason, decider: Some(decider) };
            }
        }
    }
    best
}

fn standing(assignment: &Assignment, question: &Question<'_>) -> Standing {
    let now = question.facts.circumstances.now;
    if assignment.until.is_some_and(|until| now >= until) {
        Standing::Expired
    } else if assignment.from.is_some_and(|from| now < from) {
        Standing::NotYet
    } else if assignment.workspace.is_some_and(|workspace| question.facts.resource.workspace != Some(workspace)) {
        Standing::OtherWorkspace
    } else {
        Standing::Counts
    }
}

/// What a line says for the decision; a line that denies and does not count says nothing.
const fn reason(effect: Effect, standing: Standing, truth: Truth) -> Option<ReasonCode> {
    match (effect, standing, truth) {
        (Effect::Deny, Standing::Counts, Truth::Yes) => Some(ReasonCode::Denied),
        (Effect::Deny, Standing::Counts, Truth::Unknown) => Some(ReasonCode::DenyUnclear),
        (Effect::Deny, ..) => None,
        (Effect::Allow, Standing::Counts, Truth::Yes) => Some(ReasonCode::Granted),
        (Effect::Allow, Standing::Counts, Truth::Unknown) => Some(ReasonCode::ConditionUnclear),
        (Effect::Allow, Standing::Counts, Truth::No) => Some(ReasonCode::ConditionFalse),
        (Effect::Allow, Standing::OtherWorkspace, _) => Some(ReasonCode::OtherWorkspace),
        (Effect::Allow, Standing::NotYet, _) => Some(ReasonCode::NotYet),
        (Effect::Allow, Standing::Expired, _) => Some(ReasonCode::Expired),
    }
}

/// Which of two reasons decides: denying over allowing, allowing over what nearly does, and of those the one that is
/// nearest to a yes, which is what a person has to know.
const fn weight(reason: ReasonCode) -> u8 {
    match reason {
        ReasonCode::PermissionUnknown
        | ReasonCode::SubjectUnknown
        | ReasonCode::SubjectInactive
        | ReasonCode::AttributeUnknown
        | ReasonCode::NotPlatform
        | ReasonCode::RoleUnknown => 9,
        ReasonCode::Denied => 8,
        ReasonCode::DenyUnclear => 7,
        ReasonCode::Granted => 6,
        ReasonCode::ConditionUnclear => 5,
        ReasonCode::ConditionFalse => 4,
        ReasonCode::OtherWorkspace => 3,
        ReasonCode::NotYet => 2,
        ReasonCode::Expired => 1,
        ReasonCode::NotGranted | ReasonCode::NoRole => 0,
    }
}
