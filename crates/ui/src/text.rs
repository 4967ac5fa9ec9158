//! Text a person typed, made safe to look at.

use crate::{Markup, markup::tag};
pub use bulkhead_model::visible::{Segment, is_deceptive, segments, visible};
use bulkhead_model::visible::{code_point, has_deceptive};
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
