//! When a line of the matrix counts: a sentence, and behind it the fields, alternative by alternative.

use super::{live, matrix};
use bulkhead_authz::{
    catalogue::Entry,
    draft::{Group, Kinds, Line, MOST_GROUPS, MOST_ROWS, Row, RowPicture, Scene, find, is_moment},
    words,
};
use bulkhead_model::{
    FieldErrors,
    access::{AttributeKind, Comparison, PermissionName},
    text::capitalised,
    workspace::Places,
};
use bulkhead_ui::{
    Checkbox, CheckboxGroup, Choice, FieldGroup, IconName, Input, Select, Size, SubmitButton, TextArea, Variant,
    field_id, visible,
};
use leptos::prelude::*;

const DAYS: [(&str, &str); 7] =
    [("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun")];

/// What there is besides the line.
pub struct Page<'a> {
    /// The role's surroundings.
    pub scene: &'a Scene,
    /// Where the form is sent.
    pub path: &'a str,
    /// What is wrong.
    pub errors: &'a FieldErrors,
    /// Whether its alternatives were just changed.
    pub open: bool,
}

impl Page<'_> {
    /// Whether a field of a permission's condition is wrong.
    pub fn is_wrong(&self, permission: &PermissionName) -> bool {
        let permission = permission.to_string();
        let is_its = |field: &str| field.split_once('.').is_some_and(|(of, name)| of != "try" && name == permission);
        self.errors.iter().any(|error| is_its(&error.field))
    }
}

/// One alternative: its fields by name.
struct Place<'a> {
    page: &'a Page<'a>,
    permission: &'a PermissionName,
    group: usize,
}

impl Place<'_> {
    fn at(&self, of: &str) -> String {
        match self.group {
            0 => format!("{of}.{}", self.permission),
            group => format!("{of}-{group}.{}", self.permission),
        }
    }

    fn wrong(&self, of: &str) -> Option<String> {
        self.page.errors.of(&self.at(of)).map(str::to_owned)
    }
}

/// The cell.
pub fn cell(page: &Page<'_>, entry: &Entry, line: &Line, row: &RowPicture) -> AnyView {
    let permission = &entry.name;
    let holds = live::own(row);
    if line.kept_condition().is_some() {
        let (text, name) = (row.echo.clone(), format!("remove.{permission}"));
        return view! {
            <div class="stacked">
                <p data-live="echo">{text}</p>
                {holds}
                <Checkbox name label="Remove the condition" checked=line.remove hint="It was written by the API and stays as it is otherwise." />
            </div>
        }
        .into_any();
    }
    let places = &page.scene.places;
    let several: Vec<String> = line.kept.iter().map(|grant| words::sentence(grant, places)).collect();
    let what = visible(&capitalised(&entry.sentence));
    let many = line.when.groups.len();
    let kinds = find(&page.scene.kinds, &permission.resource);
    let groups = line.when.groups.iter().enumerate().map(|(at, group)| {
        let place = Place { page, permission, group: at };
        alternative(&place, group, kinds, many)
    });
    let groups = groups.collect_view();
    let add = (many < MOST_GROUPS).then(|| {
        let (value, formaction) = (format!("add.{permission}"), anchor(page, permission));
        let aria_label = format!("Add an alternative: {what}");
        view! {
            <SubmitButton label="Add an alternative" variant=Variant::Secondary size=Size::Small icon=IconName::Plus name="step" value formaction aria_label />
        }
    });
    let hint = match many {
        1 => "Everything that is filled in must hold. Nothing filled in: always.",
        _ => "One alternative is enough. In each, everything that is filled in must hold.",
    };
    let (echo, open) = (row.echo.clone(), page.open || page.is_wrong(permission));
    view! {
        <div class="stacked">
            {(!several.is_empty()).then(|| matrix::sentences(&several))}
            {holds}
            <details class="disclosure" open=open>
                <summary><span data-live="echo">{echo}</span><span class="sr-only">{format!(", condition of: {what}")}</span></summary>
                <div class="fields">
                    <p class="hint">{hint}</p>
                    {groups}
                    <div class="fields-actions">{add}</div>
                </div>
            </details>
        </div>
    }
    .into_any()
}

