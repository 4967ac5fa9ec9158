//! Texts of several lines that people typed.

use bulkhead_ui::{Markup, Tag, user_text};

/// A text of several lines where there is place for one.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text, line by line.
pub fn paragraphs(text: &str) -> Markup {
    text.lines().map(|line| Tag::new("div").child(user_text(line))).collect()
}

/// The same, or that there is none.
pub fn paragraphs_or_none(text: &str) -> Markup {
    match text.is_empty() {
        true => Tag::new("span").class("muted").text("None").into(),
        false => paragraphs(text),
    }
}
