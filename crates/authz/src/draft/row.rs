//! One comparison of an attribute, as three fields.

use super::{About, moment};
use bulkhead_model::{
    FieldErrors,
    access::{AttributeKind, AttributeName, Comparison, Test, Value},
    text::is_deceptive,
};

/// Comparisons of one alternative, at most.
pub const MOST_ROWS: usize = 16;
/// Values of one comparison, at most.
const MOST_VALUES: usize = 100;
/// The longest text, in bytes: no service can say a longer one of its resources.
pub(super) const LONGEST_TEXT: usize = 256;
/// What is said beside a text with something in it that nobody would see.
pub(super) const HIDDEN: &str = "Contains invisible or control characters. Type it again instead of pasting.";

/// The fields, as they are typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// `amount`.
    pub attribute: String,
    /// `below`.
    pub is: String,
    /// `1000`; several stand on lines of their own.
    pub value: String,
}

impl Row {
    /// Whether nothing was typed. A comparison that was chosen alone compares nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.attribute.is_empty() && self.value.trim().is_empty()
    }

    pub(super) fn of(name: &AttributeName, is: Comparison, values: &[Value]) -> Option<Self> {
        let values: Option<Vec<String>> = values.iter().map(value_written).collect();
        Some(Self { attribute: name.to_string(), is: is.code().to_owned(), value: values?.join("\n") })
    }

    /// The test; `Some(None)` where nothing was typed, `None` where something is wrong. `at` names the row's fields.
    pub(super) fn read(
        &self,
        about: &About<'_>,
        errors: &mut FieldErrors,
        at: &dyn Fn(&str) -> String,
    ) -> Option<Option<Test>> {
        if self.is_blank() {
            return Some(None);
        }
        let name: Option<AttributeName> = self.attribute.parse().ok();
        let Some((name, kind)) = name.and_then(|name| super::find(about.kinds?, &name).map(|kind| (name, *kind)))
        else {
            let text =
                if self.attribute.is_empty() { "Choose what is compared." } else { "There is no such attribute." };
            errors.add(at("attribute"), text);
            return None;
        };
        let Some(is) = Comparison::from_code(&self.is) else {
            errors.add(at("is"), "Choose how it is compared.");
            return None;
        };
        if let Err(refusal) = compares(kind, is) {
            errors.add(at("is"), refusal);
            return None;
        }
        let values = errors.keep(&at("value"), values(kind, is, &self.value))?;
        Some(Some(Test::Attribute { name, is, values }))
    }
}

/// Whether values of a kind can be compared like this.
fn compares(kind: AttributeKind, is: Comparison) -> Result<(), &'static str> {
    match (kind, is) {
        (_, Comparison::Equals | Comparison::Differs | Comparison::OneOf) => Ok(()),
        (AttributeKind::Boolean, _) => Err("Yes or no is compared by “is” or “is not”."),
        (AttributeKind::Text, _) => Ok(()),
        (AttributeKind::Number | AttributeKind::Time, Comparison::BeginsWith) => {
            Err("Only text begins with something.")
        }
        (AttributeKind::Number | AttributeKind::Time, _) => Ok(()),
    }
}

fn values(kind: AttributeKind, is: Comparison, text: &str) -> Result<Vec<Value>, String> {
    let lines: Vec<&str> = match is {
        Comparison::OneOf => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
        _ => vec![text.trim()],
    };
    if lines.len() > MOST_VALUES {
        return Err(format!("At most {MOST_VALUES} values."));
    }
    if lines.iter().all(|line| line.is_empty()) {
        return Err("Write what it is compared with.".to_owned());
    }
    lines.into_iter().map(|line| value_read(kind, line).map_err(str::to_owned)).collect()
}

/// Reads a value as people type it.
///
/// # Errors
/// What to write, as a sentence.
pub(super) fn value_read(kind: AttributeKind, text: &str) -> Result<Value, &'static str> {
    match kind {
        AttributeKind::Text if text.len() > LONGEST_TEXT => Err("At most 256 bytes."),
        AttributeKind::Text if text.contains(is_deceptive) => Err(HIDDEN),
        AttributeKind::Text => Ok(Value::Text(text.to_owned())),
        AttributeKind::Number => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(Value::Number).ok_or("Write a number like 1000 or 12.5.")
        }
        AttributeKind::Boolean => match text {
            "yes" | "Yes" | "true" => Ok(Value::Boolean(true)),
            "no" | "No" | "false" => Ok(Value::Boolean(false)),
            _ => Err("Write yes or no."),
        },
        AttributeKind::Time => moment::read(text).map(Value::Time).ok_or(moment::REFUSAL),
    }
}

/// Writes one so that it is read as it was; none where that cannot be.
#[must_use]
pub fn value_written(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Boolean(is) => Some(if *is { "yes" } else { "no" }.to_owned()),
        Value::Time(at) => moment::write(*at),
    }
}