/// Where a form leads that changes how many fields there are: back to where the person was.
fn anchor(page: &Page<'_>, permission: &PermissionName) -> String {
    format!("{}#{}", page.path, field_id(&format!("grant.{permission}")))
}

fn alternative(place: &Place<'_>, group: &Group, kinds: Option<&Kinds>, many: usize) -> AnyView {
    let about = kinds.map(|kinds| about(place, group, kinds));
    let fields = view! {
        {circumstances(place, group)}
        {about}
    }
    .into_any();
    if many == 1 {
        return fields;
    }
    let number = place.group + 1;
    let legend = if number == 1 { "Alternative 1".to_owned() } else { format!("Or: alternative {number}") };
    let value = match place.group {
        0 => format!("drop.{}", place.permission),
        group => format!("drop-{group}.{}", place.permission),
    };
    let (formaction, aria_label) = (anchor(place.page, place.permission), format!("Remove alternative {number}"));
    view! {
        <FieldGroup name=place.at("group") legend error=place.wrong("group")>
            <div class="fields alternative">
                {fields}
                <SubmitButton label="Remove" variant=Variant::Secondary size=Size::Small name="step" value formaction aria_label />
            </div>
        </FieldGroup>
    }
    .into_any()
}

/// A browser's field for moments throws away what it cannot show.
pub fn moment_type(value: &str) -> &'static str {
    if is_moment(value) { "datetime-local" } else { "text" }
}

/// When and from where.
fn circumstances(place: &Place<'_>, group: &Group) -> AnyView {
    let (at, wrong) = (|of: &str| place.at(of), |of: &str| place.wrong(of));
    let Group { days, from, until, zone, not_before, not_after, addresses, .. } = group.clone();
    let choices = DAYS.iter().map(|(code, label)| Choice::new(*code, *label)).collect();
    let hour_type = |value: &str| if value.is_empty() || value.len() == 5 { "time" } else { "text" };
    let (from_type, until_type) = (hour_type(&from), hour_type(&until));
    let (before_type, after_type) = (moment_type(&not_before), moment_type(&not_after));
    view! {
        <CheckboxGroup name=at("days") legend="On these days" choices values=days error=wrong("days") />
        <div class="fields-pair">
            <Input name=at("from") label="From hour" r#type=from_type value=from error=wrong("from") optional=true />
            <Input name=at("until") label="Until hour" r#type=until_type value=until error=wrong("until") optional=true />
        </div>
        <Input
            name=at("zone")
            label="Time zone of the hours"
            value=zone
            hint="Like Europe/Berlin or UTC."
            error=wrong("zone")
            maxlength=64
            mono=true
            optional=true
            autocomplete="off"
        />
        <div class="fields-pair">
            <Input name=at("not_before") label="Not before (UTC)" r#type=before_type value=not_before error=wrong("not_before") optional=true />
            <Input name=at("not_after") label="Not after (UTC)" r#type=after_type value=not_after error=wrong("not_after") optional=true />
        </div>
        <TextArea
            name=at("addresses")
            label="From these addresses"
            value=addresses
            hint="Networks like 192.0.2.0/24 or single addresses, with commas or on lines of their own."
            error=wrong("addresses")
            rows=2
            mono=true
            optional=true
        />
    }
    .into_any()
}

/// About what.
fn about(place: &Place<'_>, group: &Group, kinds: &Kinds) -> AnyView {
    let at = |of: &str| place.at(of);
    let rows = (!kinds.is_empty()).then(|| {
        let typed = group.rows.iter().filter(|row| !row.is_blank()).cloned();
        // One more than is filled in, always.
        let rows: Vec<Row> = typed.chain([Row::default()]).take(MOST_ROWS).collect();
        let is_full = rows.last().is_some_and(|row| !row.is_blank());
        let rows = rows.iter().enumerate().map(|(number, row)| comparison(place, number, row, kinds)).collect_view();
        let (value, formaction) = (format!("more.{}", place.permission), anchor(place.page, place.permission));
        let more = (!is_full).then(|| {
            view! {
                <SubmitButton label="Add a comparison" variant=Variant::Secondary size=Size::Small icon=IconName::Plus name="step" value formaction />
            }
        });
        view! { {rows} <div class="fields-actions">{more}</div> }
    });
    let workspace = within(place, group);
    view! {
        {rows}
        <Checkbox name=at("owner") label="It is their own" checked=group.owner hint="Its owner is the person who asks." />
        <Input
            name=at("id_prefix")
            label="Its id begins with"
            value=group.id_prefix.clone()
            error=place.wrong("id_prefix")
            mono=true
            optional=true
            autocomplete="off"
        />
        {workspace}
    }
    .into_any()
}

