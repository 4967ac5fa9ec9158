//! The role editor's live matrix.

use crate::zones::BrowserClocks;
use bulkhead_authz::draft::{Picture, RoleForm, RowPicture, Scene, State};
use bulkhead_model::{FieldErrors, access::PermissionName};
use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc, time::Duration};
use time::OffsetDateTime;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, HtmlTemplateElement, Node};

/// The form that is followed.
pub const FORM: &str = "role-form";
/// What a row's id begins with.
pub const ROW: &str = "role-row-";
/// How states and answers look: one element with a `data-look` for each.
pub const LOOKS: &str = "role-looks";
/// How many permissions are in which state.
pub const COUNTS: &str = "role-counts";
/// Why the roles cannot stand together.
pub const TROUBLE: &str = "role-trouble";
/// What the trial comes to.
pub const TRIED: &str = "role-tried";
/// The look of a line that is inherited.
pub const LINE: &str = "line";
/// The look where nothing is inherited.
pub const NOTHING: &str = "nothing";
/// The look where what is inherited is not known.
pub const NOT_KNOWN: &str = "not-known";
/// The look of a state that only the server can tell.
pub const LATER: &str = "later";

/// Typing is over when nothing was typed for this long.
const DEBOUNCE: Duration = Duration::from_millis(120);

/// Follows the typing: what is inherited and from whom, what every permission comes to, when it counts, and what the trial
/// says, by the functions that the server reads and draws the same form with.
///
/// HTML and CSS cannot do it: what a role comes to depends on every role that it inherits from, and on what conditions
/// mean. The form stays the page's own: no field is made, named or taken away here, and without this module its buttons
/// do the same by a round trip. Nothing here decides what may be saved.
#[island]
pub fn RoleMatrix(
    /// What there is besides what is typed, as [`Scene::written`] writes it: nothing that the page does not show to whoever
    /// types.
    scene: String,
    /// Fields of the form that say nothing about the role.
    beside: Vec<String>,
    /// When the page was drawn, in seconds of the epoch: what is tried without a moment is tried by the server's clock.
    now: i64,
    /// Whether the page shows a trial already.
    tried: bool,
) -> impl IntoView {
    let news = RwSignal::new(String::new());
    Effect::new(move |_| {
        let form = document().get_element_by_id(FORM).and_then(|form| form.dyn_into().ok());
        // A scene that does not read is another release's: the page works without.
        let (Some(form), Some(scene)) = (form, Scene::read(&scene)) else { return };
        let matrix = Matrix {
            scene,
            beside: beside.clone(),
            form,
            clocks: BrowserClocks::default(),
            ahead: now as f64 * 1_000.0 - js_sys::Date::now(),
            tried,
            shown: RefCell::new(None),
        };
        matrix.listen(news);
    });
    view! {
        <span class="sr-only" role="status">
            {move || news.get()}
        </span>
    }
}

struct Matrix {
    scene: Scene,
    beside: Vec<String>,
    form: HtmlFormElement,
    clocks: BrowserClocks,
    /// How far the server's clock is ahead of the browser's, in milliseconds.
    ahead: f64,
    tried: bool,
    /// What is shown now.
    shown: RefCell<Option<Picture>>,
}

impl Matrix {
    fn listen(self, news: RwSignal<String>) {
        for place in self.all("[data-without-script]") {
            place.set_hidden(true);
        }
        // What a browser filled in again when the page was gone back to is not what the server drew.
        self.follow();
        let (form, this) = (self.form.clone(), Rc::new(self));
        let typed = StoredValue::new(0_u32);
        let listener = Closure::<dyn Fn()>::new(move || {
            typed.update_value(|typed| *typed = typed.wrapping_add(1));
            let (now, this) = (typed.get_value(), Rc::clone(&this));
            set_timeout(
                move || {
                    // Whatever was typed since has its own turn. Equal texts are read out once.
                    if typed.try_get_value() == Some(now)
                        && let Some(text) = this.follow()
                        && news.with_untracked(|said| *said != text)
                    {
                        news.set(text);
                    }
                },
                DEBOUNCE,
            );
        })
        .into_js_value();
        for event in ["input", "change"] {
            // Lives as long as the page: nothing to take off again. Cannot fail for a function.
            let _ = form.add_event_listener_with_callback(event, listener.unchecked_ref());
        }
    }

    /// What is typed, as the server would be sent it.
    fn read(&self) -> Option<RoleForm> {
        let data = FormData::new_with_form(&self.form).ok()?;
        let mut pairs = Vec::new();
        for pair in js_sys::try_iter(&data).ok()?? {
            let pair: js_sys::Array = pair.ok()?.dyn_into().ok()?;
            let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
            if !self.beside.contains(&name) {
                pairs.push((name, value));
            }
        }
        RoleForm::read(pairs, &self.scene)
    }

