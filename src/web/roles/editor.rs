//! The editor: name, what it is for, what it inherits, and the matrix.

use super::{
    base,
    conditions::Fields,
    draft::Desk,
    existing,
    form::{Choice as Said, Line, RoleForm, kept},
    lines, matrix, page_of,
};
use crate::web::{
    fields,
    page::{PageResult, Web},
    text::one_line,
};
use bulkhead_authz::{access::role_id, catalogue::Entry};
use bulkhead_domain::{Ctx, access::Typed};
use bulkhead_model::{
    FieldErrors, RoleId,
    access::{Effect, PermissionName, RoleDefinition},
    text::capitalised,
    user::Role,
};
use bulkhead_ui::{
    Breadcrumb, Card, Cell, Checkbox, CheckboxGroup, Choice, Diff, DiffField, ErrorSummary, FormActions, GroupedTable,
    HeadCell, Input, LinkButton, Markup, Notice, PageHeader, PostForm, Row, SubmitButton, Tag, TextArea, Tone, Variant,
    field_id, visible,
};
use http::StatusCode;
use leptos::prelude::*;

const DAYS: [(&str, &str); 7] =
    [("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun")];

/// What is said about the form above it.
#[derive(Debug)]
pub struct Remarks {
    /// Of the answer.
    pub status: StatusCode,
    /// What is wrong.
    pub errors: FieldErrors,
    /// What to know.
    pub note: Option<String>,
    /// Someone else saved first.
    pub stale: bool,
}

impl Default for Remarks {
    fn default() -> Self {
        Self { status: StatusCode::OK, errors: FieldErrors::new(), note: None, stale: false }
    }
}

impl Remarks {
    /// Something more to know.
    pub fn also(&mut self, more: &str) {
        self.note = Some(self.note.take().map_or_else(|| more.to_owned(), |note| format!("{note} {more}")));
    }
}

/// The page.
pub async fn draw(web: &Web, ctx: Ctx, desk: Desk, form: RoleForm, remarks: Remarks) -> PageResult {
    let (page, title, status) = (web.clone(), desk.title(), remarks.status);
    Ok(web.render(status, &title, false, move || body(&page, &ctx, &desk, &form, &remarks)).await)
}

/// What is saved beside what is typed.
pub fn compared(desk: &Desk, form: &RoleForm, typed: &Typed) -> Vec<DiffField> {
    let id = desk.id().unwrap_or_else(|| RoleId::from_uuid(uuid::Uuid::nil()));
    let (name, inherits, grants) = (form.name.trim().to_owned(), typed.inherits.clone(), typed.grants.clone());
    let after = RoleDefinition { id, name, inherits, grants };
    let before = desk.role.as_ref().map(|role| (&role.definition, role.description.as_str()));
    lines::differences(&desk.roles, before, (&after, form.description.trim()))
}

fn body(web: &Web, ctx: &Ctx, desk: &Desk, form: &RoleForm, remarks: &Remarks) -> AnyView {
    let Remarks { errors, note, stale, .. } = remarks;
    let summary = fields::summary(errors);
    let note = note.clone().map(|note| view! { <Notice>{note}</Notice> });
    let stale = stale.then(|| faster(desk, form));
    let cancel = desk.id().map_or_else(|| base(ctx), |id| page_of(ctx, id));
    let (action, csrf) = (web.path().to_owned(), web.csrf());
    let mut hidden = fields::hidden(web);
    hidden.extend(form.version.map(|version| ("version".to_owned(), version.to_string())));
    hidden.extend(form.lines.iter().filter_map(|(permission, line)| kept(permission, line)));
    if !form.reason.is_empty() {
        hidden.push(("reason".to_owned(), form.reason.clone()));
    }
    let refused = |field| errors.of(field).map(str::to_owned);
    let (wrong_name, wrong_description, wrong_inherits) =
        (refused("name"), refused("description"), refused("inherits"));
    let (name, description) = (form.name.clone(), form.description.clone());
    let (parents, chosen) = (parents(desk, form), form.inherits.iter().map(ToString::to_string).collect());
    let wrong_matrix = refused("grants").map(|message| {
        view! { <Notice tone=Tone::Danger>{visible(&message)}</Notice> }
    });
    let matrix = matrix(ctx, desk, form, errors);
    view! {
        <Breadcrumb crumbs=desk.crumbs(ctx) />
        <PageHeader title=desk.title() purpose="Nothing is saved before you have seen what it would change for whom." />
        <ErrorSummary errors=summary />
        {note}
        {stale}
        <PostForm action csrf hidden>
            <Card title="Role">
                <div class="form">
                    <Input name="name" label="Name" value=name error=wrong_name maxlength=60 autocomplete="off" />
                    <TextArea name="description" label="What it is for" value=description error=wrong_description maxlength=500 optional=true />
                </div>
            </Card>
            <Card title="Inheritance" purpose="It has all permissions and denials of these roles as well, now and when they change.">
                <CheckboxGroup name="inherits" legend="Inherits from" choices=parents values=chosen error=wrong_inherits />
                <SubmitButton label="Show what is inherited" variant=Variant::Secondary name="step" value="edit" />
            </Card>
            <Card
                title="Permissions"
                purpose="A denial wins over whatever else allows it, in this role or in another one that somebody holds."
                id=field_id("grants")
                flush=true
            >
                {wrong_matrix}
                {matrix}
            </Card>
            <FormActions>
                <SubmitButton label="Review changes" pending="Reviewing" name="step" value="review" />
                <LinkButton label="Cancel" href=cancel />
            </FormActions>
        </PostForm>
    }
    .into_any()
}

