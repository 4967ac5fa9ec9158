//! A real listener and real sockets.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

mod tls;

use std::net::Ipv4Addr;

use axum::{extract::ConnectInfo, routing::get};
use futures::FutureExt as _;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::Notify,
    task::JoinSet,
    time::{Instant, timeout},
};

use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const SOON: Duration = Duration::from_secs(5);

fn limits() -> Limits {
    Limits {
        connections: 64,
        connections_per_address: 64,
        trusted_proxies: Vec::new(),
        header_timeout: Duration::from_millis(300),
        idle_timeout: Duration::from_millis(300),
        write_timeout: Duration::from_millis(300),
        http2_max_streams: 8,
        drain_delay: Duration::ZERO,
        drain_timeout: Duration::from_secs(2),
    }
}

/// A server for one test, stopped when dropped.
struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
    tasks: JoinSet<()>,
}

impl Server {
    async fn start(router: Router, limits: Limits, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), tls, limits).await.unwrap();
        let address = listener.address();
        let shutdown = Shutdown::new();
        let mut tasks = JoinSet::new();
        let handle = shutdown.clone();
        tasks.spawn(async move {
            tokio::join!(listener.serve(router, &handle), handle.close_after(Duration::ZERO));
            handle.finish().await;
        });
        Self { address, shutdown, tasks }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stopped(&mut self) {
        self.tasks.join_next().await.unwrap().unwrap();
    }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// Everything until the server closes; an error is as good as a close here.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(SOON, stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    stream.write_all(REQUEST).await.unwrap();
    rest(stream).await
}

#[tokio::test]
async fn answers_and_knows_the_peer() {
    let router =
        Router::new().route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }));
    let server = Server::start(router, limits(), None).await;
    let mut stream = server.connect().await;
    let own = stream.local_addr().unwrap().to_string();
    let answer = ask(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(&own), "{answer}");
}

#[tokio::test]
async fn a_client_that_dawdles_is_cut() {
    let server = Server::start(hello(), limits(), None).await;
    // Nothing at all, half of HTTP/2's preface, half of a header, and an idle connection after an answer.
    for opening in ["", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX-", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let begin = Instant::now();
        let mut stream = server.connect().await;
        stream.write_all(opening.as_bytes()).await.unwrap();
        rest(&mut stream).await;
        assert!(begin.elapsed() < Duration::from_secs(2), "{opening:?} was held {:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn a_header_that_drips_is_cut_although_bytes_keep_coming() {
    let server = Server::start(hello(), limits(), None).await;
    let mut stream = server.connect().await;
    let begin = Instant::now();
    while begin.elapsed() < SOON && stream.write_all(b"P").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begin.elapsed() < Duration::from_secs(2), "held {:?}", begin.elapsed());
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut() {
    let router = Router::new().route("/", get(|| async { "x".repeat(64 * 1024 * 1024) }));
    let mut server = Server::start(router, limits(), None).await;
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.shutdown.begin();
    // Less than the drain's time: the write deadline has ended the connection, not the drain.
    timeout(Duration::from_secs(1), server.stopped()).await.unwrap();
}

#[tokio::test]
async fn an_idle_http2_connection_is_closed() {
    let server = Server::start(hello(), limits(), None).await;
    let mut stream = server.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let begin = Instant::now();
    rest(&mut stream).await;
    assert!(begin.elapsed() < Duration::from_secs(3), "held {:?}", begin.elapsed());
}

#[tokio::test]
async fn at_the_cap_others_wait_and_are_served_later() {
    let slow = Limits { connections: 1, header_timeout: Duration::from_secs(1), ..limits() };
    let server = Server::start(hello(), slow, None).await;
    let holder = server.connect().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut waiting = server.connect().await;
    waiting.write_all(REQUEST).await.unwrap();
    let mut byte = [0];
    assert!(timeout(Duration::from_millis(200), waiting.read(&mut byte)).await.is_err(), "served over the cap");
    drop(holder);
    assert!(rest(&mut waiting).await.contains("200 OK"));
}

#[tokio::test]
async fn one_address_cannot_take_every_place() {
    let server = Server::start(hello(), Limits { connections_per_address: 2, ..limits() }, None).await;
    let _held = [server.connect().await, server.connect().await];
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut third = server.connect().await;
    assert_eq!(rest(&mut third).await, "");

    let exempt =
        Limits { connections_per_address: 2, trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..limits() };
    let server = Server::start(hello(), exempt, None).await;
    let _held = [server.connect().await, server.connect().await];
    assert!(ask(&mut server.connect().await).await.contains("200 OK"));
}

#[tokio::test]
async fn a_drain_finishes_what_runs_and_takes_nothing_new() {
    let (started, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begun, go) = (Arc::clone(&started), Arc::clone(&finish));
    let slow = move || async move {
        begun.notify_one();
        go.notified().await;
        "done"
    };
    let mut server = Server::start(Router::new().route("/", get(slow)), limits(), None).await;
    let (order, worker) = (Arc::new(std::sync::Mutex::new(Vec::new())), server.shutdown.workers());
    let log = Arc::clone(&order);
    server.shutdown.spawn(async move {
        worker.cancelled().await;
        log.lock().unwrap().push("worker stopped");
    });

    let mut running = server.connect().await;
    running.write_all(REQUEST).await.unwrap();
    started.notified().await;
    server.shutdown.begin();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "took a new connection");
    assert!(order.lock().unwrap().is_empty(), "a worker stopped before the last request");

    order.lock().unwrap().push("request finished");
    finish.notify_one();
    assert!(rest(&mut running).await.ends_with("done"));
    timeout(SOON, server.stopped()).await.unwrap();
    assert_eq!(*order.lock().unwrap(), ["request finished", "worker stopped"]);
}

#[tokio::test]
async fn a_drain_does_not_wait_for_ever() {
    let stuck = Router::new().route("/", get(futures::future::pending::<&str>));
    let mut server = Server::start(stuck, Limits { drain_timeout: Duration::from_millis(200), ..limits() }, None).await;
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.shutdown.begin();
    timeout(Duration::from_secs(1), server.stopped()).await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_panic_outside_of_the_stack_ends_one_connection_only() {
    #[expect(clippy::panic, reason = "this is the panic under test")]
    async fn panics() -> &'static str {
        panic!("on purpose")
    }
    let server = Server::start(hello().route("/panic", get(panics)), limits(), None).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
    assert!(ask(&mut server.connect().await).await.contains("200 OK"));
}

#[tokio::test]
async fn the_internal_listener_serves_metrics_and_probes() {
    let check: Check = Arc::new(|| futures::future::ready(Readiness::because(vec!["database"])).boxed());
    let server = Server::start(internal_router(check, Shutdown::new()), limits(), None).await;
    metrics::counter!(crate::telemetry::REQUESTS, "method" => "GET", "route" => "/t/{slug}", "status" => "200")
        .increment(1);
    for (path, part) in [
        ("/metrics", "http_requests_total{"),
        ("/healthz", "200 OK"),
        ("/readyz", "503 Service Unavailable"),
        ("/readyz", "\"database\""),
    ] {
        let mut stream = server.connect().await;
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.contains(part), "{path}: {answer}");
    }
}
