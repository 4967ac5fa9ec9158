//! What the page carries for the browser, as one text: tokens one after the other, each ended by a bar.
//!
//! Not JSON: what reads JSON into these types would be a quarter of all that a browser downloads. Nothing is stored like
//! this, so its version need not be read twice: a page and its module are of one release. What is cut off, has something
//! after its end or is of another version does not read.

use super::{Scene, Topic};
use bulkhead_model::{
    RoleId, WorkspaceId,
    access::{
        AddressRange, AllOf, AttributeKind, AttributeName, Comparison, Condition, DailyHours, Effect, Grant,
        PermissionName, ResourceType, RoleDefinition, Test, Value, Weekdays,
    },
    workspace::Places,
};
use std::{fmt::Write as _, str::FromStr};
use time::OffsetDateTime;

/// The first token.
const VERSION: &str = "1";
/// The end of a token.
const END: char = '|';
/// Before the code of a character that does not stand for itself.
const ESCAPE: char = '%';

impl Scene {
    /// As the page carries it.
    #[must_use]
    pub fn written(&self) -> String {
        write(self)
    }

    /// Reads what a page carries.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        read(text)
    }
}

/// Writes something so that it passes through a field of a form as well.
pub(super) fn write(content: &impl Wire) -> String {
    let mut writer = Writer(String::new());
    writer.token(VERSION);
    content.write(&mut writer);
    writer.0
}

/// Reads it.
pub(super) fn read<T: Wire>(text: &str) -> Option<T> {
    let mut reader = Reader(text);
    (reader.token()? == VERSION).then_some(())?;
    let content = T::read(&mut reader)?;
    reader.0.is_empty().then_some(content)
}

pub(super) struct Writer(String);

impl Writer {
    fn token(&mut self, text: &str) {
        for letter in text.chars() {
            // Neither JSON nor HTML has a shorter way to write these, and forms change line ends.
            if letter.is_ascii_control() || matches!(letter, END | ESCAPE | '"' | '\'' | '\\' | '<' | '>' | '&') {
                // Cannot fail for a text.
                let _ = write!(self.0, "{ESCAPE}{:02x}", u32::from(letter));
            } else {
                self.0.push(letter);
            }
        }
        self.0.push(END);
    }
}

pub(super) struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// The next token, with its escapes.
    fn token(&mut self) -> Option<&'a str> {
        let (token, rest) = self.0.split_once(END)?;
        self.0 = rest;
        Some(token)
    }

    fn text(&mut self) -> Option<String> {
        let mut parts = self.token()?.split(ESCAPE);
        let mut text = parts.next()?.to_owned();
        for part in parts {
            let (code, rest) = part.split_at_checked(2)?;
            let code = u8::from_str_radix(code, 16).ok().filter(u8::is_ascii)?;
            text.push(code.into());
            text.push_str(rest);
        }
        Some(text)
    }

    fn parsed<T: FromStr>(&mut self) -> Option<T> {
        self.token()?.parse().ok()
    }

    fn next<T: Wire>(&mut self) -> Option<T> {
        T::read(self)
    }
}

/// What is written like this. One token at least for each value, so that nothing reads as more than there is text for.
pub(super) trait Wire: Sized {
    fn write(&self, writer: &mut Writer);
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
}

/// As they are displayed, one token.
macro_rules! displayed {
    ($($name:ident),*) => {$(
        impl Wire for $name {
            fn write(&self, writer: &mut Writer) {
                writer.token(&self.to_string());
            }
            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                reader.parsed()
            }
        }
    )*};
}

displayed!(u8, u16, u32, u64, i64, usize, RoleId, WorkspaceId, PermissionName, ResourceType, AttributeName);
displayed!(AddressRange);

/// As their code.
macro_rules! coded {
    ($($name:ident),*) => {$(
        impl Wire for $name {
            fn write(&self, writer: &mut Writer) {
                writer.token(self.code());
            }
            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                Self::from_code(reader.token()?)
            }
        }
    )*};
}

coded!(Effect, Comparison, AttributeKind);

/// As their fields, in this order.
macro_rules! fields {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Wire for $name {
            fn write(&self, writer: &mut Writer) {
                $(self.$field.write(writer);)*
            }
            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                Some(Self { $($field: reader.next()?),* })
            }
        }
    )*};
}

