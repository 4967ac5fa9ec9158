//! HTML written as text, for what a page repeats.
//!
//! A view is a tree: every build here has `--cfg erase_components`, with which each element, attribute and child of it
//! is a box of its own. That is a bearable price for a heading and a ruinous one for the cell of a list, of which a page
//! has a thousand (docs/performance.md has the figures). What rows and the frame of every page are made of is therefore
//! written straight into a string, by these types. They cannot write anything but well-formed, escaped HTML: names of
//! tags and attributes come from the source code, every value and every text is escaped on its way in, and an element
//! is closed by becoming [`Markup`].

use leptos::{
    prelude::*,
    tachys::{
        html::{
            InertElement, InertElementState,
            attribute::{Attribute, any_attribute::AnyAttribute},
        },
        hydration::Cursor,
        view::{Position, PositionState, add_attr::AddAnyAttr},
    },
};
use std::{borrow::Cow, cell::RefCell};

/// Enough for the usual cell, so that most elements are written without growing.
const USUAL: usize = 192;
/// The largest buffer that is kept for the next element, and how many are.
const LARGEST_SPARE: usize = 4096;
const MOST_SPARE: usize = 16;

thread_local! {
    /// Buffers of elements that were copied into the one around them. A list has a thousand elements: with a new buffer
    /// for each, a fifth of what drawing it costs is `malloc` and `free`.
    static SPARE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn buffer() -> String {
    SPARE.with_borrow_mut(Vec::pop).unwrap_or_else(|| String::with_capacity(USUAL))
}

fn give_back(mut buffer: String) {
    if buffer.capacity() <= LARGEST_SPARE {
        buffer.clear();
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < MOST_SPARE {
                spare.push(buffer);
            }
        });
    }
}

/// The start of an element whose name and first attributes stand in the source code: `tag!("td", "role" = "cell")`. What
/// would have to be escaped does not compile.
macro_rules! tag {
    ($name:literal $(, $attribute:literal = $value:literal)*) => {{
        const START: &str = concat!("<", $name $(, " ", $attribute, "=\"", $value, "\"")*);
        $(const { assert!($crate::markup::is_plain($value)) };)*
        $crate::Tag::starting($name, START)
    }};
}
pub(crate) use tag;

/// Whether a value is written as it is.
pub(crate) const fn is_plain(value: &str) -> bool {
    let (bytes, mut at) = (value.as_bytes(), 0);
    while at < bytes.len() {
        if matches!(bytes[at], b'&' | b'<' | b'>' | b'"') {
            return false;
        }
        at += 1;
    }
    true
}

/// Finished HTML: whole elements and escaped text. A view like any other, and one that costs nothing to draw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(Cow<'static, str>);

impl Markup {
    /// Whole elements as they stand in the source code.
    pub(crate) const fn constant(html: &'static str) -> Self {
        Self(Cow::Borrowed(html))
    }

    /// Puts it behind what is there.
    fn write_to(self, html: &mut String) {
        html.push_str(&self.0);
        if let Cow::Owned(buffer) = self.0 {
            give_back(buffer);
        }
    }

    /// Text, escaped.
    pub fn text(text: &str) -> Self {
        let mut html = buffer();
        escape_text(&mut html, text);
        Self(html.into())
    }

    /// A view, drawn.
    pub fn drawn(view: impl IntoView) -> Self {
        Self(view.to_html().into())
    }

