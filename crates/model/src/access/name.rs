//! Names of what can be done to what: `backups:delete`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why a name was refused, as a sentence for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NameError(pub &'static str);

/// The longest part of a name, in bytes.
const LONGEST: usize = 64;

/// A lower-case word: letters, digits, `_`, `-` and `.` between them. ASCII only, so that no name looks like another.
fn is_word(text: &str) -> bool {
    let edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= LONGEST
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|byte| edge(byte) || matches!(byte, b'_' | b'-' | b'.'))
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $refusal:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// As it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                if is_word(text) { Ok(Self(text.to_owned())) } else { Err(NameError($refusal)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word! {
    /// A kind of thing: `backups`, `platform.orgs`.
    ResourceType, "A resource type is 1 to 64 lower-case letters, digits, dots, dashes and underscores, and begins with a letter."
}
word! {
    /// What is done to it: `read`, `delete`.
    ActionName, "An action is 1 to 64 lower-case letters, digits, dots, dashes and underscores, and begins with a letter."
}
word! {
    /// A property of a resource that conditions may compare: `amount`, `region`.
    AttributeName, "An attribute is 1 to 64 lower-case letters, digits, dots, dashes and underscores, and begins with a letter."
}

/// What can be allowed or denied: a resource type and an action, `backups:delete`. Scopes of tokens are the same names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PermissionName {
    /// On what.
    pub resource: ResourceType,
    /// What.
    pub action: ActionName,
}

impl PermissionName {
    /// Whether only users of the platform organization can hold it: `platform` and whatever begins with `platform.`.
    #[must_use]
    pub fn is_platform(&self) -> bool {
        let resource = self.resource.as_str();
        resource == "platform" || resource.starts_with("platform.")
    }
}

impl FromStr for PermissionName {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let (resource, action) = text
            .split_once(':')
            .ok_or(NameError("A permission is a resource type, a colon and an action: backups:delete."))?;
        Ok(Self { resource: resource.parse()?, action: action.parse()? })
    }
}

impl TryFrom<String> for PermissionName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<PermissionName> for String {
    fn from(name: PermissionName) -> Self {
        name.to_string()
    }
}

impl From<crate::Permission> for PermissionName {
    fn from(permission: crate::Permission) -> Self {
        // The console's own permissions are constants; a test parses every one of them.
        let (resource, action) = permission.as_str().split_once(':').unwrap_or((permission.as_str(), ""));
        Self { resource: ResourceType(resource.to_owned()), action: ActionName(action.to_owned()) }
    }
}

impl fmt::Display for PermissionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource, self.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Permission;

    #[test]
    fn a_name_is_read_and_written() -> Result<(), NameError> {
        for text in ["backups:delete", "platform.orgs:manage", "a:b", "ingest:write", "api_keys:rotate-all"] {
            assert_eq!(text.parse::<PermissionName>()?.to_string(), text);
        }
        Ok(())
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("{}:read", "x".repeat(65));
        for text in [
            "",
            ":",
            "backups",
            "backups:",
            ":read",
            "Backups:read",
            "backups:re ad",
            "bäckups:read",
            "a:b:c",
            "9a:b",
            "a.:b",
            "а:b",
            "a:*",
            long.as_str(),
        ] {
            assert!(text.parse::<PermissionName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_consoles_permissions_are_such_names() -> Result<(), NameError> {
        for &permission in Permission::ALL {
            let name = PermissionName::from(permission);
            assert_eq!(permission.as_str().parse::<PermissionName>()?, name);
            assert_eq!(name.is_platform(), permission.is_platform(), "{permission}");
        }
        Ok(())
    }
}
