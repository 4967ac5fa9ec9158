//! The form of a resource type: its actions and attributes are rows that are numbered, the last one blank.

use crate::web::errors::PageError;
use bulkhead_model::{
    FieldErrors,
    access::{AttributeKind, RegisteredAction, RegisteredAttribute, ResourceSchema},
    user::Role,
};

/// Rows of either kind in one form, at most: as many actions as there can be, and a blank one.
const MOST_ROWS: usize = bulkhead_domain::resource_types::MOST_ACTIONS + 1;
/// The longest value, in bytes. Longer than any that is taken, so that what is too long can be shown again.
const LONGEST: usize = 65_536;

/// An action as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionRow {
    /// The part of the permission behind the colon.
    pub name: String,
    /// What it lets a person do.
    pub sentence: String,
    /// Codes of built-in roles.
    pub held_by: Vec<String>,
    /// Whether it takes a reason.
    pub needs_reason: bool,
}

impl ActionRow {
    fn is_blank(&self) -> bool {
        self.name.trim().is_empty() && self.sentence.trim().is_empty()
    }
}

/// An attribute as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeRow {
    /// Its name.
    pub name: String,
    /// A code.
    pub kind: String,
    /// What it says.
    pub description: String,
}

impl Default for AttributeRow {
    fn default() -> Self {
        Self { name: String::new(), kind: AttributeKind::Text.code().to_owned(), description: String::new() }
    }
}

impl AttributeRow {
    fn is_blank(&self) -> bool {
        self.name.trim().is_empty() && self.description.trim().is_empty()
    }
}

/// Everything that was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeForm {
    /// Another blank row is asked for, and nothing is to be saved.
    pub more: bool,
    /// The version that was looked at; none for a new type.
    pub version: Option<i32>,
    /// The name in permissions.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it is.
    pub description: String,
    /// The actions.
    pub actions: Vec<ActionRow>,
    /// The attributes.
    pub attributes: Vec<AttributeRow>,
}

impl TypeForm {
    /// With what is registered.
    pub fn of(schema: &ResourceSchema, version: i32) -> Self {
        let action = |action: &RegisteredAction| ActionRow {
            name: action.name.to_string(),
            sentence: action.sentence.clone(),
            held_by: action.held_by.iter().map(|role| role.code().to_owned()).collect(),
            needs_reason: action.needs_reason,
        };
        let attribute = |attribute: &RegisteredAttribute| AttributeRow {
            name: attribute.name.to_string(),
            kind: attribute.kind.code().to_owned(),
            description: attribute.description.clone(),
        };
        Self {
            more: false,
            version: Some(version),
            name: schema.name.to_string(),
            label: schema.label.clone(),
            description: schema.description.clone(),
            actions: schema.actions.iter().map(action).collect(),
            attributes: schema.attributes.iter().map(attribute).collect(),
        }
    }

    /// Reads what was sent. What the page does not send is refused as a whole.
    pub fn read(pairs: Vec<(String, String)>) -> Result<Self, PageError> {
        if pairs.iter().any(|(_, value)| value.len() > LONGEST) {
            return Err(PageError::malformed());
        }
        let mut form = Self::default();
        let mut known = std::collections::HashSet::new();
        for (key, value) in pairs {
            if !key.starts_with("held_by.") && !known.insert(key.clone()) {
                return Err(PageError::malformed());
            }
            form.take(&key, value.replace("\r\n", "\n")).ok_or_else(PageError::malformed)?;
        }
        Ok(form)
    }

