//! Paging cursors: the key of a row, sealed, so that a cursor means what we wrote and nothing else.

use crate::site::Site;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bulkhead_model::page::Key;

/// Cursors in URLs may be kept in bookmarks; they carry no secret and do not expire.
const NEVER: i64 = i64::MAX;

/// Seals a key for one list of one viewer's organization.
pub fn seal(site: &Site, list: &str, key: &Key) -> String {
    let json = serde_json::to_vec(key).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(site.app().sealer().seal(&format!("cursor/{list}"), &json, NEVER))
}

/// Reads a cursor of that list.
pub fn open(site: &Site, list: &str, cursor: &str) -> Option<Key> {
    let sealed = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let json = site.app().sealer().open(&format!("cursor/{list}"), &sealed, 0)?;
    serde_json::from_slice(&json).ok()
}
