//! Components of the design system: semantic HTML, no data access, no business rule.
//!
//! Pages are rendered on the server and work without JavaScript. A component therefore owns three
//! things only: its markup, its accessible name, and its class names (`style/components/*.css`).
//! The quick reference of every component and its properties is `crates/ui/README.md`; the
//! gallery at `/gallery` shows each of them in every state.
//!
//! # How to add a component
//!
//! 1. Write it in the file of its family (or a new one, a noun, under 400 lines). Text properties
//!    are `#[prop(into)] String`; optional ones are `#[prop(optional, into)] OptText`, which also
//!    takes an `Option` so that pages can hand a form error through. A slot that is not the
//!    children is an `Option<AnyView>`.
//! 2. What every page or every row has is written with [`Tag`] and is a `#[component(transparent)]`
//!    that gives [`Markup`]: the attribute leaves its type alone, which is what makes it cheap.
//!    Anything else may be a `view!`. Emit the element that already means it (`table`, `details`, `dialog`, `dl`), then a class.
//!    No inline style, no inline handler: the content security policy forbids both. What has a
//!    computed size is an SVG with attributes.
//! 3. A state is never colour alone: icon plus word. Anything a person typed goes through
//!    [`UserText`], so that invisible and direction-changing characters are seen.
//! 4. Put its rules in one file of `style/components/`, in `@layer components`, from tokens only.
//! 5. Show every state in `gallery/`, test the markup and the escaping here, add the row to the
//!    README, and look at the picture (`cargo run -p bulkhead-ui --example gallery`).
//!
//! Two sinks are walled off here and nowhere else: Leptos 0.8.23 does not escape the children of
//! `<textarea>` ([`TextArea`] does), and `leptos_meta::Title` is not used at all ([`Document`]
//! writes the title).

mod acting_as;
mod auth_shell;
mod avatar;
mod badge;
mod button;
mod card;
mod chart;
mod choice;
mod code;
mod confirm;
mod copy;
mod description;
mod diff;
mod document;
mod error_state;
mod field;
mod filter;
mod flash;
mod form;
pub mod gallery;
mod icon;
mod input;
mod markup;
mod nav;
mod page_header;
mod pager;
mod prefs;
mod rel_time;
mod select;
mod shell;
mod sql;
mod state;
mod table;
mod table_groups;
mod text;
mod textarea;
mod timeline;
mod topbar;

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod tests;

pub use acting_as::*;
pub use auth_shell::*;
pub use avatar::*;
pub use badge::*;
pub use button::*;
pub use card::*;
pub use chart::*;
pub use choice::*;
pub use code::*;
pub use confirm::*;
pub use copy::*;
pub use description::*;
pub use diff::*;
pub use document::*;
pub use error_state::*;
pub use field::*;
pub use filter::*;
pub use flash::*;
pub use form::*;
pub use gallery::Gallery;
pub use icon::*;
pub use input::*;
pub use markup::*;
pub use nav::*;
pub use page_header::*;
pub use pager::*;
pub use prefs::*;
pub use rel_time::*;
pub use select::*;
pub use shell::*;
pub use sql::{SqlKind, SqlToken, sql_tokens};
pub use state::*;
pub use table::*;
pub use table_groups::*;
pub use text::*;
pub use textarea::*;
pub use timeline::*;
