//! The command palette.

use crate::Entry;
use leptos::{ev, html, prelude::*, task::spawn_local};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventTarget, Response};

/// Typing is over when nothing was typed for this long.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// Ctrl/Cmd-K: go to any page, find a user (operators: an organization). Without JavaScript it is a link to the list
/// that can be searched.
///
/// Searching is a plain `GET` that answers JSON, not a server function: those are POSTs at paths of their own, outside
/// the list of routes that the guards are built from, and their client would be a third of this module's size.
#[island]
pub fn Palette(
    /// The pages the viewer may open.
    pages: Vec<Entry>,
    /// Where to search, with `?q=`; empty where the viewer may search nothing.
    search_url: String,
    /// The list with all that is found, and without JavaScript the way there.
    list_href: String,
    /// What is searched for: "users".
    noun: String,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let text = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<Entry>::new());
    let failed = RwSignal::new(false);
    // The chosen option by where it leads: its place changes when an answer arrives, what Enter opens must not.
    let chosen = RwSignal::new(String::new());
    let ready = RwSignal::new(false);

    let searchable = !search_url.is_empty();
    let href = list_href.clone();
    let what = noun.clone();
    // Pages first: they are there at once and do not move when the answer comes.
    let entries = Memo::new(move |_| {
        let typed = text.get();
        let typed = typed.trim();
        let mut entries: Vec<Entry> = pages.iter().filter(|page| matches(&page.label, typed)).cloned().collect();
        entries.extend(found.get());
        if searchable && !typed.is_empty() {
            let query = encode(typed);
            entries.push(Entry {
                label: format!("All {what} for \u{201c}{typed}\u{201d}"),
                detail: String::new(),
                href: format!("{href}?q={query}"),
            });
        }
        entries
    });

    let active = Memo::new(move |_| {
        let chosen = chosen.get();
        entries.with(|entries| entries.iter().position(|entry| entry.href == chosen).unwrap_or_default())
    });
    let choose = move |at: usize| {
        chosen
            .set(entries.with_untracked(|entries| entries.get(at).map(|entry| entry.href.clone()).unwrap_or_default()));
    };

    let open = move || {
        let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) else { return };
        // Cannot fail: it is in the document and closed.
        let _ = dialog.show_modal();
        if let Some(input) = input.get_untracked() {
            input.select();
        }
    };
    Effect::new(move |_| {
        ready.set(true);
        window_event_listener(ev::keydown, move |key| {
            if (key.ctrl_key() || key.meta_key())
                && !key.shift_key()
                && !key.alt_key()
                && key.key().eq_ignore_ascii_case("k")
            {
                key.prevent_default();
                open();
            }
        });
    });
    // Each change of the text makes the answers still on their way too late.
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let typed = text.get().trim().to_owned();
        chosen.set(String::new());
        asked.update_value(|asked| *asked += 1);
        let this = asked.get_value();
        if typed.is_empty() || !searchable {
            found.set(Vec::new());
            return;
        }
        let url = format!("{search_url}?q={}", encode(&typed));
        set_timeout(
            move || {
                if asked.get_value() != this {
                    return;
                }
                spawn_local(async move {
                    let answer = search(&url).await;
                    if asked.get_value() == this {
                        failed.set(answer.is_none());
                        found.set(answer.unwrap_or_default());
                    }
                });
            },
            DEBOUNCE,
        );
    });

    let keys = move |key: ev::KeyboardEvent| {
        let many = entries.with(Vec::len);
        let at = active.get_untracked();
        let to = match key.key().as_str() {
            "ArrowDown" if many > 0 => (at + 1) % many,
            "ArrowUp" if many > 0 => (at + many - 1) % many,
            // While an input method is composing, Enter is its own.
            "Enter" if !key.is_composing() => {
                key.prevent_default();
                return entries.with(|entries| entries.get(at).map(|entry| go(&entry.href))).unwrap_or_default();
            }
            _ => return,
        };
        key.prevent_default();
        choose(to);
        // The list may be longer than its box.
        if let Some(option) = document().get_element_by_id(&option_id(to)) {
            option.scroll_into_view_with_bool(false);
        }
    };
    let options = move || {
        entries
            .get()
            .into_iter()
            .enumerate()
            .map(|(at, entry)| {
                let href = entry.href.clone();
                view! {
                    <li
                        role="option"
                        class="palette-option"
                        id=option_id(at)
                        aria-selected=move || if active.get() == at { "true" } else { "false" }
                        on:mousemove=move |_| choose(at)
                        on:click=move |_| go(&href)
                    >
                        <bdi>{entry.label}</bdi>
                        <span class="palette-detail">{entry.detail}</span>
                    </li>
                }
            })
            .collect_view()
    };
    let said = move || match (entries.with(Vec::len), failed.get()) {
        (_, true) => "Searching is not possible now".to_owned(),
        (0, _) => "No results".to_owned(),
        (1, _) => "1 result".to_owned(),
        (many, _) => format!("{many} results"),
    };
    // Nothing is read out before someone has typed.
    let announced = move || if text.with(String::is_empty) { String::new() } else { said() };
    let prompt = if searchable { format!("Go to a page, or find {noun}") } else { "Go to a page".to_owned() };
    view! {
        <a
            class="palette-open"
            href=list_href
            role=move || ready.get().then_some("button")
            aria-haspopup=move || ready.get().then_some("dialog")
            aria-keyshortcuts="Control+K Meta+K"
            on:click=move |click| {
                if !(click.ctrl_key() || click.meta_key() || click.shift_key()) {
                    click.prevent_default();
                    open();
                }
            }
        >
            <svg class="icon" aria-hidden="true" width="16" height="16" focusable="false">
                <use href="/icons.svg#search"></use>
            </svg>
            <span>"Search"</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </a>
        <dialog
            class="dialog palette"
            aria-label="Search"
            node_ref=dialog
            on:click=move |click| {
                let on_backdrop = same(click.target(), dialog.get_untracked().map(Into::into));
                if let Some(dialog) = dialog.get_untracked().filter(|_| on_backdrop) {
                    dialog.close();
                }
            }
        >
            <div class="palette-field">
                <input
                    node_ref=input
                    class="input"
                    type="text"
                    role="combobox"
                    aria-label=prompt.clone()
                    aria-autocomplete="list"
                    aria-expanded=move || if entries.with(Vec::is_empty) { "false" } else { "true" }
                    aria-controls="palette-options"
                    aria-activedescendant=move || (!entries.with(Vec::is_empty)).then(|| option_id(active.get()))
                    placeholder=prompt
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="100"
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=keys
                />
                <button type="button" class="btn btn-ghost" data-close="">
                    "Close"
                </button>
            </div>
            <ul class="palette-options" id="palette-options" role="listbox" aria-label="Results">
                {options}
            </ul>
            <p class="palette-empty" hidden=move || !entries.with(Vec::is_empty) && !failed.get() aria-hidden="true">
                {said}
            </p>
            <span class="sr-only" role="status">
                {announced}
            </span>
        </dialog>
    }
}

