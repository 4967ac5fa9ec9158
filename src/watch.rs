//! Asking the cross-tenant watch, from pages and API alike: what was aimed at, and when to look.

use crate::site::Site;
use bulkhead_domain::{
    Ctx, OperatorCtx,
    watch::{self, Aim},
};
use bulkhead_model::audit::TargetKind;

/// The object a path names: the first UUID in it, and what the segment before says it is.
pub fn aim_of_path(path: &str) -> Option<Aim> {
    let segments: Vec<&str> = path.split('/').collect();
    segments.windows(2).find_map(|pair| {
        let id = pair[1].parse().ok()?;
        let kind = match pair[0] {
            "orgs" => TargetKind::Org,
            "users" => TargetKind::User,
            "sessions" => TargetKind::Session,
            "audit" | "audit-events" => TargetKind::AuditEvent,
            _ => return None,
        };
        Some(Aim::Object(kind, id))
    })
}

/// Asks the watch after the answer is on its way, so that nobody can time the question.
pub fn look_later(site: &Site, ctx: Option<Ctx>, operator: Option<OperatorCtx>, aim: Aim, surface: &'static str) {
    // Operators may see every organization: for them nothing is somebody else's.
    let (Some(ctx), None) = (ctx, operator) else { return };
    site.app().later("cross-tenant watch", async move { watch::look(&ctx, aim, surface).await.map(drop) });
}
