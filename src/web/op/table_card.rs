//! A card that is a table.

use bulkhead_ui::{Card, Table};
use leptos::prelude::*;

/// A card around a table that is called like it; nothing without rows.
pub fn table_card(title: &'static str, purpose: &'static str, head: AnyView, rows: Vec<AnyView>) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <Card title purpose flush=true>
            <Table caption=title head>{rows}</Table>
        </Card>
    }
    .into_any()
}
