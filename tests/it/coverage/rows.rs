//! The authorization table.

/// One route and what each client gets from it.
pub struct Row {
    pub method: &'static str,
    pub route: &'static str,
    /// The path asked for; `@user`, `@event`, `@org`, `@session`, `@alert`, `@proof`, `@source`, `@plan` and
    /// `@role` are filled in.
    pub path: &'static str,
    pub form: &'static [(&'static str, &'static str)],
    pub json: &'static str,
    pub headers: &'static [(&'static str, &'static str)],
    /// One answer a client: a status, or `L` for being led to sign in.
    pub answers: &'static str,
    /// The body does not end.
    pub stream: bool,
}

const fn get(route: &'static str, path: &'static str, answers: &'static str) -> Row {
    Row { method: "GET", route, path, form: &[], json: "", headers: &[], answers, stream: false }
}

const fn stream(route: &'static str, path: &'static str, answers: &'static str) -> Row {
    Row { stream: true, ..get(route, path, answers) }
}

const fn post(
    route: &'static str,
    path: &'static str,
    form: &'static [(&'static str, &'static str)],
    answers: &'static str,
) -> Row {
    Row { method: "POST", form, ..get(route, path, answers) }
}

const fn api(
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

/// A version no object has: whoever may change it gets 409.
const STALE: &[(&str, &str)] = &[("version", "-1")];

//                        visitor susp viewer user manager admin other op-viewer op-admin
const HOME: &str = "       L      L    200    200  200     200   404   404       404";
const READERS: &str = "    L      L    200    403  200     200   404   404       404";
const MANAGERS: &str = "   L      L    403    403  200     200   404   404       404";
const ADMINS: &str = "     L      L    403    403  403     200   404   404       404";
const STALE_MANAGERS: &str = "401 401  403    403  409     409   404   404       404";
const STALE_ADMINS: &str = "  401 401  403    403  403     409   404   404       404";
const OWN: &str = "        L      L    200    200  200     200   200   200       200";
const OPERATORS: &str = "  L      L    404    404  404     404   404   200       200";
const OP_MANAGERS: &str = "L      L    404    404  404     404   404   403       200";
// An active organization can be neither reactivated nor restored, and the question says so.
const OP_WRONG_STATUS: &str = "L L 404 404 404 404 404 403 409";
const OP_INVALID: &str = " 401    401  404    404  404     404   404   403       422";

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

pub const ROWS: &[Row] = &[
    // Users
    get("/t/{slug}", "/t/acme", HOME),
    get("/t/{slug}/palette", "/t/acme/palette?q=a", HOME),
    get("/t/{slug}/users", "/t/acme/users", HOME),
    get("/t/{slug}/users/invite", "/t/acme/users/invite", MANAGERS),
    post(
        "/t/{slug}/users/invite",
        "/t/acme/users/invite",
        &[("emails", ""), ("role", "user")],
        "401 401 403 403 422 422 404 404 404",
    ),
    get("/t/{slug}/users/{id}", "/t/acme/users/@user", HOME),
    post(
        "/t/{slug}/users/{id}",
        "/t/acme/users/@user",
        &[("name", "X"), ("role", "user"), ("version", "-1")],
        STALE_MANAGERS,
    ),
    get("/t/{slug}/users/{id}/suspend", "/t/acme/users/@user/suspend", MANAGERS),
    post("/t/{slug}/users/{id}/suspend", "/t/acme/users/@user/suspend", STALE, STALE_MANAGERS),
    post("/t/{slug}/users/{id}/reactivate", "/t/acme/users/@user/reactivate", STALE, STALE_MANAGERS),
    get("/t/{slug}/users/{id}/remove", "/t/acme/users/@user/remove", MANAGERS),
    post("/t/{slug}/users/{id}/remove", "/t/acme/users/@user/remove", STALE, STALE_MANAGERS),
    post("/t/{slug}/users/{id}/resend", "/t/acme/users/@user/resend", STALE, STALE_MANAGERS),
    // Roles
    get("/t/{slug}/roles", "/t/acme/roles", READERS),
    get("/t/{slug}/roles/new", "/t/acme/roles/new?from=@role", ADMINS),
    post(
        "/t/{slug}/roles/new",
        "/t/acme/roles/new",
        &[("step", "save"), ("name", "")],
        "401 401 403 403 403 422 404 404 404",
    ),
    get("/t/{slug}/roles/{id}", "/t/acme/roles/@role", READERS),
    get("/t/{slug}/roles/{id}/edit", "/t/acme/roles/@role/edit", ADMINS),
    post(
        "/t/{slug}/roles/{id}/edit",
        "/t/acme/roles/@role/edit",
        &[("step", "save"), ("name", "X"), ("version", "-1")],
        STALE_ADMINS,
    ),
    get("/t/{slug}/roles/{id}/delete", "/t/acme/roles/@role/delete", ADMINS),
    post(
        "/t/{slug}/roles/{id}/delete",
        "/t/acme/roles/@role/delete",
        &[("confirm_name", "X"), ("version", "-1")],
        STALE_ADMINS,
    ),
    get("/t/{slug}/roles/{id}/versions/{version}", "/t/acme/roles/@role/versions/1", READERS),
    // Who holds which role, and what follows
    post(
        "/t/{slug}/users/{id}/roles",
        "/t/acme/users/@user/roles",
        &[("own_role", ""), ("from", ""), ("until", "")],
        "401 401 403 403 422 422 404 404 404",
    ),
    // They hold no such role.
    post(
        "/t/{slug}/users/{id}/roles/remove",
        "/t/acme/users/@user/roles/remove",
        &[("own_role", "00000000-0000-4000-8000-000000000a04")],
        "401 401 403 403 404 404 404 404 404",
    ),
    get("/t/{slug}/users/{id}/access", "/t/acme/users/@user/access", READERS),
    get("/t/{slug}/roles/who", "/t/acme/roles/who?permission=users:read", READERS),
    get("/t/{slug}/roles/who.csv", "/t/acme/roles/who.csv?permission=users:read", READERS),
    // Settings
    get("/t/{slug}/settings", "/t/acme/settings", READERS),
    post("/t/{slug}/settings/name", "/t/acme/settings/name", &[("name", "X"), ("version", "-1")], STALE_ADMINS),
    post(
        "/t/{slug}/settings/{key}",
        "/t/acme/settings/session.idle_minutes",
        &[("session.idle_minutes", "60"), ("version", "-1")],
        STALE_ADMINS,
    ),
    post("/t/{slug}/settings/{key}/inherit", "/t/acme/settings/session.idle_minutes/inherit", STALE, STALE_ADMINS),
    // Audit
    get("/t/{slug}/audit", "/t/acme/audit", MANAGERS),
    stream("/t/{slug}/audit/live", "/t/acme/audit/live", MANAGERS),
    get("/t/{slug}/audit/{id}", "/t/acme/audit/@event", MANAGERS),
    // One's own account
    get("/account", "/account", OWN),
    post("/account", "/account", &[("name", "X"), ("version", "-1")], "401 401 409 409 409 409 409 409 409"),
    get("/account/password", "/account/password", OWN),
    post(
        "/account/password",
        "/account/password",
        &[("current", "x"), ("new", "y"), ("new_again", "y")],
        "401 401 422 422 422 422 422 422 422",
    ),
    get("/account/sessions", "/account/sessions", OWN),
    post("/account/sessions/end-others", "/account/sessions/end-others", &[], "401 401 303 303 303 303 303 303 303"),
    // Operators
    get("/op", "/op", OPERATORS),
    get("/op/attempts", "/op/attempts", OPERATORS),
    get("/op/alerts/{id}", "/op/alerts/@alert", OPERATORS),
    post("/op/alerts/{id}/acknowledge", "/op/alerts/@alert/acknowledge", STALE, "401 401 404 404 404 404 404 403 409"),
    get("/op/isolation/{table}/xray", "/op/isolation/public.users/xray", OP_MANAGERS),
    post("/op/isolation/{table}/xray", "/op/isolation/public.users/xray", &[("role", "nobody")], OP_INVALID),
    get("/op/isolation/findings", "/op/isolation/findings", OPERATORS),
    get("/op/sources", "/op/sources", OPERATORS),
    get("/op/sources/new", "/op/sources/new", OP_MANAGERS),
    post("/op/sources/new", "/op/sources/new", &[("name", ""), ("address", "x")], OP_INVALID),
    get("/op/sources/{id}", "/op/sources/@source", OPERATORS),
    get("/op/sources/{id}/settings", "/op/sources/@source/settings", OP_MANAGERS),
    post(
        "/op/sources/{id}/settings",
        "/op/sources/@source/settings",
        &[("name", "X"), ("profile", "x"), ("version", "-1")],
        OP_INVALID,
    ),
    get("/op/sources/{id}/findings", "/op/sources/@source/findings", OPERATORS),
    get("/op/sources/{id}/proofs", "/op/sources/@source/proofs", OPERATORS),
    get("/op/sources/{id}/proofs/new", "/op/sources/@source/proofs/new", OP_MANAGERS),
    post("/op/sources/{id}/proofs/new", "/op/sources/@source/proofs/new", &[], "401 401 404 404 404 404 404 403 303"),
    get("/op/sources/{id}/proofs/{proof}", "/op/sources/@source/proofs/@proven", OPERATORS),
    get("/op/sources/{id}/proofs/{proof}/proof.json", "/op/sources/@source/proofs/@proven/proof.json", OPERATORS),
    get("/op/sources/{id}/{table}", "/op/sources/@source/public.users", OPERATORS),
    get("/op/sources/{id}/{table}/xray", "/op/sources/@source/public.users/xray", OP_MANAGERS),
    post("/op/sources/{id}/{table}/xray", "/op/sources/@source/public.users/xray", &[("role", "nobody")], OP_INVALID),
    get("/op/sources/{id}/remove", "/op/sources/@source/remove", OP_MANAGERS),
    post("/op/sources/{id}/remove", "/op/sources/@source/remove", STALE, "401 401 404 404 404 404 404 403 409"),
    get("/op/plans", "/op/plans", OPERATORS),
    post("/op/plans", "/op/plans", &[], "401 401 404 404 404 404 404 403 303"),
    get("/op/plans/{id}", "/op/plans/@plan", OPERATORS),
    post("/op/plans/{id}", "/op/plans/@plan", &[], "401 401 404 404 404 404 404 403 303"),
    get("/op/proofs", "/op/proofs", OPERATORS),
    post("/op/proofs", "/op/proofs", &[], "401 401 404 404 404 404 404 403 303"),
    get("/op/proofs/{id}", "/op/proofs/@proof", OPERATORS),
    get("/op/proofs/{id}/proof.json", "/op/proofs/@proof/proof.json", OPERATORS),
    post("/op/alerts/{id}/close", "/op/alerts/@alert/close", STALE, OP_INVALID),
    get("/op/palette", "/op/palette?q=a", OPERATORS),
    get("/op/orgs", "/op/orgs", OPERATORS),
    get("/op/orgs/new", "/op/orgs/new", OP_MANAGERS),
    post("/op/orgs/new", "/op/orgs/new", &[("name", ""), ("slug", ""), ("admin_email", "")], OP_INVALID),
    get("/op/orgs/{id}", "/op/orgs/@org", OPERATORS),
    get("/op/orgs/{id}/edit", "/op/orgs/@org/edit", OP_MANAGERS),
    post(
        "/op/orgs/{id}/edit",
        "/op/orgs/@org/edit",
        &[("name", "X"), ("plan", "team"), ("version", "-1")],
        "401 401 404 404 404 404 404 403 409",
    ),
    get("/op/orgs/{id}/suspend", "/op/orgs/@org/suspend", OP_MANAGERS),
    post("/op/orgs/{id}/suspend", "/op/orgs/@org/suspend", &[("version", "-1"), ("reason", "")], OP_INVALID),
    get("/op/orgs/{id}/reactivate", "/op/orgs/@org/reactivate", OP_WRONG_STATUS),
    post("/op/orgs/{id}/reactivate", "/op/orgs/@org/reactivate", STALE, "401 401 404 404 404 404 404 403 409"),
    get("/op/orgs/{id}/deprovision", "/op/orgs/@org/deprovision", OP_MANAGERS),
    post(
        "/op/orgs/{id}/deprovision",
        "/op/orgs/@org/deprovision",
        &[("version", "-1"), ("confirm_name", ""), ("reason", "")],
        OP_INVALID,
    ),
    get("/op/orgs/{id}/restore", "/op/orgs/@org/restore", OP_WRONG_STATUS),
    post("/op/orgs/{id}/restore", "/op/orgs/@org/restore", STALE, "401 401 404 404 404 404 404 403 409"),
    post("/op/orgs/{id}/provisioning", "/op/orgs/@org/provisioning", &[], "401 401 404 404 404 404 404 403 303"),
    get("/op/isolation", "/op/isolation", OPERATORS),
    get("/op/isolation/{table}", "/op/isolation/public.users", OPERATORS),
    get("/op/audit", "/op/audit", OP_MANAGERS),
    stream("/op/audit/live", "/op/audit/live", OP_MANAGERS),
    get("/op/audit/{id}", "/op/audit/@event", OP_MANAGERS),
    // The API inside an organization: operators are users of theirs, and see nothing of acme.
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
    get("/api/v1/settings", "/api/v1/settings", API_SETTINGS),
    get("/api/v1/settings/{key}", "/api/v1/settings/session.idle_minutes", API_SETTINGS),
    api("PUT", "/api/v1/settings/{key}", "/api/v1/settings/session.idle_minutes", r#"{"value":60}"#, API_SETTING),
    api("DELETE", "/api/v1/settings/{key}", "/api/v1/settings/session.idle_minutes", "", API_SETTING),
    get("/api/v1/audit-events", "/api/v1/audit-events", "401 401 403 403 200 200 200 403 200"),
    get("/api/v1/audit-events/{id}", "/api/v1/audit-events/@event", "401 401 403 403 200 200 404 403 404"),
    api("DELETE", "/api/v1/sessions", "/api/v1/sessions", "", "401 401 200 200 200 200 200 200 200"),
    // The API of operators
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
    // Last, because they sign acme's user out: the session is theirs, and nobody else's.
    post("/account/sessions/{id}/end", "/account/sessions/@session/end", &[], "401 401 404 L 404 404 404 404 404"),
    api("DELETE", "/api/v1/sessions/{id}", "/api/v1/sessions/@session", "", "401 401 404 401 404 404 404 404 404"),
];

/// Routes whose answer does not depend on who asks, or that end the session that asks: tested where named.
/// This list may only shrink.
pub const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("GET", "/", "pages: the start page leads home or to sign in"),
    ("GET", "/login", "pages: the same for everybody"),
    ("POST", "/login", "pages: the same for everybody"),
    ("GET", "/login/{slug}", "pages: the same whether the organization exists"),
    ("POST", "/login/{slug}", "security::sign_in"),
    ("POST", "/logout", "security::sessions"),
    ("GET", "/forgot", "pages: the same for everybody"),
    ("POST", "/forgot", "security::sign_in"),
    ("GET", "/forgot/{slug}", "pages: the same for everybody"),
    ("POST", "/forgot/{slug}", "security::sign_in"),
    ("GET", "/invite/{token}", "security::links"),
    ("POST", "/invite/{token}", "security::links"),
    ("GET", "/reset/{token}", "security::links"),
    ("POST", "/reset/{token}", "security::links"),
    ("GET", "/.well-known/change-password", "pages: leads to the account"),
    ("POST", "/preferences", "pages: sets cookies only"),
    ("GET", "/gallery", "end2end: axe"),
    ("GET", "/api/docs", "api: the same for everybody"),
    ("GET", "/api/openapi.json", "api: the same for everybody"),
    ("GET", "/dev/mail", "pages: absent in production"),
    ("GET", "/dev/mail/{id}", "pages: absent in production"),
];
