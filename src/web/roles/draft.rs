//! Making a role and changing one: typing, reviewing and saving, each a POST of the same form.

use super::{TITLE, conflicts, editor, existing, list_crumb, page_of, review};
use crate::web::{
    errors::PageError,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_authz::{
    access::{Roles, Subject, built_in},
    draft::{RoleForm, Scene, Step, Topic},
};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Typed, WallClocks},
    workspaces,
};
use bulkhead_model::{
    FieldErrors, Permission, RoleId,
    access::{RoleDefinition, StoredRole},
    error::Conflict,
    org::OrgKind,
    user::Role,
    workspace::Places,
};
use bulkhead_ui::{Crumb, visible};
use http::StatusCode;
use std::sync::Arc;

/// Where the form stands: what there is besides what is typed.
#[derive(Debug)]
pub struct Desk {
    /// The organization's own roles.
    pub own: Vec<StoredRole>,
    /// All roles together, as they are stored.
    pub roles: Arc<Roles>,
    /// What whoever types may do.
    pub author: Subject,
    /// The role that is changed; none for a new one.
    pub role: Option<StoredRole>,
    /// What workspaces are called, as far as whoever types may see them.
    pub places: Places,
}

impl Desk {
    async fn of(ctx: &Ctx, id: Option<RoleId>) -> Result<Self, Error> {
        ctx.require(Permission::RolesManage).await?;
        let list = access::list(ctx).await?;
        let role = match id {
            Some(id) => Some(list.own.iter().find(|role| role.definition.id == id).cloned().ok_or(Error::NotFound)?),
            None => None,
        };
        let author = list.rights_of(ctx);
        let places = workspaces::places(ctx).await?;
        Ok(Self { own: list.own, roles: list.roles, author, role, places })
    }

    /// The role's id; none for a new one.
    pub fn id(&self) -> Option<RoleId> {
        self.role.as_ref().map(|role| role.definition.id)
    }

    /// What there is besides what is typed, for whoever reads the form: the server, and the browser.
    pub fn scene(&self, ctx: &Ctx) -> Scene {
        let catalogue = self.roles.catalogue();
        let built_in = Role::ALL.iter().map(|role| catalogue.definition(*role));
        let own = self.own.iter().map(|role| role.definition.clone());
        let topic = |entry: &bulkhead_authz::catalogue::Entry| Topic {
            name: entry.name.clone(),
            dangerous: entry.needs_reason,
        };
        let platform = ctx.identity().org_kind == OrgKind::Platform;
        let mut others: Vec<RoleDefinition> = built_in.chain(own.filter(|role| Some(role.id) != self.id())).collect();
        // What only operators can hold counts for nothing elsewhere, whichever role says it.
        for role in &mut others {
            role.grants.retain(|grant| platform || !grant.permission.is_platform());
        }
        Scene {
            role: self.id().unwrap_or_else(|| RoleId::from_uuid(uuid::Uuid::nil())),
            platform,
            others,
            saved: self.role.iter().flat_map(|role| role.definition.grants.clone()).collect(),
            topics: existing(ctx, &self.roles).map(topic).collect(),
            kinds: catalogue.registered(),
            places: self.places.clone(),
        }
    }

    /// What the page is called.
    pub fn title(&self) -> String {
        match &self.role {
            Some(role) => format!("Edit {}", visible(&role.definition.name)),
            None => "New role".to_owned(),
        }
    }

    /// The pages above it.
    pub fn crumbs(&self, ctx: &Ctx) -> Vec<Crumb> {
        let role = self.role.as_ref();
        let role = role.map(|role| Crumb::new(role.definition.name.clone(), page_of(ctx, role.definition.id)));
        std::iter::once(list_crumb(ctx)).chain(role).collect()
    }
}

type Fields = Form<Vec<(String, String)>>;
type Here = Path<(String, RoleId)>;

/// One value of the query string, if it reads well.
fn asked<T: std::str::FromStr>(web: &Web, name: &str) -> Option<T> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(web.query()).unwrap_or_default();
    pairs.iter().find(|(given, _)| given == name).and_then(|(_, value)| value.parse().ok())
}

