//! The document (OpenAPI 3.1), generated from what stands above the handlers. What all operations of a kind share,
//! such as their problems, is added here once, derived from their parameters and bodies.

use super::{
    account, alerts, assignments, audit, data_sources, decisions, duties, invitations, isolation, orgs, permissions,
    proofs, provisioning, query_plans, resource_types, roles, sessions, settings, users, words, workspaces,
};
use crate::problem::{self, Code, Problem, Refused};
use serde_json::Value;
use std::{collections::BTreeSet, sync::LazyLock};
use utoipa::{
    IntoParams, Modify, OpenApi,
    openapi::{
        self, ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder, Schema, Type,
        example::ExampleBuilder,
        extensions::ExtensionsBuilder,
        path::{Operation, ParameterBuilder, ParameterIn},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};

/// Order, place and size of a page.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `reverse` turns the order round: names run from A, dates and numbers from the largest.
    #[param(example = "reverse")]
    pub dir: Option<String>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<u16>,
    /// The cursor of the row after which the page begins; taken from `next`.
    pub after: Option<String>,
    /// The cursor of the row before which the page ends; taken from `previous`.
    pub before: Option<String>,
}

/// Place and size of a page of a list that has one order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Places {
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<u16>,
    /// The cursor of the row after which the page begins; taken from `next`.
    pub after: Option<String>,
    /// The cursor of the row before which the page ends; taken from `previous`.
    pub before: Option<String>,
}

/// What a change has seen.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The ETag of the object as it was read, or `"v<version>"`. Refused with 428 when missing and 412 when the object
    /// has changed since.
    #[param(rename = "If-Match")]
    #[param(example = "\"v3\"")]
    pub if_match: String,
}

/// What a reader already has.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatch {
    /// The ETag of an earlier answer; 304 when nothing has changed.
    #[param(rename = "If-None-Match")]
    #[param(example = "\"v3.5b1c0a9f2d7e4c11\"", nullable = false)]
    pub if_none_match: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bulkhead API",
        version = "1",
        description = "What the console does, for programs. Conventions and examples: /api/docs.",
    ),
    paths(
        sessions::me, account::update, account::change_password, sessions::list, sessions::end, sessions::end_others,
        users::list, users::find, users::update, users::remove, users::suspend, users::reactivate, users::resend,
        invitations::send,
        roles::list, roles::create, roles::preview, roles::find, roles::change, roles::delete, roles::versions,
        roles::members, assignments::list, assignments::assign, assignments::unassign, assignments::batch::give,
        assignments::batch::take, permissions::explain, permissions::list, permissions::holders,
        decisions::decide, decisions::decide_batch, decisions::search::actions, decisions::search::subjects,
        decisions::search::resources, decisions::records::list, decisions::records::find,
        resource_types::list, resource_types::create, resource_types::find, resource_types::change, resource_types::remove,
        duties::list, duties::create, duties::find, duties::change, duties::delete, duties::holders,
        workspaces::list, workspaces::create, workspaces::find, workspaces::change, workspaces::archive,
        workspaces::restore, workspaces::members, workspaces::add_member, workspaces::remove_member,
        settings::list, settings::find, settings::set, settings::inherit, account::organization,
        account::update_organization,
        audit::list, audit::find, audit::list_all, audit::find_any,
        orgs::list, orgs::create, orgs::find, orgs::update, orgs::suspend, orgs::reactivate, orgs::deprovision,
        orgs::restore, provisioning::find, provisioning::resume, provisioning::plans,
        isolation::own, isolation::own_findings, isolation::own_table, isolation::xray::show, isolation::xray::ask,
        data_sources::list, data_sources::create, data_sources::find, data_sources::update, data_sources::remove,
        isolation::of_source, isolation::findings_of_source, isolation::table_of_source, isolation::xray::show_source,
        isolation::xray::ask_source, proofs::source::prospect, proofs::source::list, proofs::source::start,
        proofs::source::find, proofs::source::difference, proofs::source::download,
        proofs::list, proofs::start, proofs::find, proofs::difference, proofs::download, proofs::prover,
        alerts::attempts, alerts::list, alerts::find, alerts::acknowledge, alerts::close,
        query_plans::list, query_plans::examine, query_plans::find, query_plans::accept,
    ),
    components(schemas(
        Problem, Refused, words::OrgStatus, words::OrgSort, words::ProvisioningStep, words::StepStatus, words::Role,
        words::UserStatus, words::UserSort, words::DutyRule, words::WorkspaceStatus, words::SignInMethod, words::SettingKey, words::SettingSource, words::Action,
        words::Outcome, words::ActorKind, words::TargetKind, words::FindingCode, words::Severity, words::ObjectKind,
        words::RunStatus, words::Surface, words::AlertStatus, words::StatementSource,
        words::GrantEffect, words::AttributeComparison, words::AttributeKind, words::Reach, words::ReasonCode, words::DecisionOutcome,
        words::ConditionTruth, words::RoleStanding, words::BatchOutcome, words::BatchRefusal,
    )),
    tags(
        (name = "Own account", description = "The caller: who they are, and their own sessions."),
        (name = "Users", description = "Users of the caller's organization."),
        (name = "Decisions", description = "Whether a user may do something to a resource, for services that enforce it; shaped as the AuthZEN Authorization API 1.0. What can be asked about."),
        (name = "Resource types", description = "What services have that can be allowed or denied, the same in every organization; for operators."),
        (name = "Roles", description = "Roles of the caller's organization, who holds them, and what somebody may do and why."),
        (name = "Conflicting duties", description = "Pairs of permissions that no one person of the caller's organization should hold together, and who does."),
        (name = "Workspaces", description = "Parts of the caller's organization, and who is in them. Roles held in one count there only."),
        (name = "Settings", description = "Settings of the caller's organization."),
        (name = "Audit log", description = "What happened in the caller's organization; for operators, in all of them."),
        (name = "Organizations", description = "Organizations and their provisioning. For operators; for everybody else there is nothing here."),
        (name = "Isolation", description = "What this product's own database really enforces. For operators, as all that follows."),
        (name = "Data sources", description = "Other databases, looked at like this product's own."),
        (name = "Proofs", description = "Isolation shown by attack instead of by configuration, signed."),
        (name = "Attempts", description = "Who named an object of another organization, and the alerts raised over it."),
        (name = "Query plans", description = "How PostgreSQL runs the statements that take most time."),
    ),
    modifiers(&Shared),
)]
struct Document;

