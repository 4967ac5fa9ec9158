//! What holds for every organization.

use crate::{
    reference,
    world::{FixedClocks, World, grant, world},
};
use bulkhead_authz::{
    access::{Moment, Roles, Subject},
    catalogue::Catalogue,
    decision::{ReasonCode, Standing, decide, explain},
    reach::{Reach, reach},
    truth::{Looked, Resource, Truth, look},
};
use bulkhead_model::{access::Effect, org::OrgKind, user::Role};
use proptest::{option, prelude::*, sample::Index};
use std::sync::Arc;

fn is_allowed(world: &World) -> bool {
    decide(&world.graph(), &world.holder(), &world.question()).allowed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The reference agrees, and what explains is what enforces.
    #[test]
    fn the_reference_agrees(world in world()) {
        let graph = world.graph();
        let verdict = decide(&graph, &world.holder(), &world.question());
        prop_assert_eq!(verdict.allowed(), reference::allowed(&world));
        let (explained, steps) = explain(&graph, &world.holder(), &world.question());
        prop_assert_eq!(explained, verdict);
        if let Some(decider) = verdict.decider {
            prop_assert!(steps.iter().any(|step| step.decider == decider));
            prop_assert!(graph.way(decider.assigned, decider.origin).is_some());
        }
        if verdict.allowed() {
            let counts = |effect| steps.iter().any(|step| {
                step.effect == effect && step.standing == Standing::Counts && step.truth != Truth::No
            });
            prop_assert!(counts(Effect::Allow) && !counts(Effect::Deny));
        }
    }

    /// What a condition is said to have seen adds up to whether it holds, and what is not known is not called known.
    #[test]
    fn what_was_looked_at_adds_up(world in world()) {
        let graph = world.graph();
        let question = world.question();
        let (_, steps) = explain(&graph, &world.holder(), &question);
        for step in steps {
            let when = graph.when(step.decider.origin, step.decider.line).unwrap();
            let looked = look(when, &question.facts);
            prop_assert_eq!(looked.len(), when.any.len());
            let group = |group: &Vec<Looked>| {
                let any = |truth| group.iter().any(|one| one.truth == truth);
                if any(Truth::No) { Truth::No } else if any(Truth::Unknown) { Truth::Unknown } else { Truth::Yes }
            };
            let groups: Vec<Truth> = looked.iter().map(group).collect();
            let any = |truth| groups.contains(&truth);
            let together = match groups.is_empty() || any(Truth::Yes) {
                true => Truth::Yes,
                false if any(Truth::Unknown) => Truth::Unknown,
                false => Truth::No,
            };
            prop_assert_eq!(together, step.truth);
            for one in looked.iter().flatten().filter(|one| one.saw.text().is_none()) {
                prop_assert_eq!(one.truth, Truth::Unknown);
            }
        }
    }

    /// What reaches always is allowed under whatever circumstances come, and what never does is not.
    #[test]
    fn reach_keeps_its_word(world in world(), other in world(), wait in 0..14i64) {
        let now = world.now;
        let reach = reach(&world.graph(), &world.holder(), (&world.permission, world.registered), now);
        let later = now + time::Duration::days(wait);
        let asked = World { resource: other.resource, address: other.address, now: later, ..world };
        match reach {
            Reach::Always => prop_assert!(is_allowed(&asked)),
            Reach::Never => prop_assert!(!is_allowed(&asked)),
            Reach::Sometimes => {}
        }
    }

    /// What somebody holds, so that they may give it, they are allowed under whatever circumstances come until then: in that
    /// workspace, or anywhere where they hold it organization-wide.
    #[test]
    fn what_can_be_given_is_held(world in world(), other in world(), wait in 0..14i64, ends in option::of(0..14i64)) {
        let after = |days| world.now + time::Duration::days(days);
        let (until, later) = (ends.map(after), after(wait));
        let moment = Moment { now: world.now, address: world.address, clocks: Arc::new(FixedClocks) };
        let kind = if world.platform { OrgKind::Platform } else { OrgKind::Customer };
        // A viewer, because the built-in role says nothing about these permissions.
        let roles = Arc::new(Roles::new(Catalogue::console(), world.roles.clone()).unwrap());
        let subject = Subject::new((world.user, Role::Viewer, kind), roles, world.assignments.clone(), moment);
        let permission = world.permission.clone();
        for within in [None, other.resource.workspace] {
            if !subject.holds(&permission, until, within) || until.is_some_and(|until| later >= until) {
                continue;
            }
            let resource = match within {
                Some(_) => Resource { workspace: within, ..other.resource.clone() },
                None => other.resource.clone(),
            };
            let asked = World { resource, address: other.address, now: later, registered: true, ..world.clone() };
            prop_assert!(is_allowed(&asked), "{within:?}");
        }
        if subject.holds(&permission, until, None) {
            prop_assert!(subject.holds(&permission, until, other.resource.workspace), "everywhere is there as well");
        }
    }

    /// Neither the order of the roles, nor of what is held, nor of what a role says matters.
    #[test]
    fn order_does_not_matter(world in world(), seed in any::<u64>()) {
        let mut shuffled = world.clone();
        let mut order = proptest::test_runner::TestRng::from_seed(
            proptest::test_runner::RngAlgorithm::ChaCha, &[seed.to_le_bytes(), [0; 8], [0; 8], [0; 8]].concat());
        let mut shuffle = |length: usize| -> Vec<usize> {
            let mut places: Vec<usize> = (0..length).collect();
            for end in (1..length).rev() {
                places.swap(end, usize::try_from(order.next_u64() % (end as u64 + 1)).unwrap());
            }
            places
        };
        shuffled.assignments = shuffle(world.assignments.len()).into_iter().map(|at| world.assignments[at].clone()).collect();
        shuffled.roles = shuffle(world.roles.len()).into_iter().map(|at| world.roles[at].clone()).collect();
        for role in &mut shuffled.roles {
            let grants = role.grants.clone();
            role.grants = shuffle(grants.len()).into_iter().map(|at| grants[at].clone()).collect();
        }
        let reason = |world: &World| decide(&world.graph(), &world.holder(), &world.question()).reason;
        prop_assert_eq!(reason(&shuffled), reason(&world));
    }

    /// A line that allows never takes anything away.
    #[test]
    fn allowing_more_never_removes(world in world(), line in grant(Just(Effect::Allow)), whose in any::<Index>()) {
        let mut more = world.clone();
        let place = whose.index(more.roles.len());
        more.roles[place].grants.push(line);
        prop_assert!(is_allowed(&more) || !is_allowed(&world));
    }

    /// A line that denies never gives anything.
    #[test]
    fn denying_more_never_adds(world in world(), line in grant(Just(Effect::Deny)), whose in any::<Index>()) {
        let mut more = world.clone();
        let place = whose.index(more.roles.len());
        more.roles[place].grants.push(line);
        prop_assert!(!is_allowed(&more) || is_allowed(&world));
    }

    /// What cannot be known allows nothing: with less known, no more is allowed, as long as nothing is denied.
    #[test]
    fn knowing_less_never_adds(mut world in world()) {
        for role in &mut world.roles {
            role.grants.retain(|grant| grant.effect == Effect::Allow);
        }
        let before = is_allowed(&world);
        world.address = None;
        world.resource.owner = None;
        world.resource.id = None;
        world.resource.attributes.clear();
        prop_assert!(before || !is_allowed(&world));
    }

    /// Outside the platform nobody holds what is the platform's, whatever their roles say.
    #[test]
    fn the_platforms_own_stays_there(mut world in world()) {
        world.platform = false;
        world.registered = true;
        world.permission = "platform.orgs:manage".parse().unwrap();
        let verdict = decide(&world.graph(), &world.holder(), &world.question());
        prop_assert_eq!(verdict.reason, ReasonCode::NotPlatform);
    }
}
