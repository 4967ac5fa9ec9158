//! Tables whose rows stand in groups under a heading: permissions by resource, changes by person.

use crate::{Markup, Tag};
use leptos::prelude::*;

/// A [`Table`](crate::Table()) of [`RowGroup`]s.
#[component(transparent)]
pub fn GroupedTable(
    /// What the table holds; visually hidden, since the page's heading says it.
    #[prop(into)]
    caption: String,
    /// The cells of the head row.
    head: AnyView,
    /// How many columns there are, over which a group's heading goes.
    columns: u8,
    /// The groups.
    groups: Vec<RowGroup>,
) -> Markup {
    let head = Tag::new("tr").attr("role", "row").open().view(head);
    let table = Tag::new("table").class("table table-grouped").attr("role", "table").open();
    let table = table
        .child(Tag::new("caption").class("sr-only").text(&caption))
        .child(Tag::new("thead").attr("role", "rowgroup").child(head))
        .children(groups.into_iter().map(|group| group.drawn(columns)));
    Tag::new("div").class("table-wrap").child(table).into()
}

/// Rows under a heading.
#[derive(Debug)]
pub struct RowGroup {
    heading: Markup,
    rows: AnyView,
}

impl RowGroup {
    /// Rows, [`Row`](crate::Row())s, under a heading that may be user text.
    pub fn new(heading: &str, rows: AnyView) -> Self {
        Self { heading: crate::user_text(heading), rows }
    }

    fn drawn(self, columns: u8) -> Markup {
        let heading = Tag::new("th").attr("scope", "rowgroup").attr("role", "rowheader");
        let heading = heading.attr("colspan", &columns.to_string()).child(self.heading);
        let row = Tag::new("tr").attr("role", "row").child(heading);
        Tag::new("tbody").attr("role", "rowgroup").child(row).view(self.rows).into()
    }
}