/// `GET /t/{slug}/roles/new`, with `?from=` a duplicate of a role.
pub async fn blank(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let desk = Desk::of(&ctx, None).await?;
    let form = match asked(&web, "from") {
        None => RoleForm::blank(&desk.scene(&ctx)),
        Some(id) => duplicate(&ctx, &desk, id).ok_or(Error::NotFound)?,
    };
    editor::draw(&web, ctx, desk, form, editor::Remarks::default()).await
}

/// What a role says, under a name of its own.
fn duplicate(ctx: &Ctx, desk: &Desk, id: RoleId) -> Option<RoleForm> {
    let (role, description) = match built_in(id) {
        Some(role) => (desk.roles.catalogue().definition(role), String::new()),
        None => {
            let stored = desk.own.iter().find(|role| role.definition.id == id)?;
            (stored.definition.clone(), stored.description.clone())
        }
    };
    let name: String = format!("Copy of {}", role.name).chars().take(60).collect();
    Some(RoleForm { name, ..RoleForm::of(&role, &description, &desk.scene(ctx), &WallClocks) })
}

/// `GET /t/{slug}/roles/{id}/edit`, with `?version=` what the role said then.
pub async fn edit(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    let desk = Desk::of(&ctx, Some(id)).await?;
    let stored = desk.role.clone().ok_or(Error::NotFound)?;
    let mut remarks = editor::Remarks::default();
    let (said, description) = match asked::<i32>(&web, "version") {
        None => (stored.definition, stored.description),
        Some(number) => {
            let versions = access::find(&ctx, id).await?.versions;
            let version = versions.into_iter().find(|version| version.version == number).ok_or(Error::NotFound)?;
            remarks.note =
                Some(format!("This is version {number}. Saving it makes it a new version; nothing is saved yet."));
            (version.definition, version.description)
        }
    };
    // Roles that were inherited from then and are deleted by now cannot be.
    let inherits = said.inherits.iter().copied().filter(|parent| desk.roles.knows(*parent)).collect::<Vec<_>>();
    if inherits.len() < said.inherits.len() {
        remarks.also("A role that it inherited from does not exist any more and is left out.");
    }
    if said.grants.iter().any(|grant| desk.roles.catalogue().find(&grant.permission).is_none()) {
        remarks.also("A permission that it names does not exist any more and is left out.");
    }
    let said = RoleDefinition { inherits, ..said };
    let form = RoleForm::of(&said, &description, &desk.scene(&ctx), &WallClocks);
    let form = RoleForm { version: Some(stored.version), ..form };
    editor::draw(&web, ctx, desk, form, remarks).await
}

/// `POST /t/{slug}/roles/new`
pub async fn make(web: Web, Extension(ctx): Extension<Ctx>, Form(pairs): Fields) -> PageResult {
    let desk = Desk::of(&ctx, None).await?;
    let form = RoleForm::read(pairs, &desk.scene(&ctx)).ok_or_else(PageError::malformed)?;
    if form.version.is_some() {
        return Err(PageError::malformed());
    }
    step(&web, ctx, None, form).await
}

/// `POST /t/{slug}/roles/{id}/edit`
pub async fn change(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here, Form(pairs): Fields) -> PageResult {
    let desk = Desk::of(&ctx, Some(id)).await?;
    let form = RoleForm::read(pairs, &desk.scene(&ctx)).ok_or_else(PageError::malformed)?;
    if form.version.is_none() {
        return Err(PageError::malformed());
    }
    step(&web, ctx, Some(id), form).await
}

/// The role, or everything that is wrong with the matrix.
pub fn typed(form: &RoleForm, scene: &Scene) -> Result<Typed, FieldErrors> {
    let grants = form.grants(scene, &WallClocks)?;
    let (name, description, reason) = (form.name.clone(), form.description.clone(), form.reason.clone());
    Ok(Typed { name, description, inherits: form.inherits.clone(), grants, reason })
}

