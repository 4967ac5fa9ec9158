//! What a person or a client is told when something is refused.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The id under which a failure was logged; it is the request's id, so one id finds log, audit and page.
pub type ErrorId = crate::RequestId;

/// One refused field: which, and a sentence saying what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The form or JSON field's name.
    pub field: String,
    /// A sentence for the person who filled it in.
    pub message: String,
}

/// Every refused field of one form, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Nothing refused so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// A single refused field.
    pub fn one(field: impl Into<String>, message: impl fmt::Display) -> Self {
        let mut errors = Self::new();
        errors.add(field, message);
        errors
    }

    /// Refuses a field.
    pub fn add(&mut self, field: impl Into<String>, message: impl fmt::Display) {
        self.0.push(FieldError { field: field.into(), message: message.to_string() });
    }

    /// Keeps the value of a good parse, or the error of a bad one under `field`.
    pub fn keep<T, E: fmt::Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.add(field, error)).ok()
    }

    /// `Ok(value)` when nothing was refused. `value` is `None` only if something was.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, FieldErrors> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }

    /// The sentence for one field, if it was refused.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|e| e.field == field).map(|e| e.message.as_str())
    }

    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }
}

/// A conflict between what was asked and what is true by now. Stable: part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The object was changed since it was read; read it again.
    StaleVersion,
    /// The organization would be left without an active admin.
    LastAdmin,
    /// The plan's or organization's limit is reached.
    QuotaReached,
    /// The name is taken.
    SlugTaken,
    /// Something of this kind already has this name.
    NameTaken,
    /// Someone with this address is already a user.
    EmailTaken,
    /// The object's status does not allow this.
    WrongStatus,
    /// The same Idempotency-Key came with another request.
    IdempotencyKeyReused,
    /// The form was made for another organization than the one signed in to.
    OtherOrganization,
}

impl Conflict {
    /// The stable code used in JSON and documentation.
    pub const fn code(self) -> &'static str {
        match self {
            Self::StaleVersion => "stale_version",
            Self::LastAdmin => "last_admin",
            Self::QuotaReached => "quota_reached",
            Self::SlugTaken => "slug_taken",
            Self::NameTaken => "name_taken",
            Self::EmailTaken => "email_taken",
            Self::WrongStatus => "wrong_status",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::OtherOrganization => "other_organization",
        }
    }

    /// What it means and what to do, for a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::StaleVersion => {
                "Someone changed this since you opened it. Nothing was saved. Compare both versions and save again."
            }
            Self::LastAdmin => "This is the organization's last active admin. Make someone else an admin first.",
            Self::QuotaReached => {
                "The organization has reached the number of users its plan allows. Remove users or change the plan."
            }
            Self::SlugTaken => "This short name is taken. Choose another.",
            Self::NameTaken => "This name is taken. Choose another.",
            Self::EmailTaken => "Someone with this address is already a user here.",
            Self::WrongStatus => {
                "The status changed in the meantime, so this is not possible any more. Nothing was changed."
            }
            Self::IdempotencyKeyReused => "This Idempotency-Key was used for a different request. Use a new key.",
            Self::OtherOrganization => {
                "This form belongs to another organization than the one you are signed in to. Nothing was changed."
            }
        }
    }
}
