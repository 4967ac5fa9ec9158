//! The editor's form: one for a new role and for one that is there, one for typing and for reviewing.

use super::conditions::Fields;
use crate::web::errors::PageError;
use bulkhead_authz::catalogue::Entry;
use bulkhead_domain::access::Typed;
use bulkhead_model::{
    FieldErrors, RoleId,
    access::{Effect, Grant, PermissionName, RoleDefinition},
};

/// Fields of one form, at most: all roles there can be, ten fields and seven days for every permission, and the rest.
const MOST_FIELDS: usize = 8_000;
/// The longest value, in bytes. Longer than any that is taken, so that what is too long can be shown again.
const LONGEST: usize = 65_536;

/// What is to happen with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Type on.
    Edit,
    /// Say what saving would do.
    Review,
    /// Save.
    Save,
}

/// What the role says itself about one permission.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// Nothing.
    #[default]
    NotSet,
    /// That it is allowed.
    Allow,
    /// That it is denied.
    Deny,
    /// The lines that were there and that no fields can show.
    Keep,
}

impl Choice {
    /// As the form writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotSet => "",
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Keep => "keep",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::NotSet, Self::Allow, Self::Deny, Self::Keep].into_iter().find(|choice| choice.code() == code)
    }
}

impl From<Effect> for Choice {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Allow => Self::Allow,
            Effect::Deny => Self::Deny,
        }
    }
}

/// The fields of one permission.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// What it says.
    pub choice: Choice,
    /// When.
    pub when: Fields,
    /// What was stored and the fields cannot show: one line, whose condition is kept, or several.
    pub kept: Vec<Grant>,
    /// That the condition that is kept shall not be.
    pub remove: bool,
}

impl Line {
    /// The fields of what a role says about a permission itself.
    fn of(grants: &[&Grant]) -> Self {
        let [grant] = grants else {
            let kept: Vec<Grant> = grants.iter().map(|grant| (*grant).clone()).collect();
            let choice = if kept.is_empty() { Choice::NotSet } else { Choice::Keep };
            return Self { choice, kept, ..Self::default() };
        };
        let (when, kept) = match Fields::of(&grant.when) {
            Some(fields) => (fields, Vec::new()),
            None => (Fields::default(), vec![(*grant).clone()]),
        };
        Self { choice: grant.effect.into(), when, kept, remove: false }
    }

    /// The one condition that is kept.
    pub fn kept_condition(&self) -> Option<&Grant> {
        if let [one] = self.kept.as_slice() { Some(one) } else { None }
    }

    fn grants(&self, permission: &PermissionName, errors: &mut FieldErrors) -> Vec<Grant> {
        let effect = match self.choice {
            Choice::NotSet => return Vec::new(),
            Choice::Keep => return self.kept.clone(),
            Choice::Allow => Effect::Allow,
            Choice::Deny => Effect::Deny,
        };
        let when = match self.kept_condition() {
            Some(kept) if !self.remove => Some(kept.when.clone()),
            _ => self.when.read(permission, errors),
        };
        when.into_iter().map(|when| Grant { permission: permission.clone(), effect, when }).collect()
    }
}

/// Everything that was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleForm {
    /// What to do with it.
    pub step: Step,
    /// The version that was looked at; none for a new role.
    pub version: Option<i32>,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The roles it inherits from.
    pub inherits: Vec<RoleId>,
    /// Why it is saved.
    pub reason: String,
    /// Every permission that there is, in order.
    pub lines: Vec<(PermissionName, Line)>,
}

