//! What is written cannot be left, by whatever text: every text and value reads back as it was, and the elements stay
//! the ones that the source code has.

use super::*;

/// Every string of up to four of the characters that mean something to an HTML parser, and some that do not.
fn hostile() -> Vec<String> {
    const CHARACTERS: [&str; 13] = ["<", ">", "&", "\"", "'", "/", "=", "!", "-", " ", "a", "é", "&lt;"];
    let mut all = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..4 {
        longest = longest.iter().flat_map(|start| CHARACTERS.map(|end| format!("{start}{end}"))).collect();
        all.extend_from_slice(&longest);
    }
    all
}

/// Text as a parser reads it.
fn read(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn no_text_and_no_value_leaves_its_place() {
    for text in hostile() {
        let html = Markup::from(Tag::new("p").attr("title", &text).text(&text));
        let rest = html.as_str().strip_prefix("<p title=\"").unwrap_or_default();
        let (value, rest) = rest.split_once('"').unwrap_or_default();
        let (inner, end) = rest.strip_prefix('>').and_then(|rest| rest.split_once('<')).unwrap_or_default();
        assert_eq!((read(value), read(inner), end), (text.clone(), text, "/p>"), "{}", html.as_str());
        assert!(!value.contains(['<', '>']) && !inner.contains('>'), "{}", html.as_str());
    }
}

#[test]
fn text_is_written_as_leptos_writes_it() {
    for text in hostile().into_iter().filter(|text| !text.is_empty()) {
        let (value, inner) = (text.clone(), text.clone());
        // `<!>` is where Leptos marks the end of a text for hydration; this text has none of its own.
        let drawn = view! { <p title=value>{inner}</p> }.to_html().replace("<!>", "");
        assert_eq!(Markup::from(Tag::new("p").attr("title", &text).text(&text)).as_str(), drawn);
    }
}

#[test]
fn a_blank_is_filled_with_escaped_text() {
    let form: Markup = Tag::new("p").attr("title", "BLANK").text("BLANK").into();
    assert_eq!(form.fill("BLANK", "\"<&").as_str(), "<p title=\"&quot;&lt;&amp;\">&quot;&lt;&amp;</p>");
    assert_eq!(form.fill("NONE", "x"), form);
}

#[test]
fn elements_close_in_the_order_they_were_opened() {
    let item = |text: &str| Tag::new("li").text(text);
    let list = Tag::new("ul").class("list").maybe("id", None).maybe("role", Some("list")).open();
    let list = list.child(item("1")).children([item("2"), item("3")]).child(None::<Markup>).text("&");
    let field = Tag::new("input").flag("checked", true).flag("disabled", false).void();
    let html: Markup = [Markup::from(list), field, Markup::text("<"), Tag::new("i").into()].into_iter().collect();
    assert_eq!(
        html.as_str(),
        "<ul class=\"list\" role=\"list\"><li>1</li><li>2</li><li>3</li>&amp;</ul><input checked>&lt;<i></i>"
    );
}

#[test]
fn views_and_markup_stand_in_one_another() {
    let inner = Tag::new("b").text("<1>");
    let row = Tag::new("tr").open().view(view! { <td>{Markup::from(inner)}</td> }).child(Tag::new("td").text("2"));
    let table = view! { <tbody>{Markup::from(row)}</tbody> }.into_any();
    assert_eq!(
        Markup::from(table).as_str().replace("<!>", ""),
        "<tbody><tr><td><b>&lt;1&gt;</b></td><td>2</td></tr></tbody>"
    );
}

#[test]
fn what_would_have_to_be_escaped_is_no_plain_value() {
    assert!(is_plain("row-link é '") && is_plain(""));
    for value in ["a\"b", "<", "a>", "&amp;"] {
        assert!(!is_plain(value), "{value}");
    }
}

#[test]
fn a_buffer_that_is_used_again_brings_nothing_along() {
    let drawn = |text: &str| Markup::from(tag!("p", "class" = "x").child(tag!("b").text(text)));
    let long = drawn(&"long ".repeat(20));
    let around = Markup::from(Tag::new("div").child(long));
    assert!(around.as_str().ends_with("long </b></p></div>"), "{around:?}");
    assert_eq!(drawn("1").as_str(), "<p class=\"x\"><b>1</b></p>");
}
