//! Asking the cross-tenant watch, from pages and API alike: what was aimed at, and when to look.

use crate::site::Site;
use axum::extract::{MatchedPath, Request};
use bulkhead_domain::{
    Ctx, OperatorCtx,
    watch::{self, Aim, Suspicion},
};
use bulkhead_model::{attempt::Surface, audit::TargetKind};
use http::StatusCode;
use uuid::Uuid;

/// The most ids of one request that are looked into.
const MOST: usize = 5;

/// Every id that a request names, for the time after its answer.
#[derive(Debug, Clone)]
pub struct Aims {
    route: String,
    aims: Vec<(Aim, Surface)>,
}

impl Aims {
    /// What a request names in its path and its query string.
    pub fn of(request: &Request) -> Self {
        let path = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
        let route = format!("{} {path}", request.method());
        let in_path = in_path(request.uri().path()).into_iter().map(|aim| (aim, Surface::Path));
        let in_query = in_query(request.uri().query().unwrap_or_default()).into_iter().map(|aim| (aim, Surface::Query));
        Self { route, aims: in_path.chain(in_query).take(MOST).collect() }
    }

    /// The organization that the address names, instead of the ids.
    #[must_use]
    pub fn org(mut self, slug: String) -> Self {
        self.aims = vec![(Aim::OrgSlug(slug), Surface::Org)];
        self
    }

    /// An object that the body names, instead of the address.
    #[must_use]
    pub fn in_body(mut self, aim: Aim) -> Self {
        self.aims = vec![(aim, Surface::Body)];
        self
    }

    /// A row that the database refused.
    #[must_use]
    pub fn refused_row(mut self) -> Self {
        self.aims = vec![(Aim::RefusedRow, Surface::Database)];
        self
    }

    /// Only what a filter names: the rest was found.
    #[must_use]
    pub fn filters(mut self) -> Self {
        self.aims.retain(|(_, surface)| *surface == Surface::Query);
        self
    }

    /// Asks the watch after the answer is on its way, so that nobody can time the question.
    pub fn look_later(self, site: &Site, ctx: Option<Ctx>, operator: Option<OperatorCtx>, answered_with: StatusCode) {
        // Operators may see every organization: for them nothing is somebody else's.
        let (Some(ctx), None) = (ctx, operator) else { return };
        for (aim, surface) in self.aims {
            let ctx = ctx.clone();
            let suspicion =
                Suspicion { aim, surface, route: self.route.clone(), answered_with: answered_with.as_u16() };
            site.app().later("cross-tenant watch", async move { watch::look(&ctx, suspicion).await.map(drop) });
        }
    }
}

/// Every UUID of a path; the segment before says what it is of.
fn in_path(path: &str) -> Vec<Aim> {
    let segments: Vec<&str> = path.split('/').collect();
    segments.windows(2).filter_map(|pair| aim(pair[0], pair[1])).collect()
}

/// Every UUID that a filter names.
fn in_query(query: &str) -> Vec<Aim> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    pairs.iter().filter_map(|(name, value)| aim(name, value)).collect()
}

fn aim(noun: &str, id: &str) -> Option<Aim> {
    let id: Uuid = id.parse().ok()?;
    let kind = match noun {
        "orgs" | "org" => TargetKind::Org,
        "users" | "user" | "members" | "actor" | "target" => TargetKind::User,
        "sessions" | "session" => TargetKind::Session,
        "audit" | "audit-events" => TargetKind::AuditEvent,
        "roles" => TargetKind::Role,
        "workspaces" | "workspace" => TargetKind::Workspace,
        "conflicts" | "duty-conflicts" => TargetKind::DutyConflict,
        "decisions" | "reference" => TargetKind::Decision,
        _ => return None,
    };
    Some(Aim::Object(kind, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001";

    #[test]
    fn every_id_of_a_request_is_an_aim_of_its_kind() {
        let object = |kind| Aim::Object(kind, ID.parse().unwrap_or_default());
        assert_eq!(
            in_path(&format!("/t/acme/users/{ID}/sessions/{ID}")),
            [object(TargetKind::User), object(TargetKind::Session)]
        );
        assert_eq!(in_path(&format!("/api/v1/roles/{ID}/versions")), [object(TargetKind::Role)]);
        assert_eq!(
            in_path(&format!("/api/v1/workspaces/{ID}/members/{ID}")),
            [object(TargetKind::Workspace), object(TargetKind::User)]
        );
        assert_eq!(in_query(&format!("workspace={ID}")), [object(TargetKind::Workspace)]);
        for path in ["/t/acme/roles/conflicts", "/api/v1/duty-conflicts"] {
            assert_eq!(in_path(&format!("{path}/{ID}/edit")), [object(TargetKind::DutyConflict)]);
        }
        assert_eq!(in_path(&format!("/t/acme/decisions/{ID}")), [object(TargetKind::Decision)]);
        assert_eq!(in_query(&format!("reference={ID}")), [object(TargetKind::Decision)]);
        assert_eq!(in_query(&format!("actor={ID}&q={ID}&actor=ana")), [object(TargetKind::User)]);
        assert_eq!(in_path("/t/acme/users/new"), []);
    }
}