/// The workspace it is in, by name. Where names may not be seen there is nothing to choose, and one that was there stays.
fn within(place: &Place<'_>, group: &Group) -> Option<AnyView> {
    let places = &place.page.scene.places;
    let current = group.workspace.as_str();
    let known = places.all().iter().map(|(id, name)| Choice::new(id.to_string(), name.clone()));
    let mut choices: Vec<Choice> =
        std::iter::once(Choice::new("", "In any workspace, or in none")).chain(known).collect();
    if choices.iter().all(|choice| choice.value != current) {
        let label = match places {
            Places::Hidden => "A workspace that you may not see",
            Places::Known(_) => "A workspace that does not exist",
        };
        choices.push(Choice::new(current, label));
    }
    (choices.len() > 1).then(|| {
        let (name, value, error) = (place.at("workspace"), current.to_owned(), place.wrong("workspace"));
        view! { <Select name label="In workspace" choices value error optional=true /> }.into_any()
    })
}

/// One comparison of an attribute, its value in the control of its kind.
fn comparison(place: &Place<'_>, number: usize, row: &Row, kinds: &Kinds) -> AnyView {
    let (at, wrong) = (|of: &str| place.at(&format!("{of}{number}")), |of: &str| place.wrong(&format!("{of}{number}")));
    let label = |name: &str, kind: &AttributeKind| Choice::new(name, format!("{name}, {}", kind.label()));
    let mut attributes: Vec<Choice> = vec![Choice::new("", "Nothing")];
    attributes.extend(kinds.iter().map(|(name, kind)| label(name.as_str(), kind)));
    // What was typed stays, even where it is no choice.
    if attributes.iter().all(|choice| choice.value != row.attribute) {
        attributes.push(Choice::new(row.attribute.clone(), row.attribute.clone()));
    }
    let comparisons = Comparison::ALL.iter().map(|is| Choice::new(is.code(), is.label())).collect();
    let is = if row.is.is_empty() { Comparison::Equals.code().to_owned() } else { row.is.clone() };
    let kind = row.attribute.parse().ok().and_then(|name| find(kinds, &name)).copied();
    let name = format!("Comparison {}", number + 1);
    let attribute = row.attribute.clone();
    let value = value(at("value"), row, kind, wrong("value"));
    view! {
        <div class="comparison" role="group" aria-label=name>
            <div class="fields-pair">
                <Select name=at("attribute") label="Attribute" choices=attributes value=attribute error=wrong("attribute") optional=true />
                <Select name=at("is") label="Comparison" choices=comparisons value=is error=wrong("is") />
            </div>
            {value}
        </div>
    }
    .into_any()
}

fn value(name: String, row: &Row, kind: Option<AttributeKind>, error: Option<String>) -> AnyView {
    let (value, label) = (row.value.clone(), "Value");
    let several = row.is == Comparison::OneOf.code() || value.contains('\n');
    match kind {
        Some(AttributeKind::Boolean) if !several && matches!(value.as_str(), "" | "yes" | "no") => {
            let choices = vec![Choice::new("", "Choose"), Choice::new("yes", "Yes"), Choice::new("no", "No")];
            view! { <Select name label choices value error optional=true /> }.into_any()
        }
        Some(AttributeKind::Number) if !several => {
            view! { <Input name label value error inputmode="decimal" optional=true autocomplete="off" /> }.into_any()
        }
        Some(AttributeKind::Time) if !several => {
            let r#type = moment_type(&value);
            view! { <Input name label="Value (UTC)" r#type=r#type value error optional=true /> }.into_any()
        }
        Some(AttributeKind::Text) if !several => {
            view! { <Input name label value error optional=true autocomplete="off" /> }.into_any()
        }
        _ => {
            let hint = "Several for “is one of”, each on a line of its own.";
            view! { <TextArea name label value hint error rows=2 optional=true /> }.into_any()
        }
    }
}
