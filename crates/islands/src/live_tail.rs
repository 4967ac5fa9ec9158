//! The audit log's live tail.

use crate::{EventRow, rows};
use leptos::{html, prelude::*};
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, HtmlElement, MessageEvent};

/// How the stream is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    Connecting,
    Live,
    Reconnecting,
    Ended,
}

impl State {
    const fn text(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Connecting => "Connecting",
            Self::Live => "New events appear on top",
            Self::Reconnecting => "Connection lost, trying again",
            Self::Ended => "Live updates have ended. Reload the page to go on",
        }
    }
}

/// An opt-in button that lets new events appear on top of the list. While someone points at the list or is inside it
/// nothing moves: a button says how many wait. A screen reader hears counts, never rows.
#[island]
pub fn LiveTail(
    /// The event stream, with the page's filters and the newest event shown.
    url: String,
) -> impl IntoView {
    let bar = NodeRef::<html::Div>::new();
    // Absent without JavaScript: it could do nothing.
    let ready = RwSignal::new(false);
    let on = RwSignal::new(false);
    let state = RwSignal::new(State::Off);
    let held = RwSignal::new(false);
    let waiting = RwSignal::new(Vec::<EventRow>::new());
    let shown = RwSignal::new(0_usize);
    let news = RwSignal::new(String::new());

    Effect::new(move |_| {
        ready.set(true);
        if let Some(bar) = bar.get_untracked() {
            hold_while_used(held, &bar);
        }
    });
    // Dropping the previous value closes the stream.
    Effect::new(move |previous: Option<Option<Stream>>| {
        drop(previous);
        match (on.get(), state.get_untracked()) {
            (true, _) => state.set(State::Connecting),
            // Turned off by its end, which stays said.
            (false, State::Ended) => {}
            (false, _) => state.set(State::Off),
        }
        on.get().then(|| Stream::open(&url, state, waiting)).flatten()
    });
    let show = move || {
        let rows = waiting.try_update(std::mem::take).unwrap_or_default();
        let inserted = rows::insert(&rows);
        if inserted > 0 {
            // Equal texts are read out once: the sum makes each another.
            shown.update(|shown| *shown += inserted);
            news.set(format!("{} new, {} since live", inserted, shown.get_untracked()));
        }
    };
    Effect::new(move |_| {
        if !held.get() && waiting.with(|waiting| !waiting.is_empty()) {
            show();
        }
    });
    // What has ended does not look pressed.
    Effect::new(move |_| {
        if state.get() == State::Ended {
            on.set(false);
        }
    });

    let count = move || waiting.with(Vec::len);
    let said = move || match count() {
        0 => news.get(),
        waiting => format!("{waiting} new events are waiting"),
    };
    view! {
        <div class="live-tail" node_ref=bar>
            <button
                type="button"
                class="btn btn-secondary btn-sm"
                hidden=move || !ready.get()
                aria-pressed=move || if on.get() { "true" } else { "false" }
                on:click=move |_| on.update(|on| *on = !*on)
            >
                <span class="live-dot" data-state=move || if state.get() == State::Live { "live" } else { "" }></span>
                <span>"Live"</span>
            </button>
            <span class="live-state">{move || state.get().text()}</span>
            <button type="button" class="btn btn-primary btn-sm" hidden=move || count() == 0 on:click=move |_| show()>
                {move || format!("{} new", count())}
            </button>
            <span class="sr-only" role="status">
                {said}
            </span>
        </div>
    }
}

/// Rows do not move under a pointer, or while the keyboard is among them. They wait a moment longer, and for as long as
/// the pointer is on the bar, so that the way from the list to the button that shows them is not cut short.
fn hold_while_used(held: RwSignal<bool>, bar: &HtmlElement) {
    let Some(list) = rows::list() else { return };
    let moves = StoredValue::new(0_u32);
    let entered = move |holds: bool| {
        moves.update_value(|moves| *moves += 1);
        held.set(held.get_untracked() || holds);
    };
    let left = move || {
        moves.update_value(|moves| *moves += 1);
        let this = moves.get_value();
        set_timeout(
            move || {
                // Whatever was entered since has its own leaving.
                if moves.get_value() == this && !in_use() {
                    held.set(false);
                }
            },
            LEAVING,
        );
    };
    let listen = |place: &HtmlElement, name: &str, act: Box<dyn Fn()>| {
        // Both live as long as the page: nothing to take off again. Cannot fail for a function.
        let _ = place.add_event_listener_with_callback(name, Closure::wrap(act).into_js_value().unchecked_ref());
    };
    listen(&list, "mouseenter", Box::new(move || entered(true)));
    listen(&list, "focusin", Box::new(move || entered(true)));
    listen(bar, "mouseenter", Box::new(move || entered(false)));
    listen(&list, "mouseleave", Box::new(left));
    listen(&list, "focusout", Box::new(left));
    listen(bar, "mouseleave", Box::new(left));
}

/// How long rows go on waiting after the list was left.
const LEAVING: Duration = Duration::from_millis(800);

/// Whether the pointer or the keyboard is in the list now.
fn in_use() -> bool {
    rows::list().is_some_and(|list| list.matches(":hover, :focus-within").unwrap_or_default())
}

/// An open event stream; closed when dropped. Reconnecting, with the last id, is the browser's own.
struct Stream {
    source: EventSource,
    _listeners: [Closure<dyn FnMut(MessageEvent)>; 4],
}

impl Stream {
    fn open(url: &str, state: RwSignal<State>, waiting: RwSignal<Vec<EventRow>>) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let on = |name: &str, act: Box<dyn FnMut(MessageEvent)>| {
            let listener = Closure::wrap(act);
            // Cannot fail for a function.
            let _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
            listener
        };
        let (this, closing) = (source.clone(), source.clone());
        let listeners = [
            on("open", Box::new(move |_| state.set(State::Live))),
            on(
                "events",
                Box::new(move |message| {
                    let rows =
                        message.data().as_string().and_then(|json| serde_json::from_str::<Vec<EventRow>>(&json).ok());
                    waiting.update(|waiting| waiting.extend(rows.unwrap_or_default()));
                }),
            ),
            // The server says so when there is nothing to come back to: the session is over.
            on(
                "ended",
                Box::new(move |_| {
                    closing.close();
                    state.set(State::Ended);
                }),
            ),
            // An answer that is no stream (a sign-in page, an error) closes it for good; a lost connection does not.
            on(
                "error",
                Box::new(move |_| {
                    let closed = this.ready_state() == EventSource::CLOSED;
                    state.set(if closed { State::Ended } else { State::Reconnecting });
                }),
            ),
        ];
        Some(Self { source, _listeners: listeners })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}