fn option_id(at: usize) -> String {
    format!("palette-option-{at}")
}

fn same(left: Option<EventTarget>, right: Option<EventTarget>) -> bool {
    left.is_some() && left == right
}

/// Whether every typed word begins a word of the label.
fn matches(label: &str, typed: &str) -> bool {
    let label = label.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| label.split_whitespace().any(|begins| begins.starts_with(word)))
}

fn go(href: &str) {
    // Fails for no path of ours; then there is nowhere to go.
    let _ = window().location().set_href(href);
}

/// What the server finds; nothing when it does not answer, or with something else (the session may be over).
async fn search(url: &str) -> Option<Vec<Entry>> {
    let answer = JsFuture::from(window().fetch_with_str(url)).await.ok()?;
    let response: Response = answer.dyn_into().ok()?;
    if !response.ok() || response.redirected() {
        return None;
    }
    let json = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    serde_json::from_str(&json).ok()
}

/// Percent-encodes a query value (RFC 3986: everything but the unreserved characters).
fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::{encode, matches};

    #[test]
    fn a_page_matches_by_the_beginnings_of_its_words() {
        assert!(matches("Audit log", ""));
        assert!(matches("Audit log", "lo AU"));
        assert!(!matches("Audit log", "udit"));
        assert!(!matches("Audit log", "audit x"));
    }

    #[test]
    fn what_was_typed_is_one_query_value() {
        assert_eq!(encode("ana+b@x.org &q=ä"), "ana%2Bb%40x.org%20%26q%3D%C3%A4");
    }
}