/// Someone else was faster: what they saved beside what is typed here.
fn faster(desk: &Desk, form: &RoleForm) -> AnyView {
    let by = desk.role.as_ref().map(|role| visible(&role.updated_by)).unwrap_or_default();
    let text = format!("{by} changed this role since you opened the page. What you typed is below and not saved.");
    let typed = form.typed().unwrap_or_default();
    let fields = compared(desk, form, &typed);
    view! {
        <Notice tone=Tone::Warn>{text}</Notice>
        <Card title="What it says now beside what you typed" purpose="Before is what is saved now, after is yours." flush=true>
            <Diff fields caption="What is saved and what is typed" />
        </Card>
    }
    .into_any()
}

/// The roles that can be inherited from. One that its author could not give is out of reach, unless it is inherited from
/// already.
fn parents(desk: &Desk, form: &RoleForm) -> Vec<Choice> {
    let built_in = Role::ALL.iter().map(|role| (role_id(*role), role.label().to_owned(), "Built-in".to_owned()));
    let own = desk
        .own
        .iter()
        .filter(|role| Some(role.definition.id) != desk.id())
        .map(|role| (role.definition.id, role.definition.name.clone(), visible(&one_line(&role.description))));
    let choice = |(id, label, hint): (RoleId, String, String)| {
        let choice = Choice::new(id.to_string(), label);
        let choice = if hint.is_empty() { choice } else { choice.hint(hint) };
        let lacking = desk.author.lacks(desk.roles.allowed(id), None, None);
        if lacking.is_empty() || form.inherits.contains(&id) {
            return choice;
        }
        let lacking: Vec<String> = lacking.iter().map(ToString::to_string).collect();
        choice.disabled(format!("Not yours to grant: you do not hold {}.", lacking.join(", ")))
    };
    built_in.chain(own).map(choice).collect()
}

fn matrix(ctx: &Ctx, desk: &Desk, form: &RoleForm, errors: &FieldErrors) -> AnyView {
    let groups = matrix::groups(existing(ctx, &desk.roles), |entry| {
        let permission = &entry.name;
        let line = form.lines.iter().find(|(of, _)| of == permission).map(|(_, line)| line.clone()).unwrap_or_default();
        let parents = form.inherits.iter().flat_map(|parent| matrix::said(&desk.roles, *parent, None, permission));
        let mut inherited: Vec<String> = parents.collect();
        inherited.sort();
        inherited.dedup();
        let inherited = match inherited.is_empty() {
            true => Tag::new("span").class("muted").text("Nothing").into(),
            false => matrix::sentences(&inherited),
        };
        let (name, choice) = (matrix::permission_cell(entry), choice(desk, entry, &line));
        let condition = condition(entry, &line, errors);
        view! {
            <Row>
                <Cell header=true>{name}</Cell>
                <Cell label="Inherited">{inherited}</Cell>
                <Cell label="This role">{choice}</Cell>
                <Cell label="Condition">{condition}</Cell>
            </Row>
        }
        .into_any()
    });
    let head = view! {
        <HeadCell label="Permission" />
        <HeadCell label="Inherited" />
        <HeadCell label="This role" />
        <HeadCell label="Condition" />
    }
    .into_any();
    let table = view! { <GroupedTable caption="What this role says about every permission" head columns=4 groups /> };
    view! { <div class="table-form">{table}</div> }.into_any()
}

