//! The API's part of the table.

use super::{Row, get};

/// An operation with a JSON body, asked with an ETag that nothing has.
pub const fn api(
    method: &'static str,
    route: &'static str,
    path: &'static str,
    json: &'static str,
    answers: &'static str,
) -> Row {
    Row { method, json, headers: UNSEEN, ..get(route, path, answers) }
}

/// An ETag no object has: whoever may change it gets 412.
const UNSEEN: &[(&str, &str)] = &[("if-match", "\"v999999\"")];

//                         visitor susp viewer user manager admin other op-viewer op-admin
const API_OWN: &str = "    401 401 200 200 200 200 200 200 200";
const API_USER: &str = "   401 401 403 403 412 412 404 403 404";
const API_SETTINGS: &str = "401 401 200 403 200 200 200 200 200";
const API_SETTING: &str = " 401 401 403 403 403 412 412 403 412";
const API_OF_ACME: &str = " 401 401 200 403 200 200 404 404 404";
const API_ROLE: &str = "    401 401 403 403 403 412 404 403 404";
const API_ROLE_INVALID: &str = "401 401 403 403 403 422 422 403 422";
const API_OPERATORS: &str = "401 401 404 404 404 404 404 200 200";
const API_ORG: &str = "    401 401 404 404 404 404 404 403 412";
const API_INVALID: &str = "401 401 404 404 404 404 404 403 422";
const API_ACT: &str = "    401 401 404 404 404 404 404 403 200";

/// Two permissions that do not exist, under no name.
const NO_CONFLICT: &str = r#"{"name":"","permissions":["a:b","a:c"],"why":""}"#;

