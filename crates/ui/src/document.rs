//! The document around a page.

use crate::{Density, Markup, OptText, Tag, Theme, visible};
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

/// Everything from the doctype to `</html>`. All values come as properties: nothing is looked up.
#[component(transparent)]
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
) -> Markup {
    let meta = |name, content: &str| Tag::new("meta").attr("name", name).attr("content", content).void();
    let link = |rel: &str, href: &str| Tag::new("link").attr("rel", rel).attr("href", href);
    let script = Tag::new("script").attr("type", "module").attr("src", &script_href);
    let head = Tag::new("head")
        .child(Tag::new("meta").attr("charset", "utf-8").void())
        // Names that people typed end up here. Not `leptos_meta::Title` (0.8.7), which does not escape them.
        .child(Tag::new("title").text(&visible(&title)))
        .child(meta("viewport", "width=device-width, initial-scale=1"))
        .child(meta("color-scheme", theme.color_scheme()))
        .child(meta("referrer", "strict-origin-when-cross-origin"))
        .child(link("stylesheet", &css_href).void())
        .child(link("icon", "/favicon.svg").attr("type", "image/svg+xml").void())
        .child(script.maybe("nonce", nonce.as_deref()))
        .child(head);
    let page = Tag::new("html")
        .attr("lang", &lang)
        .attr("data-theme", theme.as_str())
        .attr("data-density", density.as_str())
        .maybe("data-shortcuts", shortcuts_off.then_some("off"))
        .child(head)
        .child(Tag::new("body").open().view(children()));
    [Markup::constant("<!DOCTYPE html>"), page.into()].into_iter().collect()
}
