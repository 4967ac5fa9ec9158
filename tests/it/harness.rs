//! A server in this process: the demo in a database of its own, and clients that behave like browsers.

use axum::{Router, body::Body};
use bulkhead::{
    middleware::{Rules, refusal},
    router,
    server::{Check, Readiness, Shutdown},
    site::Site,
};
use bulkhead_db::{Database, PoolSizes, inspect::Inspector};
use bulkhead_domain::{App, Parts, mail::Transport, seed};
use bulkhead_identity::{Hasher, HasherConfig, Keyring, OsRandom, Params, Sealer, SecretKey, Vault};
use bulkhead_testing::TestDatabase;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tempfile::TempDir;
use tower::ServiceExt;

/// Where browsers think they are.
pub const ORIGIN: &str = "http://bulkhead.test";

/// A server with the demo in it.
pub struct World {
    pub router: Router,
    pub app: App,
    pub database: TestDatabase,
    _mails: TempDir,
}

impl World {
    /// Three organizations, the operators, and nobody signed in.
    pub async fn demo() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let mails = TempDir::new().unwrap();
        let random = Arc::new(OsRandom);
        let keys = |id| Keyring::from(SecretKey::generate(id, &OsRandom).unwrap());
        let hashing = HasherConfig { params: Params::FOR_TESTS, ..HasherConfig::default() };
        let app = App::new(Parts {
            database: Database::open(
                &database.urls(),
                PoolSizes { acquire_timeout: Duration::from_secs(20), ..PoolSizes::default() },
            )
            .unwrap(),
            proof_interval: None,
            inspector: Some(Inspector::new(database.as_inspector(), database.urls())),
            hasher: Hasher::new(hashing, keys("p"), random.clone()).unwrap(),
            sealer: Sealer::new(keys("s")),
            vault: Vault::new(keys("vault")),
            random,
            mail: Transport::directory(mails.path(), "Bulkhead <bulkhead@bulkhead.test>").unwrap(),
            alerts: Default::default(),
            public_url: ORIGIN.parse().unwrap(),
            production: false,
        });
        seed::demo(&app, &database.as_migrator(), 7).await.unwrap();
        let options = leptos::config::LeptosOptions::builder().output_name("bulkhead").site_root("target/site").build();
        let rules = Rules {
            origin: ORIGIN.into(),
            https: false,
            trusted_proxies: Arc::new([]),
            body_limit: 1 << 20,
            request_timeout: Duration::from_secs(30),
            page: refusal::plain_page,
        };
        let check: Check = Arc::new(|| Box::pin(std::future::ready(Readiness::because(Vec::new()))));
        let router = router::build(&Site::new(app.clone(), options), &rules, &Shutdown::new(), check);
        Self { router, app, database, _mails: mails }
    }

    /// A browser that nobody has signed in with.
    pub fn visitor(&self) -> Client {
        Client { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    /// A browser in which a demo account is signed in.
    pub async fn signed_in(&self, slug: &str, email: &str) -> Client {
        let mut client = self.visitor();
        let answer = client.sign_in(slug, email, seed::DEMO_PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{email} signs in: {}", answer.text());
        client
    }

    /// A finished run of the prover with an empty proof, and one that goes on so that no other begins. A real one takes
    /// half a minute; `crates/rls` and the browser's journey make those.
    pub async fn keep_proof(&self) {
        let proof = r#"{"format":"bulkhead-proof-1","proof":{"id":"0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f","at":"2026-11-21T00:00:00Z",
            "database":"bulkhead","server_version":"15.18","catalogue_hash":"00","duration_ms":1,"premises":{"roles":[],
            "tenant_columns":[],"root":null,"org_setting":"app.org_id","operator_setting":null,"shared_by_design":[],"accepted":[]},
            "tables":[],"could_not_plant":[],"clone_differs":[],"cells":[],
            "counts":{"held":0,"leaked":0,"accepted":0,"unproven":0}},"key":"","signature":""}"#;
        self.database
            .run(&format!(
                "INSERT INTO proofs (org_id, id, status, started_at, heard_at, standing, sentence, document, catalogue_hash)
                 SELECT id, gen_random_uuid(), 'finished', now(), now(), 'incomplete', 'Nothing was proven.',
                        convert_to('{proof}', 'UTF8'), '00' FROM orgs WHERE kind = 'platform';
                 INSERT INTO proofs (org_id, id, started_at, heard_at) SELECT id, gen_random_uuid(), now(), now()
                 FROM orgs WHERE kind = 'platform'"
            ))
            .await
            .unwrap();
    }

    /// This very database as a data source, registered by an operator, with the proofs that [`Self::keep_proof`] kept.
    pub async fn keep_source(&self, operator: &mut Client) {
        let profile = "tenant_columns = [\"org_id\"]\n[context]\norg_setting = \"app.org_id\"\n\
                       [[roles]]\nname = \"bulkhead_app\"\nscope = \"tenant\"\n";
        let url = self.database.as_inspector();
        let form = [("name", "Shop"), ("address", url.expose_secret()), ("profile", profile)];
        let answer = operator.post("/op/sources/new", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let proofs = "INSERT INTO proofs (org_id, id, status, started_at, heard_at, standing, sentence, document, catalogue_hash,
                                          data_source_id, data_source_name)
                      SELECT p.org_id, gen_random_uuid(), p.status, p.started_at, p.heard_at, p.standing, p.sentence, p.document,
                             p.catalogue_hash, s.id, s.name FROM proofs p JOIN data_sources s USING (org_id)";
        self.database.run(proofs).await.unwrap();
    }

    /// A statement that is watched, with a plan; a real examination adds others.
    pub async fn keep_plan(&self) {
        let plan = r#"{"fingerprint":"00ff","cost":2.5,"cost_unbound":2.0,"tables":[{"table":"public.users","row_security":true,
            "tenant_column":"org_id","path":"index","index":"users_pkey","by_tenant_index":true,"table_rows":10.0}],
            "root":{"label":"Index Scan using users_pkey on public.users","cost":2.5,"rows":1.0,"conditions":[],"children":[]}}"#;
        self.database
            .run(&format!(
                "INSERT INTO query_plans (org_id, id, statement_hash, role, statement, calls, total_ms, source, examined_at,
                                          baseline, baseline_at, plan, plan_since)
                 SELECT id, gen_random_uuid(), sha256(''), 'bulkhead_app', 'SELECT name FROM users WHERE id = $1', 3, 4.5, 'server',
                        now(), '{plan}', now(), '{plan}', now() FROM orgs WHERE kind = 'platform'"
            ))
            .await
            .unwrap();
    }

    /// A role of an admin's organization that lets people see users; its id.
    pub async fn keep_role(&self, admin: &mut Client, name: &str) -> String {
        let body = serde_json::json!({"name": name, "grants": [{"permission": "users:read", "effect": "allow"}]});
        let answer = admin.json(Method::POST, "/api/v1/roles", &body.to_string(), &[]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.location().rsplit('/').next().unwrap().to_owned()
    }

    /// Duties that exclude each other in an admin's organization: changing settings and reading the log; the id.
    pub async fn keep_conflict(&self, admin: &mut Client, name: &str) -> String {
        let permissions = ["settings:update", "audit:read"];
        let body = serde_json::json!({"name": name, "permissions": permissions, "why": "Who changes does not check."});
        let answer = admin.json(Method::POST, "/api/v1/duty-conflicts", &body.to_string(), &[]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.location().rsplit('/').next().unwrap().to_owned()
    }

    /// A workspace of an admin's organization that nobody is in; its id.
    pub async fn keep_workspace(&self, admin: &mut Client, name: &str) -> String {
        let body = serde_json::json!({ "name": name }).to_string();
        let answer = admin.json(Method::POST, "/api/v1/workspaces", &body, &[]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.location().rsplit('/').next().unwrap().to_owned()
    }

    /// A denial that an admin asked for about themselves; its id.
    pub async fn keep_decision(&self, admin: &mut Client) -> String {
        let me: serde_json::Value = serde_json::from_str(&admin.get("/api/v1/me").await.text()).unwrap();
        let question = serde_json::json!({"subject": {"type": "user", "id": me["id"]}, "action": {"name": "fly"},
                                          "resource": {"type": "users"}});
        let answer = admin.json(Method::POST, "/api/v1/decisions", &question.to_string(), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let answer: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
        answer["context"]["id"].as_str().unwrap().to_owned()
    }

    /// One value that the migrator reads; tests look past the tenant border with it.
    pub async fn sql(&self, sql: &str) -> String {
        self.database.texts(sql).await.unwrap().pop().unwrap_or_default()
    }
}

/// A browser: keeps cookies, says where its requests come from, does not follow redirects.
#[derive(Clone)]
pub struct Client {
    router: Router,
    cookies: BTreeMap<String, String>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The body without what differs from request to request: ids, nonces, sealed values.
    pub fn stable_text(&self) -> String {
        let text = self.text();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars().chain(std::iter::once('\0')) {
            if is_word(c) {
                word.push(c);
                continue;
            }
            // Our own words are short; everything random is at least 22 characters.
            let random = word.len() >= 22 && word.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
            out.push_str(if random { "…" } else { &word });
            word.clear();
            out.push(c);
        }
        out
    }

    /// The value of a hidden field in the page.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let text = self.text();
        let at = text.find(&format!("name=\"{name}\" value=\""))? + name.len() + 15;
        Some(text[at..].split('"').next()?.to_owned())
    }
}

impl Client {
    /// `GET` as a browser that follows a link.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("sec-fetch-site", "none").body(Body::empty()).unwrap()).await
    }

    /// The head of an answer whose body does not end.
    pub async fn head_of(&mut self, path: &str) -> Answer {
        let mut request = Request::get(path).header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap();
        if !self.cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookie_header());
        }
        let (parts, _) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        Answer { status: parts.status, headers: parts.headers, body: Vec::new() }
    }

    fn cookie_header(&self) -> http::HeaderValue {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ").parse().unwrap()
    }

    /// A form posted from our own page, with the token of this browser's session.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf().await;
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        self.post_as_is(path, &fields).await
    }

    /// A form posted from our own page with exactly these fields.
    pub async fn post_as_is(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(pairs.join("&")))
            .unwrap();
        self.send(request).await
    }

    /// JSON sent from our own page.
    pub async fn json(&mut self, method: Method, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("sec-fetch-site", "same-origin");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Any request, with this browser's cookies.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookie_header());
        }
        request.headers_mut().entry(header::USER_AGENT).or_insert("Test browser (Linux) Firefox/1".parse().unwrap());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Signs in with a password.
    pub async fn sign_in(&mut self, slug: &str, email: &str, password: &str) -> Answer {
        self.post_as_is(&format!("/login/{slug}"), &[("email", email), ("password", password), ("next", "")]).await
    }

    /// The session cookie's value.
    pub fn session(&self) -> Option<&str> {
        self.cookies.get("bulkhead").map(String::as_str)
    }

    /// Takes another browser's session cookie.
    pub fn steal_session(&mut self, value: &str) {
        self.cookies.insert("bulkhead".to_owned(), value.to_owned());
    }

    async fn csrf(&mut self) -> String {
        if self.session().is_none() {
            return String::new();
        }
        self.get("/account").await.hidden("csrf").unwrap_or_default()
    }
}

fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                (b as char).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
