//! The document around a page.

use crate::text::escape_rcdata;
use crate::{Density, OptText, Theme, visible};
use leptos::prelude::*;

/// `Users · Acme · Bulkhead`: the most specific part first, the product last.
pub fn page_title(parts: &[&str]) -> String {
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| visible(part))
        .chain(std::iter::once("Bulkhead".to_owned()))
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The `<title>`. Names that people typed end up here, and `leptos_meta::Title` (0.8.7) does not escape them.
///
/// Written as escaped text by [`escape_rcdata`]: as a child, Leptos would add its marker `<!>`, which inside a title is
/// not a comment but three characters that everyone sees.
#[component]
pub fn PageTitle(
    /// The whole title; see [`page_title`].
    #[prop(into)]
    title: String,
) -> impl IntoView {
    let text = escape_rcdata(&visible(&title));
    view! { <title inner_html=text></title> }
}

/// Everything from the doctype to `</html>`. All values come as properties: nothing is looked up.
#[component]
pub fn Document(
    /// The whole title; see [`page_title`].
    #[prop(into)]
    title: String,
    /// The stylesheet's address (hashed in a release).
    #[prop(into)]
    css_href: String,
    /// The address of `app.js`.
    #[prop(into, default = "/app.js".to_owned())]
    script_href: String,
    /// The nonce of the content security policy.
    #[prop(optional, into)]
    nonce: OptText,
    /// The language of the page.
    #[prop(into, default = "en".to_owned())]
    lang: String,
    /// The theme chosen.
    #[prop(optional)]
    theme: Theme,
    /// The density chosen.
    #[prop(optional)]
    density: Density,
    /// The person turned single-key shortcuts off (WCAG 2.1.4).
    #[prop(optional)]
    shortcuts_off: bool,
    /// More for the head: hydration scripts, on pages that have islands.
    #[prop(optional)]
    head: Option<AnyView>,
    /// The body.
    children: Children,
) -> impl IntoView {
    let shortcuts = shortcuts_off.then_some("off");
    view! {
        <!DOCTYPE html>
        <html
            lang=lang
            data-theme=theme.as_str()
            data-density=density.as_str()
            data-shortcuts=shortcuts
        >
            <head>
                <meta charset="utf-8" />
                <PageTitle title />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=theme.color_scheme() />
                <meta name="referrer" content="strict-origin-when-cross-origin" />
                <link rel="stylesheet" href=css_href />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <script type="module" src=script_href nonce=nonce.get()></script>
                {head}
            </head>
            <body>{children()}</body>
        </html>
    }
}
