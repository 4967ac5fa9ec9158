//! What of the editor follows the typing: drawn here for whoever has no JavaScript, and named so that the island of the
//! same name finds it. The island shows what is drawn here, and knows no class name.

use super::matrix;
use crate::web::{form, page::Web};
use bulkhead_authz::draft::{Picture, RoleForm, RowPicture, Scene, Show, State};
use bulkhead_islands::{RoleMatrix, role_matrix};
use bulkhead_model::access::PermissionName;
use bulkhead_ui::{
    CSRF_FIELD, Choice, IconName, Markup, Notice, Select, SubmitButton, Tag, Tone, Variant, badge, field_id, user_text,
};
use leptos::prelude::*;

/// The form's id.
pub use role_matrix::FORM;

/// The largest role graph that the page carries for the island, in bytes. Without the island its buttons do the same.
const LARGEST: usize = 196_608;

/// The id of a permission's row.
pub fn row_id(permission: &PermissionName) -> String {
    format!("{}{permission}", role_matrix::ROW)
}

/// Above the matrix: which permissions are shown, how many are in which state, and why the roles cannot stand together.
pub fn above(web: &Web, form: &RoleForm, picture: &Picture) -> AnyView {
    let choices = Show::ALL.into_iter().map(|(show, label)| Choice::new(show.code(), label)).collect();
    let (value, counts) = (form.show.code().to_owned(), picture.counts.to_string());
    let formaction = format!("{}#{}", web.path(), field_id("grants"));
    let (is_sound, trouble) = (picture.trouble.is_none(), picture.trouble.clone().unwrap_or_default());
    let looks: Vec<Markup> = State::ALL
        .into_iter()
        .map(|state| Tag::new("div").attr("data-look", state.code()).child(matrix::state_badge(state)).into())
        .chain([true, false].map(|allowed| {
            let look = Tag::new("div").attr("data-look", if allowed { "allowed" } else { "refused" });
            look.child(verdict(allowed)).into()
        }))
        .chain([
            line(Tag::new("div").attr("data-look", role_matrix::LINE), ""),
            muted(Tag::new("span").attr("data-look", role_matrix::NOTHING), NOTHING),
            muted(Tag::new("span").attr("data-look", role_matrix::NOT_KNOWN), NOT_KNOWN),
            Tag::new("div")
                .attr("data-look", role_matrix::LATER)
                .child(badge("Checked on review", Tone::Info, None))
                .into(),
        ])
        .collect();
    let looks = Markup::from(Tag::new("template").attr("id", role_matrix::LOOKS).open().children(looks));
    view! {
        <div class="matrix-bar">
            <Select name="show" label="Show" choices value />
            <div data-without-script="">
                <SubmitButton label="Show" variant=Variant::Secondary name="step" value="edit" formaction aria_label="Show these permissions" />
            </div>
            <p class="muted" id=role_matrix::COUNTS>{counts}</p>
        </div>
        <div id=role_matrix::TROUBLE hidden=is_sound>
            <Notice tone=Tone::Warn><span data-live="trouble">{trouble}</span></Notice>
        </div>
        {looks}
    }
    .into_any()
}

fn verdict(allowed: bool) -> Markup {
    match allowed {
        true => badge("Tried: allowed", Tone::Ok, Some(IconName::CircleCheck)),
        false => badge("Tried: not allowed", Tone::Neutral, Some(IconName::Ban)),
    }
}

const NOTHING: &str = "Nothing";
const NOT_KNOWN: &str = "Not known";

fn line(tag: Tag, text: &str) -> Markup {
    tag.child(user_text(text)).into()
}

fn muted(tag: Tag, text: &str) -> Markup {
    tag.class("muted").text(text).into()
}

/// What is inherited, and from whom.
pub fn inherited(picture: &Picture, row: &RowPicture) -> Markup {
    let cell = Tag::new("div").attr("data-live", "inherited").open();
    match (row.inherited.as_slice(), &picture.trouble) {
        ([], None) => cell.child(muted(Tag::new("span"), NOTHING)).into(),
        ([], Some(_)) => cell.child(muted(Tag::new("span"), NOT_KNOWN)).into(),
        (lines, _) => cell.children(lines.iter().map(|said| line(Tag::new("div"), &said.words()))).into(),
    }
}

/// Whether the line's own condition holds in the trial, and what the trial comes to.
pub fn own(row: &RowPicture) -> Markup {
    let words = Tag::new("span").attr("data-live", "own").text(&row.own_words());
    let look = row.verdict.map(|answer| verdict(answer.allowed()));
    let answer = Tag::new("span").attr("data-live", "verdict").child(look);
    let is_blank = row.own.is_empty() && row.verdict.is_none();
    let line = Tag::new("div").class("tried").attr("data-live", "tried").flag("hidden", is_blank);
    line.child(answer).child(words).into()
}

/// What the trial comes to.
pub fn tried(picture: &Picture) -> Markup {
    let text = picture.tried.as_deref().unwrap_or_default();
    Tag::new("p").class("muted").attr("id", role_matrix::TRIED).text(text).into()
}

/// The island; nothing where the roles are so many that the page would carry too much.
pub fn island(web: &Web, scene: &Scene, tried: bool) -> AnyView {
    let scene = scene.written();
    if scene.len() > LARGEST {
        return ().into_any();
    }
    let beside = [CSRF_FIELD, form::ORG_FIELD, form::ONCE_FIELD].map(str::to_owned).to_vec();
    let now = web.now().unix_timestamp();
    view! { <RoleMatrix scene beside now tried /> }.into_any()
}
