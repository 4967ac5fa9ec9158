//! What the databases hold. Everything follows from the number of organizations, so two machines seed the same rows
//! (sessions apart, which must not have expired).

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::Result;

/// How many of a kind a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Customer organizations.
    pub organizations: u32,
    /// Whether the last one is huge: it then takes all users and events that the others leave of
    /// [`Self::users`] and [`Self::events`].
    pub huge: bool,
}

impl Shape {
    /// A hundred users an organization, on average.
    pub const fn users(self) -> u32 {
        self.organizations * 100
    }

    /// A thousand audit events an organization, on average.
    pub const fn events(self) -> u32 {
        self.organizations * 1000
    }
}

/// The name in URLs of an ordinary organization: the one measured, in every database of the same size.
pub const ORDINARY: &str = "org-3";
/// Its number of users; more than a page of 100 rows, so that the page has a successor.
pub const ORDINARY_USERS: u32 = 131;
/// The name in URLs of the huge organization.
pub const HUGE: &str = "huge";
/// The password of everybody who has one: the first user of each organization, an admin.
pub const PASSWORD: &str = "correct horse battery staple";
/// The pepper's name.
const PEPPER_ID: &str = "bench";
/// The pepper, random as the server demands. Not a secret: it protects rows that everybody can make.
const PEPPER: [u8; 32] = [
    0xCD, 0xCD, 0xDE, 0x43, 0x26, 0x48, 0x8B, 0x6D, 0xA8, 0x0B, 0x5E, 0xBB, 0x00, 0xCA, 0xD7, 0xBD, 0x28, 0x23, 0xCD,
    0x44, 0x1E, 0x10, 0x83, 0xE5, 0x5C, 0xBD, 0xC1, 0xD1, 0xF5, 0xFA, 0x07, 0x2B,
];
/// What the server's defaults are, and the floor's: 19 MiB, two passes, one lane.
pub const ARGON2: (u32, u32, u32) = (19_456, 2, 1);

/// `BULKHEAD_PEPPER` and `BULKHEAD_SIGNING_KEY`.
pub fn key() -> String {
    format!("{PEPPER_ID}:{}", STANDARD.encode(PEPPER))
}

/// The address of an organization's admin.
pub fn admin_of(slug: &str) -> String {
    format!("person1@{slug}.example")
}

/// Argon2 as the server uses it.
pub fn argon2() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = ARGON2;
    let params = Params::new(memory, passes, lanes, None)?;
    Ok(Argon2::new_with_secret(&PEPPER, Algorithm::Argon2id, Version::V0x13, params)?)
}

fn password_hash() -> Result<String> {
    let (salt, mut output) = ([1_u8; 16], [0_u8; 32]);
    let argon2 = argon2()?;
    argon2.hash_password_into(PASSWORD.as_bytes(), &salt, &mut output)?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(Output::new(&output)?),
    };
    Ok(hash.to_string())
}

/// The statements that fill a migrated, empty database.
pub fn script(shape: Shape) -> Result<String> {
    Ok(include_str!("seed.sql")
        .replace("$organizations", &shape.organizations.to_string())
        .replace("$huge", if shape.huge { "true" } else { "false" })
        .replace("$users", &shape.users().to_string())
        .replace("$events", &shape.events().to_string())
        .replace("$phc", &format!("'{}'", password_hash()?))
        .replace("$pepper", &format!("'{PEPPER_ID}'")))
}

/// Changes whenever a database seeded earlier would differ from one seeded now.
pub fn stamp(shape: Shape) -> Result<String> {
    let version = bulkhead_db::migrator::expected_version().unwrap_or_default();
    Ok(digest(&format!("{}{version}", script(shape)?)))
}

/// SHA-256 as hexadecimal digits.
pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_script_is_left_open() {
        let script = script(Shape { organizations: 10, huge: false }).unwrap();
        assert!(
            !script.replace("$argon2id$v=19$m=", "").contains("$organizations") && !script.contains("$users"),
            "{script}"
        );
    }

    #[test]
    fn a_stamp_tells_shapes_apart() {
        let shape = Shape { organizations: 10, huge: false };
        assert_eq!(stamp(shape).unwrap(), stamp(shape).unwrap());
        assert_ne!(stamp(shape).unwrap(), stamp(Shape { huge: true, ..shape }).unwrap());
    }
}
