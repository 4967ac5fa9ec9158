//! Prints a sheet of the gallery as a static document, for screenshots without a server:
//! `cargo run -p bulkhead-ui --example gallery -- [sheet] [theme] [density] > gallery.html`.
//! The document asks for `/app.css`, `/app.js`, `/icons.svg` and `/favicon.svg`.

use bulkhead_ui::gallery::{Gallery, Sheet};
use bulkhead_ui::{Density, Document, Theme, page_title};
use leptos::prelude::*;
use std::io::{self, Write};
use time::macros::datetime;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let sheet: Sheet = argument(&mut arguments);
    let theme: Theme = argument(&mut arguments);
    let density: Density = argument(&mut arguments);
    let now = datetime!(2026-11-21 07:39:12 UTC);
    let html = Owner::new().with(|| {
        view! {
            <Document title=page_title(&["Gallery"]) css_href="/app.css" theme density>
                <Gallery now sheet theme density />
            </Document>
        }
        .to_html()
    });
    io::stdout().write_all(html.as_bytes())
}

/// The next argument, or the default when there is none or it has no such value.
fn argument<T: std::str::FromStr + Default>(arguments: &mut impl Iterator<Item = String>) -> T {
    arguments.next().and_then(|text| text.parse().ok()).unwrap_or_default()
}
