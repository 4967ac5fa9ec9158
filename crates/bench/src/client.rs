//! The load: keep-alive connections that ask one after the other and look at every answer. A refusal is fast, and so is
//! an empty page: either ends the run.

use std::{net::SocketAddr, time::Instant};

use futures::future::try_join_all;
use http::{Method, Request, StatusCode, header, response::Parts};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet, time::Duration};

use crate::{Result, seed};

/// What is asked for, and what the answer must be.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Path and query.
    pub path: String,
    /// The session cookie, `name=value`.
    pub cookie: Option<String>,
    /// A form that is sent; without, and without JSON, it is a GET.
    pub form: Option<String>,
    /// JSON that is sent.
    pub json: Option<String>,
    /// The status that the answer must have.
    pub status: StatusCode,
    /// Whether the server may also say that it is too busy (503); such answers are counted apart.
    pub may_be_refused: bool,
    /// A text and how often it must be in the body.
    pub rows: (&'static str, usize),
    /// A text that must be in the body: the right organization.
    pub holds: String,
}

impl Ask {
    /// A GET that must be answered with 200.
    pub fn get(path: impl Into<String>, cookie: Option<&str>) -> Self {
        Self {
            path: path.into(),
            cookie: cookie.map(str::to_owned),
            form: None,
            json: None,
            status: StatusCode::OK,
            may_be_refused: false,
            rows: ("", 0),
            holds: String::new(),
        }
    }

    /// A POST of JSON that must be answered with 200.
    pub fn json(path: impl Into<String>, cookie: &str, json: String) -> Self {
        Self { json: Some(json), ..Self::get(path, Some(cookie)) }
    }

    /// … with so many rows.
    pub fn rows(mut self, mark: &'static str, times: usize) -> Self {
        self.rows = (mark, times);
        self
    }

    /// … and this text.
    pub fn holds(mut self, text: impl Into<String>) -> Self {
        self.holds = text.into();
        self
    }

    /// A password sign-in of an organization's admin, which must be answered with a redirect.
    pub fn sign_in(slug: &str) -> Self {
        let (email, password) = (seed::admin_of(slug).replace('@', "%40"), seed::PASSWORD.replace(' ', "+"));
        Self {
            form: Some(format!("email={email}&password={password}&next=")),
            status: StatusCode::SEE_OTHER,
            ..Self::get(format!("/login/{slug}"), None)
        }
    }
}

/// How an ask was answered.
pub enum Answer {
    /// As it must be; with the session's cookie, `name=value`, if one was set.
    Given {
        /// The cookie.
        session: Option<String>,
    },
    /// The server was too busy, which the ask allowed.
    Refused,
}

/// A keep-alive connection.
pub struct Connection {
    address: SocketAddr,
    sender: http1::SendRequest<Full<Bytes>>,
    /// Drives the connection; ends with it.
    _driver: JoinSet<()>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // Its end shows in the next request.
            let _ = connection.await;
        });
        Ok(Self { address, sender, _driver: driver })
    }

    /// Asks and gives the answer as it is.
    pub async fn fetch(&mut self, ask: &Ask) -> Result<(Parts, Bytes)> {
        let (kind, body) = match (&ask.form, &ask.json) {
            (Some(form), _) => (Some("application/x-www-form-urlencoded"), form.clone()),
            (None, Some(json)) => (Some("application/json"), json.clone()),
            (None, None) => (None, String::new()),
        };
        let mut request = Request::builder()
            .method(if kind.is_some() { Method::POST } else { Method::GET })
            .uri(&ask.path)
            .header(header::HOST, self.address.to_string())
            .header(header::USER_AGENT, "bulkhead-bench")
            .header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &ask.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let response = self.sender.send_request(request.body(Full::new(Bytes::from(body)))?).await?;
        let (head, body) = response.into_parts();
        Ok((head, body.collect().await?.to_bytes()))
    }

    /// Asks, and refuses any other answer than the one expected.
    pub async fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let (head, body) = self.fetch(ask).await?;
        let path = &ask.path;
        if ask.may_be_refused && head.status == StatusCode::SERVICE_UNAVAILABLE {
            return Ok(Answer::Refused);
        }
        if head.status != ask.status {
            let text = String::from_utf8_lossy(&body);
            return Err(format!("{path} answered {} and not {}: {text:.400}", head.status, ask.status).into());
        }
        let (mark, times) = ask.rows;
        let text = std::str::from_utf8(&body)?;
        if times > 0 && text.matches(mark).count() != times {
            return Err(format!("{path} has {} times {mark:?} and not {times}", text.matches(mark).count()).into());
        }
        if !text.contains(&ask.holds) {
            return Err(format!("{path} does not hold {:?}", ask.holds).into());
        }
        let cookies = head.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let session =
            cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("bulkhead="));
        Ok(Answer::Given { session: session.map(str::to_owned) })
    }
}

/// Signs an organization's admin in and gives the session's cookie.
pub async fn sign_in(address: SocketAddr, slug: &str) -> Result<String> {
    match Connection::open(address).await?.ask(&Ask::sign_in(slug)).await? {
        Answer::Given { session: Some(session) } => Ok(session),
        _ => Err("the sign-in set no session cookie".into()),
    }
}

/// Several connections that ask the same things in turn.
pub struct Load {
    connections: Vec<Connection>,
    asks: Vec<Ask>,
    /// How many asks were refused so far.
    pub refused: usize,
}

impl Load {
    /// Opens the connections.
    pub async fn open(address: SocketAddr, connections: usize, asks: Vec<Ask>) -> Result<Self> {
        let connections = try_join_all((0..connections).map(|_| Connection::open(address))).await?;
        Ok(Self { connections, asks, refused: 0 })
    }

    /// Asks for `time`, each connection one after the other; the latencies of what was answered, in seconds.
    pub async fn run_for(&mut self, time: Duration) -> Result<Vec<f64>> {
        let begin = Instant::now();
        let (asks, many) = (&self.asks, self.connections.len());
        let loops = self.connections.iter_mut().enumerate().map(|(place, connection)| async move {
            let (mut latencies, mut refused) = (Vec::new(), 0);
            // Connections begin at different places, so that no two sign the same account in at once.
            for ask in asks.iter().cycle().skip(place * asks.len() / many) {
                let sent = Instant::now();
                if sent.duration_since(begin) >= time {
                    break;
                }
                match connection.ask(ask).await? {
                    Answer::Given { .. } => latencies.push(sent.elapsed().as_secs_f64()),
                    Answer::Refused => refused += 1,
                }
            }
            Ok::<_, crate::Failure>((latencies, refused))
        });
        let (latencies, refused): (Vec<_>, Vec<usize>) = try_join_all(loops).await?.into_iter().unzip();
        self.refused += refused.iter().sum::<usize>();
        Ok(latencies.concat())
    }
}