/// The document as JSON, made once.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(Document::openapi()).unwrap_or_default());

/// The document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The document as text, indented for people and diffs.
pub fn openapi_json() -> String {
    serde_json::to_string_pretty(document()).unwrap_or_default()
}

/// Whether only operators reach an operation.
pub fn operators_only(path: &str) -> bool {
    let platform = ["/api/v1/orgs", "/api/v1/plans", "/api/v1/platform", "/api/v1/attempts", "/api/v1/alerts"];
    platform.iter().any(|start| path.starts_with(start)) || looks_at_databases(path)
}

/// Whether an operation looks at a database over the inspector's connection or a data source's, which may not answer.
fn looks_at_databases(path: &str) -> bool {
    ["/api/v1/isolation", "/api/v1/data-sources", "/api/v1/proofs", "/api/v1/prover", "/api/v1/query-plans"]
        .iter()
        .any(|start| path.starts_with(start))
}

/// What every operation of a kind has.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let session = ApiKey::Cookie(ApiKeyValue::with_description(
            "__Host-bulkhead",
            "The session of a signed-in user. Over plain HTTP, in development, it is called bulkhead. Requests that \
             change something must also say where they come from: Origin with this server's address.",
        ));
        components.security_schemes.insert("session".to_owned(), SecurityScheme::ApiKey(session));
        let statuses: BTreeSet<u16> = Code::ALL.iter().map(|code| code.status().as_u16()).collect();
        for status in statuses {
            components.responses.insert(name(status), RefOr::T(problems(status)));
        }
        document.security = Some(vec![SecurityRequirement::new("session", [] as [&str; 0])]);
        for (path, item) in &mut document.paths.paths {
            let idempotent = item.post.is_some();
            let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            for (at, operation) in methods.into_iter().enumerate() {
                if let Some(operation) = operation {
                    complete(operation, path, at, idempotent && at == POST);
                }
            }
        }
    }
}

fn name(status: u16) -> String {
    format!("Problem{status}")
}

/// Every problem of one status, with an example of each.
fn problems(status: u16) -> openapi::Response {
    let codes = Code::ALL.iter().filter(|code| code.status().as_u16() == status);
    let described: Vec<String> = codes.clone().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    let examples = codes.map(|code| {
        let problem = Problem {
            instance: Some("urn:uuid:0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e11".to_owned()),
            ..Problem::new(*code)
        };
        let example = ExampleBuilder::new().summary(code.title()).value(serde_json::to_value(problem).ok()).build();
        (code.as_str(), RefOr::T(example))
    });
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).examples_from_iter(examples).build();
    let mut response = ResponseBuilder::new().description(described.join(" ")).content(problem::CONTENT_TYPE, content);
    if matches!(status, 429 | 503) {
        response = response.header("Retry-After", header(Type::Integer, "Seconds to wait."));
    }
    response.build()
}

fn header(kind: Type, about: &str) -> openapi::Header {
    HeaderBuilder::new().schema(ObjectBuilder::new().schema_type(kind)).description(Some(about)).build()
}

/// Places in the list of an address's methods.
const PUT: usize = 1;
const POST: usize = 2;
const DELETE: usize = 4;

/// A body that may be missing is still no `null`.
fn without_null(schema: &mut Option<RefOr<Schema>>) {
    let Some(RefOr::T(Schema::OneOf(choice))) = schema else { return };
    if let Some(named) = choice.items.iter().find(|item| matches!(item, RefOr::Ref(_))).cloned() {
        *schema = Some(named);
    }
}

