//! The directory transport: each mail as an `.eml` that any mail program opens, and as `.json` for the
//! developer page, which would otherwise have to decode MIME.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::message::Message;

/// A mail in the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Its outbox id.
    pub id: String,
    /// When it was written.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// To whom.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// Writes both files, whole or not at all. The id names them, so a second attempt replaces the first.
pub(super) fn write(directory: &Path, message: &Message, wire: &[u8], now: SystemTime) -> io::Result<()> {
    create(directory)?;
    let delivered = Delivered {
        id: message.id.to_string(),
        at: now.into(),
        recipient: message.recipient.clone(),
        subject: message.subject.clone(),
        text: message.text.clone(),
    };
    put(directory, &format!("{}.eml", message.id), wire)?;
    put(directory, &format!("{}.json", message.id), &serde_json::to_vec(&delivered)?)
}

/// The newest mails, at most `limit`. Files that are not ours are passed over; no directory is no mail.
pub(super) fn newest(directory: &Path, limit: usize) -> io::Result<Vec<Delivered>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push((entry.metadata()?.modified()?, path));
        }
    }
    files.sort_unstable_by(|a, b| b.cmp(a));
    let read = |path: &Path| serde_json::from_slice(&fs::read(path).ok()?).ok();
    Ok(files.iter().filter_map(|(_, path)| read(path)).take(limit).collect())
}

fn create(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Writes beside and renames, so that a reader sees a whole file or none. 0600: the links in it open accounts.
fn put(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = directory.join(format!(".{name}.{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    fs::rename(unfinished, directory.join(name))
}
