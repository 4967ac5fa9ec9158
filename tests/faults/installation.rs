//! The program as it is installed: one PostgreSQL, one `bulkhead serve`, each of which can be taken away.

use bulkhead_db::{
    cluster::{Cluster, ClusterOptions},
    setup::DatabaseUrls,
};
use bulkhead_domain::seed::DEMO_PASSWORD;
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{COOKIE, HeaderMap, SET_COOKIE},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long anything may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database with the demo in it, and the program that serves it.
pub struct Installation {
    cluster: Option<Cluster>,
    urls: DatabaseUrls,
    server: Option<Server>,
    // Last, so that nobody uses the directory when it goes.
    directory: TempDir,
}

/// A running `bulkhead serve`; killed when it is dropped, so that a failed test leaves nothing behind.
struct Server {
    child: Child,
    origin: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either fails only when the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Installation {
    /// PostgreSQL and the program, ready, with the demo.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        // PostgreSQL runs as another account when we are root.
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let cluster = Cluster::start(options(&directory, None)).await.unwrap();
        let urls = cluster.prepare("bulkhead").await.unwrap();
        let mut installation = Self { cluster: Some(cluster), urls, server: None, directory };
        installation.serve().await;
        installation
    }

    /// Starts the program and waits until it is ready.
    pub async fn serve(&mut self) {
        let (listen, internal) = (free_address(), free_address());
        let origin = format!("http://{listen}");
        let log = File::options().create(true).append(true).open(self.directory.path().join("server.log")).unwrap();
        let secret = |url: &SecretString| url.expose_secret().to_owned();
        let child = Command::new(env!("CARGO_BIN_EXE_bulkhead"))
            .args(["serve", "--migrate", "--seed-demo", "--listen", &listen, "--internal-listen", &internal])
            .args(["--public-url", &origin, "--argon2-memory", "64KiB", "--argon2-iterations", "1"])
            .arg("--data-dir")
            .arg(self.directory.path().join("data"))
            .env_clear()
            // The scripts of a build have hashes in their names; no page is opened in a browser here, so none are built.
            .env("LEPTOS_HASH_FILES", "false")
            .env("BULKHEAD_DATABASE_URL", secret(&self.urls.app))
            .env("BULKHEAD_DATABASE_OPERATOR_URL", secret(&self.urls.operator))
            .env("BULKHEAD_DATABASE_AUTH_URL", secret(&self.urls.auth))
            .env("BULKHEAD_DATABASE_MIGRATE_URL", secret(&self.urls.migrate))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.server = Some(Server { child, origin });
        self.ready().await;
    }

    /// Waits until the program says that it is ready.
    pub async fn ready(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.visitor().get("/readyz").await.is_ok_and(|answer| answer.status == StatusCode::OK) {
            let ended = self.server.as_mut().and_then(|server| server.child.try_wait().unwrap());
            if ended.is_some() || Instant::now() > deadline {
                panic!("the server is not ready ({ended:?}):\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// `kill -9`: no handler runs, no connection is closed by us.
    pub fn kill_server(&mut self) {
        let mut server = self.server.take().unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }

    /// Stops PostgreSQL as an administrator would: what is open is rolled back.
    pub async fn stop_database(&mut self) {
        self.cluster.take().unwrap().stop().await.unwrap();
    }

    /// Starts PostgreSQL again where it was.
    pub async fn start_database(&mut self) {
        let port = url::Url::parse(self.urls.migrate.expose_secret()).unwrap().port();
        self.cluster = Some(Cluster::start(options(&self.directory, port)).await.unwrap());
    }

    /// What the program has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("server.log")).unwrap_or_default()
    }

    /// Where the migrator connects, whom policies do not bind: for looking at what is true.
    pub fn as_migrator(&self) -> &SecretString {
        &self.urls.migrate
    }

    /// A browser that nobody has signed in with.
    pub fn visitor(&self) -> Browser {
        let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build().unwrap();
        Browser { client, origin: self.server.as_ref().unwrap().origin.clone(), cookies: Arc::default() }
    }

    /// A browser in which a demo account is signed in.
    pub async fn signed_in(&self, slug: &str, email: &str) -> Browser {
        let browser = self.visitor();
        let form = format!("email={email}&password={DEMO_PASSWORD}&next=");
        let answer = browser.post_form(&format!("/login/{slug}"), form).await.unwrap();
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{email} signs in: {}", answer.text);
        browser
    }
}

fn options(directory: &TempDir, port: Option<u16>) -> ClusterOptions {
    // Nobody pulls the plug here; what is killed is a process, whose writes the kernel keeps.
    ClusterOptions { fsync: false, port, ..ClusterOptions::new(directory.path().join("postgres")) }
}

/// An address that nobody listens on; the server takes it a moment later.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Keeps cookies, says where its requests come from, does not follow redirects.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
    origin: String,
    /// By name, what was set last; nothing here expires meanwhile, or is for one path only.
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// A header; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The value of a hidden field in the page.
    pub fn hidden(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    /// Follows a link.
    pub async fn get(&self, path: &str) -> reqwest::Result<Answer> {
        let request = self.client.get(self.at(path)).header("sec-fetch-site", "none").header("accept", "text/html,*/*");
        self.read(request).await
    }

    /// Sends a form of our own page.
    pub async fn post_form(&self, path: &str, form: String) -> reqwest::Result<Answer> {
        let request = self.client.post(self.at(path)).header("sec-fetch-site", "same-origin");
        let request = request.header("accept", "text/html,*/*");
        self.read(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    /// Calls the API from our own page.
    pub async fn patch(&self, path: &str, tag: &str, body: serde_json::Value) -> reqwest::Result<Answer> {
        let request = self.client.patch(self.at(path)).header("sec-fetch-site", "same-origin");
        self.read(request.header("if-match", tag).json(&body)).await
    }

    /// Calls the API from our own page.
    pub async fn post(&self, path: &str, body: serde_json::Value) -> reqwest::Result<Answer> {
        self.read(self.client.post(self.at(path)).header("sec-fetch-site", "same-origin").json(&body)).await
    }

    /// The same browser, with its cookies, at the server as it was started last.
    pub fn moved_to(&self, installation: &Installation) -> Self {
        Self { origin: installation.visitor().origin, ..self.clone() }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// An answer counts only when it arrived whole.
    async fn read(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let sent: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response: Response = request.header(COOKIE, sent.join("; ")).send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        for set in headers.get_all(SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        Ok(Answer { status, headers, text: response.text().await? })
    }
}
