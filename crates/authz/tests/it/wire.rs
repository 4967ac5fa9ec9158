//! What the page carries for the browser reads as what was written, and nothing else reads at all.

use crate::{
    draft::{name, place, scene},
    world::{FixedClocks, condition, role, roles},
};
use bulkhead_authz::draft::{RoleForm, Scene, Topic};
use bulkhead_model::{
    access::{AllOf, AttributeKind, Condition, Effect, Grant, RoleDefinition, Test, Value},
    workspace::Places,
};
use proptest::{collection::vec, prelude::*, sample::select};

/// What JSON, HTML, forms and the format itself could stumble over.
fn text() -> impl Strategy<Value = String> {
    "([|%\"'\\\\<>&\r\n\t\0 0-9a-fü€🦀\u{7f}\u{85}\u{2028}]|%7c|\\PC){0,16}"
}

/// A condition whose texts and numbers can be anything.
fn odd() -> impl Strategy<Value = Condition> {
    let number = any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Number);
    let value = prop_oneof![text().prop_map(Value::Text), number];
    let test = (vec(value, 0..3), select(vec!["region", "amount"])).prop_map(|(values, name)| Test::Attribute {
        name: name.parse().unwrap(),
        is: bulkhead_model::access::Comparison::OneOf,
        values,
    });
    let test = prop_oneof![test, text().prop_map(|prefix| Test::IdPrefix { prefix })];
    vec(test, 0..4).prop_map(|tests| Condition { any: vec![AllOf { tests }] })
}

fn scenes() -> impl Strategy<Value = Scene> {
    let saved = vec(prop_oneof![condition(), odd()], 0..4).prop_map(|conditions| {
        let grant = |when| Grant { permission: name("backups:read"), effect: Effect::Deny, when };
        conditions.into_iter().map(grant).collect::<Vec<_>>()
    });
    let topic = (select(vec!["users:read", "backups:read"]), any::<bool>())
        .prop_map(|(text, dangerous)| Topic { name: name(text), dangerous });
    let named = select(vec!["region", "amount", "due"]).prop_map(|text| text.parse().unwrap());
    let of = select(vec!["backups", "invoices"]).prop_map(|text| text.parse().unwrap());
    let kinds = vec((of, vec((named, select(AttributeKind::ALL)), 0..3)), 0..3);
    let places = vec(((0..9u128).prop_map(place), text()), 0..4).prop_map(Places::Known);
    let places = prop_oneof![1 => Just(Places::Hidden), 3 => places];
    (roles(), text(), saved, vec(topic, 0..3), kinds, places, any::<bool>()).prop_map(
        |(mut others, name, saved, topics, kinds, places, platform)| {
            others[0].name = name;
            Scene { role: role(99), platform, others, saved, topics, kinds, places }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_scene_reads_as_it_was_written(scene in scenes()) {
        let text = scene.written();
        prop_assert_eq!(Scene::read(&text), Some(scene));
        prop_assert!(text.chars().all(|letter| !letter.is_ascii_control() && !"\"'\\<>&".contains(letter)), "{}", text);
    }

    #[test]
    fn what_is_cut_off_or_goes_on_does_not_read(scene in scenes()) {
        let text = scene.written();
        for (end, _) in text.char_indices() {
            prop_assert_eq!(Scene::read(&text[..end]), None, "{}", &text[..end]);
        }
        prop_assert_eq!(Scene::read(&format!("{text}0|")), None);
    }

    /// Whatever it reads, it stops.
    #[test]
    fn what_was_changed_does_no_harm(scene in scenes(), at in any::<prop::sample::Index>(), with in "[|%0-9a-f€]{0,3}") {
        let mut letters: Vec<char> = scene.written().chars().collect();
        let at = at.index(letters.len());
        letters.splice(at..=at, with.chars());
        let text: String = letters.into_iter().collect();
        if let Some(read) = Scene::read(&text) {
            prop_assert_eq!(Scene::read(&read.written()), Some(read));
        }
    }

    /// What no field can show passes through the form as it is, as a browser sends it.
    #[test]
    fn what_is_kept_passes_through_a_form(when in odd()) {
        let grant = |when| Grant { permission: name("backups:read"), effect: Effect::Allow, when };
        let grants = vec![grant(when), grant(Condition::default())];
        let said = RoleDefinition { id: role(99), name: String::new(), inherits: Vec::new(), grants: grants.clone() };
        let form = RoleForm::of(&said, "", &scene(), &FixedClocks);
        let sent = form.hidden().into_iter().map(|(name, value)| (name, value.replace('\n', "\r\n"))).collect();
        prop_assert_eq!(RoleForm::read(sent, &scene()).unwrap().grants(&scene(), &FixedClocks), Ok(grants));
    }
}

#[test]
fn what_is_nothing_the_page_writes_is_refused() {
    assert!(Scene::read(&scene().written()).is_some());
    let kept = |text: &str| {
        let pairs = [("grant.backups:read", "allow"), ("kept.backups:read", text)];
        RoleForm::read(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), &scene())
    };
    let of = |test: &str| format!("1|1|backups:read|allow|1|1|{test}");
    for sound in ["owner|", "period|1|0|0|0|", "attribute|amount|equals|1|number|0|", "id_prefix|a%7cb|"] {
        assert!(kept(&of(sound)).is_some(), "{sound}");
    }
    for other in [
        "sun|",
        "owner",
        "owner|owner|",
        // No day, no test and no year that JSON could write.
        "hours|128|0|0|UTC|",
        "period|2|0|0|0|",
        "period|1|-99999999999|0|0|",
        "period|1|99999999999999|0|0|",
        "period|1|0|1000000000|0|",
        // Neither infinite nor not a number.
        "attribute|amount|equals|1|number|9218868437227405312|",
        "attribute|amount|equals|1|number|9221120237041090560|",
        "attribute|amount|equals|18446744073709551615|number|0|",
        "attribute|Amount|equals|0|",
        "attribute|amount|is|0|",
        "address|1|192.0.2.1/24|",
        "workspace|1|",
        "id_prefix|%|",
        "id_prefix|%7|",
        "id_prefix|%zz|",
        "id_prefix|%ff|",
        "id_prefix|%€|",
    ] {
        assert_eq!(kept(&of(other)), None, "{other}");
    }
    for other in ["", "1|", "2|0|", "1|1|", "1|1|users:read|allow|0|", "[]", "1|-1|", "1|99999999999999999999|"] {
        assert_eq!(kept(other), None, "{other}");
    }
}
