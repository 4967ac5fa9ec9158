//! The editor's form: what is refused, and what it shows of a draft and of a trial.

use crate::world::{FixedClocks, role};
use bulkhead_authz::{
    decision::ReasonCode,
    draft::{Choice, Fields, Picture, RoleForm, Scene, Show, State, Step, Topic},
    graph::RoleGraph,
    truth::Truth,
    words,
};
use bulkhead_model::{
    FieldErrors, WorkspaceId,
    access::{AllOf, AttributeKind, Condition, Effect, Grant, PermissionName, RoleDefinition, Test},
    workspace::Places,
};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-16 12:00 UTC);

pub fn place(number: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(number))
}

pub fn name(text: &str) -> PermissionName {
    text.parse().unwrap()
}

/// A service's backups, with an attribute of each kind, and something of the console.
pub fn scene() -> Scene {
    let kinds = [
        ("region", AttributeKind::Text),
        ("amount", AttributeKind::Number),
        ("paid", AttributeKind::Boolean),
        ("due", AttributeKind::Time),
    ];
    let kinds = kinds.map(|(name, kind)| (name.parse().unwrap(), kind)).to_vec();
    let topic = |text: &str| Topic { name: name(text), dangerous: text == "backups:delete" };
    Scene {
        role: role(99),
        platform: false,
        others: Vec::new(),
        saved: Vec::new(),
        topics: ["users:read", "backups:read", "backups:delete"].map(topic).to_vec(),
        kinds: vec![("backups".parse().unwrap(), kinds)],
        places: Places::Known(vec![(place(0), "Production".to_owned()), (place(1), "Staging".to_owned())]),
    }
}

pub fn read(scene: &Scene, fields: &Fields, of: &str) -> Result<Condition, FieldErrors> {
    let (permission, mut errors) = (name(of), FieldErrors::new());
    let read = fields.read(&scene.about(&permission, &FixedClocks), &mut errors);
    errors.finish(read)
}

pub fn fields(scene: &Scene, condition: &Condition, of: &str) -> Option<Fields> {
    let permission = name(of);
    Fields::of(condition, &scene.about(&permission, &FixedClocks))
}

fn form(pairs: &[(&str, &str)]) -> Option<RoleForm> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    RoleForm::read(pairs, &scene())
}

#[test]
fn what_is_wrong_stands_beside_its_field() {
    for (of, wrong) in [
        ("attribute0", vec![("value0", "5")]),
        ("attribute0", vec![("attribute0", "colour"), ("value0", "5")]),
        ("is0", vec![("attribute0", "amount"), ("is0", "begins_with"), ("value0", "5")]),
        ("is0", vec![("attribute0", "paid"), ("is0", "above"), ("value0", "yes")]),
        ("is0", vec![("attribute0", "amount"), ("is0", "around"), ("value0", "5")]),
        ("value0", vec![("attribute0", "amount"), ("is0", "below"), ("value0", "")]),
        ("value0", vec![("attribute0", "amount"), ("is0", "below"), ("value0", "12 EUR")]),
        ("value0", vec![("attribute0", "amount"), ("is0", "below"), ("value0", "NaN")]),
        ("value0", vec![("attribute0", "amount"), ("is0", "below"), ("value0", "inf")]),
        ("value0", vec![("attribute0", "amount"), ("is0", "equals"), ("value0", "1\n2")]),
        (
            "value1-2",
            vec![
                ("attribute1-2", "paid"),
                ("is1-2", "equals"),
                ("value1-2", "perhaps"),
                ("owner", "true"),
                ("owner-1", "true"),
            ],
        ),
        ("value0", vec![("attribute0", "due"), ("is0", "above"), ("value0", "tomorrow")]),
        ("value0", vec![("attribute0", "region"), ("is0", "one_of"), ("value0", " \n ")]),
        ("value0", vec![("attribute0", "region"), ("is0", "equals"), ("value0", "e\u{202E}u")]),
        ("id_prefix", vec![("id_prefix", " x")]),
        ("id_prefix", vec![("id_prefix", "a\u{200B}b")]),
        ("workspace", vec![("workspace", "production")]),
        ("workspace", vec![("workspace", "00000000-0000-0000-0000-000000000009")]),
        ("group-1", vec![("owner", "true"), ("zone-1", "")]),
        ("group", vec![("zone", ""), ("owner-1", "true")]),
        ("days", vec![("zone", "Mars/Olympus")]),
        ("zone", vec![("zone", "Mars/Olympus")]),
    ] {
        let mut pairs = vec![("grant.backups:read".to_owned(), "allow".to_owned())];
        pairs.extend(wrong.iter().map(|(field, value)| (format!("{field}.backups:read"), (*value).to_owned())));
        let form = RoleForm::read(pairs, &scene()).unwrap();
        let errors = form.grants(&scene(), &FixedClocks).unwrap_err();
        assert!(errors.of(&format!("{of}.backups:read")).is_some(), "{of} of {wrong:?}: {errors:?}");
        let picture = Picture::of(&scene(), &form, &FixedClocks, None);
        assert_eq!(picture.rows[1].state, State::Unclear, "{wrong:?}");
    }
}

