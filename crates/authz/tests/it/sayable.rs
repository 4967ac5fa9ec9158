//! Whatever the editor can say is read back as it was, whatever it cannot is kept, and whatever was typed is shown again.

use crate::{
    draft::{fields, name, place, read, scene},
    world::{FixedClocks, condition, role},
};
use bulkhead_authz::{
    draft::{RoleForm, Row},
    truth::{self, Circumstances, Facts, Resource},
};
use bulkhead_model::{
    UserId,
    access::{AllOf, Comparison, Condition, DailyHours, Effect, Grant, RoleDefinition, Test, Value, Weekdays},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-16 12:00 UTC);

fn moment() -> impl Strategy<Value = OffsetDateTime> {
    (0..40_000_000i64).prop_map(|seconds| NOW + Duration::seconds(seconds))
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9,;'\"<>&ü€ -]{0,12}".prop_map(|text| format!("x{}y", text))
}

/// A comparison as the editor can say it.
fn comparison() -> impl Strategy<Value = Test> {
    let values = |several: bool| if several { 1..4usize } else { 1..2 };
    let test = |name: &str, is, values| Test::Attribute { name: name.parse().unwrap(), is, values };
    let of_text = select(Comparison::ALL).prop_flat_map(move |is| {
        vec(text().prop_map(Value::Text), values(is == Comparison::OneOf))
            .prop_map(move |values| test("region", is, values))
    });
    let ordered: Vec<Comparison> = Comparison::ALL.iter().copied().filter(|is| *is != Comparison::BeginsWith).collect();
    let of_number = select(ordered.clone()).prop_flat_map(move |is| {
        let number = any::<f64>().prop_filter("finite", |number| number.is_finite());
        vec(number.prop_map(Value::Number), values(is == Comparison::OneOf))
            .prop_map(move |values| test("amount", is, values))
    });
    let of_time = select(ordered).prop_flat_map(move |is| {
        vec(moment().prop_map(Value::Time), values(is == Comparison::OneOf))
            .prop_map(move |values| test("due", is, values))
    });
    let equal = vec![Comparison::Equals, Comparison::Differs, Comparison::OneOf];
    let of_boolean =
        (select(equal), any::<bool>()).prop_map(move |(is, paid)| test("paid", is, vec![Value::Boolean(paid)]));
    prop_oneof![of_text, of_number, of_time, of_boolean]
}

