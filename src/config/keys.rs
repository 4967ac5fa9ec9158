//! Keys with names, so that one can be replaced while the last one still verifies.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretSlice;

use super::{Settings, value::Value};

/// The name of a key that a developer's machine made up. Production refuses it.
const DEVELOPMENT: &str = "dev";
/// 256 bits, as many as the hash functions that use the keys.
const MINIMUM_BYTES: usize = 32;

/// One secret key and its name. The name is stored beside what the key made, the key never is.
#[derive(Debug, Clone)]
pub struct Key {
    /// Up to 32 characters of `a-z 0-9 -`.
    pub id: String,
    /// At least 32 bytes. `Debug` prints `[REDACTED]`.
    pub bytes: SecretSlice<u8>,
}

/// Keys of one purpose, newest first: the first one makes, all of them verify.
#[derive(Debug, Clone)]
pub struct Keyring {
    current: Key,
    previous: Vec<Key>,
}

impl Keyring {
    /// The key that makes new values.
    #[must_use]
    pub const fn current(&self) -> &Key {
        &self.current
    }

    /// Every key that still verifies, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// The key of that name, if it is still accepted.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Key> {
        self.all().find(|key| key.id == id)
    }

    /// Whether one of the keys was made up by a developer's machine.
    #[must_use]
    pub fn is_development(&self) -> bool {
        self.get(DEVELOPMENT).is_some()
    }

    fn generate() -> io::Result<(Self, String)> {
        let mut bytes = vec![0_u8; MINIMUM_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let text = format!("{DEVELOPMENT}:{}", STANDARD.encode(&bytes));
        let current = Key { id: DEVELOPMENT.to_owned(), bytes: bytes.into() };
        Ok((Self { current, previous: Vec::new() }, text))
    }
}

/// Written `name:base64`, several separated by commas or line breaks, the newest first.
impl Value for Keyring {
    const SECRET: bool = true;
    const SYNTAX: &'static str = "NAME:BASE64,…";

    fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Vec::<Key>::new();
        for part in text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let (id, encoded) = part.split_once(':').ok_or("must be name:base64, several separated by commas")?;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if id.is_empty() || id.len() > 32 || !id.chars().all(plain) {
                return Err("has a key whose name is not 1 to 32 characters of a-z, 0-9 and -".to_owned());
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(format!("names the key {id} twice"));
            }
            let bytes = STANDARD.decode(encoded).map_err(|_| format!("has a key {id} that is not base64"))?;
            if bytes.len() < MINIMUM_BYTES || bytes.iter().all(|byte| Some(byte) == bytes.first()) {
                return Err(format!(
                    "has a key {id} that is not {MINIMUM_BYTES} random bytes (make one with: openssl rand -base64 32)"
                ));
            }
            keys.push(Key { id: id.to_owned(), bytes: bytes.into() });
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or("holds no key")?;
        Ok(Self { current, previous: keys.collect() })
    }

    fn show(&self) -> String {
        let names: Vec<_> = self.all().map(|key| key.id.as_str()).collect();
        format!("{} (keys hidden)", names.join(", "))
    }
}

/// Two rings are equal when they make and verify the same values. For tests; not constant-time.
#[cfg(test)]
impl PartialEq for Keyring {
    fn eq(&self, other: &Self) -> bool {
        use secrecy::ExposeSecret as _;
        let flat = |ring: &Self| {
            ring.all().map(|key| (key.id.clone(), key.bytes.expose_secret().to_vec())).collect::<Vec<_>>()
        };
        flat(self) == flat(other)
    }
}

/// The keys a running server needs.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Mixed into every password hash, so that a stolen table is useless without it.
    pub peppers: Keyring,
    /// Signs cookies and one-shot messages.
    pub signing: Keyring,
}

/// Why the keys are not at hand.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Production makes nothing up. `Settings::load` refuses first, with every other problem in the same list.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A developer's key file cannot be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// The key file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A developer's key file holds something else.
    #[error("{path} {reason}; remove it to get a new one (sign-ins made with the old one end)")]
    Damaged {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Keys {
    /// The configured keys. In development, missing ones are made once and kept in `data_dir/secrets` with mode 0600.
    ///
    /// # Errors
    /// In production when a key is missing; in development when its file is unreadable or damaged. A damaged file is never
    /// overwritten: passwords hashed with its key would be lost.
    pub fn obtain(settings: &Settings) -> Result<Self, KeysError> {
        let obtain = |configured: &Option<Keyring>, name: &'static str, file: &str| match configured {
            Some(ring) => Ok(ring.clone()),
            None if settings.is_production() => Err(KeysError::Missing(name)),
            None => kept(&settings.data_dir.join("secrets"), file),
        };
        Ok(Self {
            peppers: obtain(&settings.pepper, "pepper", "pepper")?,
            signing: obtain(&settings.signing_key, "signing_key", "signing-key")?,
        })
    }
}

/// Reads the key file in `directory`, or makes it.
fn kept(directory: &Path, name: &str) -> Result<Keyring, KeysError> {
    let path = directory.join(name);
    let failed = |source| KeysError::File { path: path.clone(), source };
    match fs::read_to_string(&path) {
        Ok(text) => Keyring::parse(&text).map_err(|reason| KeysError::Damaged { path, reason }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(directory).map_err(failed)?;
            let (ring, text) = Keyring::generate().map_err(failed)?;
            match create(&path, &text) {
                Ok(()) => Ok(ring),
                // Another process was faster; its key is the one that counts.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => kept(directory, name),
                Err(error) => Err(failed(error)),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes a complete file or none: a reader must never meet half a key.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    // Unlike a rename, a link fails when the name is taken.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn encoded(byte: u8) -> String {
        let mut bytes = [byte; 32];
        bytes[0] ^= 0xff;
        STANDARD.encode(bytes)
    }

    #[test]
    fn the_first_key_makes_and_all_verify() {
        let ring = Keyring::parse(&format!("2026-11:{}, 2026-05:{}", encoded(1), encoded(2))).unwrap();
        assert_eq!(ring.current().id, "2026-11");
        assert!(ring.get("2026-05").is_some());
        assert!(ring.get("2025-01").is_none());
        assert_eq!(ring.show(), "2026-11, 2026-05 (keys hidden)");
    }

    #[test]
    fn weak_keys_are_refused_without_being_repeated() {
        let short = STANDARD.encode([7_u8; 16]);
        let constant = STANDARD.encode([7_u8; 32]);
        for text in [
            "",
            "nokey",
            &format!("k:{short}"),
            &format!("k:{constant}"),
            &format!("K:{}", encoded(1)),
            &format!("k:{0},k:{0}", encoded(1)),
        ] {
            let error = Keyring::parse(text).unwrap_err();
            assert!(!error.contains(&short) && !error.contains(&encoded(1)), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let ring = Keyring::parse(&format!("k:{}", encoded(9))).unwrap();
        let text = format!("{ring:?}");
        assert!(text.contains("REDACTED") && !text.contains("246") && !text.contains("9, 9"), "{text}");
    }

    #[test]
    fn a_development_key_is_made_once_and_private() {
        let directory = tempfile::tempdir().unwrap();
        let first = kept(directory.path(), "pepper").unwrap();
        let again = kept(directory.path(), "pepper").unwrap();
        assert!(first == again && first.is_development());
        let mode = fs::metadata(directory.path().join("pepper")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_reported_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("pepper"), "half a k").unwrap();
        assert!(matches!(kept(directory.path(), "pepper"), Err(KeysError::Damaged { .. })));
        assert_eq!(fs::read_to_string(directory.path().join("pepper")).unwrap(), "half a k");
    }
}