    fn take(&mut self, key: &str, value: String) -> Option<()> {
        match key {
            "step" => {
                self.more = match value.as_str() {
                    "more" => true,
                    "save" => false,
                    _ => return None,
                }
            }
            "version" => self.version = Some(value.parse().ok()?),
            "name" => self.name = value,
            "label" => self.label = value,
            "description" => self.description = value,
            key => {
                let (field, at) = key.split_once('.')?;
                let at = at.parse().ok().filter(|at| *at < MOST_ROWS)?;
                match field {
                    "action" => row(&mut self.actions, at).name = value,
                    "sentence" => row(&mut self.actions, at).sentence = value,
                    "held_by" => row(&mut self.actions, at).held_by.push(value),
                    "reason" if value == "true" => row(&mut self.actions, at).needs_reason = true,
                    "attribute" => row(&mut self.attributes, at).name = value,
                    "kind" => row(&mut self.attributes, at).kind = value,
                    "about" => row(&mut self.attributes, at).description = value,
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// The type, or everything that does not read well, each under its own field. Blank rows are none.
    pub fn schema(&self) -> Result<ResourceSchema, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = errors.keep("name", self.name.trim().parse());
        let actions: Option<Vec<RegisteredAction>> = self
            .actions
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.is_blank())
            .map(|(at, row)| {
                let name = errors.keep(&format!("action.{at}"), row.name.trim().parse());
                let roles: Option<Vec<Role>> = row.held_by.iter().map(|code| Role::from_code(code)).collect();
                let held_by = errors.keep(&format!("held_by.{at}"), roles.ok_or("Choose again."));
                let (sentence, needs_reason) = (row.sentence.trim().to_owned(), row.needs_reason);
                Some(RegisteredAction { name: name?, sentence, held_by: held_by?, needs_reason })
            })
            .collect::<Vec<_>>()
            .into_iter()
            .collect();
        let attributes: Option<Vec<RegisteredAttribute>> = self
            .attributes
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.is_blank())
            .map(|(at, row)| {
                let name = errors.keep(&format!("attribute.{at}"), row.name.trim().parse());
                let kind = AttributeKind::from_code(&row.kind).ok_or("Choose again.");
                let kind = errors.keep(&format!("kind.{at}"), kind);
                let description = row.description.trim().to_owned();
                Some(RegisteredAttribute { name: name?, kind: kind?, description })
            })
            .collect::<Vec<_>>()
            .into_iter()
            .collect();
        let (label, description) = (self.label.trim().to_owned(), self.description.trim().to_owned());
        let schema = name.zip(actions).zip(attributes).map(|((name, actions), attributes)| ResourceSchema {
            name,
            label,
            description,
            actions,
            attributes,
        });
        errors.finish(schema)
    }

    /// The rows as they are shown: without blank ones, and one blank one at the end.
    pub fn shown(mut self) -> Self {
        self.actions.retain(|row| !row.is_blank());
        self.attributes.retain(|row| !row.is_blank());
        self.actions.push(ActionRow::default());
        self.attributes.push(AttributeRow::default());
        self
    }
}

/// The row at a place, which is there afterwards.
fn row<T: Default + Clone>(rows: &mut Vec<T>, at: usize) -> &mut T {
    if rows.len() <= at {
        rows.resize(at + 1, T::default());
    }
    &mut rows[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_registered_is_read_back_as_it_was() -> Result<(), Box<dyn std::error::Error>> {
        let schema = ResourceSchema {
            name: "invoices".parse()?,
            label: "Invoices".to_owned(),
            description: "What customers owe.".to_owned(),
            actions: vec![RegisteredAction {
                name: "read".parse()?,
                sentence: "read invoices".to_owned(),
                held_by: vec![Role::Manager, Role::Viewer],
                needs_reason: true,
            }],
            attributes: vec![RegisteredAttribute {
                name: "amount".parse()?,
                kind: AttributeKind::Number,
                description: "In euros.".to_owned(),
            }],
        };
        let form = TypeForm::of(&schema, 3);
        assert_eq!(form.schema(), Ok(schema.clone()));
        let shown = form.shown();
        assert_eq!((shown.actions.len(), shown.attributes.len()), (2, 2), "one blank row each");
        assert_eq!(shown.schema(), Ok(schema), "which is no row");
        Ok(())
    }

    #[test]
    fn what_does_not_read_well_stands_under_its_row() {
        let sent = pairs(&[
            ("step", "save"),
            ("name", "Invoices"),
            ("label", "Invoices"),
            ("action.0", "read"),
            ("sentence.0", "read them"),
            ("action.2", "Read All"),
            ("held_by.2", "king"),
            ("attribute.1", "a b"),
            ("kind.1", "colour"),
        ]);
        let errors = TypeForm::read(sent).map(|form| form.schema()).unwrap_or_else(|_| Err(FieldErrors::new()));
        let errors = errors.err().unwrap_or_default();
        for field in ["name", "action.2", "held_by.2", "attribute.1", "kind.1"] {
            assert!(errors.of(field).is_some(), "{field}: {errors:?}");
        }
        assert_eq!(errors.of("action.0"), None);
    }

    #[test]
    fn what_the_page_does_not_send_is_refused() {
        for sent in [
            &[("name", "a"), ("name", "b")][..],
            &[("step", "delete")],
            &[("version", "one")],
            &[("action", "read")],
            &[("action.x", "read")],
            &[("action.99999", "read")],
            &[("reason.0", "yes")],
            &[("colour.0", "red")],
        ] {
            assert!(TypeForm::read(pairs(sent)).is_err(), "{sent:?}");
        }
    }
}