/// One alternative as the editor can say it: something at least.
fn group() -> impl Strategy<Value = AllOf> {
    let days = vec(select(vec!["mon", "tue", "sat", "sun"]), 1..4)
        .prop_map(|names| Weekdays::try_from(names.into_iter().map(str::to_owned).collect::<Vec<_>>()).unwrap());
    let zone = select(vec!["Etc/UTC", "Asia/Tokyo"]).prop_map(str::to_owned);
    let hours = (days, 0..1440u16, 0..1440u16, zone)
        .prop_map(|(days, from, until, zone)| Test::Hours(DailyHours { days, from, until, zone }));
    let period = (option::of(moment()), 1..1_000i64).prop_map(|(from, longer)| {
        let until = from.map_or(NOW, |from| from + Duration::minutes(longer));
        Test::Period { from, until: Some(until) }
    });
    let ranges = vec(select(vec!["192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0", "198.51.100.7"]), 1..4)
        .prop_map(|ranges| Test::Address { ranges: ranges.into_iter().map(|range| range.parse().unwrap()).collect() });
    let prefix = text().prop_map(|prefix| Test::IdPrefix { prefix });
    let within = (0..2u128).prop_map(|number| Test::Workspace { workspace: place(number) });
    let rest = (option::of(Just(Test::Owner)), option::of(prefix), option::of(within));
    let about = vec(comparison(), 0..4);
    let when = (option::of(hours), option::of(period), option::of(ranges));
    (when, about, rest)
        .prop_map(|((hours, period, ranges), about, (owner, prefix, within))| {
            let tests = [hours, period, ranges].into_iter().flatten().chain(about);
            AllOf { tests: tests.chain([owner, prefix, within].into_iter().flatten()).collect() }
        })
        .prop_filter("something", |group| !group.tests.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever the editor can say is read back as it was, through the fields and through the whole form.
    #[test]
    fn what_the_editor_can_say_is_read_back(any in vec(group(), 0..5), deny in any::<bool>()) {
        let (scene, condition) = (scene(), Condition { any });
        let fields = fields(&scene, &condition, "backups:read");
        prop_assert!(fields.is_some(), "{condition}");
        prop_assert_eq!(read(&scene, &fields.unwrap_or_default(), "backups:read"), Ok(condition.clone()));
        let effect = if deny { Effect::Deny } else { Effect::Allow };
        let grants = vec![Grant { permission: name("backups:read"), effect, when: condition }];
        let said = RoleDefinition { id: role(99), name: "Keeper".to_owned(), inherits: vec![role(1)], grants: grants.clone() };
        let form = RoleForm::of(&said, "Keeps\nthem", &scene, &FixedClocks);
        prop_assert!(form.lines.iter().all(|(_, line)| line.kept.is_empty()));
        let again = RoleForm::read(form.hidden(), &scene);
        prop_assert_eq!(again.as_ref(), Some(&form));
        prop_assert_eq!(form.grants(&scene, &FixedClocks), Ok(grants));
    }

    /// What is in the fields holds where the condition holds; whatever is not is kept word for word.
    #[test]
    fn any_condition_stays_what_it_is(condition in condition(), of in select(vec!["backups:read", "users:read"]), amount in option::of(0..3u8), hour in 0..200i64) {
        let scene = scene();
        let attributes = amount.map(|amount| ("amount".parse().unwrap(), Value::Number(f64::from(amount) * 500.0)));
        let resource = Resource { workspace: Some(place(0)), attributes: attributes.into_iter().collect(), ..Resource::default() };
        let circumstances =
            Circumstances { now: NOW + Duration::hours(hour), address: None, clocks: &FixedClocks };
        let facts = Facts { user: UserId::from_uuid(Uuid::nil()), resource: &resource, circumstances };
        if let Some(fields) = fields(&scene, &condition, of) {
            let back = read(&scene, &fields, of).unwrap();
            prop_assert_eq!(truth::condition(&back, &facts), truth::condition(&condition, &facts));
        }
        let grants = vec![Grant { permission: name(of), effect: Effect::Allow, when: condition.clone() }];
        let said = RoleDefinition { id: role(99), name: String::new(), inherits: Vec::new(), grants };
        let form = RoleForm::of(&said, "", &scene, &FixedClocks);
        let again = RoleForm::read(form.hidden(), &scene).unwrap();
        let back = again.grants(&scene, &FixedClocks).unwrap();
        prop_assert_eq!(truth::condition(&back[0].when, &facts), truth::condition(&condition, &facts));
    }

    /// What reads badly stays as it was typed.
    #[test]
    fn whatever_was_typed_is_shown_again(typed in vec("\\PC{0,20}", 6)) {
        let scene = scene();
        let mut pairs: Vec<(String, String)> = ["from", "zone", "addresses-1", "id_prefix", "attribute0-1", "value0-1"]
            .into_iter()
            .zip(&typed)
            .map(|(field, value)| (format!("{field}.backups:read"), value.clone()))
            .collect();
        pairs.push(("is0-1.backups:read".to_owned(), "equals".to_owned()));
        let form = RoleForm::read(pairs, &scene).unwrap();
        let again = RoleForm::read(form.hidden(), &scene).unwrap();
        let (was, is) = (&form.lines[1].1.when, &again.lines[1].1.when);
        for (was, is) in was.groups.iter().zip(&is.groups) {
            prop_assert_eq!((&was.from, &was.zone, &was.addresses, &was.id_prefix), (&is.from, &is.zone, &is.addresses, &is.id_prefix));
            let kept: Vec<&Row> = was.rows.iter().filter(|row| !row.is_blank()).collect();
            prop_assert_eq!(kept, is.rows.iter().collect::<Vec<_>>());
        }
    }
}
