//! A registered database of somebody else's.

use crate::{DataSourceId, OrgName};
use time::OffsetDateTime;

/// A registered database of somebody else's. How to sign in there is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSource {
    /// Its id.
    pub id: DataSourceId,
    /// What people call it: one line, unique among the data sources.
    pub name: OrgName,
    /// `user@host:port/database`.
    pub place: String,
    /// What it is measured by, as somebody wrote it: TOML, comments included.
    pub profile_text: String,
    /// The operator who registered it.
    pub created_by: String,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
    /// Grows with each change.
    pub version: i32,
}
