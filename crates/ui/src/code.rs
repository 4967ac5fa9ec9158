//! Source shown as source.

use crate::{CopyButton, OptText, sql_tokens};
use leptos::prelude::*;

/// The language of a code block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Not coloured: JSON, commands, output.
    #[default]
    Plain,
    /// PostgreSQL, coloured on the server.
    Sql,
}

/// A block of source with a copy button. Scrolls sideways and can be reached by keyboard.
#[component]
pub fn CodeBlock(
    /// The source, exactly.
    #[prop(into)]
    code: String,
    /// Its language.
    #[prop(optional)]
    language: Language,
    /// What it is, above the block and as its accessible name.
    #[prop(optional, into)]
    label: OptText,
) -> impl IntoView {
    let name = label.as_deref().unwrap_or("source").to_owned();
    let body = match language {
        Language::Plain => code.clone().into_any(),
        Language::Sql => sql_spans(&code).into_any(),
    };
    view! {
        <figure class="code">
            <figcaption class="code-head">
                <span>{label.get()}</span>
                <CopyButton text=code what=name.clone() />
            </figcaption>
            <pre tabindex="0" role="region" aria-label=name>
                <code>{body}</code>
            </pre>
        </figure>
    }
}

/// SQL as spans. Neighbouring plain tokens become one text node, which keeps Leptos from putting
/// its `<!>` separators between them.
fn sql_spans(code: &str) -> impl IntoView + use<> {
    let mut parts: Vec<AnyView> = Vec::new();
    let mut plain = String::new();
    for token in sql_tokens(code) {
        let Some(class) = token.kind.class() else {
            plain.push_str(token.text);
            continue;
        };
        if !plain.is_empty() {
            parts.push(std::mem::take(&mut plain).into_any());
        }
        parts.push(view! { <span class=class>{token.text.to_owned()}</span> }.into_any());
    }
    if !plain.is_empty() {
        parts.push(plain.into_any());
    }
    parts
}
