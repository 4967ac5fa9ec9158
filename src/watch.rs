//! Asking the cross-tenant watch, from pages and API alike: what was aimed at, and when to look.

use crate::site::Site;
use axum::{
    body::Bytes,
    extract::{MatchedPath, Request},
    response::Response,
};
use bulkhead_domain::{
    Ctx, OperatorCtx,
    watch::{self, Aim, Suspicion},
};
use bulkhead_model::{attempt::Surface, audit::TargetKind};
use http::{Extensions, StatusCode};
use serde_json::Value;
use std::{
    collections::HashSet,
    fmt, str,
    sync::{Arc, OnceLock},
};
use uuid::Uuid;

/// The most ids that are looked into, of the address and of the body each: neither hides what the other names.
const MOST: usize = 10;

/// Every id that a request names, for the time after its answer.
#[derive(Debug, Clone)]
pub struct Aims {
    route: String,
    aims: Vec<(Aim, Surface)>,
    body: ReadBody,
}

impl Aims {
    /// What a request names in its path and its query string.
    pub fn of(request: &Request) -> Self {
        let path = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
        let route = format!("{} {path}", request.method());
        let in_path = in_path(request.uri().path()).into_iter().map(|aim| (aim, Surface::Path));
        let in_query = in_query(request.uri().query().unwrap_or_default()).into_iter().map(|aim| (aim, Surface::Query));
        Self { route, aims: in_path.chain(in_query).collect(), body: ReadBody::default() }
    }

    /// The same, and what its body names once somebody has read it.
    pub fn with_body_of(request: &mut Request) -> Self {
        let aims = Self::of(request);
        request.extensions_mut().insert(aims.body.clone());
        aims
    }

    /// The organization that the address names, instead of the ids.
    #[must_use]
    pub fn org(mut self, slug: String) -> Self {
        self.aims = vec![(Aim::OrgSlug(slug), Surface::Org)];
        self
    }

    /// A row that the database refused.
    #[must_use]
    pub fn refused_row(mut self) -> Self {
        self.aims = vec![(Aim::RefusedRow, Surface::Database)];
        self
    }

    /// Of what was not found: everything.
    #[must_use]
    pub fn not_found(self) -> Self {
        self.and_of_body(|_| true)
    }

    /// Of any other answer: what a filter names, because filters that find nothing are answered like filters that find
    /// something; what the body names, if it was refused; and what the answer itself says is not here.
    #[must_use]
    pub fn answered(mut self, status: StatusCode, unfound: Option<&Unfound>) -> Self {
        self.aims.retain(|(_, surface)| *surface == Surface::Query);
        match unfound {
            _ if status.is_client_error() => self.and_of_body(|_| true),
            Some(Unfound(ids)) => self.and_of_body(|aim| matches!(aim, Aim::Object(_, id) if ids.contains(id))),
            None => self,
        }
    }

    fn and_of_body(mut self, counts: impl Fn(&Aim) -> bool) -> Self {
        let in_body = self.body.aims().into_iter().filter(counts).map(|aim| (aim, Surface::Body));
        self.aims.extend(in_body);
        self
    }

    /// Each of them once, the first [`MOST`] of the address and of the body.
    fn looked_into(&self) -> Vec<(Aim, Surface)> {
        let (mut seen, mut left) = (Vec::new(), [MOST; 2]);
        for (aim, surface) in &self.aims {
            let left = &mut left[usize::from(*surface == Surface::Body)];
            let known = seen.iter().any(|(known, _)| known == aim);
            if !known && *left > 0 {
                *left -= 1;
                seen.push((aim.clone(), *surface));
            }
        }
        seen
    }

    /// Asks the watch after the answer is on its way, so that nobody can time the question.
    pub fn look_later(self, site: &Site, ctx: Option<Ctx>, operator: Option<OperatorCtx>, answered_with: StatusCode) {
        // Operators may see every organization: for them nothing is somebody else's.
        let (Some(ctx), None) = (ctx, operator) else { return };
        for (aim, surface) in self.looked_into() {
            let ctx = ctx.clone();
            let suspicion =
                Suspicion { aim, surface, route: self.route.clone(), answered_with: answered_with.as_u16() };
            site.app().later("cross-tenant watch", async move { watch::look(&ctx, suspicion).await.map(drop) });
        }
    }
}

/// A request's body, kept by whoever read it. It is looked through once the answer is known, and only where that gives a
/// reason to: whoever gets what they asked for does not wait for it. Passwords are in some bodies, so this prints nothing of
/// one.
#[derive(Clone, Default)]
pub struct ReadBody(Arc<OnceLock<(Written, Bytes)>>);

/// How a body is written.
#[derive(Debug, Clone, Copy)]
pub enum Written {
    /// As a browser sends a form.
    Form,
    /// As JSON.
    Json,
}

impl fmt::Debug for ReadBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReadBody").finish_non_exhaustive()
    }
}

impl ReadBody {
    /// Keeps a body that has been read, if the layer outside asked for it.
    pub fn keep(extensions: &Extensions, written: Written, bytes: &Bytes) {
        if let Some(Self(kept)) = extensions.get() {
            // Nobody reads a body twice.
            let _ = kept.set((written, bytes.clone()));
        }
    }

    fn aims(&self) -> Vec<Aim> {
        match self.0.get() {
            None => Vec::new(),
            Some((Written::Form, bytes)) => str::from_utf8(bytes).map(in_query).unwrap_or_default(),
            Some((Written::Json, bytes)) => {
                let mut aims = Vec::new();
                in_json("", &serde_json::from_slice(bytes).unwrap_or_default(), &mut aims);
                aims
            }
        }
    }
}

