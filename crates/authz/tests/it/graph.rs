//! Graphs that cannot be, and those that just can.

use crate::world::role;
use bulkhead_authz::graph::{DEEPEST, GraphError, MOST_LINES, MOST_ROLES, RoleGraph};
use bulkhead_model::access::{Condition, Effect, Grant, RoleDefinition};
use proptest::prelude::*;

fn named(number: usize, inherits: &[usize]) -> RoleDefinition {
    let inherits = inherits.iter().copied().map(role).collect();
    RoleDefinition { id: role(number), name: format!("r{number}"), inherits, grants: Vec::new() }
}

fn refusal(roles: &[RoleDefinition]) -> GraphError {
    RoleGraph::new(roles).unwrap_err()
}

#[test]
fn a_cycle_is_refused_and_printed() {
    let oneself = refusal(&[named(0, &[0])]);
    assert_eq!(oneself.to_string(), "roles would inherit from each other in a circle: r0 → r0");
    let three = refusal(&[named(0, &[1]), named(1, &[2]), named(2, &[1])]);
    assert_eq!(three, GraphError::Cycle(vec!["r1".to_owned(), "r2".to_owned()]));
}

#[test]
fn a_long_way_and_a_thousand_roles_are_the_most() {
    let chain = |length: usize| -> Vec<RoleDefinition> {
        (0..length).map(|number| if number == 0 { named(0, &[]) } else { named(number, &[number - 1]) }).collect()
    };
    assert!(RoleGraph::new(&chain(DEEPEST)).is_ok());
    assert_eq!(refusal(&chain(DEEPEST + 1)), GraphError::TooDeep { role: format!("r{DEEPEST}") });
    assert!(matches!(refusal(&chain(MOST_ROLES)), GraphError::TooDeep { .. }), "and no end of the stack");
    let flat = |count: usize| -> Vec<RoleDefinition> { (0..count).map(|number| named(number, &[])).collect() };
    assert!(RoleGraph::new(&flat(MOST_ROLES)).is_ok());
    assert_eq!(refusal(&flat(MOST_ROLES + 5)), GraphError::TooMany);
}

#[test]
fn a_diamond_is_no_cycle_and_a_missing_parent_is_said() {
    let diamond = [named(0, &[]), named(1, &[0]), named(2, &[0]), named(3, &[1, 2])];
    let graph = RoleGraph::new(&diamond).unwrap();
    assert_eq!(graph.way(role(3), role(0)), Some(vec![role(3), role(1), role(0)]));
    assert_eq!(graph.way(role(0), role(3)), None);
    assert_eq!(refusal(&[named(0, &[7])]), GraphError::UnknownParent { role: "r0".to_owned() });
    assert_eq!(refusal(&[named(0, &[]), named(0, &[])]), GraphError::Twice);
}

proptest! {
    /// Any edges at all: there is a graph exactly where nobody reaches themselves.
    #[test]
    fn a_graph_has_no_cycle(edges in prop::collection::vec((0..7usize, 0..7usize), 0..14)) {
        let parents = |of: usize| edges.iter().filter(move |(child, _)| *child == of).map(|(_, parent)| *parent);
        let roles: Vec<RoleDefinition> = (0..7).map(|n| named(n, &parents(n).collect::<Vec<_>>())).collect();
        let reaches_itself = (0..7).any(|start| {
            let mut reached: Vec<usize> = parents(start).collect();
            let mut next = 0;
            while next < reached.len() {
                for parent in parents(reached[next]) {
                    if !reached.contains(&parent) {
                        reached.push(parent);
                    }
                }
                next += 1;
            }
            reached.contains(&start)
        });
        prop_assert_eq!(RoleGraph::new(&roles).is_err(), reaches_itself);
    }
}

#[test]
fn what_roles_say_together_has_an_end() {
    let grant = |number: usize| Grant {
        permission: format!("things:act-{number}").parse().unwrap(),
        effect: Effect::Allow,
        when: Condition::default(),
    };
    // One role with 300 lines, and as many heirs as it takes: every one of them has these lines as well.
    let together = |heirs: usize| -> Vec<RoleDefinition> {
        let root = RoleDefinition { grants: (0..300).map(grant).collect(), ..named(0, &[]) };
        std::iter::once(root).chain((1..=heirs).map(|number| named(number, &[0]))).collect()
    };
    let most = MOST_LINES / 300 - 1;
    assert_eq!(RoleGraph::new(&together(most)).unwrap().lines_in_all(), 300 * (most + 1));
    assert_eq!(refusal(&together(most + 1)), GraphError::TooMuch);
}