#[test]
fn what_the_page_does_not_send_is_refused() {
    for sent in [
        &[("name", "A"), ("name", "B")][..],
        &[("grant.users:read", "allow"), ("grant.users:read", "deny")],
        &[("grant.users:update", "allow")],
        &[("grant.users:read", "maybe")],
        &[("grant.users:read", "keep")],
        &[("colour.users:read", "red")],
        &[("colour", "red")],
        &[("step", "delete")],
        &[("step", "drop-x.users:read")],
        &[("step", "add.users:fly")],
        &[("show", "everything")],
        &[("version", "one")],
        &[("inherits", "Admin")],
        &[("remove.users:read", "yes")],
        &[("kept.users:read", "[{\"permission\":\"audit:read\",\"effect\":\"allow\"}]")],
        &[("kept.users:read", "{")],
        // The console's own permissions are about nothing that has an owner, a place or attributes.
        &[("owner.users:read", "true")],
        &[("id_prefix.users:read", "x")],
        &[("workspace.users:read", "")],
        &[("attribute0.users:read", "amount")],
        &[("owner.backups:read", "yes")],
        &[("from-8.backups:read", "")],
        &[("value16.backups:read", "")],
        &[("value00.backups:read", "")],
        &[("from-0.backups:read", "")],
        &[("try_colour", "red")],
        &[("try_owner", "me")],
        &[("try.users:name", "x")],
        &[("try.backups:colour", "x")],
    ] {
        assert_eq!(form(sent), None, "{sent:?}");
    }
    let long = "x".repeat(65_537);
    assert_eq!(form(&[("name", &long)]), None);
    assert_eq!(form(&vec![("inherits", "00000000-0000-4000-8000-000000000a01"); 16_001]), None);
    assert!(form(&[("days.users:read", "mon"), ("days.users:read", "sun"), ("grant.users:read", "")]).is_some());
}

#[test]
fn an_alternative_is_added_and_removed_with_everything_else_kept() {
    let typed = [("owner.backups:read", "true"), ("id_prefix-1.backups:read", "b-"), ("zone.users:read", "Mars")];
    let with = |step| form(&[&typed[..], &[("step", step)]].concat()).unwrap();
    let added = with("add.backups:read");
    assert_eq!((added.step, added.open.as_ref()), (Step::Edit, Some(&name("backups:read"))));
    assert_eq!(added.lines[1].1.when.groups.len(), 3);
    assert_eq!(added.lines[0].1.when.groups[0].zone, "Mars");
    let dropped = with("drop.backups:read");
    assert_eq!(dropped.lines[1].1.when.groups.len(), 1);
    assert_eq!(dropped.lines[1].1.when.groups[0].id_prefix, "b-");
    assert_eq!(with("drop-1.backups:read").lines[1].1.when.groups[0].id_prefix, "");
    // What is not there cannot be taken away, and the last one stays.
    assert_eq!(with("drop-5.backups:read").lines[1].1.when.groups.len(), 2);
    assert_eq!(with("drop.users:read").lines[0].1.when.groups.len(), 1);
    let full = form(&[("owner-7.backups:read", "true"), ("step", "add.backups:read")]).unwrap();
    assert_eq!(full.lines[1].1.when.groups.len(), 8);
}