/// Whether the role as it is stored allows this itself.
fn is_stored(desk: &Desk, permission: &PermissionName) -> bool {
    let grants = desk.role.iter().flat_map(|role| &role.definition.grants);
    grants.into_iter().any(|grant| grant.effect == Effect::Allow && grant.permission == *permission)
}

fn choice(desk: &Desk, entry: &Entry, line: &Line) -> Markup {
    let permission = &entry.name;
    let field = format!("grant.{permission}");
    let theirs = desk.author.holds(permission, None, None);
    let mut choices = vec![(Said::NotSet, "Not set".to_owned())];
    // What is chosen stays a choice: whether it may be saved is decided when it is.
    if theirs || is_stored(desk, permission) || line.choice == Said::Allow {
        choices.push((Said::Allow, "Allow".to_owned()));
    }
    choices.push((Said::Deny, "Deny".to_owned()));
    if line.kept.len() > 1 {
        choices.push((Said::Keep, format!("Keep {} lines", line.kept.len())));
    }
    let options = choices.into_iter().map(|(choice, label)| {
        let option = Tag::new("option").attr("value", choice.code()).flag("selected", choice == line.choice);
        option.text(&label)
    });
    let hint = (!theirs).then(|| format!("{}-hint", field_id(&field)));
    let select = Tag::new("select").class("input select").attr("id", &field_id(&field)).attr("name", &field);
    let select =
        select.attr("aria-label", &visible(&capitalised(&entry.sentence))).maybe("aria-describedby", hint.as_deref());
    let select = select.open().children(options);
    let hint = hint.map(|id| Tag::new("p").class("hint").attr("id", &id).text("Not yours to grant."));
    Tag::new("div").class("stacked").child(select).child(hint).into()
}

/// When it counts: a sentence, and behind it the fields.
fn condition(entry: &Entry, line: &Line, errors: &FieldErrors) -> AnyView {
    let permission = &entry.name;
    let at = |field: &str| format!("{field}.{permission}");
    let wrong = |field: &str| errors.of(&at(field)).map(str::to_owned);
    if let Some(kept) = line.kept_condition() {
        let text = visible(&kept.when.to_string());
        return view! {
            <div class="stacked">
                <p>{text}</p>
                <Checkbox name=at("remove") label="Remove the condition" checked=line.remove hint="It was written by the API and stays as it is otherwise." />
            </div>
        }
        .into_any();
    }
    let several: Vec<String> = line.kept.iter().map(lines::sentence).collect();
    let Fields { days, from, until, zone, not_before, not_after, addresses } = line.when.clone();
    let fields = ["days", "from", "until", "zone", "not_before", "not_after", "addresses"];
    let is_wrong = fields.iter().any(|field| wrong(field).is_some());
    let summary = match line.when.read(permission, &mut FieldErrors::new()) {
        _ if !several.is_empty() => "Instead of these lines".to_owned(),
        Some(condition) => visible(&capitalised(&condition.to_string())),
        None => "To be corrected".to_owned(),
    };
    let what = visible(&capitalised(&entry.sentence));
    let choices = DAYS.iter().map(|(code, label)| Choice::new(*code, *label)).collect();
    view! {
        <div class="stacked">
            {(!several.is_empty()).then(|| matrix::sentences(&several))}
            <details class="disclosure" open=is_wrong>
                <summary>{summary}<span class="sr-only">{format!(", condition of: {what}")}</span></summary>
                <div class="fields">
                    <p class="hint">"Everything that is filled in must hold. Nothing filled in: always."</p>
                    <CheckboxGroup name=at("days") legend="On these days" choices values=days error=wrong("days") />
                    <div class="fields-pair">
                        <Input name=at("from") label="From hour" r#type="time" value=from error=wrong("from") optional=true />
                        <Input name=at("until") label="Until hour" r#type="time" value=until error=wrong("until") optional=true />
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
                        <Input name=at("not_before") label="Not before (UTC)" r#type="datetime-local" value=not_before error=wrong("not_before") optional=true />
                        <Input name=at("not_after") label="Not after (UTC)" r#type="datetime-local" value=not_after error=wrong("not_after") optional=true />
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
                </div>
            </details>
        </div>
    }
    .into_any()
}