fields! {
    Scene { role, platform, others, saved, topics, kinds, places }
    Topic { name, dangerous }
    RoleDefinition { id, name, inherits, grants }
    Grant { permission, effect, when }
    Condition { any }
    AllOf { tests }
    DailyHours { days, from, until, zone }
}

impl Wire for bool {
    fn write(&self, writer: &mut Writer) {
        u8::from(*self).write(writer);
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.token()? {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }
}

impl Wire for String {
    fn write(&self, writer: &mut Writer) {
        writer.token(self);
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.text()
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, writer: &mut Writer) {
        self.len().write(writer);
        for one in self {
            one.write(writer);
        }
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let length: usize = reader.next()?;
        let mut list = Self::new();
        for _ in 0..length {
            list.push(reader.next()?);
        }
        Some(list)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn write(&self, writer: &mut Writer) {
        self.0.write(writer);
        self.1.write(writer);
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some((reader.next()?, reader.next()?))
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, writer: &mut Writer) {
        self.is_some().write(writer);
        if let Some(value) = self {
            value.write(writer);
        }
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let is_some: bool = reader.next()?;
        if is_some { reader.next().map(Some) } else { Some(None) }
    }
}

/// In UTC, in the years that JSON can write.
impl Wire for OffsetDateTime {
    fn write(&self, writer: &mut Writer) {
        self.unix_timestamp().write(writer);
        self.nanosecond().write(writer);
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let at = Self::from_unix_timestamp(reader.next()?).ok()?;
        at.replace_nanosecond(reader.next()?).ok().filter(|at| at.year() >= 0)
    }
}

impl Wire for Weekdays {
    fn write(&self, writer: &mut Writer) {
        self.bits().write(writer);
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Self::from_bits(reader.next()?)
    }
}

impl Wire for Value {
    fn write(&self, writer: &mut Writer) {
        writer.token(self.kind());
        match self {
            Self::Text(text) => text.write(writer),
            Self::Number(number) => number.to_bits().write(writer),
            Self::Boolean(is) => is.write(writer),
            Self::Time(at) => at.write(writer),
        }
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match AttributeKind::read(reader)? {
            AttributeKind::Text => reader.next().map(Self::Text),
            AttributeKind::Number => {
                let number = f64::from_bits(reader.next()?);
                number.is_finite().then_some(Self::Number(number))
            }
            AttributeKind::Boolean => reader.next().map(Self::Boolean),
            AttributeKind::Time => reader.next().map(Self::Time),
        }
    }
}

impl Wire for Test {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Hours(hours) => {
                writer.token("hours");
                hours.write(writer);
            }
            Self::Period { from, until } => {
                writer.token("period");
                from.write(writer);
                until.write(writer);
            }
            Self::Address { ranges } => {
                writer.token("address");
                ranges.write(writer);
            }
            Self::Attribute { name, is, values } => {
                writer.token("attribute");
                name.write(writer);
                is.write(writer);
                values.write(writer);
            }
            Self::Owner => writer.token("owner"),
            Self::IdPrefix { prefix } => {
                writer.token("id_prefix");
                prefix.write(writer);
            }
            Self::Workspace { workspace } => {
                writer.token("workspace");
                workspace.write(writer);
            }
        }
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(match reader.token()? {
            "hours" => Self::Hours(reader.next()?),
            "period" => Self::Period { from: reader.next()?, until: reader.next()? },
            "address" => Self::Address { ranges: reader.next()? },
            "attribute" => Self::Attribute { name: reader.next()?, is: reader.next()?, values: reader.next()? },
            "owner" => Self::Owner,
            "id_prefix" => Self::IdPrefix { prefix: reader.next()? },
            "workspace" => Self::Workspace { workspace: reader.next()? },
            _ => return None,
        })
    }
}

impl Wire for Places {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Hidden => writer.token("hidden"),
            Self::Known(places) => {
                writer.token("known");
                places.write(writer);
            }
        }
    }
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.token()? {
            "hidden" => Some(Self::Hidden),
            "known" => reader.next().map(Self::Known),
            _ => None,
        }
    }
}