/// A role that inherits from one that reads backups by a condition, and from one that denies deleting them.
fn family() -> Scene {
    let says = |number, text: &str, effect, when| RoleDefinition {
        id: role(number),
        name: format!("r{number}"),
        inherits: Vec::new(),
        grants: vec![Grant { permission: name(text), effect, when }],
    };
    let own = Condition { any: vec![AllOf { tests: vec![Test::Owner] }] };
    let heir =
        RoleDefinition { inherits: vec![role(99)], ..says(3, "users:read", Effect::Allow, Condition::default()) };
    Scene {
        others: vec![
            says(1, "backups:read", Effect::Allow, own),
            says(2, "backups:delete", Effect::Deny, Condition::default()),
            heir,
        ],
        ..scene()
    }
}

fn picture(pairs: &[(&str, &str)]) -> (RoleForm, Picture) {
    let scene = family();
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let form = RoleForm::read(pairs, &scene).unwrap();
    let mut errors = FieldErrors::new();
    let supposed = form.trial.read(&scene, NOW, &mut errors);
    assert!(errors.is_empty(), "{errors:?}");
    let supposed = supposed.filter(|_| form.step == Step::Try);
    let picture = Picture::of(&scene, &form, &FixedClocks, supposed.as_ref());
    (form, picture)
}

#[test]
fn a_draft_is_drawn_as_it_would_be_decided() {
    let (first, second) = (role(1).to_string(), role(2).to_string());
    let inherits = [("inherits", first.as_str()), ("inherits", second.as_str()), ("grant.users:read", "allow")];
    let (_, drawn) = picture(&inherits);
    let states: Vec<State> = drawn.rows.iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Here, State::Conditional, State::Denied]);
    assert_eq!(drawn.rows[1].inherited[0].text, "Allowed by r1, when it is their own");
    assert_eq!(drawn.counts.to_string(), "1 allowed here, 0 inherited, 1 conditional, 1 denied, of 3.");
    assert_eq!((drawn.trouble, drawn.tried), (None, None));

    let heir = role(3).to_string();
    let (_, circle) = picture(&[("name", "Mine"), ("inherits", &heir)]);
    assert!(circle.trouble.is_some_and(|text| text.contains("Mine → r3 → Mine") || text.contains("r3 → Mine → r3")));
}

#[test]
fn a_trial_says_of_every_line_whether_it_holds() {
    let first = role(1).to_string();
    let typed = [
        ("inherits", first.as_str()),
        ("grant.backups:delete", "deny"),
        ("attribute0.backups:delete", "amount"),
        ("is0.backups:delete", "above"),
        ("value0.backups:delete", "100"),
        ("grant.users:read", "allow"),
        ("addresses.users:read", "192.0.2.0/24"),
    ];
    let tried = |more: &[(&'static str, &'static str)]| picture(&[&typed[..], &[("step", "try")], more].concat()).1;
    let nothing = tried(&[]);
    assert_eq!(nothing.rows[0].own_words(), "Cannot be known, so it does not allow");
    assert_eq!(nothing.rows[2].own_words(), "Cannot be known, so it denies");
    assert_eq!(
        nothing.rows[1].inherited[0].words(),
        "Allowed by r1, when it is their own: cannot be known, so it does not allow"
    );
    assert!(nothing.rows.iter().all(|row| row.verdict.is_some_and(|verdict| !verdict.allowed())));
    assert_eq!(nothing.rows[2].verdict.map(|verdict| verdict.reason), Some(ReasonCode::DenyUnclear));
    let all = tried(&[("try_address", "192.0.2.9"), ("try_owner", "own"), ("try.backups:amount", "5")]);
    assert_eq!(all.rows[0].own_words(), "Holds");
    assert_eq!(all.rows[2].own_words(), "Does not hold");
    assert!(all.rows[1].inherited[0].tried.is_some_and(|tried| tried.truth == Truth::Yes));
    let allowed: Vec<bool> = all.rows.iter().map(|row| row.verdict.is_some_and(|verdict| verdict.allowed())).collect();
    assert_eq!(allowed, [true, true, false]);
    assert_eq!(all.tried.as_deref(), Some("Tried: of 3 with a condition, 2 allowed and 1 not."));
    assert_eq!(picture(&typed).1.tried, None, "nobody asked");
}