/// Ids that an answer says are not here, although it is a good answer as a whole: it carries them for the layer outside.
#[derive(Debug, Clone, Default)]
pub struct Unfound(HashSet<Uuid>);

impl Unfound {
    /// The answer, with them.
    pub fn beside(ids: impl IntoIterator<Item = Uuid>, mut answer: Response) -> Response {
        let unfound = Self(ids.into_iter().collect());
        if !unfound.0.is_empty() {
            answer.extensions_mut().insert(unfound);
        }
        answer
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

/// Every UUID of a document; the member says what it is of, and that of an entity of AuthZEN its type.
fn in_json(noun: &str, value: &Value, aims: &mut Vec<Aim>) {
    match value {
        Value::String(text) => aims.extend(aim(noun, text)),
        Value::Array(values) => values.iter().for_each(|value| in_json(noun, value, aims)),
        Value::Object(members) => {
            let kind = members.get("type").and_then(Value::as_str);
            for (name, value) in members {
                in_json(if name == "id" { kind.unwrap_or(name) } else { name }, value, aims);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a field is of: the role editor's are tried under (`try_owner`), and stand in an alternative of a permission's
/// condition (`workspace-1.backups:execute`).
fn noun(field: &str) -> &str {
    let field = field.split_once('.').map_or(field, |(place, _)| place);
    let place = field.split_once('-').filter(|(_, group)| group.parse::<usize>().is_ok());
    place.map_or(field, |(noun, _)| noun).trim_start_matches("try_")
}

fn aim(field: &str, id: &str) -> Option<Aim> {
    let id: Uuid = id.parse().ok()?;
    let kind = match noun(field) {
        "orgs" | "org" => TargetKind::Org,
        "users" | "user" | "members" | "actor" | "target" | "owner" => TargetKind::User,
        "sessions" | "session" => TargetKind::Session,
        "audit" | "audit-events" => TargetKind::AuditEvent,
        "roles" | "role" | "own_role" | "inherits" => TargetKind::Role,
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
        for field in ["workspace.backups:execute", "workspace-12.users:read", "try_workspace"] {
            assert_eq!(in_query(&format!("{field}={ID}")), [object(TargetKind::Workspace)], "{field}");
        }
        assert_eq!(in_query(&format!("try_owner={ID}")), [object(TargetKind::User)]);
        assert_eq!(in_query(&format!("value0.workspace:read={ID}&try_id={ID}")), [], "what only the service knows");
    }

    /// What is looked into of a body after that answer.
    fn of_body(written: Written, body: &str, status: StatusCode, unfound: Option<&Unfound>) -> Vec<Aim> {
        let mut request = Request::new(axum::body::Body::empty());
        let aims = Aims::with_body_of(&mut request);
        ReadBody::keep(request.extensions(), written, &Bytes::copy_from_slice(body.as_bytes()));
        aims.answered(status, unfound).looked_into().into_iter().map(|(aim, _)| aim).collect()
    }

    #[test]
    fn a_body_is_looked_through_where_it_was_refused_or_something_in_it_is_not_here() {
        let object = |kind| Aim::Object(kind, ID.parse().unwrap_or_default());
        let refused = StatusCode::UNPROCESSABLE_ENTITY;
        let form = format!("own_role={ID}&workspace={ID}&name=Ana&csrf={ID}");
        let both = [object(TargetKind::Role), object(TargetKind::Workspace)];
        assert_eq!(of_body(Written::Form, &form, refused, None), both);
        assert_eq!(of_body(Written::Form, &form, StatusCode::SEE_OTHER, None), []);
        let json = format!(r#"{{"inherits":["{ID}"],"note":"{ID}","when":[{{"workspace":"{ID}"}}]}}"#);
        assert_eq!(of_body(Written::Json, &json, refused, None), both);
        let entity = format!(r#"{{"subject":{{"type":"user","id":"{ID}"}},"action":{{"id":"{ID}"}}}}"#);
        assert_eq!(of_body(Written::Json, &entity, refused, None), [object(TargetKind::User)]);
        for broken in ["", "{", "[[[[", "\u{0}", &format!(r#"{{"users":["{ID}""#)] {
            assert_eq!(of_body(Written::Json, broken, refused, None), []);
        }
        let listed = format!(r#"{{"users":["{ID}","7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00002"]}}"#);
        let unfound = Unfound([ID.parse().unwrap_or_default()].into());
        assert_eq!(of_body(Written::Json, &listed, StatusCode::OK, Some(&unfound)), [object(TargetKind::User)]);
        assert_eq!(of_body(Written::Json, &listed, StatusCode::OK, None), []);
        // Neither repetition nor an address full of ids hides what a body names.
        let repeated = serde_json::json!({"users": vec![ID; MOST], "workspace": ID}).to_string();
        let both = [object(TargetKind::User), object(TargetKind::Workspace)];
        assert_eq!(of_body(Written::Json, &repeated, refused, None), both);
        let full: Vec<String> = (0..20).map(|number| format!("user={}", Uuid::from_u128(number))).collect();
        let mut request = Request::new(axum::body::Body::empty());
        *request.uri_mut() = format!("/?{}", full.join("&")).parse().unwrap_or_default();
        let aims = Aims::with_body_of(&mut request);
        ReadBody::keep(request.extensions(), Written::Json, &Bytes::from(repeated.into_bytes()));
        let looked = aims.answered(refused, None).looked_into();
        let of = |surface| looked.iter().filter(|(_, at)| *at == surface).count();
        assert_eq!((of(Surface::Query), of(Surface::Body)), (MOST, 2));
    }
}
