//! The roles of one organization, ready to decide by: without cycles, and every role with what it inherits.

use bulkhead_model::{
    RoleId,
    access::{Condition, Effect, PermissionName, RoleDefinition},
};
use std::collections::HashMap;

/// Roles of one organization, at most; the built-in ones not counted.
pub const MOST_ROLES: usize = 1_000;
/// Lines of all roles together, inherited ones counted for every role that inherits them, at most. What one organization's
/// roles take of a process's memory is bounded by this.
pub const MOST_LINES: usize = 250_000;
/// Roles on the longest way from a role to one that it inherits from, itself included, at most.
pub const DEEPEST: usize = 16;

/// Why roles cannot stand together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// A role inherits from itself, by this way: the first is the last one's parent.
    #[error("{}", cycle_sentence(.0))]
    Cycle(Vec<String>),
    /// A way is longer than [`DEEPEST`].
    #[error("{role} inherits over more than {DEEPEST} steps")]
    TooDeep {
        /// Where the way begins.
        role: String,
    },
    /// More than [`MOST_ROLES`].
    #[error("there are more than {MOST_ROLES} roles")]
    TooMany,
    /// More than [`MOST_LINES`].
    #[error("all roles together, with what they inherit, say more than {MOST_LINES} lines")]
    TooMuch,
    /// A parent is not there.
    #[error("{role} inherits from a role that does not exist")]
    UnknownParent {
        /// Whose parent.
        role: String,
    },
    /// Two roles have one id.
    #[error("two roles have one id")]
    Twice,
}

fn cycle_sentence(names: &[String]) -> String {
    let first = names.first().map_or("", String::as_str);
    format!("roles would inherit from each other in a circle: {} → {first}", names.join(" → "))
}

/// One line that counts for a role: its own, or one it inherits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line<'a> {
    pub effect: Effect,
    pub when: &'a Condition,
    /// The role that says it.
    pub origin: usize,
    /// Where that line stands among the origin's own.
    pub place: usize,
}

/// What a role says about a permission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Said<'a> {
    /// The role that says it: the one asked about, or one that it inherits from.
    pub origin: RoleId,
    /// Allowing or denying.
    pub effect: Effect,
    /// When.
    pub when: &'a Condition,
}

/// A permission's number in its graph. Names are long, and a decision asks every role that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Topic(usize);

/// Where a line is written: the role, and its place among that role's own.
#[derive(Debug, Clone, Copy)]
struct Spot {
    origin: u32,
    place: u32,
}

#[derive(Debug, Clone)]
struct Node {
    id: RoleId,
    name: String,
    parents: Vec<usize>,
    /// What the role says itself, in its order.
    own: Vec<(Effect, Condition)>,
    /// What counts for it, its own first, then by distance.
    reached: HashMap<Topic, Vec<Spot>>,
}

/// The roles of one organization. Made once for each version of the roles, and shared by all decisions.
#[derive(Debug, Clone, Default)]
pub struct RoleGraph {
    nodes: Vec<Node>,
    places: HashMap<RoleId, usize>,
    topics: HashMap<PermissionName, Topic>,
    lines: usize,
}

impl RoleGraph {
    /// Puts roles together.
    ///
    /// # Errors
    /// The first reason why they cannot stand together. A cycle is printed with the roles' names.
    pub fn new(roles: &[RoleDefinition]) -> Result<Self, GraphError> {
        if roles.len() > MOST_ROLES + bulkhead_model::user::Role::ALL.len() {
            return Err(GraphError::TooMany);
        }
        let places: HashMap<RoleId, usize> = roles.iter().enumerate().map(|(place, role)| (role.id, place)).collect();
        if places.len() != roles.len() {
            return Err(GraphError::Twice);
        }
        let parents: Vec<Vec<usize>> = roles
            .iter()
            .map(|role| {
                let parents = role.inherits.iter().map(|parent| places.get(parent).copied());
                let parents: Option<Vec<usize>> = parents.collect();
                parents.ok_or_else(|| GraphError::UnknownParent { role: role.name.clone() })
            })
            .collect::<Result<_, _>>()?;
        check_depth(roles, &parents)?;
        let mut topics = HashMap::new();
        for grant in roles.iter().flat_map(|role| &role.grants) {
            let next = Topic(topics.len());
            topics.entry(grant.permission.clone()).or_insert(next);
        }
        let mut left = MOST_LINES;
        let mut nodes = Vec::with_capacity(roles.len());
        for (place, role) in roles.iter().enumerate() {
            let reached = reached(roles, &nearest_first(place, &parents), &topics, &mut left)?;
            let own = role.grants.iter().map(|grant| (grant.effect, grant.when.clone())).collect();
            nodes.push(Node { id: role.id, name: role.name.clone(), parents: parents[place].clone(), own, reached });
        }
        Ok(Self { nodes, places, topics, lines: MOST_LINES - left })
    }

