//! The editor: name, what it is for, what it inherits, and the matrix.

use super::{base, condition, draft::Desk, existing, lines, live, matrix, page_of, trial};
use crate::web::{
    fields,
    page::{PageResult, Web},
    text::one_line,
};
use bulkhead_authz::{
    access::role_id,
    catalogue::Entry,
    draft::{Choice as Said, Line, Picture, RoleForm, RowPicture, Scene, Supposed, kept},
};
use bulkhead_domain::{
    Ctx,
    access::{Typed, WallClocks},
};
use bulkhead_model::{
    FieldErrors, RoleId,
    access::{Effect, PermissionName, RoleDefinition},
    text::capitalised,
    user::Role,
};
use bulkhead_ui::{
    Breadcrumb, Card, Cell, CheckboxGroup, Choice, Diff, DiffField, ErrorSummary, FormActions, GroupedTable, HeadCell,
    Input, LinkButton, Markup, Notice, PageHeader, PostForm, SubmitButton, Tag, TextArea, Tone, Variant, field_id,
    visible,
};
use http::StatusCode;
use leptos::prelude::*;
use std::collections::HashMap;

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
    /// Under which circumstances it is tried.
    pub supposed: Option<Supposed>,
}

impl Default for Remarks {
    fn default() -> Self {
        Self { status: StatusCode::OK, errors: FieldErrors::new(), note: None, stale: false, supposed: None }
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
    lines::differences((&desk.roles, &desk.places), before, (&after, form.description.trim()))
}

fn body(web: &Web, ctx: &Ctx, desk: &Desk, form: &RoleForm, remarks: &Remarks) -> AnyView {
    let Remarks { errors, note, stale, supposed, .. } = remarks;
    let scene = desk.scene(ctx);
    let picture = Picture::of(&scene, form, &WallClocks, supposed.as_ref());
    let summary = fields::summary(errors);
    let note = note.clone().map(|note| view! { <Notice>{note}</Notice> });
    let stale = stale.then(|| faster(desk, &scene, form));
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
    let matrix = matrix(ctx, desk, form, (&scene, &picture), (web.path(), errors));
    let (above, trial) = (live::above(web, form, &picture), trial::card(web, &scene, form, &picture, errors));
    let live = live::island(web, &scene, supposed.is_some());
    view! {
        <Breadcrumb crumbs=desk.crumbs(ctx) />
        <PageHeader title=desk.title() purpose="Nothing is saved before you have seen what it would change for whom." />
        <ErrorSummary errors=summary />
        {note}
        {stale}
        <PostForm action csrf hidden id=live::FORM>
            <Card title="Role">
                <div class="form">
                    <Input name="name" label="Name" value=name error=wrong_name maxlength=60 autocomplete="off" />
                    <TextArea name="description" label="What it is for" value=description error=wrong_description maxlength=500 optional=true />
                </div>
            </Card>
            <Card title="Inheritance" purpose="It has all permissions and denials of these roles as well, now and when they change.">
                <CheckboxGroup name="inherits" legend="Inherits from" choices=parents values=chosen error=wrong_inherits />
                <div data-without-script="">
                    <SubmitButton label="Show what is inherited" variant=Variant::Secondary name="step" value="edit" />
                </div>
            </Card>
            <Card
                title="Permissions"
                purpose="A denial wins over whatever else allows it, in this role or in another one that somebody holds."
                id=field_id("grants")
                flush=true
            >
                {wrong_matrix}
                {above}
                {matrix}
                {live}
            </Card>
            {trial}
            <FormActions>
                <SubmitButton label="Review changes" pending="Reviewing" name="step" value="review" />
                <LinkButton label="Cancel" href=cancel />
            </FormActions>
        </PostForm>
    }
    .into_any()
}

/// Someone else was faster: what they saved beside what is typed here.
fn faster(desk: &Desk, scene: &Scene, form: &RoleForm) -> AnyView {
    let by = desk.role.as_ref().map(|role| visible(&role.updated_by)).unwrap_or_default();
    let text = format!("{by} changed this role since you opened the page. What you typed is below and not saved.");
    let typed = super::draft::typed(form, scene).unwrap_or_default();
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

fn matrix(
    ctx: &Ctx,
    desk: &Desk,
    form: &RoleForm,
    (scene, picture): (&Scene, &Picture),
    (path, errors): (&str, &FieldErrors),
) -> AnyView {
    let rows: HashMap<&PermissionName, (&Line, &RowPicture)> =
        form.lines.iter().zip(&picture.rows).map(|((permission, line), row)| (permission, (line, row))).collect();
    let groups = matrix::groups(existing(ctx, &desk.roles), |entry| {
        let Some((line, row)) = rows.get(&entry.name).copied() else { return ().into_any() };
        let page = condition::Page { scene, path, errors, open: form.open.as_ref() == Some(&entry.name) };
        let (name, choice) = (matrix::permission_cell(entry), choice(desk, entry, line, row));
        let (inherited, condition) = (live::inherited(picture, row), condition::cell(&page, entry, line, row));
        let cells = view! {
            <Cell header=true>{name}</Cell>
            <Cell label="Inherited">{inherited}</Cell>
            <Cell label="This role">{choice}</Cell>
            <Cell label="Condition">{condition}</Cell>
        };
        let shown = row.shown || page.is_wrong(&entry.name);
        let tag = Tag::new("tr").attr("role", "row").attr("data-row", "").attr("id", &live::row_id(&entry.name));
        Markup::from(tag.flag("hidden", !shown).open().view(cells)).into_any()
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

fn choice(desk: &Desk, entry: &Entry, line: &Line, row: &RowPicture) -> Markup {
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
    // What it comes to first, then why allowing it is no choice.
    let (state, hint) = (format!("{}-state", field_id(&field)), format!("{}-hint", field_id(&field)));
    let described = if theirs { state.clone() } else { format!("{state} {hint}") };
    let select = Tag::new("select").class("input select").attr("id", &field_id(&field)).attr("name", &field);
    let select =
        select.attr("aria-label", &visible(&capitalised(&entry.sentence))).attr("aria-describedby", &described);
    let select = select.open().children(options);
    let state = Tag::new("div").attr("id", &state).attr("data-live", "state").child(matrix::state_badge(row.state));
    let hint = (!theirs).then(|| Tag::new("p").class("hint").attr("id", &hint).text("Not yours to grant."));
    Tag::new("div").class("stacked").child(select).child(state).child(hint).into()
}