#[test]
fn a_trial_that_does_not_read_is_none() {
    let scene = scene();
    for (field, value) in [
        ("try_at", "yesterday"),
        ("try_address", "home"),
        ("try_workspace", "production"),
        ("try.backups:amount", "much"),
        ("try.backups:paid", "perhaps"),
        ("try.backups:due", "2026-13-01T00:00"),
    ] {
        let form = form(&[(field, value)]).unwrap();
        let mut errors = FieldErrors::new();
        assert_eq!(form.trial.read(&scene, NOW, &mut errors), None, "{field}");
        assert!(errors.of(field).is_some(), "{field}: {errors:?}");
        assert!(form.hidden().contains(&(field.to_owned(), value.to_owned())), "what was typed stays");
    }
}

#[test]
fn a_filter_hides_nothing_that_is_to_be_corrected() {
    let shown = |pairs: &[(&str, &str)]| -> Vec<bool> { picture(pairs).1.rows.iter().map(|row| row.shown).collect() };
    let allow = ("grant.backups:read", "allow");
    assert_eq!(shown(&[allow]), [true; 3]);
    assert_eq!(shown(&[allow, ("show", "granted")]), [false, true, false]);
    assert_eq!(shown(&[allow, ("show", "changed")]), [false, true, false]);
    assert_eq!(shown(&[allow, ("show", "dangerous")]), [false, false, true]);
    let wrong = [allow, ("from.backups:read", "late"), ("show", "dangerous")];
    assert_eq!(shown(&wrong), [false, true, true]);
    assert_eq!(Show::ALL.len(), 4);
    assert_eq!(form(&[allow]).map(|form| form.lines[1].1.choice), Some(Choice::Allow));
}

#[test]
fn a_state_says_what_the_lines_come_to() {
    let sometimes = Condition { any: vec![AllOf { tests: vec![Test::Owner] }] };
    let always = Condition::default();
    let grant = |text: &str, effect, when: &Condition| Grant { permission: name(text), effect, when: when.clone() };
    let parent = RoleDefinition {
        id: role(1),
        name: "Parent".to_owned(),
        inherits: Vec::new(),
        grants: vec![
            grant("backups:read", Effect::Allow, &always),
            grant("backups:delete", Effect::Allow, &always),
            grant("backups:create", Effect::Allow, &always),
        ],
    };
    let heir = RoleDefinition {
        id: role(2),
        name: "Heir".to_owned(),
        inherits: vec![role(1)],
        grants: vec![
            grant("backups:read", Effect::Deny, &always),
            grant("backups:delete", Effect::Deny, &sometimes),
            grant("users:read", Effect::Allow, &sometimes),
            grant("users:invite", Effect::Allow, &always),
            grant("users:update", Effect::Deny, &sometimes),
        ],
    };
    let graph = RoleGraph::new(&[parent, heir]).unwrap();
    for (permission, state) in [
        ("backups:read", State::Denied),
        ("backups:delete", State::Conditional),
        ("backups:create", State::Inherited),
        ("users:read", State::Conditional),
        ("users:invite", State::Here),
        ("users:update", State::Denied),
        ("users:suspend", State::Off),
    ] {
        assert_eq!(State::of(&graph, role(2), &name(permission)), state, "{permission}");
    }
    let permission = name("backups:read");
    let said = graph.says(role(2), &permission).map(|line| words::said(&graph, Some(role(2)), &line, &Places::Hidden));
    assert_eq!(said.collect::<Vec<_>>(), ["Denied here", "Allowed by Parent"]);
}
