//! How many there are, and the ones before and after.

use crate::{Icon, IconName, OptText};
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
#[component]
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
) -> impl IntoView {
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
    view! { <p class="result-line" role="status">{text}</p> }
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
#[component]
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
) -> impl IntoView {
    let sizes = (!sizes.is_empty()).then(|| {
        let items = sizes
            .into_iter()
            .map(|size| {
                let current = size.current.then_some("true");
                let name = format!("{} rows a page", size.rows);
                view! {
                    <li>
                        <a href=size.href aria-current=current aria-label=name>
                            {size.rows.to_string()}
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <div class="pager-sizes">
                <span>"Rows"</span>
                <ul>{items}</ul>
            </div>
        }
    });
    view! {
        <nav class="pager" aria-label=label>
            {sizes}
            <div class="pager-links">
                {step(newer.get(), newer_label, "prev")}
                {step(older.get(), older_label, "next")}
            </div>
        </nav>
    }
}

/// A direction: a link, or words that say the end is reached.
fn step(href: Option<String>, label: String, rel: &'static str) -> AnyView {
    let (before, after) = match rel {
        "prev" => (Some(IconName::ArrowLeft), None),
        _ => (None, Some(IconName::ArrowRight)),
    };
    let content = view! {
        {before.map(|name| view! { <Icon name /> })}
        <span>{label}</span>
        {after.map(|name| view! { <Icon name /> })}
    };
    match href {
        Some(href) => view! { <a class="btn btn-secondary btn-sm" href=href rel=rel>{content}</a> }.into_any(),
        None => view! {
            <span class="btn btn-secondary btn-sm" aria-disabled="true">
                {content}
            </span>
        }
        .into_any(),
    }
}
