//! The editor's form: one for a new role and for one that is there, one for typing, trying and reviewing.

use super::{
    About, Fields, MOST_GROUPS, MOST_ROWS, Row, Scene, Show, Trial,
    place::{FieldPlace, name},
    wire,
};
use crate::truth::Clocks;
use bulkhead_model::{
    FieldErrors, RoleId,
    access::{Effect, Grant, PermissionName, RoleDefinition},
};

/// Fields of one form, at most: all roles there can be, some twenty fields for every permission, and the rest.
const MOST_FIELDS: usize = 16_000;
/// The longest value, in bytes. Longer than any that is taken, so that what is too long can be shown again.
const LONGEST: usize = 65_536;

/// What is to happen with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Type on.
    Edit,
    /// Say what the role would allow under the circumstances that were typed.
    Try,
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
    #[must_use]
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
    fn of(grants: &[&Grant], about: &About<'_>) -> Self {
        let [grant] = grants else {
            let kept: Vec<Grant> = grants.iter().map(|grant| (*grant).clone()).collect();
            let choice = if kept.is_empty() { Choice::NotSet } else { Choice::Keep };
            return Self { choice, kept, ..Self::default() };
        };
        let (when, kept) = match Fields::of(&grant.when, about) {
            Some(fields) => (fields, Vec::new()),
            None => (Fields::default(), vec![(*grant).clone()]),
        };
        Self { choice: grant.effect.into(), when, kept, remove: false }
    }

    /// The one condition that is kept.
    #[must_use]
    pub fn kept_condition(&self) -> Option<&Grant> {
        if let [one] = self.kept.as_slice() { Some(one) } else { None }
    }

    /// What the role says then.
    pub fn grants(&self, about: &About<'_>, errors: &mut FieldErrors) -> Vec<Grant> {
        let effect = match self.choice {
            Choice::NotSet => return Vec::new(),
            Choice::Keep => return self.kept.clone(),
            Choice::Allow => Effect::Allow,
            Choice::Deny => Effect::Deny,
        };
        let when = match self.kept_condition() {
            Some(kept) if !self.remove => Some(kept.when.clone()),
            _ => self.when.read(about, errors),
        };
        when.into_iter().map(|when| Grant { permission: about.permission.clone(), effect, when }).collect()
    }

    /// Takes a field of the condition; nothing where the page has no such field.
    fn take(&mut self, place: FieldPlace<'_>, about_something: bool, value: String) -> Option<()> {
        let group = self.when.group(place.group)?;
        if let Some(row) = place.row {
            if row >= MOST_ROWS || !about_something {
                return None;
            }
            if group.rows.len() <= row {
                group.rows.resize_with(row + 1, Row::default);
            }
            let row = group.rows.get_mut(row)?;
            match place.of {
                "attribute" => row.attribute = value,
                "is" => row.is = value,
                "value" => row.value = value,
                _ => return None,
            }
            return Some(());
        }
        match place.of {
            "days" => group.days.push(value),
            "from" => group.from = value,
            "until" => group.until = value,
            "zone" => group.zone = value,
            "not_before" => group.not_before = value,
            "not_after" => group.not_after = value,
            "addresses" => group.addresses = value,
            "owner" if about_something && value == "true" => group.owner = true,
            "id_prefix" if about_something => group.id_prefix = value,
            "workspace" if about_something => group.workspace = value,
            _ => return None,
        }
        Some(())
    }

    /// The fields that are filled in.
    fn filled(&self) -> Vec<(String, String)> {
        let mut fields = vec![
            ("grant".to_owned(), self.choice.code().to_owned()),
            ("remove".to_owned(), if self.remove { "true" } else { "" }.to_owned()),
        ];
        for (at, group) in self.when.groups.iter().enumerate() {
            let texts = [
                ("from", &group.from),
                ("until", &group.until),
                ("zone", &group.zone),
                ("not_before", &group.not_before),
                ("not_after", &group.not_after),
                ("addresses", &group.addresses),
                ("id_prefix", &group.id_prefix),
                ("workspace", &group.workspace),
            ];
            fields.extend(texts.into_iter().map(|(of, value)| (name(of, None, at), value.clone())));
            fields.extend(group.days.iter().map(|day| (name("days", None, at), day.clone())));
            if group.owner {
                fields.push((name("owner", None, at), "true".to_owned()));
            }
            for (row, typed) in group.rows.iter().filter(|row| !row.is_blank()).enumerate() {
                for (of, value) in [("attribute", &typed.attribute), ("is", &typed.is), ("value", &typed.value)] {
                    fields.push((name(of, Some(row), at), value.clone()));
                }
            }
        }
        fields.retain(|(_, value)| !value.is_empty());
        fields
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
    /// Which permissions are shown.
    pub show: Show,
    /// Under which circumstances it is tried.
    pub trial: Trial,
    /// The permission whose condition was just given an alternative or a row, or lost one.
    pub open: Option<PermissionName>,
}