    /// The same with `value`, escaped, wherever `blank` stands: for what is drawn once and differs in one word. The
    /// blank must stand where a value or a text may, and must be a word that is nowhere else.
    #[must_use]
    pub fn fill(&self, blank: &str, value: &str) -> Self {
        let mut escaped = String::with_capacity(value.len());
        escape_value(&mut escaped, value);
        Self(self.0.replace(blank, &escaped).into())
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<AnyView> for Markup {
    fn from(view: AnyView) -> Self {
        Self::drawn(view)
    }
}

/// Nothing, where there is nothing.
impl<T: Into<Self>> From<Option<T>> for Markup {
    fn from(content: Option<T>) -> Self {
        content.map_or_else(Self::default, Into::into)
    }
}

/// One after the other.
impl<T: Into<Self>> FromIterator<T> for Markup {
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Self {
        let mut html = buffer();
        for part in parts {
            part.into().write_to(&mut html);
        }
        Self(html.into())
    }
}

/// The start of an element, as far as its attributes.
#[derive(Clone, Debug)]
pub struct Tag {
    name: &'static str,
    html: String,
}

impl Tag {
    /// An element of this name.
    pub fn new(name: &'static str) -> Self {
        let mut html = buffer();
        html.push('<');
        html.push_str(name);
        Self { name, html }
    }

    /// For [`tag!`].
    pub(crate) fn starting(name: &'static str, start: &'static str) -> Self {
        let mut html = buffer();
        html.push_str(start);
        Self { name, html }
    }

    /// With an attribute. The value is escaped.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: &str) -> Self {
        self.html.push(' ');
        self.html.push_str(name);
        self.html.push_str("=\"");
        escape_value(&mut self.html, value);
        self.html.push('"');
        self
    }

    /// With an attribute, if it has a value.
    #[must_use]
    pub fn maybe(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// With an attribute that is there or not (`checked`, `required`).
    #[must_use]
    pub fn flag(mut self, name: &'static str, on: bool) -> Self {
        if on {
            self.html.push(' ');
            self.html.push_str(name);
        }
        self
    }

    /// With its classes.
    #[must_use]
    pub fn class(self, classes: &str) -> Self {
        self.attr("class", classes)
    }

    /// An element that has no content and no end (`input`, `meta`).
    pub fn void(mut self) -> Markup {
        self.html.push('>');
        Markup(self.html.into())
    }

    /// The element with nothing in it yet.
    #[must_use]
    pub fn open(mut self) -> Element {
        self.html.push('>');
        Element { name: self.name, html: self.html }
    }

    /// The element with this text, escaped.
    #[must_use]
    pub fn text(self, text: &str) -> Element {
        self.open().text(text)
    }

    /// The element with this inside.
    #[must_use]
    pub fn child(self, content: impl Into<Markup>) -> Element {
        self.open().child(content)
    }
}

/// An element whose content is being written.
#[derive(Clone, Debug)]
pub struct Element {
    name: &'static str,
    html: String,
}

impl Element {
    /// With this text after what is there, escaped.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        escape_text(&mut self.html, text);
        self
    }

    /// With this after what is there.
    #[must_use]
    pub fn child(mut self, content: impl Into<Markup>) -> Self {
        content.into().write_to(&mut self.html);
        self
    }

    /// With all of these after what is there.
    #[must_use]
    pub fn children<T: Into<Markup>>(mut self, contents: impl IntoIterator<Item = T>) -> Self {
        for content in contents {
            content.into().write_to(&mut self.html);
        }
        self
    }

    /// With a view after what is there. Written into the same string, so that a row made of cells is copied once.
    #[must_use]
    pub fn view(mut self, view: impl IntoView) -> Self {
        view.to_html_with_buf(&mut self.html, &mut Position::FirstChild, true, false, Vec::new());
        self
    }
}

impl From<Tag> for Markup {
    fn from(tag: Tag) -> Self {
        tag.open().into()
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        let Element { name, mut html } = element;
        html.push_str("</");
        html.push_str(name);
        html.push('>');
        Self(html.into())
    }
}

/// Text between tags.
fn escape_text(html: &mut String, text: &str) {
    escape(html, text, |byte| matches!(byte, b'&' | b'<' | b'>'));
}

/// The value of an attribute, which [`Tag::attr`] puts into double quotes.
fn escape_value(html: &mut String, value: &str) {
    escape(html, value, |byte| matches!(byte, b'&' | b'<' | b'>' | b'"'));
}

/// Copies whole stretches. What must be replaced is ASCII, so every stretch ends between characters.
fn escape(html: &mut String, text: &str, has_meaning: impl Fn(u8) -> bool) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(&has_meaning) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

/// Markup is Leptos's own view of HTML that never changes; only what writes it is different.
impl Render for Markup {
    type State = InertElementState;

    fn build(self) -> Self::State {
        InertElement::new(self.0).build()
    }

    fn rebuild(self, state: &mut Self::State) {
        InertElement::new(self.0).rebuild(state);
    }
}

impl AddAnyAttr for Markup {
    type Output<SomeNewAttr: Attribute> = Self;

    /// Finished is finished: there is no telling which element would be meant.
    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        self
    }
}

impl RenderHtml for Markup {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn html_len(&self) -> usize {
        self.0.len()
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
        self.write_to(html);
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        InertElement::new(self.0).hydrate::<FROM_SERVER>(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests;
