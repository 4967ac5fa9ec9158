//! Text a person typed, made safe to look at.

use crate::{Markup, markup::tag};
use leptos::prelude::*;
use std::borrow::Cow;

/// An optional text property: takes `&str`, `String` or an `Option` of either.
///
/// Empty text counts as absent, so that `error=""` is not an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptText(Option<String>);

impl OptText {
    /// The text, when there is some.
    pub fn get(self) -> Option<String> {
        self.0
    }

    /// The text by reference, when there is some.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Whether there is text.
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl From<String> for OptText {
    fn from(text: String) -> Self {
        Self((!text.is_empty()).then_some(text))
    }
}

impl From<&str> for OptText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<&String> for OptText {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<Cow<'_, str>> for OptText {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl<T: Into<OptText>> From<Option<T>> for OptText {
    fn from(text: Option<T>) -> Self {
        text.map_or_else(Self::default, Into::into)
    }
}

/// A stretch of user text: what is shown as it is, or one character that would not be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Shown as it is.
    Plain(String),
    /// Control, zero-width or direction-changing: shown by its code point.
    Hidden(char),
}

/// Whether a character would not be seen, or would change the order of what is seen around it.
///
/// The bidirectional controls are Unicode UAX #9's (the "Trojan Source" set); the rest are the
/// zero-width, filler, tag and control characters that make two names look the same.
pub fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    ) || c.is_control()
}

/// Splits text into what can be shown and the characters that must be pointed at.
pub fn segments(text: &str) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    for c in text.chars() {
        if is_deceptive(c) {
            out.push(Segment::Hidden(c));
        } else if let Some(Segment::Plain(run)) = out.last_mut() {
            run.push(c);
        } else {
            out.push(Segment::Plain(c.to_string()));
        }
    }
    out
}

/// Whether such a character is in the text. Most texts are of printable ASCII, which is seen at a glance.
fn has_deceptive(text: &str) -> bool {
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.contains(is_deceptive)
}

/// User text as one plain string with visible markers, for titles, labels and attributes.
pub fn visible(text: &str) -> String {
    if !has_deceptive(text) {
        return text.to_owned();
    }
    segments(text)
        .into_iter()
        .map(|segment| match segment {
            Segment::Plain(run) => run,
            Segment::Hidden(c) => format!("[{}]", code_point(c)),
        })
        .collect()
}

/// `U+202E`, the way the standard names a character.
fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Text a person typed: isolated from the direction of its surroundings, with characters that
/// cannot be seen shown by their code point.
#[component(transparent)]
pub fn UserText(
    /// The text as stored.
    #[prop(into)]
    text: String,
) -> Markup {
    user_text(&text)
}

/// [`UserText`] for markup.
pub fn user_text(text: &str) -> Markup {
    let isolated = tag!("bdi", "class" = "user-text");
    if !has_deceptive(text) {
        return isolated.text(text).into();
    }
    let parts = segments(text).into_iter().map(|segment| match segment {
        Segment::Plain(run) => Markup::text(&run),
        Segment::Hidden(c) => {
            tag!("span", "class" = "hidden-char", "title" = "Invisible character").text(&code_point(c)).into()
        }
    });
    isolated.open().children(parts).into()
}