async fn step(web: &Web, ctx: Ctx, id: Option<RoleId>, form: RoleForm) -> PageResult {
    let desk = Desk::of(&ctx, id).await?;
    let typed = match (form.step, typed(&form, &desk.scene(&ctx))) {
        (Step::Edit, _) => return editor::draw(web, ctx, desk, form, editor::Remarks::default()).await,
        (Step::Try, typed) => {
            let errors = typed.err().unwrap_or_default();
            return attempt(web, ctx, desk, form, errors).await;
        }
        (_, Err(errors)) => return again(web, ctx, id, form, errors.into()).await,
        (_, Ok(typed)) => typed,
    };
    let saved = match form.step {
        Step::Save => save(&ctx, id, &form, &typed).await,
        Step::Edit | Step::Try | Step::Review => Ok(None),
    };
    match saved {
        Ok(Some(id)) => Ok(web.done(&page_of(&ctx, id), &format!("{} saved.", visible(form.name.trim())))),
        Ok(None) => ask(web, ctx, id, form, typed, FieldErrors::new()).await,
        // Everything else about it is well, so the person stays where the reason is typed.
        Err(Error::Invalid(errors)) if errors.iter().all(|error| error.field == "reason") => {
            ask(web, ctx, id, form, typed, errors).await
        }
        Err(Error::Duties(collision)) if !collision.refused => {
            let errors = FieldErrors::one("reason", conflicts::SAY_WHY);
            ask(web, ctx, id, form, typed, errors).await
        }
        Err(Error::Duties(collision)) => {
            let mut errors = FieldErrors::new();
            collision.sentences().for_each(|sentence| errors.add("grants", sentence));
            again(web, ctx, id, form, errors.into()).await
        }
        Err(error) => again(web, ctx, id, form, error).await,
    }
}

/// The form with what the role would allow beside its lines: 200, or 422 where something does not read. Nothing is saved.
async fn attempt(web: &Web, ctx: Ctx, desk: Desk, form: RoleForm, mut errors: FieldErrors) -> PageResult {
    let supposed = form.trial.read(&desk.scene(&ctx), web.now(), &mut errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    editor::draw(web, ctx, desk, form, editor::Remarks { status, errors, supposed, ..editor::Remarks::default() }).await
}

async fn save(ctx: &Ctx, id: Option<RoleId>, form: &RoleForm, typed: &Typed) -> Result<Option<RoleId>, Error> {
    match (id, form.version) {
        (Some(id), Some(version)) => access::change(ctx, id, version, typed).await.map(|()| Some(id)),
        (Some(_), None) => Err(Error::Conflict(Conflict::StaleVersion)),
        (None, _) => access::create(ctx, typed).await.map(Some),
    }
}

/// What saving would do, and the question whether to.
async fn ask(web: &Web, ctx: Ctx, id: Option<RoleId>, form: RoleForm, typed: Typed, errors: FieldErrors) -> PageResult {
    let desk = Desk::of(&ctx, id).await?;
    if desk.role.as_ref().map(|role| role.version) != form.version {
        return again(web, ctx, id, form, Error::Conflict(Conflict::StaleVersion)).await;
    }
    match access::preview(&ctx, id, &typed).await {
        Ok(preview) => review::draw(web, ctx, desk, form, typed, preview, errors).await,
        Err(error) => again(web, ctx, id, form, error).await,
    }
}

/// The form with what was typed and why it was not taken: 422, or 409 where someone else was faster.
async fn again(web: &Web, ctx: Ctx, id: Option<RoleId>, form: RoleForm, error: Error) -> PageResult {
    let (status, errors) = match error {
        Error::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Conflict(Conflict::LastAdmin) => {
            let message = "Every active admin holds this role, and it would deny them what an admin must be able to do. Take the denials out.";
            (StatusCode::UNPROCESSABLE_ENTITY, FieldErrors::one("grants", message))
        }
        Error::Conflict(Conflict::StaleVersion) => (StatusCode::CONFLICT, FieldErrors::new()),
        error => return Err(error.into()),
    };
    let desk = Desk::of(&ctx, id).await?;
    let stale = status == StatusCode::CONFLICT;
    // Where someone else was faster, saving again means having read what they saved.
    let version = if stale { desk.role.as_ref().map(|role| role.version) } else { form.version };
    let form = RoleForm { version, ..form };
    editor::draw(web, ctx, desk, form, editor::Remarks { status, errors, stale, ..editor::Remarks::default() }).await
}

/// What the page of a role that was there before is called in a browser's tab.
pub fn tab(desk: &Desk, what: &str) -> String {
    format!("{what}: {}", desk.role.as_ref().map_or_else(|| TITLE.to_owned(), |role| visible(&role.definition.name)))
}
