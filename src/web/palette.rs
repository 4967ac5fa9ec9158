//! What the command palette asks while someone types: JSON, for the island of the same name.
//!
//! Two addresses, because the console decides whom to ask: the guard of each brings its own context.

use super::{errors::PageError, list::ListQuery, page::Web};
use crate::routes::{Access, Routes};
use axum::{Json, extract::Extension};
use bulkhead_domain::{Ctx, OperatorCtx, palette};
use bulkhead_islands::Entry;
use bulkhead_ui::visible;

/// The search of an organization's palette.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant).get("/t/{slug}/palette", users)
}

/// The search of the operators' palette.
pub fn operator_routes() -> Routes {
    Routes::new(Access::Operator).get("/op/palette", organizations)
}

type Found = Result<Json<Vec<Entry>>, PageError>;

/// `GET /t/{slug}/palette?q=`
async fn users(web: Web, Extension(ctx): Extension<Ctx>) -> Found {
    let found = palette::users(&ctx, &searched(&web)).await?;
    let base = web.path().trim_end_matches("/palette");
    let entries = found.into_iter().map(|user| Entry {
        label: visible(user.display()),
        detail: if user.name.is_empty() { user.role.label().to_owned() } else { user.email.clone() },
        href: format!("{base}/users/{}", user.id),
    });
    Ok(Json(entries.collect()))
}

/// `GET /op/palette?q=`
async fn organizations(web: Web, Extension(ctx): Extension<OperatorCtx>) -> Found {
    let found = palette::organizations(&ctx, &searched(&web)).await?;
    let entries = found.into_iter().map(|found| Entry {
        label: visible(&found.org.name),
        detail: format!("{}, {}", found.org.slug, found.org.status.label().to_lowercase()),
        href: format!("/op/orgs/{}", found.org.id),
    });
    Ok(Json(entries.collect()))
}

fn searched(web: &Web) -> String {
    ListQuery::read(web, "palette", &[]).search()
}
