//! "Try this role": circumstances that are supposed, and what is supposed of the resources that are asked about.

use super::{Scene, find, moment, row::value_read};
use bulkhead_model::{
    FieldErrors, UserId, WorkspaceId,
    access::{AttributeName, Resource, ResourceType},
};
use std::{collections::BTreeMap, net::IpAddr};
use time::OffsetDateTime;
use uuid::Uuid;

/// Whoever holds the role while it is tried: nobody.
pub(super) const HOLDER: UserId = UserId::from_uuid(Uuid::from_u128(1));
/// Somebody else.
const ANOTHER: UserId = UserId::from_uuid(Uuid::from_u128(2));

/// Whose what is asked about is supposed to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Owner {
    /// That is not known.
    #[default]
    Unknown,
    /// Theirs who hold the role.
    Own,
    /// Another person's.
    Another,
}

impl Owner {
    /// As the form writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Own => "own",
            Self::Another => "another",
        }
    }

    fn id(self) -> Option<UserId> {
        match self {
            Self::Unknown => None,
            Self::Own => Some(HOLDER),
            Self::Another => Some(ANOTHER),
        }
    }
}

/// The fields, as they are typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// When, in UTC.
    pub at: String,
    /// From which address.
    pub address: String,
    /// Whose it is.
    pub owner: Owner,
    /// Its id.
    pub id: String,
    /// The id of the workspace it is in.
    pub workspace: String,
    /// Attributes by type.
    pub attributes: Vec<((ResourceType, AttributeName), String)>,
}

/// What is supposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Supposed {
    /// When.
    pub now: OffsetDateTime,
    /// From which address; none where that is not known.
    pub address: Option<IpAddr>,
    /// What is asked about, for the resource types of services.
    pub resources: Vec<(ResourceType, Resource)>,
}

impl Trial {
    /// Whether nothing is supposed.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.filled().is_empty()
    }

    /// Takes a field; nothing where the page has no such field.
    pub(super) fn take(&mut self, key: &str, value: String, scene: &Scene) -> Option<()> {
        match key {
            "try_at" => self.at = value,
            "try_address" => self.address = value,
            "try_id" => self.id = value,
            "try_workspace" => self.workspace = value,
            "try_owner" => {
                let known = [Owner::Unknown, Owner::Own, Owner::Another];
                self.owner = known.into_iter().find(|owner| owner.code() == value)?;
            }
            key => {
                let (of, name) = key.strip_prefix("try.")?.split_once(':')?;
                let (of, name): (ResourceType, AttributeName) = (of.parse().ok()?, name.parse().ok()?);
                find(find(&scene.kinds, &of)?, &name)?;
                if !value.is_empty() {
                    self.attributes.push(((of, name), value));
                }
            }
        }
        Some(())
    }

    /// The fields that are filled in.
    pub(super) fn filled(&self) -> Vec<(String, String)> {
        let fields = [
            ("try_at", self.at.as_str()),
            ("try_address", &self.address),
            ("try_owner", self.owner.code()),
            ("try_id", &self.id),
            ("try_workspace", &self.workspace),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let attributes = self.attributes.iter().map(|((of, name), value)| (attribute_field(of, name), value.clone()));
        fields.chain(attributes).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// What is supposed, or what is wrong with the fields, each under its own name. Nothing typed about the moment is now.
    pub fn read(&self, scene: &Scene, now: OffsetDateTime, errors: &mut FieldErrors) -> Option<Supposed> {
        let now = match self.at.trim() {
            "" => Some(now),
            text => errors.keep("try_at", moment::read(text).ok_or(moment::REFUSAL)),
        };
        let address = match self.address.trim() {
            "" => Some(None),
            text => {
                errors.keep("try_address", text.parse().map(Some).map_err(|_| "Write an address, such as 192.0.2.17."))
            }
        };
        let known = |id: &WorkspaceId| scene.places.name(*id).is_some();
        let workspace = match self.workspace.as_str() {
            "" => Some(None),
            text => {
                let workspace = text.parse().ok().filter(known).ok_or("There is no such workspace. Choose one.");
                errors.keep("try_workspace", workspace).map(Some)
            }
        };
        let id = Some(self.id.trim().to_owned()).filter(|id| !id.is_empty());
        let resource =
            Resource { id, owner: self.owner.id(), workspace: workspace.flatten(), attributes: BTreeMap::new() };
        let mut resources: Vec<_> = scene.kinds.iter().map(|(of, _)| (of.clone(), resource.clone())).collect();
        let mut sound = workspace.is_some();
        for ((of, name), text) in self.attributes.iter().filter(|(_, text)| !text.trim().is_empty()) {
            let kind = find(&scene.kinds, of).and_then(|kinds| find(kinds, name)).copied();
            let value = kind.ok_or("There is no such attribute.").and_then(|kind| value_read(kind, text.trim()));
            let value = errors.keep(&attribute_field(of, name), value);
            sound &= value.is_some();
            if let (Some(value), Some((_, resource))) = (value, resources.iter_mut().find(|(known, _)| known == of)) {
                resource.attributes.insert(name.clone(), value);
            }
        }
        let (now, address) = (now?, address?);
        sound.then_some(Supposed { now, address, resources })
    }
}

/// The name of an attribute's field.
fn attribute_field(of: &ResourceType, name: &AttributeName) -> String {
    format!("try.{of}:{name}")
}