/// Operations inside an organization, then those of operators.
pub const ROWS: &[Row] = &[
    // Inside an organization: operators are users of theirs, and see nothing of acme.
    get("/api/v1/me", "/api/v1/me", API_OWN),
    api("PATCH", "/api/v1/me", "/api/v1/me", r#"{"name":"X"}"#, "401 401 412 412 412 412 412 412 412"),
    api(
        "POST",
        "/api/v1/me/password",
        "/api/v1/me/password",
        r#"{"current":"x","new":"y"}"#,
        "401 401 422 422 422 422 422 422 422",
    ),
    get("/api/v1/organization", "/api/v1/organization", API_OWN),
    api(
        "PATCH",
        "/api/v1/organization",
        "/api/v1/organization",
        r#"{"name":"X"}"#,
        "401 401 403 403 403 412 412 403 412",
    ),
    get("/api/v1/sessions", "/api/v1/sessions", API_OWN),
    get("/api/v1/users", "/api/v1/users", API_OWN),
    get("/api/v1/users/{id}", "/api/v1/users/@user", "401 401 200 200 200 200 404 404 404"),
    api("PATCH", "/api/v1/users/{id}", "/api/v1/users/@user", r#"{"name":"X"}"#, "401 401 403 403 412 412 404 404 404"),
    api("DELETE", "/api/v1/users/{id}", "/api/v1/users/@user", "", API_USER),
    api("POST", "/api/v1/users/{id}/suspend", "/api/v1/users/@user/suspend", "", API_USER),
    api("POST", "/api/v1/users/{id}/reactivate", "/api/v1/users/@user/reactivate", "", API_USER),
    api("POST", "/api/v1/users/{id}/resend", "/api/v1/users/@user/resend", "", "401 401 403 403 409 409 404 403 404"),
    api(
        "POST",
        "/api/v1/invitations",
        "/api/v1/invitations",
        r#"{"emails":[],"role":"user"}"#,
        "401 401 403 403 422 422 422 403 422",
    ),
    get("/api/v1/roles", "/api/v1/roles", API_SETTINGS),
    api("POST", "/api/v1/roles", "/api/v1/roles", r#"{"name":""}"#, API_ROLE_INVALID),
    api("POST", "/api/v1/roles/preview", "/api/v1/roles/preview", r#"{"role":{"name":""}}"#, API_ROLE_INVALID),
    get("/api/v1/roles/{id}", "/api/v1/roles/@role", API_OF_ACME),
    api("PUT", "/api/v1/roles/{id}", "/api/v1/roles/@role", r#"{"name":"X"}"#, API_ROLE),
    api("DELETE", "/api/v1/roles/{id}", "/api/v1/roles/@role", "", API_ROLE),
    get("/api/v1/roles/{id}/versions", "/api/v1/roles/@role/versions", API_OF_ACME),
    get("/api/v1/roles/{id}/members", "/api/v1/roles/@role/members", API_OF_ACME),
    get("/api/v1/duty-conflicts", "/api/v1/duty-conflicts", API_SETTINGS),
    api("POST", "/api/v1/duty-conflicts", "/api/v1/duty-conflicts", NO_CONFLICT, API_ROLE_INVALID),
    get("/api/v1/duty-conflicts/{id}", "/api/v1/duty-conflicts/@conflict", API_OF_ACME),
    api("PUT", "/api/v1/duty-conflicts/{id}", "/api/v1/duty-conflicts/@conflict", NO_CONFLICT, API_ROLE),
    api("DELETE", "/api/v1/duty-conflicts/{id}", "/api/v1/duty-conflicts/@conflict", "", API_ROLE),
    get("/api/v1/duty-conflicts/{id}/holders", "/api/v1/duty-conflicts/@conflict/holders", API_OF_ACME),
    // Nobody is named.
    api(
        "POST",
        "/api/v1/roles/{id}/assignments/batch",
        "/api/v1/roles/@role/assignments/batch",
        r#"{"users":[]}"#,
        "401 401 403 403 422 422 404 403 404",
    ),
    api(
        "POST",
        "/api/v1/roles/{id}/assignments/batch/remove",
        "/api/v1/roles/@role/assignments/batch/remove",
        r#"{"users":[]}"#,
        "401 401 403 403 422 422 404 403 404",
    ),
    get("/api/v1/workspaces", "/api/v1/workspaces", API_SETTINGS),
    api("POST", "/api/v1/workspaces", "/api/v1/workspaces", r#"{"name":""}"#, API_ROLE_INVALID),
    get("/api/v1/workspaces/{id}", "/api/v1/workspaces/@workspace", API_OF_ACME),
    api("PUT", "/api/v1/workspaces/{id}", "/api/v1/workspaces/@workspace", r#"{"name":"X"}"#, API_ROLE),
    api("POST", "/api/v1/workspaces/{id}/archive", "/api/v1/workspaces/@workspace/archive", "", API_ROLE),
    api("POST", "/api/v1/workspaces/{id}/restore", "/api/v1/workspaces/@workspace/restore", "", API_ROLE),
    get("/api/v1/workspaces/{id}/members", "/api/v1/workspaces/@workspace/members", API_OF_ACME),
    // The user is nobody's, so that no row finds them in the workspace.
    api(
        "PUT",
        "/api/v1/workspaces/{id}/members/{user}",
        "/api/v1/workspaces/@workspace/members/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f",
        "",
        "401 401 403 403 403 404 404 403 404",
    ),
    api(
        "DELETE",
        "/api/v1/workspaces/{id}/members/{user}",
        "/api/v1/workspaces/@workspace/members/@user",
        "",
        "401 401 403 403 403 404 404 403 404",
    ),
    get("/api/v1/users/{id}/roles", "/api/v1/users/@user/roles", API_OF_ACME),
    // Over before it begins, which is said before anything is looked for.
    api(
        "PUT",
        "/api/v1/users/{id}/roles/{role}",
        "/api/v1/users/@user/roles/@role",
        r#"{"until":"2000-01-01T00:00:00Z"}"#,
        "401 401 403 403 422 422 422 403 422",
    ),
    // They do not hold it.
    api(
        "DELETE",
        "/api/v1/users/{id}/roles/{role}",
        "/api/v1/users/@user/roles/@role",
        "",
        "401 401 403 403 404 404 404 403 404",
    ),
    get("/api/v1/users/{id}/permissions", "/api/v1/users/@user/permissions", API_OF_ACME),
    get("/api/v1/permissions", "/api/v1/permissions", API_SETTINGS),
    get("/api/v1/permissions/{permission}/holders", "/api/v1/permissions/users:read/holders", API_SETTINGS),
    get("/api/v1/resource-types", "/api/v1/resource-types", API_SETTINGS),
    api("POST", "/api/v1/decisions", "/api/v1/decisions", "{}", API_ROLE_INVALID),
    api("POST", "/api/v1/decisions/batch", "/api/v1/decisions/batch", r#"{"evaluations":[]}"#, API_ROLE_INVALID),
    api(
        "POST",
        "/api/v1/decisions/search/actions",
        "/api/v1/decisions/search/actions",
        r#"{"subject":{"type":"user"},"resource":{"type":"x"}}"#,
        API_ROLE_INVALID,
    ),
    api(
        "POST",
        "/api/v1/decisions/search/subjects",
        "/api/v1/decisions/search/subjects",
        r#"{"subject":{"type":"user"},"action":{"name":"x"},"resource":{"type":"x"}}"#,
        "401 401 403 403 403 200 200 403 200",
    ),
    api(
        "POST",
        "/api/v1/decisions/search/resources",
        "/api/v1/decisions/search/resources",
        r#"{"subject":{"type":"user","id":"x"},"action":{"name":"read"},"resource":{"type":"invoices"}}"#,
        API_ROLE_INVALID,
    ),
    get("/api/v1/decisions", "/api/v1/decisions", "401 401 403 403 200 200 200 403 200"),
    get("/api/v1/decisions/{id}", "/api/v1/decisions/@decision", "401 401 403 403 200 200 404 403 404"),
    get("/api/v1/settings", "/api/v1/settings", API_SETTINGS),
    get("/api/v1/settings/{key}", "/api/v1/settings/session.idle_minutes", API_SETTINGS),
    api("PUT", "/api/v1/settings/{key}", "/api/v1/settings/session.idle_minutes", r#"{"value":60}"#, API_SETTING),
    api("DELETE", "/api/v1/settings/{key}", "/api/v1/settings/session.idle_minutes", "", API_SETTING),
    get("/api/v1/audit-events", "/api/v1/audit-events", "401 401 403 403 200 200 200 403 200"),
    get("/api/v1/audit-events/{id}", "/api/v1/audit-events/@event", "401 401 403 403 200 200 404 403 404"),
    api("DELETE", "/api/v1/sessions", "/api/v1/sessions", "", "401 401 200 200 200 200 200 200 200"),
    // Of operators
    get("/api/v1/orgs", "/api/v1/orgs", API_OPERATORS),
    api(
        "POST",
        "/api/v1/orgs",
        "/api/v1/orgs",
        r#"{"name":"","slug":"","plan":"","admin_email":""}"#,
        "401 401 404 404 404 404 404 403 422",
    ),
    get("/api/v1/orgs/{id}", "/api/v1/orgs/@org", API_OPERATORS),
    api("PATCH", "/api/v1/orgs/{id}", "/api/v1/orgs/@org", r#"{"name":"X"}"#, API_ORG),
    api("POST", "/api/v1/orgs/{id}/suspend", "/api/v1/orgs/@org/suspend", r#"{"reason":"X"}"#, API_ORG),
    api("POST", "/api/v1/orgs/{id}/reactivate", "/api/v1/orgs/@org/reactivate", "", API_ORG),
    api(
        "POST",
        "/api/v1/orgs/{id}/deprovision",
        "/api/v1/orgs/@org/deprovision",
        r#"{"confirm_name":"Acme Corp","reason":"X"}"#,
        API_ORG,
    ),
    api("POST", "/api/v1/orgs/{id}/restore", "/api/v1/orgs/@org/restore", "", API_ORG),
    get("/api/v1/orgs/{id}/provisioning", "/api/v1/orgs/@org/provisioning", API_OPERATORS),
    api(
        "POST",
        "/api/v1/orgs/{id}/provisioning",
        "/api/v1/orgs/@org/provisioning",
        "",
        "401 401 404 404 404 404 404 403 200",
    ),
    api(
        "POST",
        "/api/v1/platform/resource-types",
        "/api/v1/platform/resource-types",
        r#"{"name":"users","label":"","actions":[]}"#,
        API_INVALID,
    ),
    get("/api/v1/platform/resource-types/{type}", "/api/v1/platform/resource-types/ingest", API_OPERATORS),
    api(
        "PUT",
        "/api/v1/platform/resource-types/{type}",
        "/api/v1/platform/resource-types/ingest",
        r#"{"label":"X","actions":[{"name":"read","sentence":"x"}]}"#,
        API_ORG,
    ),
    api("DELETE", "/api/v1/platform/resource-types/{type}", "/api/v1/platform/resource-types/ingest", "", API_ORG),
    get("/api/v1/plans", "/api/v1/plans", API_OPERATORS),
    get("/api/v1/platform/audit-events", "/api/v1/platform/audit-events", "401 401 404 404 404 404 404 403 200"),
    get(
        "/api/v1/platform/audit-events/{id}",
        "/api/v1/platform/audit-events/@event",
        "401 401 404 404 404 404 404 403 200",
    ),
    get("/api/v1/attempts", "/api/v1/attempts", API_OPERATORS),
    get("/api/v1/alerts", "/api/v1/alerts", API_OPERATORS),
    get("/api/v1/alerts/{id}", "/api/v1/alerts/@alert", API_OPERATORS),
    api("POST", "/api/v1/alerts/{id}/acknowledge", "/api/v1/alerts/@alert/acknowledge", "{}", API_ORG),
    api("POST", "/api/v1/alerts/{id}/close", "/api/v1/alerts/@alert/close", r#"{"note":"X"}"#, API_ORG),
    get("/api/v1/isolation", "/api/v1/isolation", API_OPERATORS),
    get("/api/v1/isolation/findings", "/api/v1/isolation/findings", API_OPERATORS),
    get("/api/v1/isolation/tables/{table}", "/api/v1/isolation/tables/public.users", API_OPERATORS),
    get("/api/v1/isolation/tables/{table}/xray", "/api/v1/isolation/tables/public.users/xray", API_ACT),
    api(
        "POST",
        "/api/v1/isolation/tables/{table}/xray",
        "/api/v1/isolation/tables/public.users/xray",
        r#"{"role":"nobody","command":"select","row":{}}"#,
        API_INVALID,
    ),
    get("/api/v1/data-sources", "/api/v1/data-sources", API_OPERATORS),
    api("POST", "/api/v1/data-sources", "/api/v1/data-sources", r#"{"name":"","address":"x"}"#, API_INVALID),
    get("/api/v1/data-sources/{id}", "/api/v1/data-sources/@source", API_OPERATORS),
    api("PATCH", "/api/v1/data-sources/{id}", "/api/v1/data-sources/@source", r#"{"name":"X"}"#, API_ORG),
    api("DELETE", "/api/v1/data-sources/{id}", "/api/v1/data-sources/@source", "", API_ORG),
    get("/api/v1/data-sources/{id}/isolation", "/api/v1/data-sources/@source/isolation", API_OPERATORS),
    get(
        "/api/v1/data-sources/{id}/isolation/findings",
        "/api/v1/data-sources/@source/isolation/findings",
        API_OPERATORS,
    ),
    get(
        "/api/v1/data-sources/{id}/isolation/tables/{table}",
        "/api/v1/data-sources/@source/isolation/tables/public.users",
        API_OPERATORS,
    ),
    get(
        "/api/v1/data-sources/{id}/isolation/tables/{table}/xray",
        "/api/v1/data-sources/@source/isolation/tables/public.users/xray",
        API_ACT,
    ),
    api(
        "POST",
        "/api/v1/data-sources/{id}/isolation/tables/{table}/xray",
        "/api/v1/data-sources/@source/isolation/tables/public.users/xray",
        r#"{"role":"nobody","command":"select","row":{}}"#,
        API_INVALID,
    ),
    get("/api/v1/data-sources/{id}/prospect", "/api/v1/data-sources/@source/prospect", API_ACT),
    get("/api/v1/data-sources/{id}/proofs", "/api/v1/data-sources/@source/proofs", API_OPERATORS),
    // The profile names no such role.
    api(
        "POST",
        "/api/v1/data-sources/{id}/proofs",
        "/api/v1/data-sources/@source/proofs",
        r#"{"passwords":{"nobody":"secret"}}"#,
        API_INVALID,
    ),
    get("/api/v1/data-sources/{id}/proofs/{proof}", "/api/v1/data-sources/@source/proofs/@proven", API_OPERATORS),
    // It is the first one.
    get(
        "/api/v1/data-sources/{id}/proofs/{proof}/difference",
        "/api/v1/data-sources/@source/proofs/@proven/difference",
        "401 401 404 404 404 404 404 404 404",
    ),
    get(
        "/api/v1/data-sources/{id}/proofs/{proof}/proof.json",
        "/api/v1/data-sources/@source/proofs/@proven/proof.json",
        API_OPERATORS,
    ),
    get("/api/v1/proofs", "/api/v1/proofs", API_OPERATORS),
    // One goes on already.
    api("POST", "/api/v1/proofs", "/api/v1/proofs", "", "401 401 404 404 404 404 404 403 409"),
    get("/api/v1/proofs/{id}", "/api/v1/proofs/@proof", API_OPERATORS),
    // It is the first one.
    get("/api/v1/proofs/{id}/difference", "/api/v1/proofs/@proof/difference", "401 401 404 404 404 404 404 404 404"),
    get("/api/v1/proofs/{id}/proof.json", "/api/v1/proofs/@proof/proof.json", API_OPERATORS),
    get("/api/v1/prover", "/api/v1/prover", API_OPERATORS),
    get("/api/v1/query-plans", "/api/v1/query-plans", API_OPERATORS),
    api("POST", "/api/v1/query-plans/examine", "/api/v1/query-plans/examine", "", API_ACT),
    get("/api/v1/query-plans/{id}", "/api/v1/query-plans/@plan", API_OPERATORS),
    api("POST", "/api/v1/query-plans/{id}/accept", "/api/v1/query-plans/@plan/accept", "", API_ACT),
];
