//! What a draft comes to, permission by permission: what is inherited and from whom, the state, and what a trial says.

use super::{RoleForm, Scene, Supposed, trial::HOLDER};
use crate::{
    decision::{self, Holder, Question, Verdict},
    graph::{RoleGraph, Said},
    truth::{self, Circumstances, Clocks, Facts, Truth},
    words,
};
use bulkhead_model::{
    FieldErrors, RoleId,
    access::{Assignment, Effect, Grant, PermissionName, Resource, RoleDefinition},
    text::sentence,
    visible::visible,
};

/// What it comes to for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing allows it.
    Off,
    /// The role allows it itself.
    Here,
    /// A role that it inherits from allows it.
    Inherited,
    /// It is allowed at times.
    Conditional,
    /// It is denied, whatever allows it.
    Denied,
    /// What was typed does not read.
    Unclear,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Off, Self::Here, Self::Inherited, Self::Conditional, Self::Denied, Self::Unclear];

    /// What the lines that count for a role come to.
    #[must_use]
    pub fn of(graph: &RoleGraph, role: RoleId, permission: &PermissionName) -> Self {
        let said = || graph.says(role, permission);
        let always = |effect| said().filter(move |line| line.effect == effect && line.when.any.is_empty());
        if always(Effect::Deny).next().is_some() {
            return Self::Denied;
        }
        let allowed = said().any(|line| line.effect == Effect::Allow);
        match said().any(|line| line.effect == Effect::Deny) {
            true if allowed => return Self::Conditional,
            true => return Self::Denied,
            false => {}
        }
        if always(Effect::Allow).any(|line| line.origin == role) {
            return Self::Here;
        }
        match (always(Effect::Allow).next().is_some(), allowed) {
            (true, _) => Self::Inherited,
            (false, true) => Self::Conditional,
            (false, false) => Self::Off,
        }
    }

    /// By which the browser finds how it looks.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Here => "here",
            Self::Inherited => "inherited",
            Self::Conditional => "conditional",
            Self::Denied => "denied",
            Self::Unclear => "unclear",
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Off => "Not allowed",
            Self::Here => "Allowed",
            Self::Inherited => "Inherited",
            Self::Conditional => "Conditional",
            Self::Denied => "Denied",
            Self::Unclear => "To be corrected",
        }
    }

    const fn allows(self) -> bool {
        matches!(self, Self::Here | Self::Inherited | Self::Conditional)
    }
}

/// Which permissions are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// All.
    #[default]
    All,
    /// What is allowed, always or at times.
    Granted,
    /// What the role says otherwise than it is saved.
    Changed,
    /// What takes a reason.
    Dangerous,
}

impl Show {
    /// Every one, with its label.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::All, "All permissions"),
        (Self::Granted, "Allowed"),
        (Self::Changed, "Changed"),
        (Self::Dangerous, "Needs a reason"),
    ];

    /// As the form writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Granted => "granted",
            Self::Changed => "changed",
            Self::Dangerous => "dangerous",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(show, _)| show).find(|show| show.code() == code)
    }
}

/// Whether a conditional line holds in the trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// What the line does.
    pub effect: Effect,
    /// Whether it holds.
    pub truth: Truth,
}

impl Tried {
    /// The same in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match (self.truth, self.effect) {
            (Truth::Yes, _) => "holds",
            (Truth::No, _) => "does not hold",
            (Truth::Unknown, Effect::Allow) => "cannot be known, so it does not allow",
            (Truth::Unknown, Effect::Deny) => "cannot be known, so it denies",
        }
    }
}

/// A line that is inherited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    /// What it says, and who says it.
    pub text: String,
    /// Whether its condition holds, where it has one and the role is tried.
    pub tried: Option<Tried>,
}

impl Inherited {
    /// All of it in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.tried {
            Some(tried) => format!("{}: {}", self.text, tried.text()),
            None => self.text.clone(),
        }
    }
}

/// What a draft comes to for one permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPicture {
    /// The state.
    pub state: State,
    /// What is inherited, each line once.
    pub inherited: Vec<Inherited>,
    /// When what the role says itself counts, in words.
    pub echo: String,
    /// Whether its own conditional lines hold, where the role is tried.
    pub own: Vec<Tried>,
    /// What somebody would be told who held this role alone, where the role is tried and a line has a condition.
    pub verdict: Option<Verdict>,
    /// Whether it is shown.
    pub shown: bool,
}