    /// Lines of all roles together, inherited ones counted for every role that inherits them.
    #[must_use]
    pub const fn lines_in_all(&self) -> usize {
        self.lines
    }

    /// Whether a role is among them.
    #[must_use]
    pub fn knows(&self, role: RoleId) -> bool {
        self.places.contains_key(&role)
    }

    /// What a role is called.
    #[must_use]
    pub fn name(&self, role: RoleId) -> Option<&str> {
        self.places.get(&role).map(|place| self.nodes[*place].name.as_str())
    }

    /// Every permission that a role says something about, itself or by inheritance, in order.
    #[must_use]
    pub fn permissions(&self, role: RoleId) -> Vec<&PermissionName> {
        let Some(place) = self.places.get(&role) else { return Vec::new() };
        let said = self.topics.iter().filter(|(_, topic)| self.nodes[*place].reached.contains_key(topic));
        let mut names: Vec<&PermissionName> = said.map(|(name, _)| name).collect();
        names.sort();
        names
    }

    /// Every permission that a role allows, with or without a condition, itself or by inheritance, in order.
    #[must_use]
    pub fn allowed(&self, role: RoleId) -> Vec<&PermissionName> {
        self.with_effect(role, Effect::Allow)
    }

    /// Every permission that a role denies, with or without a condition, itself or by inheritance, in order.
    #[must_use]
    pub fn denied(&self, role: RoleId) -> Vec<&PermissionName> {
        self.with_effect(role, Effect::Deny)
    }

    fn with_effect(&self, role: RoleId, effect: Effect) -> Vec<&PermissionName> {
        let says = |name: &&PermissionName| self.says(role, name).any(|line| line.effect == effect);
        self.permissions(role).into_iter().filter(says).collect()
    }

    /// Whether any role denies anything.
    #[must_use]
    pub fn denies_anything(&self) -> bool {
        self.nodes.iter().flat_map(|node| &node.own).any(|(effect, _)| *effect == Effect::Deny)
    }

    /// Whether any role's condition names a workspace.
    #[must_use]
    pub fn names_workspaces(&self) -> bool {
        self.nodes.iter().flat_map(|node| &node.own).any(|(_, when)| when.workspaces().next().is_some())
    }

    /// Every role that inherits from one of these, near or far, and these themselves.
    #[must_use]
    pub fn heirs(&self, of: RoleId) -> Vec<RoleId> {
        self.nodes.iter().map(|node| node.id).filter(|role| self.way(*role, of).is_some()).collect()
    }

    /// What counts for a role about a permission, the role's own first, then by distance; nothing for an unknown role.
    pub fn says(&self, role: RoleId, permission: &PermissionName) -> impl Iterator<Item = Said<'_>> {
        let lines = self.lines(role, self.topic(permission)).into_iter().flatten();
        lines.map(|line| Said { origin: self.id(line.origin), effect: line.effect, when: line.when })
    }

    /// When a line counts: the one at a place among a role's own.
    #[must_use]
    pub fn when(&self, origin: RoleId, place: usize) -> Option<&Condition> {
        let (_, when) = self.nodes[*self.places.get(&origin)?].own.get(place)?;
        Some(when)
    }

    /// The shortest way from a role to one it inherits from, both included; nothing where there is none.
    #[must_use]
    pub fn way(&self, from: RoleId, to: RoleId) -> Option<Vec<RoleId>> {
        let (from, to) = (*self.places.get(&from)?, *self.places.get(&to)?);
        let mut came_from: HashMap<usize, usize> = HashMap::new();
        let mut waiting = std::collections::VecDeque::from([from]);
        while let Some(place) = waiting.pop_front() {
            if place == to {
                let mut way = vec![to];
                while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                    way.push(*before);
                }
                return Some(way.into_iter().rev().map(|place| self.nodes[place].id).collect());
            }
            for parent in &self.nodes[place].parents {
                if *parent != from && !came_from.contains_key(parent) {
                    came_from.insert(*parent, place);
                    waiting.push_back(*parent);
                }
            }
        }
        None
    }

    /// A permission by its number; none where no role says anything about it.
    pub(crate) fn topic(&self, permission: &PermissionName) -> Option<Topic> {
        self.topics.get(permission).copied()
    }

    /// What counts for a role about a permission; none where the role is unknown.
    pub(crate) fn lines(&self, role: RoleId, topic: Option<Topic>) -> Option<impl Iterator<Item = Line<'_>>> {
        let node = &self.nodes[*self.places.get(&role)?];
        let spots = topic.and_then(|topic| node.reached.get(&topic)).map_or(&[][..], Vec::as_slice);
        Some(spots.iter().map(|spot| {
            let (origin, place) = (spot.origin as usize, spot.place as usize);
            let (effect, when) = &self.nodes[origin].own[place];
            Line { effect: *effect, when, origin, place }
        }))
    }

    pub(crate) fn id(&self, place: usize) -> RoleId {
        self.nodes[place].id
    }
}

