//! Puts rows on top of a list that the server drew, from the template it drew beside it.
//!
//! The template is one row with a `data-slot` for each field and a badge for each outcome, so a row that arrives looks
//! exactly like one that was there, and this file knows no class name.

use crate::EventRow;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{DocumentFragment, Element, HtmlElement, HtmlTemplateElement};

/// The list's container; pointing at it or focusing something in it pauses the tail.
pub const LIST: &str = "audit-list";
/// The row's template.
pub const TEMPLATE: &str = "audit-row";
/// What is said where there is no row yet.
pub const EMPTY: &str = "audit-empty";
/// Rows kept in the page: an open tail must not grow for ever.
const MOST: u32 = 200;

/// The list's container, if the page has one.
pub fn list() -> Option<HtmlElement> {
    document().get_element_by_id(LIST)?.dyn_into().ok()
}

/// Puts rows, oldest first, on top of the list; how many were not there before.
pub fn insert(rows: &[EventRow]) -> usize {
    let Some((list, body)) = list().and_then(|list| Some((list.clone(), list.query_selector("tbody").ok()??))) else {
        return 0;
    };
    let mut inserted = 0;
    for row in rows.iter().filter(|row| !shows(&body, row)) {
        let Some(filled) = filled(row) else { continue };
        let first = body.first_child();
        if body.insert_before(&filled, first.as_ref()).is_ok() {
            inserted += 1;
        }
    }
    while body.child_element_count() > MOST {
        let Some(last) = body.last_element_child() else { break };
        last.remove();
    }
    if inserted > 0 {
        list.set_hidden(false);
        if let Some(empty) = document().get_element_by_id(EMPTY) {
            empty.remove();
        }
    }
    inserted
}

/// After a reconnect the server repeats what it is not sure we have.
fn shows(body: &Element, row: &EventRow) -> bool {
    body.query_selector(&format!("a[href=\"{}\"]", row.href)).is_ok_and(|found| found.is_some())
}

fn filled(row: &EventRow) -> Option<DocumentFragment> {
    let template: HtmlTemplateElement = document().get_element_by_id(TEMPLATE)?.dyn_into().ok()?;
    let fragment: DocumentFragment = template.content().clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    let slot = |name: &str| fragment.query_selector(&format!("[data-slot={name}]")).ok().flatten();
    for (name, text) in [
        ("says", &row.says),
        ("code", &row.code),
        ("target", &row.target),
        ("address", &row.address),
        ("organization", &row.organization),
    ] {
        if let Some(place) = slot(name) {
            place.set_text_content(Some(text));
        }
    }
    let set = |place: Option<Element>, name: &str, value: &str| {
        place.is_some_and(|place| place.set_attribute(name, value).is_ok())
    };
    set(fragment.query_selector("a").ok()?, "href", &row.href);
    set(fragment.query_selector("time").ok()?, "datetime", &row.at);
    set(fragment.query_selector("time").ok()?, "title", &row.exact);
    if let Some(badges) = slot("outcome") {
        let mut badge = badges.first_element_child();
        while let Some(this) = badge {
            badge = this.next_element_sibling();
            if this.get_attribute("data-outcome").as_deref() != Some(row.outcome.as_str()) {
                this.remove();
            }
        }
    }
    Some(fragment)
}
