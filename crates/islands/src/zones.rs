//! Clocks of time zones, as the browser knows them: a time zone database of our own would be most of the module.
//!
//! The server's database decides. Where the browser does not know a zone, nothing is said about it here; where it knows one
//! that the server does not, review says so.

use bulkhead_authz::truth::Clocks;
use js_sys::{Array, Date, Function, Intl::DateTimeFormat, Object, Reflect};
use std::cell::RefCell;
use time::{Month, OffsetDateTime, PrimitiveDateTime, Time};
use wasm_bindgen::{JsCast, JsValue};

/// Formatters by zone, none for a zone that is not known: making one takes a millisecond, asking one does not.
#[derive(Default)]
pub struct BrowserClocks(RefCell<Vec<(String, Option<DateTimeFormat>)>>);

impl Clocks for BrowserClocks {
    fn read(&self, zone: &str, at: OffsetDateTime) -> Option<PrimitiveDateTime> {
        let mut known = self.0.borrow_mut();
        let place = known.iter().position(|(of, _)| of == zone).unwrap_or_else(|| {
            known.push((zone.to_owned(), formatter(zone)));
            known.len() - 1
        });
        let (_, formatter) = known.get(place)?;
        let formatter = formatter.as_ref()?;
        let milliseconds = JsValue::from_f64(at.unix_timestamp() as f64 * 1_000.0);
        shown(&formatter.format_to_parts(&Date::new(&milliseconds)))
    }
}

/// Numbers by the Gregorian calendar, hours from 0 to 23.
const LOCALE: &str = "en-u-ca-gregory-nu-latn-hc-h23";

fn formatter(zone: &str) -> Option<DateTimeFormat> {
    // Browsers take offsets such as `+01:00` for zones, the database does not.
    zone.starts_with(|letter: char| letter.is_ascii_alphabetic()).then_some(())?;
    let options = Object::new();
    let parts = ["year", "month", "day", "hour", "minute", "second"].map(|part| (part, "numeric"));
    for (name, value) in parts.into_iter().chain([("timeZone", zone)]) {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    // Not `DateTimeFormat::new`: it throws for a zone that it does not know, and there is nothing here that catches.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let made = Reflect::construct(&constructor, &Array::of2(&LOCALE.into(), &options)).ok()?;
    made.dyn_into().ok()
}

fn shown(parts: &Array) -> Option<PrimitiveDateTime> {
    let of = |part: &JsValue, name: &str| Reflect::get(part, &name.into()).ok()?.as_string();
    let number = |name: &str| -> Option<u16> {
        let part = parts.iter().find(|part| of(part, "type").as_deref() == Some(name))?;
        of(&part, "value")?.parse().ok()
    };
    let small = |name: &str| number(name).and_then(|number| u8::try_from(number).ok());
    let month = Month::try_from(small("month")?).ok()?;
    let date = time::Date::from_calendar_date(number("year")?.into(), month, small("day")?).ok()?;
    let time = Time::from_hms(small("hour")?, small("minute")?, small("second")?).ok()?;
    Some(PrimitiveDateTime::new(date, time))
}
