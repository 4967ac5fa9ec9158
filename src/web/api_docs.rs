//! The API's documentation.

use crate::{
    routes::{Access, Routes},
    web::page::{PageResult, Web},
};
use leptos::prelude::*;
use serde_json::Value;

/// The route of this page. It is given the document, because pages do not know the API.
pub fn routes(document: fn() -> &'static Value) -> Routes {
    Routes::new(Access::Public).get("/api/docs", move |web: Web| show(web, document()))
}

async fn show(web: Web, document: &'static Value) -> PageResult {
    Ok(web.show("API", move || view! { <main>{document["info"]["title"].as_str()}</main> }.into_any()).await)
}
