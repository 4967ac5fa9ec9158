//! How many there are, and the ones before and after.

use crate::{Element, IconName, Markup, OptText, Tag};
use leptos::prelude::*;

/// Counts are exact below this and "10,000+" from it on.
pub const COUNT_CAP: u64 = 10_000;

/// `1,240`; thousands separated so that large numbers can be read.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 user`, `12 users`, `10,000+ users`.
pub fn counted(value: u64, one: &str, many: &str) -> String {
    match value {
        1 => format!("1 {one}"),
        COUNT_CAP.. => format!("{}+ {many}", number(COUNT_CAP)),
        _ => format!("{} {many}", number(value)),
    }
}

/// "38 of 214 users, sorted by last seen". `one` and `many` are the noun in both numbers.
#[component(transparent)]
pub fn ResultLine(
    /// How many match the filters.
    matching: u64,
    /// How many there are without filters; the same number when none is on.
    total: u64,
    /// The noun for one.
    #[prop(into)]
    one: String,
    /// The noun for many.
    #[prop(into)]
    many: String,
    /// The sort order in words: "last seen".
    #[prop(optional, into)]
    sorted_by: OptText,
) -> Markup {
    let count = if matching == total {
        counted(total, &one, &many)
    } else {
        let matching = if matching >= COUNT_CAP { format!("{}+", number(COUNT_CAP)) } else { number(matching) };
        format!("{matching} of {}", counted(total, &one, &many))
    };
    let text = match sorted_by.get() {
        Some(order) => format!("{count}, sorted by {order}"),
        None => count,
    };
    Tag::new("p").class("result-line").attr("role", "status").text(&text).into()
}

/// A page size and the address of the list with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// Rows a page.
    pub rows: u32,
    /// The list with that many.
    pub href: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// Newer and older, by key rather than by page number, so that rows that arrive meanwhile neither
/// repeat nor hide others.
#[component(transparent)]
pub fn KeysetPager(
    /// The rows before these; absent on the first page.
    #[prop(optional, into)]
    newer: OptText,
    /// The rows after these; absent on the last page.
    #[prop(optional, into)]
    older: OptText,
    /// The page sizes to choose from.
    #[prop(optional)]
    sizes: Vec<PageSize>,
    /// The word for the rows before.
    #[prop(into, default = "Newer".to_owned())]
    newer_label: String,
    /// The word for the rows after.
    #[prop(into, default = "Older".to_owned())]
    older_label: String,
    /// The landmark's name, when a page has several lists.
    #[prop(into, default = "Pages".to_owned())]
    label: String,
) -> Markup {
    let sizes = (!sizes.is_empty()).then(|| {
        let items = sizes.iter().map(|size| {
            let link = Tag::new("a").attr("href", &size.href).maybe("aria-current", size.current.then_some("true"));
            let link = link.attr("aria-label", &format!("{} rows a page", size.rows));
            Tag::new("li").child(link.text(&size.rows.to_string()))
        });
        let list = Tag::new("ul").open().children(items);
        Tag::new("div").class("pager-sizes").child(Tag::new("span").text("Rows")).child(list)
    });
    let links = Tag::new("div").class("pager-links").open();
    let links =
        links.child(step(newer.as_deref(), &newer_label, "prev")).child(step(older.as_deref(), &older_label, "next"));
    Tag::new("nav").class("pager").attr("aria-label", &label).child(sizes).child(links).into()
}

/// A direction: a link, or words that say the end is reached.
fn step(href: Option<&str>, label: &str, rel: &str) -> Element {
    let (before, after) = match rel {
        "prev" => (Some(IconName::ArrowLeft), None),
        _ => (None, Some(IconName::ArrowRight)),
    };
    let step = match href {
        Some(href) => Tag::new("a").class("btn btn-secondary btn-sm").attr("href", href).attr("rel", rel),
        None => Tag::new("span").class("btn btn-secondary btn-sm").attr("aria-disabled", "true"),
    };
    let label = Tag::new("span").text(label);
    step.child(before.map(IconName::drawn)).child(label).child(after.map(IconName::drawn))
}