impl RowPicture {
    /// Whether its own lines hold, in words; empty where nothing was tried.
    #[must_use]
    pub fn own_words(&self) -> String {
        let words: Vec<&str> = self.own.iter().map(|tried| tried.text()).collect();
        sentence(&words.join("; "))
    }
}

/// How many permissions are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    here: usize,
    inherited: usize,
    conditional: usize,
    denied: usize,
    unclear: usize,
    shown: usize,
    all: usize,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { here, inherited, conditional, denied, unclear, shown, all } = self;
        write!(f, "{here} allowed here, {inherited} inherited, {conditional} conditional, {denied} denied")?;
        if *unclear > 0 {
            write!(f, ", {unclear} to be corrected")?;
        }
        match shown == all {
            true => write!(f, ", of {all}."),
            false => write!(f, ", of {all}. {shown} shown."),
        }
    }
}

/// What a draft comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// One for each permission of the scene, in its order.
    pub rows: Vec<RowPicture>,
    /// How many.
    pub counts: Counts,
    /// Why the draft cannot stand together with the other roles, in a sentence. Nothing is inherited then.
    pub trouble: Option<String>,
    /// What the trial comes to, in a sentence.
    pub tried: Option<String>,
}

/// The graph of a draft and of what it inherits from. Other roles change nothing about it.
fn graph(scene: &Scene, draft: RoleDefinition) -> (RoleGraph, Option<String>) {
    let alone = RoleDefinition { inherits: Vec::new(), ..draft.clone() };
    let mut together = vec![draft];
    let mut next = 0;
    while let Some(role) = together.get(next) {
        let missing = |id: &RoleId| together.iter().all(|role| role.id != *id);
        let parents: Vec<RoleId> = role.inherits.iter().copied().filter(missing).collect();
        together.extend(scene.others.iter().filter(|other| parents.contains(&other.id)).cloned());
        next += 1;
    }
    match RoleGraph::new(&together) {
        Ok(graph) => (graph, None),
        Err(error) => {
            let trouble = visible(&sentence(&format!("{error}.")));
            (RoleGraph::new(&[alone]).unwrap_or_default(), Some(trouble))
        }
    }
}

impl Picture {
    /// What a form comes to, tried under what is supposed.
    #[must_use]
    pub fn of(scene: &Scene, form: &RoleForm, clocks: &dyn Clocks, supposed: Option<&Supposed>) -> Self {
        let (mut grants, mut unread) = (Vec::new(), Vec::with_capacity(form.lines.len()));
        for (permission, line) in &form.lines {
            let mut errors = FieldErrors::new();
            grants.extend(line.grants(&scene.about(permission, clocks), &mut errors));
            unread.push(!errors.is_empty());
        }
        let name = if form.name.trim().is_empty() { "This role" } else { form.name.trim() };
        let draft = RoleDefinition { id: scene.role, name: name.to_owned(), inherits: form.inherits.clone(), grants };
        let own = draft.grants.clone();
        let (graph, trouble) = graph(scene, draft);
        let view = View { scene, graph: &graph, clocks, supposed };
        let mut rows = Vec::with_capacity(form.lines.len());
        for (((permission, line), topic), unclear) in form.lines.iter().zip(&scene.topics).zip(unread) {
            let mut row = view.row(permission);
            row.echo = echo(scene, line, permission, clocks);
            if unclear {
                row.state = State::Unclear;
            }
            row.shown = match form.show {
                Show::All => true,
                // What is to be corrected is not hidden.
                _ if unclear => true,
                Show::Granted => row.state.allows(),
                Show::Changed => said_of(&own, permission) != said_of(&scene.saved, permission),
                Show::Dangerous => topic.dangerous,
            };
            rows.push(row);
        }
        let count = |state| rows.iter().filter(|row| row.state == state).count();
        let counts = Counts {
            here: count(State::Here),
            inherited: count(State::Inherited),
            conditional: count(State::Conditional),
            denied: count(State::Denied),
            unclear: count(State::Unclear),
            shown: rows.iter().filter(|row| row.shown).count(),
            all: rows.len(),
        };
        let tried = supposed.map(|_| tried(&rows));
        Self { rows, counts, trouble, tried }
    }
}