impl RoleForm {
    /// With nothing in it.
    #[must_use]
    pub fn blank(scene: &Scene) -> Self {
        Self {
            step: Step::Edit,
            version: None,
            name: String::new(),
            description: String::new(),
            inherits: Vec::new(),
            reason: String::new(),
            lines: scene.topics.iter().map(|topic| (topic.name.clone(), Line::default())).collect(),
            show: Show::default(),
            trial: Trial::default(),
            open: None,
        }
    }

    /// With what a role says.
    #[must_use]
    pub fn of(role: &RoleDefinition, description: &str, scene: &Scene, clocks: &dyn Clocks) -> Self {
        let mut form = Self::blank(scene);
        (form.name, form.description) = (role.name.clone(), description.to_owned());
        form.inherits.clone_from(&role.inherits);
        for (permission, line) in &mut form.lines {
            let grants: Vec<_> = role.grants.iter().filter(|grant| grant.permission == *permission).collect();
            *line = Line::of(&grants, &scene.about(permission, clocks));
        }
        form
    }

    /// Reads what was sent. What the page does not send is refused as a whole.
    #[must_use]
    pub fn read(pairs: Vec<(String, String)>, scene: &Scene) -> Option<Self> {
        if pairs.len() > MOST_FIELDS || pairs.iter().any(|(_, value)| value.len() > LONGEST) {
            return None;
        }
        let mut form = Self::blank(scene);
        let places: std::collections::HashMap<PermissionName, usize> =
            form.lines.iter().enumerate().map(|(place, (of, _))| (of.clone(), place)).collect();
        let (mut known, mut arrangement) = (std::collections::HashSet::new(), None);
        for (key, value) in pairs {
            let repeats = key == "inherits" || key.starts_with("days.") || key.starts_with("days-");
            if !repeats && !known.insert(key.clone()) {
                return None;
            }
            // Browsers send line ends as in mail, whatever was typed.
            let value = value.replace("\r\n", "\n");
            match key.as_str() {
                "step" => match step(&value) {
                    Some(step) => form.step = step,
                    None => arrangement = Some(value),
                },
                key => form.take(key, value, scene, &places)?,
            }
        }
        if let Some(arrangement) = arrangement {
            form.arrange(&arrangement, &places)?;
        }
        let kept_nothing = |(_, line): &(PermissionName, Line)| line.choice == Choice::Keep && line.kept.is_empty();
        (!form.lines.iter().any(kept_nothing)).then_some(form)
    }

