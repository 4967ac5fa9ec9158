//! Duties that exclude each other: pairs of permissions that no one person should hold together.

use crate::{DutyConflictId, access::PermissionName, org::words};
use time::OffsetDateTime;

words! {
    /// What happens to a change by which somebody would hold both.
    DutyRule {
        /// Whoever makes it says why.
        Ask = "ask", "Asks for a reason";
        /// It does not happen.
        Refuse = "refuse", "Refuses";
    }
}

/// Two permissions, without an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DutyPair {
    first: PermissionName,
    second: PermissionName,
}

impl DutyPair {
    /// The pair of two that differ; the same one twice is no pair.
    #[must_use]
    pub fn new(one: PermissionName, other: PermissionName) -> Option<Self> {
        match one.to_string().cmp(&other.to_string()) {
            std::cmp::Ordering::Less => Some(Self { first: one, second: other }),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Self { first: other, second: one }),
        }
    }

    /// The one whose name comes first.
    #[must_use]
    pub const fn first(&self) -> &PermissionName {
        &self.first
    }

    /// The other one.
    #[must_use]
    pub const fn second(&self) -> &PermissionName {
        &self.second
    }
}

/// Two duties that exclude each other in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyConflict {
    /// Its id.
    pub id: DutyConflictId,
    /// What people call it.
    pub name: String,
    /// What no one person should hold together.
    pub pair: DutyPair,
    /// Why not.
    pub why: String,
    /// What happens to a change by which somebody would.
    pub rule: DutyRule,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// By whom: an address.
    pub created_by: String,
    /// When it was changed last.
    pub updated_at: OffsetDateTime,
    /// By whom: an address.
    pub updated_by: String,
    /// Counts the times it was changed.
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::NameError;

    #[test]
    fn a_pair_has_no_order_and_two_sides() -> Result<(), NameError> {
        let (create, delete): (PermissionName, PermissionName) = ("backups:create".parse()?, "backups:delete".parse()?);
        assert_eq!(DutyPair::new(create.clone(), delete.clone()), DutyPair::new(delete, create.clone()));
        assert_eq!(DutyPair::new(create.clone(), create), None);
        // By the text, as the table compares: a dot comes before a colon.
        let (long, short): (PermissionName, PermissionName) = ("a.b:read".parse()?, "a:read".parse()?);
        let pair = DutyPair::new(short, long.clone());
        assert_eq!(pair.as_ref().map(DutyPair::first), Some(&long));
        Ok(())
    }
}
