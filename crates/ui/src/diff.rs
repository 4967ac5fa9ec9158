//! Before and after, field by field.

use crate::UserText;
use leptos::prelude::*;

/// One field of a change. Values are text as a person reads them, or JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffField {
    /// The name of the field.
    pub field: String,
    /// Its value before; `None` when the field did not exist.
    pub before: Option<String>,
    /// Its value after; `None` when the field no longer exists.
    pub after: Option<String>,
}

impl DiffField {
    /// A field with its values before and after.
    pub fn new(field: impl Into<String>, before: Option<String>, after: Option<String>) -> Self {
        Self { field: field.into(), before, after }
    }

    fn kind(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, Some(_)) => "Added",
            (Some(_), None) => "Removed",
            (before, after) if before == after => "Unchanged",
            _ => "Changed",
        }
    }
}

/// A change, field by field, with signs as well as colours.
#[component]
pub fn Diff(
    /// The fields, in the order to show.
    fields: Vec<DiffField>,
    /// What changed, for the table's caption.
    #[prop(into, default = "Changed fields".to_owned())]
    caption: String,
) -> impl IntoView {
    if fields.is_empty() {
        return view! { <p class="muted">"No field changed."</p> }.into_any();
    }
    let rows = fields
        .into_iter()
        .map(|field| {
            let kind = field.kind();
            view! {
                <tr role="row">
                    <th scope="row" role="rowheader">
                        <code>{field.field}</code>
                        <span class="diff-kind">{kind}</span>
                    </th>
                    <td role="cell" data-label="Before">
                        {side(field.before, "del", kind == "Unchanged")}
                    </td>
                    <td role="cell" data-label="After">
                        {side(field.after, "ins", kind == "Unchanged")}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="diff" role="table">
            <caption class="sr-only">{caption}</caption>
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader">"Field"</th>
                    <th scope="col" role="columnheader">"Before"</th>
                    <th scope="col" role="columnheader">"After"</th>
                </tr>
            </thead>
            <tbody role="rowgroup">{rows}</tbody>
        </table>
    }
    .into_any()
}

/// One value; `ins` and `del` are the elements that mean it, the sign is drawn by CSS.
fn side(value: Option<String>, kind: &'static str, unchanged: bool) -> AnyView {
    match value {
        None => view! { <span class="diff-none">"Not set"</span> }.into_any(),
        Some(text) if unchanged => view! { <UserText text /> }.into_any(),
        Some(text) if kind == "del" => view! { <del class="diff-value"><UserText text /></del> }.into_any(),
        Some(text) => view! { <ins class="diff-value"><UserText text /></ins> }.into_any(),
    }
}