/// Refuses cycles, and ways that are too long. Without recursion: whoever sends ten thousand roles in a row gets an
/// answer and not the end of the stack.
fn check_depth(roles: &[RoleDefinition], parents: &[Vec<usize>]) -> Result<(), GraphError> {
    /// How far a role is.
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        /// Its longest way, in roles.
        Done(usize),
    }
    let mut states = vec![State::New; roles.len()];
    for start in 0..roles.len() {
        // The way so far: each role, and which of its parents is next.
        let mut way: Vec<(usize, usize)> = if states[start] == State::New { vec![(start, 0)] } else { Vec::new() };
        while let Some((place, next)) = way.last_mut() {
            let place = *place;
            states[place] = State::Open;
            match parents[place].get(*next).map(|parent| (*parent, states[*parent])) {
                Some((parent, State::Open)) => {
                    let begin = way.iter().position(|(open, _)| *open == parent).unwrap_or_default();
                    return Err(GraphError::Cycle(
                        way[begin..].iter().map(|(open, _)| roles[*open].name.clone()).collect(),
                    ));
                }
                Some((parent, State::New)) => {
                    *next += 1;
                    way.push((parent, 0));
                }
                Some((_, State::Done(_))) => *next += 1,
                None => {
                    let longest = parents[place].iter().map(|parent| match states[*parent] {
                        State::Done(longest) => longest,
                        State::New | State::Open => 0,
                    });
                    let longest = longest.max().unwrap_or_default() + 1;
                    if longest > DEEPEST {
                        return Err(GraphError::TooDeep { role: roles[place].name.clone() });
                    }
                    states[place] = State::Done(longest);
                    way.pop();
                }
            }
        }
    }
    Ok(())
}

/// A role and all it inherits from, each once, by distance.
fn nearest_first(place: usize, parents: &[Vec<usize>]) -> Vec<usize> {
    let mut order = vec![place];
    let mut known: std::collections::HashSet<usize> = std::collections::HashSet::from([place]);
    let mut next = 0;
    while let Some(current) = order.get(next).copied() {
        order.extend(parents[current].iter().copied().filter(|parent| known.insert(*parent)));
        next += 1;
    }
    order
}

/// What a role says, and all that it inherits from says, by permission. `left` is how many lines there may still be.
fn reached(
    roles: &[RoleDefinition],
    origins: &[usize],
    topics: &HashMap<PermissionName, Topic>,
    left: &mut usize,
) -> Result<HashMap<Topic, Vec<Spot>>, GraphError> {
    let mut reached: HashMap<Topic, Vec<Spot>> = HashMap::new();
    for &origin in origins {
        let grants = &roles[origin].grants;
        *left = left.checked_sub(grants.len()).ok_or(GraphError::TooMuch)?;
        for (place, grant) in grants.iter().enumerate() {
            let number = |index: usize| u32::try_from(index).map_err(|_| GraphError::TooMuch);
            let spot = Spot { origin: number(origin)?, place: number(place)? };
            // Every permission of every grant was numbered above.
            if let Some(topic) = topics.get(&grant.permission) {
                reached.entry(*topic).or_default().push(spot);
            }
        }
    }
    Ok(reached)
}