    fn take(
        &mut self,
        key: &str,
        value: String,
        scene: &Scene,
        places: &std::collections::HashMap<PermissionName, usize>,
    ) -> Option<()> {
        match key {
            "version" => self.version = Some(value.parse().ok()?),
            "name" => self.name = value,
            "description" => self.description = value,
            "reason" => self.reason = value,
            "show" => self.show = Show::from_code(&value)?,
            "inherits" => {
                let id = value.parse().ok()?;
                if !self.inherits.contains(&id) {
                    self.inherits.push(id);
                }
            }
            key if key.starts_with("try") => self.trial.take(key, value, scene)?,
            key => {
                let (field, of) = key.split_once('.')?;
                let of: PermissionName = of.parse().ok()?;
                let (permission, line) = self.lines.get_mut(*places.get(&of)?)?;
                match field {
                    "grant" => line.choice = Choice::from_code(&value)?,
                    "kept" => {
                        line.kept = wire::read(&value)?;
                        line.kept.iter().all(|grant| grant.permission == *permission).then_some(())?;
                    }
                    "remove" => {
                        line.remove = value == "true";
                        line.remove.then_some(())?;
                    }
                    field => {
                        let about_something = super::find(&scene.kinds, &permission.resource).is_some();
                        line.take(FieldPlace::read(field)?, about_something, value)?;
                    }
                }
            }
        }
        Some(())
    }

    /// Gives a condition an alternative or a row, or takes an alternative away: `drop-2.invoices:read`. Beyond the most
    /// there can be, nothing is given.
    fn arrange(&mut self, text: &str, places: &std::collections::HashMap<PermissionName, usize>) -> Option<()> {
        let (what, of) = text.split_once('.')?;
        let of: PermissionName = of.parse().ok()?;
        let place = FieldPlace::read(what).filter(|place| place.row.is_none())?;
        let (_, line) = self.lines.get_mut(*places.get(&of)?)?;
        let groups = &mut line.when.groups;
        match place.of {
            "add" if groups.len() < MOST_GROUPS => groups.push(super::Group::default()),
            // A row that is not filled in is always there; with this one more is.
            "add" | "more" => {}
            "drop" if groups.len() > 1 && place.group < groups.len() => drop(groups.remove(place.group)),
            "drop" => {}
            _ => return None,
        }
        self.open = Some(of);
        Some(())
    }

    /// The same as fields that nobody sees, without the step and the reason.
    #[must_use]
    pub fn hidden(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        pairs.extend(self.version.map(|version| ("version".to_owned(), version.to_string())));
        pairs.push(("name".to_owned(), self.name.clone()));
        pairs.push(("description".to_owned(), self.description.clone()));
        pairs.extend(self.inherits.iter().map(|role| ("inherits".to_owned(), role.to_string())));
        if self.show != Show::default() {
            pairs.push(("show".to_owned(), self.show.code().to_owned()));
        }
        pairs.extend(self.trial.filled());
        for (permission, line) in &self.lines {
            let fields = line.filled().into_iter();
            pairs.extend(fields.map(|(field, value)| (format!("{field}.{permission}"), value)));
            pairs.extend(kept(permission, line));
        }
        pairs
    }

    /// What the role says itself, or everything that is wrong with the matrix. Whatever else may be wrong, saving says.
    ///
    /// # Errors
    /// Each under its field's name.
    pub fn grants(&self, scene: &Scene, clocks: &dyn Clocks) -> Result<Vec<Grant>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let grants =
            |(permission, line): &(PermissionName, Line)| line.grants(&scene.about(permission, clocks), &mut errors);
        let grants = self.lines.iter().flat_map(grants).collect();
        errors.finish(Some(grants))
    }
}

fn step(code: &str) -> Option<Step> {
    match code {
        "edit" => Some(Step::Edit),
        "try" => Some(Step::Try),
        "review" => Some(Step::Review),
        "save" => Some(Step::Save),
        _ => None,
    }
}

/// What is kept of a line, as a field that nobody sees.
#[must_use]
pub fn kept(permission: &PermissionName, line: &Line) -> Option<(String, String)> {
    (!line.kept.is_empty()).then(|| (format!("kept.{permission}"), wire::write(&line.kept)))
}