fn tried(rows: &[RowPicture]) -> String {
    let verdicts: Vec<Verdict> = rows.iter().filter_map(|row| row.verdict).collect();
    let allowed = verdicts.iter().filter(|verdict| verdict.allowed()).count();
    match verdicts.len() {
        0 => "Tried: nothing depends on a condition.".to_owned(),
        all => format!("Tried: of {all} with a condition, {allowed} allowed and {} not.", all - allowed),
    }
}

fn said_of<'a>(grants: &'a [Grant], permission: &PermissionName) -> Vec<&'a Grant> {
    grants.iter().filter(|grant| grant.permission == *permission).collect()
}

/// When a line counts, as the fields say it.
fn echo(scene: &Scene, line: &super::Line, permission: &PermissionName, clocks: &dyn Clocks) -> String {
    if line.kept.len() > 1 {
        return "Instead of these lines".to_owned();
    }
    if let Some(kept) = line.kept_condition().filter(|_| !line.remove) {
        return visible(&sentence(&kept.when.told(&scene.places)));
    }
    let mut errors = FieldErrors::new();
    match line.when.read(&scene.about(permission, clocks), &mut errors) {
        Some(condition) => visible(&sentence(&condition.told(&scene.places))),
        None => State::Unclear.label().to_owned(),
    }
}

struct View<'a> {
    scene: &'a Scene,
    graph: &'a RoleGraph,
    clocks: &'a dyn Clocks,
    supposed: Option<&'a Supposed>,
}

impl View<'_> {
    fn row(&self, permission: &PermissionName) -> RowPicture {
        let role = self.scene.role;
        let lines: Vec<Said<'_>> = self.graph.says(role, permission).collect();
        let (own, inherited): (Vec<&Said<'_>>, Vec<&Said<'_>>) = lines.iter().partition(|line| line.origin == role);
        let inherited = inherited.into_iter().fold(Vec::new(), |mut before: Vec<Inherited>, line| {
            let text = words::said(self.graph, None, line, &self.scene.places);
            // Equal lines say and try the same.
            if let Err(at) = before.binary_search_by(|before| before.text.cmp(&text)) {
                before.insert(at, Inherited { text, tried: self.tried(permission, line) });
            }
            before
        });
        let conditional = lines.iter().any(|line| !line.when.any.is_empty());
        RowPicture {
            state: State::of(self.graph, role, permission),
            inherited,
            echo: String::new(),
            own: own.into_iter().filter_map(|line| self.tried(permission, line)).collect(),
            verdict: self.supposed.filter(|_| conditional).map(|supposed| self.verdict(permission, supposed)),
            shown: true,
        }
    }

    /// Runs a question about a permission under what is supposed.
    fn facts<T>(&self, permission: &PermissionName, supposed: &Supposed, ask: impl FnOnce(Facts<'_>) -> T) -> T {
        let nothing = Resource::default();
        let resource = super::find(&supposed.resources, &permission.resource).unwrap_or(&nothing);
        let circumstances = Circumstances { now: supposed.now, address: supposed.address, clocks: self.clocks };
        ask(Facts { user: HOLDER, resource, circumstances })
    }

    fn tried(&self, permission: &PermissionName, line: &Said<'_>) -> Option<Tried> {
        let supposed = self.supposed.filter(|_| !line.when.any.is_empty())?;
        let truth = self.facts(permission, supposed, |facts| truth::condition(line.when, &facts));
        Some(Tried { effect: line.effect, truth })
    }

    /// What somebody would be told who held this role, and nothing else.
    fn verdict(&self, permission: &PermissionName, supposed: &Supposed) -> Verdict {
        let assignments = [Assignment { role: self.scene.role, workspace: None, from: None, until: None }];
        let holder = Holder { user: HOLDER, platform: self.scene.platform, assignments: &assignments };
        self.facts(permission, supposed, |facts| {
            decision::decide(self.graph, &holder, &Question { permission, registered: true, facts })
        })
    }
}
