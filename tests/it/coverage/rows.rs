//! The authorization table: the pages, and beside them the API.

mod api;

/// One route and what each client gets from it.
pub struct Row {
    pub method: &'static str,
    pub route: &'static str,
    /// The path asked for; `@user`, `@event`, `@org`, `@session`, `@alert`, `@proof`, `@source`, `@plan`, `@role`,
    /// `@conflict`, `@workspace` and `@decision` are filled in.
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

/// Every row, in the order in which they are asked.
pub fn all() -> impl Iterator<Item = &'static Row> {
    PAGES.iter().chain(api::ROWS).chain(LAST)
}

const PAGES: &[Row] = &[
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
    get("/t/{slug}/users/roles", "/t/acme/users/roles?own_role=@role", MANAGERS),
    post(
        "/t/{slug}/users/roles",
        "/t/acme/users/roles",
        &[("step", "look"), ("deed", "give"), ("people", "x")],
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
    // Conflicting duties
    get("/t/{slug}/roles/conflicts", "/t/acme/roles/conflicts", READERS),
    get("/t/{slug}/roles/conflicts/new", "/t/acme/roles/conflicts/new", ADMINS),
    post(
        "/t/{slug}/roles/conflicts/new",
        "/t/acme/roles/conflicts/new",
        &[("name", "")],
        "401 401 403 403 403 422 404 404 404",
    ),
    get("/t/{slug}/roles/conflicts/{id}", "/t/acme/roles/conflicts/@conflict", READERS),
    get("/t/{slug}/roles/conflicts/{id}/edit", "/t/acme/roles/conflicts/@conflict/edit", ADMINS),
    post(
        "/t/{slug}/roles/conflicts/{id}/edit",
        "/t/acme/roles/conflicts/@conflict/edit",
        &[("name", "X"), ("rule", "ask"), ("version", "-1")],
        STALE_ADMINS,
    ),
    get("/t/{slug}/roles/conflicts/{id}/delete", "/t/acme/roles/conflicts/@conflict/delete", ADMINS),
    post("/t/{slug}/roles/conflicts/{id}/delete", "/t/acme/roles/conflicts/@conflict/delete", STALE, STALE_ADMINS),
    // Workspaces
    get("/t/{slug}/workspaces", "/t/acme/workspaces", READERS),
    get("/t/{slug}/workspaces/new", "/t/acme/workspaces/new", ADMINS),
    post("/t/{slug}/workspaces/new", "/t/acme/workspaces/new", &[("name", "")], "401 401 403 403 403 422 404 404 404"),
    get("/t/{slug}/workspaces/{id}", "/t/acme/workspaces/@workspace", READERS),
    get("/t/{slug}/workspaces/{id}/edit", "/t/acme/workspaces/@workspace/edit", ADMINS),
    post(
        "/t/{slug}/workspaces/{id}/edit",
        "/t/acme/workspaces/@workspace/edit",
        &[("name", "X"), ("version", "-1")],
        STALE_ADMINS,
    ),
    get("/t/{slug}/workspaces/{id}/archive", "/t/acme/workspaces/@workspace/archive", ADMINS),
    post("/t/{slug}/workspaces/{id}/archive", "/t/acme/workspaces/@workspace/archive", STALE, STALE_ADMINS),
    // It is in use, so there is nothing to bring back.
    get(
        "/t/{slug}/workspaces/{id}/restore",
        "/t/acme/workspaces/@workspace/restore",
        "L L 403 403 403 409 404 404 404",
    ),
    post("/t/{slug}/workspaces/{id}/restore", "/t/acme/workspaces/@workspace/restore", STALE, STALE_ADMINS),
    post(
        "/t/{slug}/workspaces/{id}/members",
        "/t/acme/workspaces/@workspace/members",
        &[("email", "")],
        "401 401 403 403 403 422 404 404 404",
    ),
    // Nobody is in it.
    get(
        "/t/{slug}/workspaces/{id}/members/{user}/remove",
        "/t/acme/workspaces/@workspace/members/@user/remove",
        "L L 403 403 403 404 404 404 404",
    ),
    post(
        "/t/{slug}/workspaces/{id}/members/{user}/remove",
        "/t/acme/workspaces/@workspace/members/@user/remove",
        &[],
        "401 401 403 403 403 404 404 404 404",
    ),
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
    get("/t/{slug}/decisions", "/t/acme/decisions", MANAGERS),
    get("/t/{slug}/decisions/{id}", "/t/acme/decisions/@decision", MANAGERS),
    // Another organization's reference is tested in `decisions`: the page shows what was typed.
    get("/t/{slug}/references", "/t/acme/references", MANAGERS),
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
    get("/op/resource-types", "/op/resource-types", OPERATORS),
    get("/op/resource-types/new", "/op/resource-types/new", OP_MANAGERS),
    post("/op/resource-types/new", "/op/resource-types/new", &[("name", "X"), ("label", "")], OP_INVALID),
    get("/op/resource-types/{type}", "/op/resource-types/ingest", OPERATORS),
    post("/op/resource-types/{type}", "/op/resource-types/ingest", &[("label", ""), ("version", "-1")], OP_INVALID),
    get("/op/resource-types/{type}/remove", "/op/resource-types/ingest/remove", OP_MANAGERS),
    post(
        "/op/resource-types/{type}/remove",
        "/op/resource-types/ingest/remove",
        STALE,
        "401 401 404 404 404 404 404 403 409",
    ),
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
    get("/op/references", "/op/references", OP_MANAGERS),
];

/// Last, because they sign acme's user out: the session is theirs, and nobody else's.
const LAST: &[Row] = &[
    post("/account/sessions/{id}/end", "/account/sessions/@session/end", &[], "401 401 404 L 404 404 404 404 404"),
    api::api("DELETE", "/api/v1/sessions/{id}", "/api/v1/sessions/@session", "", "401 401 404 401 404 404 404 404 404"),
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
    ("GET", "/.well-known/authzen-configuration", "api: the same for everybody"),
    ("GET", "/dev/mail", "pages: absent in production"),
    ("GET", "/dev/mail/{id}", "pages: absent in production"),
];