    /// Shows what is typed; what of it is worth saying, in a sentence.
    fn follow(&self) -> Option<String> {
        let form = self.read()?;
        let now = OffsetDateTime::from_unix_timestamp(((js_sys::Date::now() + self.ahead) / 1_000.0) as i64).ok()?;
        let tries = self.tried || !form.trial.is_blank();
        let supposed = if tries { form.trial.read(&self.scene, now, &mut FieldErrors::new()) } else { None };
        let picture = Picture::of(&self.scene, &form, &self.clocks, supposed.as_ref());
        let before = self.shown.take();
        let stands = |picture: &Picture| picture.trouble.is_none();
        for (at, ((permission, line), row)) in form.lines.iter().zip(&picture.rows).enumerate() {
            let was = before.as_ref().filter(|was| stands(was) == stands(&picture)).and_then(|was| was.rows.get(at));
            if was == Some(row) && row.state != State::Unclear {
                continue;
            }
            // A zone that this browser does not know may be one that the server does.
            let mut errors = FieldErrors::new();
            line.grants(&self.scene.about(permission, &self.clocks), &mut errors);
            let later = !errors.is_empty() && errors.iter().all(|error| error.field.starts_with("zone"));
            self.draw(permission, row, later, stands(&picture));
        }
        let (counts, tried) = (picture.counts.to_string(), picture.tried.clone().unwrap_or_default());
        let trouble = picture.trouble.clone().unwrap_or_default();
        say(COUNTS, &counts);
        say(TRIED, &tried);
        if let Some(place) = document().get_element_by_id(TROUBLE) {
            write(&place, "trouble", &trouble);
            hide(&place, trouble.is_empty());
        }
        self.shown.replace(Some(picture));
        Some([trouble, counts, tried].join(" ").trim().to_owned())
    }

    fn draw(&self, permission: &PermissionName, row: &RowPicture, later: bool, stands: bool) {
        let Some(place) = document().get_element_by_id(&format!("{ROW}{permission}")) else { return };
        hide(&place, !row.shown);
        fill(&place, "state", &[look(if later { LATER } else { row.state.code() }, None)]);
        let inherited: Vec<Option<Node>> = match (row.inherited.as_slice(), stands) {
            ([], true) => vec![look(NOTHING, None)],
            ([], false) => vec![look(NOT_KNOWN, None)],
            (lines, _) => lines.iter().map(|line| look(LINE, Some(&line.words()))).collect(),
        };
        fill(&place, "inherited", &inherited);
        write(&place, "echo", if later { "Checked on review" } else { &row.echo });
        write(&place, "own", &row.own_words());
        let verdict = row.verdict.map(|verdict| look(if verdict.allowed() { "allowed" } else { "refused" }, None));
        fill(&place, "verdict", verdict.as_slice());
        if let Some(line) = part(&place, "tried") {
            hide(&line, row.own.is_empty() && row.verdict.is_none());
        }
    }

    fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let Ok(found) = self.form.query_selector_all(selector) else { return Vec::new() };
        (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
    }
}

fn part(place: &Element, name: &str) -> Option<Element> {
    place.query_selector(&format!("[data-live={name}]")).ok().flatten()
}

fn hide(place: &Element, hidden: bool) {
    if let Some(place) = place.dyn_ref::<HtmlElement>() {
        place.set_hidden(hidden);
    }
}

fn write(place: &Element, name: &str, text: &str) {
    if let Some(part) = part(place, name) {
        part.set_text_content(Some(text));
    }
}

fn say(id: &str, text: &str) {
    if let Some(place) = document().get_element_by_id(id) {
        place.set_text_content(Some(text));
    }
}

fn fill(place: &Element, name: &str, content: &[Option<Node>]) {
    let Some(part) = part(place, name) else { return };
    part.set_text_content(None);
    for node in content.iter().flatten() {
        // Fails only for what cannot be a child.
        let _ = part.append_child(node);
    }
}

/// How something looks, as the server drew it; with a text of its own where it has a place for one.
fn look(name: &str, text: Option<&str>) -> Option<Node> {
    let template: HtmlTemplateElement = document().get_element_by_id(LOOKS)?.dyn_into().ok()?;
    let look = template.content().query_selector(&format!("[data-look={name}]")).ok()??;
    let copy: Element = look.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    if let Some(text) = text {
        copy.query_selector("bdi").ok()??.set_text_content(Some(text));
    }
    Some(copy.into())
}
