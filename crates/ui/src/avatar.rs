//! Avatars: initials, because a picture would need a host and tells less in a table.

use crate::{Markup, markup::tag};
use leptos::prelude::*;

/// The first letters of the first and the last word, in capitals; `?` when there is none.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    let out: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    if out.is_empty() { "?".to_owned() } else { out }
}

/// Initials in a circle. Decorative: the name stands beside it.
#[component(transparent)]
pub fn Avatar(
    /// The name the initials come from.
    #[prop(into)]
    name: String,
    /// 24 px instead of 28.
    #[prop(optional)]
    small: bool,
) -> Markup {
    avatar(&name, small)
}

/// [`Avatar`] for markup.
pub(crate) fn avatar(name: &str, small: bool) -> Markup {
    let circle = match small {
        true => tag!("span", "class" = "avatar avatar-sm", "aria-hidden" = "true"),
        false => tag!("span", "class" = "avatar", "aria-hidden" = "true"),
    };
    circle.text(&initials(name)).into()
}