/// Adds what follows from what an operation takes: its problems, its conditional headers, its idempotency key.
fn complete(operation: &mut Operation, path: &str, method: usize, post: bool) {
    let mut statuses = BTreeSet::from([401, 403, 429, 500, 503]);
    let parameters = operation.parameters.get_or_insert_default();
    let takes = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    let (conditional, changes) = (takes("If-None-Match"), takes("If-Match"));
    if path.contains('{') || operators_only(path) {
        statuses.insert(404);
    }
    if looks_at_databases(path) {
        statuses.insert(502);
    }
    if parameters.iter().any(|parameter| parameter.parameter_in == ParameterIn::Query) {
        statuses.insert(400);
    }
    if let Some(body) = &mut operation.request_body {
        statuses.extend([400, 413, 415, 422]);
        body.content.values_mut().for_each(|content| without_null(&mut content.schema));
        // A body of it that a DELETE takes is a reason, and the lack of one a conflict.
        if method == DELETE {
            statuses.insert(409);
        }
    }
    if changes {
        statuses.extend([400, 409, 412, 422, 428]);
    }
    if method == PUT {
        statuses.insert(409);
    }
    if post {
        statuses.extend([400, 409, 422]);
        let key = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(200));
        let about = "Makes the request happen once however often it is sent: a repetition with the same key and body \
                     is answered with the same status and what was made, as it is now.";
        parameters.push(
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(about))
                .schema(Some(key))
                .example(Some("0b6a5a4e-5f0c-4d9c-9a53-1d6a3c1f0e11".into()))
                .build(),
        );
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with('2') && (conditional || changes) && !response.content.is_empty() {
            response.headers.insert("ETag".to_owned(), header(Type::String, "What If-Match and If-None-Match take."));
        }
        if status == "201" {
            response.headers.insert("Location".to_owned(), header(Type::String, "Where the new object is."));
        }
        let listed = parameters.iter().any(|parameter| parameter.name == "after");
        if listed && status == "200" {
            let about = "The addresses of the next and prev page (RFC 8288).";
            response.headers.insert("Link".to_owned(), header(Type::String, about));
        }
    }
    if conditional {
        let unchanged = ResponseBuilder::new().description("Nothing has changed since the ETag that was sent.").build();
        operation.responses.responses.insert("304".to_owned(), RefOr::T(unchanged));
    }
    for status in statuses {
        let reference = Ref::from_response_name(name(status));
        operation.responses.responses.entry(status.to_string()).or_insert(RefOr::Ref(reference));
    }
    if operators_only(path) {
        operation.extensions = Some(ExtensionsBuilder::new().add("x-operators-only", true).build());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{self, Access};

    /// Every operation of the document: method, path, itself.
    fn operations() -> Vec<(String, String, Value)> {
        let paths = document()["paths"].as_object().cloned().unwrap_or_default();
        let methods = |(path, item): (String, Value)| {
            let item = item.as_object().cloned().unwrap_or_default();
            item.into_iter().map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
        };
        paths.into_iter().flat_map(methods).collect()
    }

    #[test]
    fn every_route_stands_in_the_document_and_nothing_else() {
        let documented: BTreeSet<_> = operations()
            .into_iter()
            .map(|(method, path, operation)| (path, method, operation["x-operators-only"] == true))
            .collect();
        let routed: BTreeSet<_> = routes::list(true)
            .into_iter()
            .filter(|route| matches!(route.access, Access::Api | Access::Decisions | Access::OperatorApi))
            .map(|route| (route.path.to_owned(), route.method.to_owned(), route.access == Access::OperatorApi))
            .collect();
        assert_eq!(documented, routed);
        assert!(routed.len() > 25);
    }

    #[test]
    fn every_operation_is_named_described_and_says_what_can_go_wrong() {
        let mut names = BTreeSet::new();
        for (method, path, operation) in operations() {
            let text = |name: &str| operation[name].as_str().unwrap_or_default().to_owned();
            assert!(names.insert(text("operationId")), "{method} {path}: its id is taken or missing");
            assert!(!text("summary").is_empty(), "{method} {path}: no summary");
            for status in ["401", "403", "500", "503"] {
                assert!(operation["responses"][status].is_object(), "{method} {path}: {status}");
            }
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for parameter in &parameters {
                assert!(
                    parameter["description"].as_str().is_some_and(|text| !text.is_empty()),
                    "{method} {path}: {parameter}"
                );
            }
            let takes = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
            assert_eq!(takes("Idempotency-Key"), method == "POST", "{method} {path}");
            // What cannot be read at its own address, such as that somebody holds a role, has no version to have seen.
            let readable = document()["paths"][&path]["get"].is_object();
            if method == "PATCH" || method == "PUT" && readable {
                assert!(takes("If-Match"), "{method} {path}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    map.values().for_each(|value| references(value, found));
                }
                Value::Array(list) => list.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        references(document(), &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document().pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn the_committed_document_is_this_one() {
        let committed =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json")).unwrap_or_default();
        assert!(committed.trim_end() == openapi_json().trim_end(), "run `bulkhead gen openapi >openapi.json`");
    }

    #[test]
    fn it_is_openapi_3_1() {
        assert!(document()["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    }
}
