//! What the markup promises: escaping, names, relations, and nothing the policy forbids.

#![expect(clippy::unwrap_used, reason = "tests")]

use crate::gallery::{Gallery, Sheet};
use crate::*;
use leptos::prelude::*;
use std::collections::BTreeSet;
use time::Duration;
use time::macros::datetime;

fn html(view: impl FnOnce() -> AnyView) -> String {
    Owner::new().with(|| view().to_html())
}

fn sheet(sheet: Sheet) -> String {
    let now = datetime!(2026-11-21 07:39:12 UTC);
    html(|| view! { <Document title="t" css_href="/app.css"><Gallery now sheet /></Document> }.into_any())
}

/// The values of an attribute, in order.
fn attribute<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!(" {name}=\"");
    html.split(open.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

const ATTACK: &str = "</textarea></title><script>alert(1)</script>\"'&amp;";

#[test]
fn a_textarea_cannot_be_left_and_keeps_what_was_typed() {
    let html = html(|| view! { <TextArea name="note" label="Note" value=ATTACK /> }.into_any());
    let inner = html.split_once("<textarea").unwrap().1;
    let inner = inner.split_once('>').unwrap().1;
    let (inner, _) = inner.split_once("</textarea>").unwrap();
    assert!(!inner.contains("<script"), "{inner}");
    let decoded = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    // One line break belongs to the parser, the rest is the value.
    assert_eq!(decoded.strip_prefix('\n'), Some(ATTACK));
    assert_eq!(html.matches("</textarea>").count(), 1);
}

#[test]
fn a_title_cannot_be_left() {
    let html =
        html(|| view! { <Document title=page_title(&[ATTACK]) css_href="/a.css" nonce="n0">""</Document> }.into_any());
    assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
    assert_eq!(html.matches("</title>").count(), 1);
    // Leptos marks text children with `<!>`; in a title that would be shown.
    assert!(!html[..html.find("</title>").unwrap_or_default()].contains("<!>"));
    assert_eq!(html.matches("<script").count(), 1, "only app.js: {html}");
    assert!(html.contains("nonce=\"n0\""));
}

#[test]
fn names_are_escaped_wherever_they_are_shown() {
    let html = html(|| {
        view! {
            <Input name="name" label=ATTACK value=ATTACK hint=ATTACK error=ATTACK />
            <Chip label=ATTACK name=ATTACK remove_href="/x" />
            <RowTitle title=ATTACK href="/x" subtitle=ATTACK avatar=true />
            <Select name="s" label="S" choices=vec![Choice::new(ATTACK, ATTACK)] value=ATTACK />
            <CodeBlock code=ATTACK label=ATTACK />
            <CodeBlock code=ATTACK language=Language::Sql />
            <Diff fields=vec![DiffField::new(ATTACK, Some(ATTACK.to_owned()), None)] />
            <CopyId id=ATTACK what=ATTACK />
            <Flash message=ATTACK />
            <PageHeader title=ATTACK />
            <ConfirmDialog id="c" title=ATTACK summary=ATTACK>
                <ConfirmForm action="/x" csrf=ATTACK confirm_label=ATTACK cancel_href="/x" typed_name=ATTACK />
            </ConfirmDialog>
        }
        .into_any()
    });
    assert!(!html.contains("<script"), "{html}");
    for value in attribute(&html, "value") {
        assert!(!value.contains('<') || !value.contains('"'), "{value}");
    }
}

#[test]
fn characters_that_deceive_are_shown() {
    let html = html(|| view! { <UserText text="a\u{202E}b\u{200B}" /> }.into_any());
    assert!(html.starts_with("<bdi"), "{html}");
    assert!(html.contains("U+202E") && html.contains("U+200B"));
    assert!(!html.contains('\u{202E}') && !html.contains('\u{200B}'));
    assert_eq!(visible("ad\u{200D}min"), "ad[U+200D]min");
    assert_eq!(visible("Zoë Ångström 李"), "Zoë Ångström 李");
}

#[test]
fn an_error_is_tied_to_its_field() {
    let html = html(|| {
        view! {
            <ErrorSummary errors=vec![FieldError::new("email", "Enter an address.")] />
            <Input name="email" label="Email" hint="Work address" error="Enter an address." />
        }
        .into_any()
    });
    assert!(html.contains("href=\"#f-email\""));
    assert!(html.contains("aria-describedby=\"f-email-error f-email-hint\""), "{html}");
    assert!(html.contains("aria-invalid=\"true\""));
    assert_eq!(html.matches("role=\"alert\"").count(), 1);
}

#[test]
fn empty_text_is_no_error() {
    let error: Option<String> = None;
    let html = html(|| view! { <Input name="a" label="A" error hint="" /> }.into_any());
    assert!(!html.contains("aria-invalid") && !html.contains("aria-describedby"), "{html}");
}

#[test]
fn a_password_is_never_sent_back() {
    let html = html(|| view! { <PasswordInput name="p" label="Password" /> }.into_any());
    assert!(attribute(&html, "value").is_empty(), "{html}");
}

#[test]
fn only_the_sorted_column_says_so() {
    let html = html(|| {
        view! {
            <SortHeader label="Name" href="?a" />
            <SortHeader label="Seen" href="?b" sort=Sort::Descending />
        }
        .into_any()
    });
    assert_eq!(attribute(&html, "aria-sort"), ["descending"]);
}

#[test]
fn the_gallery_keeps_the_policy_and_the_outline() {
    for one in Sheet::ALL {
        let html = sheet(one);
        assert!(!html.contains(" style="), "inline style in {one:?}");
        assert!(!html.contains("<style"), "style element in {one:?}");
        let handlers = ["onclick", "onsubmit", "onload", "onchange", "onerror"];
        assert!(handlers.iter().all(|name| !html.contains(&format!(" {name}="))), "{one:?}");
        assert_eq!(html.matches("<h1").count(), 1, "one h1 in {one:?}");
        assert_eq!(html.matches("<main").count(), 1, "one main in {one:?}");

        let ids = attribute(&html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "ids repeat in {one:?}: {ids:?}");
        for name in ["for", "aria-labelledby", "commandfor", "data-dialog", "data-show"] {
            for target in attribute(&html, name) {
                assert!(ids.contains(&target), "{name}={target} leads nowhere in {one:?}");
            }
        }
        for list in attribute(&html, "aria-describedby") {
            assert!(list.split(' ').all(|id| ids.contains(&id)), "{list} in {one:?}");
        }
    }
}

#[test]
fn every_class_of_the_gallery_has_rules() {
    let css = [
        include_str!("../../../style/base.css"),
        include_str!("../../../style/components/auth.css"),
        include_str!("../../../style/components/badge.css"),
        include_str!("../../../style/components/button.css"),
        include_str!("../../../style/components/choice.css"),
        include_str!("../../../style/components/code.css"),
        include_str!("../../../style/components/data.css"),
        include_str!("../../../style/components/feedback.css"),
        include_str!("../../../style/components/filter.css"),
        include_str!("../../../style/components/form.css"),
        include_str!("../../../style/components/gallery.css"),
        include_str!("../../../style/components/nav.css"),
        include_str!("../../../style/components/overlay.css"),
        include_str!("../../../style/components/page.css"),
        include_str!("../../../style/components/shell.css"),
        include_str!("../../../style/components/table.css"),
        include_str!("../../../style/components/timeline.css"),
    ]
    .concat();
    let sheets = Sheet::ALL.map(sheet).concat();
    // A tone or state without rules of its own looks like its base on purpose.
    let plain: BTreeSet<&str> = [
        "badge-neutral",
        "flash-neutral",
        "meter-ok",
        "notice-neutral",
        "step-skipped",
        "step-waiting",
        "tone-neutral",
    ]
    .into();
    let unknown: BTreeSet<&str> = attribute(&sheets, "class")
        .into_iter()
        .flat_map(str::split_ascii_whitespace)
        .filter(|class| !plain.contains(class) && !css.contains(&format!(".{class}")))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_sprite_has_every_icon() {
    let sprite = include_str!("../../../public/icons.svg");
    for icon in IconName::ALL {
        assert!(sprite.contains(&format!("<symbol id=\"{}\"", icon.id())), "{}", icon.id());
    }
    assert!(sprite.contains("<symbol id=\"mark\""));
}

#[test]
fn the_script_stays_small() {
    assert!(include_str!("../../../public/app.js").len() < 6 * 1024);
}

#[test]
fn relative_times_use_the_largest_unit_that_says_something() {
    let now = datetime!(2026-11-21 07:39:12 UTC);
    let cases = [
        (0, "just now"),
        (44, "just now"),
        (45, "1 min ago"),
        (89, "1 min ago"),
        (90, "2 min ago"),
        (3_569, "59 min ago"),
        (3_570, "1 h ago"),
        (84_599, "23 h ago"),
        (84_600, "1 day ago"),
        (172_800, "2 days ago"),
        (2_591_999, "30 days ago"),
        (2_592_000, "22 Oct 2026"),
        (-30, "in under a minute"),
        (-600, "in 10 min"),
        (-86_400, "in 1 day"),
    ];
    for (seconds, expected) in cases {
        assert_eq!(relative_time(now - Duration::seconds(seconds), now), expected, "{seconds}");
    }
    assert_eq!(machine_time(now), "2026-11-21T07:39:12Z");
    assert_eq!(absolute_time(now), "2026-11-21 07:39:12 UTC");
    assert_eq!(machine_time(datetime!(0987-01-02 23:04:05 +02:00)), "0987-01-02T21:04:05Z");
}

#[test]
fn an_icon_drawn_at_once_is_what_its_elements_would_be() {
    let constant = html(|| view! { <div><Icon name=IconName::Copy /></div> }.into_any());
    let built = html(|| view! { <div><Icon name=IconName::Copy class="extra" /></div> }.into_any());
    assert_eq!(constant, built.replace("icon extra", "icon"));
}

#[test]
fn numbers_and_names_read_well() {
    assert_eq!(number(0), "0");
    assert_eq!(number(999), "999");
    assert_eq!(number(1_240), "1,240");
    assert_eq!(number(1_000_000), "1,000,000");
    assert_eq!(counted(1, "user", "users"), "1 user");
    assert_eq!(counted(0, "user", "users"), "0 users");
    assert_eq!(counted(52_310, "event", "events"), "10,000+ events");
    assert_eq!(initials("Ana María Lopez"), "AL");
    assert_eq!(initials("bo"), "B");
    assert_eq!(initials(" \u{200B} "), "?");
    assert_eq!(page_title(&["Users", "", "Acme"]), "Users · Acme · Bulkhead");
}