impl RoleForm {
    /// With nothing in it.
    pub fn blank<'a>(permissions: impl Iterator<Item = &'a Entry>) -> Self {
        let lines = permissions.map(|entry| (entry.name.clone(), Line::default())).collect();
        let (name, description, reason) = (String::new(), String::new(), String::new());
        Self { step: Step::Edit, version: None, name, description, inherits: Vec::new(), reason, lines }
    }

    /// With what a role says.
    pub fn of<'a>(role: &RoleDefinition, description: &str, permissions: impl Iterator<Item = &'a Entry>) -> Self {
        let line = |entry: &Entry| {
            let grants: Vec<_> = role.grants.iter().filter(|grant| grant.permission == entry.name).collect();
            (entry.name.clone(), Line::of(&grants))
        };
        let lines = permissions.map(line).collect();
        let (name, description, inherits) = (role.name.clone(), description.to_owned(), role.inherits.clone());
        Self { step: Step::Edit, version: None, name, description, inherits, reason: String::new(), lines }
    }

    /// Reads what was sent. What the page does not send is refused as a whole.
    pub fn read<'a>(
        pairs: Vec<(String, String)>,
        permissions: impl Iterator<Item = &'a Entry>,
    ) -> Result<Self, PageError> {
        if pairs.len() > MOST_FIELDS || pairs.iter().any(|(_, value)| value.len() > LONGEST) {
            return Err(PageError::malformed());
        }
        let mut form = Self::blank(permissions);
        let mut known = std::collections::HashSet::new();
        for (key, value) in pairs {
            let repeats = key == "inherits" || key.starts_with("days.");
            if !repeats && !known.insert(key.clone()) {
                return Err(PageError::malformed());
            }
            form.take(&key, value).ok_or_else(PageError::malformed)?;
        }
        let kept_nothing = |(_, line): &(PermissionName, Line)| line.choice == Choice::Keep && line.kept.is_empty();
        match form.lines.iter().any(kept_nothing) {
            false => Ok(form),
            true => Err(PageError::malformed()),
        }
    }

    fn take(&mut self, key: &str, value: String) -> Option<()> {
        // Browsers send line ends as in mail, whatever was typed.
        let value = value.replace("\r\n", "\n");
        match key {
            "step" => {
                self.step = match value.as_str() {
                    "edit" => Step::Edit,
                    "review" => Step::Review,
                    "save" => Step::Save,
                    _ => return None,
                }
            }
            "version" => self.version = Some(value.parse().ok()?),
            "name" => self.name = value,
            "description" => self.description = value,
            "reason" => self.reason = value,
            "inherits" => {
                let id = value.parse().ok()?;
                if !self.inherits.contains(&id) {
                    self.inherits.push(id);
                }
            }
            key => {
                let (field, of) = key.split_once('.')?;
                let of: PermissionName = of.parse().ok()?;
                let (permission, line) = self.lines.iter_mut().find(|(permission, _)| *permission == of)?;
                match field {
                    "grant" => line.choice = Choice::from_code(&value)?,
                    "days" => line.when.days.push(value),
                    "from" => line.when.from = value,
                    "until" => line.when.until = value,
                    "zone" => line.when.zone = value,
                    "not_before" => line.when.not_before = value,
                    "not_after" => line.when.not_after = value,
                    "addresses" => line.when.addresses = value,
                    "kept" => {
                        line.kept = serde_json::from_str(&value).ok()?;
                        line.kept.iter().all(|grant| grant.permission == *permission).then_some(())?;
                    }
                    "remove" if value == "true" => line.remove = true,
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// The same as fields that nobody sees, without the step and the reason.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let mut pairs =
            vec![("name".to_owned(), self.name.clone()), ("description".to_owned(), self.description.clone())];
        pairs.extend(self.version.map(|version| ("version".to_owned(), version.to_string())));
        pairs.extend(self.inherits.iter().map(|id| ("inherits".to_owned(), id.to_string())));
        for (permission, line) in &self.lines {
            let Fields { days, from, until, zone, not_before, not_after, addresses } = &line.when;
            let fields = [
                ("grant", line.choice.code()),
                ("from", from),
                ("until", until),
                ("zone", zone),
                ("not_before", not_before),
                ("not_after", not_after),
                ("addresses", addresses),
                ("remove", if line.remove { "true" } else { "" }),
            ];
            let fields = fields.into_iter().chain(days.iter().map(|day| ("days", day.as_str())));
            let fields = fields.filter(|(_, value)| !value.is_empty());
            pairs.extend(fields.map(|(field, value)| (format!("{field}.{permission}"), value.to_owned())));
            pairs.extend(kept(permission, line));
        }
        pairs
    }

    /// The role, or everything that is wrong with the matrix. Whatever else may be wrong, saving says.
    pub fn typed(&self) -> Result<Typed, FieldErrors> {
        let mut errors = FieldErrors::new();
        let grants = self.lines.iter().flat_map(|(permission, line)| line.grants(permission, &mut errors)).collect();
        let (name, description, reason) = (self.name.clone(), self.description.clone(), self.reason.clone());
        errors.finish(Some(Typed { name, description, inherits: self.inherits.clone(), grants, reason }))
    }
}

/// What is kept of a line, as a field that nobody sees.
pub fn kept(permission: &PermissionName, line: &Line) -> Option<(String, String)> {
    let lines = (!line.kept.is_empty()).then(|| serde_json::to_string(&line.kept))?.ok()?;
    Some((format!("kept.{permission}"), lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_authz::catalogue::Catalogue;
    use bulkhead_model::{
        Permission,
        access::{AllOf, Condition, Test},
    };
    use std::sync::{Arc, LazyLock};

    static CONSOLE: LazyLock<Arc<Catalogue>> = LazyLock::new(Catalogue::console);

    fn permissions() -> impl Iterator<Item = &'static Entry> {
        let names = [Permission::UsersRead, Permission::AuditRead].map(PermissionName::from);
        names.into_iter().filter_map(|name| CONSOLE.find(&name))
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_sent_is_carried_along_as_it_is() {
        let owner = Condition { any: vec![AllOf { tests: vec![Test::Owner] }] };
        let kept = Grant { permission: Permission::AuditRead.into(), effect: Effect::Allow, when: owner };
        let role = RoleDefinition {
            id: RoleId::from_uuid(uuid::Uuid::nil()),
            name: "Auditor".to_owned(),
            inherits: vec![RoleId::from_uuid(uuid::Uuid::from_u128(7))],
            grants: vec![kept.clone()],
        };
        let mut form = RoleForm { version: Some(3), ..RoleForm::of(&role, "Reads\nthe log", permissions()) };
        assert_eq!(form.typed().map(|typed| typed.grants), Ok(vec![kept]), "what no field can show is kept");
        form.lines[0].1.choice = Choice::Deny;
        form.lines[0].1.when.days = vec!["mon".to_owned(), "sun".to_owned()];
        assert_eq!(RoleForm::read(form.hidden(), permissions()).ok(), Some(form.clone()));
        form.lines[1].1.remove = true;
        let allowed = form.lines[1].1.grants(&Permission::AuditRead.into(), &mut FieldErrors::new());
        assert_eq!(allowed.first().map(|grant| grant.when.clone()), Some(Condition::default()));
    }

    #[test]
    fn what_the_page_does_not_send_is_refused() {
        let refused = |sent: &[(&str, &str)]| RoleForm::read(pairs(sent), permissions()).is_err();
        for sent in [
            &[("name", "A"), ("name", "B")][..],
            &[("grant.users:read", "allow"), ("grant.users:read", "deny")],
            &[("grant.users:update", "allow")],
            &[("grant.users:read", "maybe")],
            &[("grant.users:read", "keep")],
            &[("colour.users:read", "red")],
            &[("colour", "red")],
            &[("step", "delete")],
            &[("version", "one")],
            &[("inherits", "Admin")],
            &[("remove.users:read", "yes")],
            &[("kept.users:read", "[{\"permission\":\"audit:read\",\"effect\":\"allow\"}]")],
            &[("kept.users:read", "{")],
        ] {
            assert!(refused(sent), "{sent:?}");
        }
        assert!(refused(&[("name", "x".repeat(LONGEST + 1).as_str())]));
        assert!(refused(&vec![("inherits", "00000000-0000-4000-8000-000000000a01"); MOST_FIELDS + 1]));
        assert!(!refused(&[("days.users:read", "mon"), ("days.users:read", "sun"), ("grant.users:read", "")]));
    }
}
