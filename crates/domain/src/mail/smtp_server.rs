//! A real SMTP server for tests: `mailin`'s protocol machine behind a loopback listener, one connection after
//! another, ended with the value. It can be told to refuse, or to fall silent.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder, response};

/// What the server does with a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Takes it.
    Accepts,
    /// Answers RCPT with this code, naming the address as servers do.
    RefusesRecipient(u16),
    /// Answers every sign-in with this code, and offers it in the clear.
    RefusesSignIn(u16),
    /// Takes the connection and says nothing.
    Silent,
    /// Takes everything up to the end of the text, and then says nothing.
    SilentAfterText,
}

/// What the server saw.
#[derive(Clone, Default)]
pub(super) struct Seen {
    pub(super) commands: Vec<String>,
    pub(super) mails: Vec<Vec<u8>>,
}

pub(super) struct SmtpServer {
    pub(super) port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl SmtpServer {
    pub(super) fn start(manner: Manner) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let weak = Arc::downgrade(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The test is over once nobody can look at what was seen: Drop connects a last time to wake us.
                let Some(seen) = weak.upgrade() else { return };
                std::thread::spawn(move || converse(&stream, manner, &seen));
            }
        });
        Ok(Self { port, seen })
    }

    pub(super) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub(super) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.seen = Arc::default();
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection, until either side ends it.
fn converse(stream: &TcpStream, manner: Manner, seen: &Arc<Mutex<Seen>>) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    if manner == Manner::Silent {
        lines.read_until(b'\n', &mut line).ok()?;
        return None;
    }
    let mut builder = SessionBuilder::new("test.localhost");
    if matches!(manner, Manner::RefusesSignIn(_)) {
        builder.enable_auth(AuthMechanism::Plain).insecure_enable_plaintext_auth();
    }
    let handler = Mailbox { manner, seen: Arc::clone(seen), text: Vec::new() };
    let mut session = builder.build(IpAddr::V4(Ipv4Addr::LOCALHOST), handler);
    answer(stream, &session.greeting())?;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let reply = session.process(&line);
        if reply.action != Action::NoReply {
            lock(seen).commands.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        if manner == Manner::SilentAfterText && line == b".\r\n" {
            line.clear();
            lines.read_until(b'\n', &mut line).ok()?;
            return None;
        }
        match reply.action {
            Action::NoReply => {}
            Action::Reply => answer(stream, &reply)?,
            Action::Close | Action::UpgradeTls => {
                answer(stream, &reply)?;
                return None;
            }
        }
    }
}

fn answer(mut stream: &TcpStream, reply: &Response) -> Option<()> {
    stream.write_all(&reply.buffer().ok()?).ok()
}

struct Mailbox {
    manner: Manner,
    seen: Arc<Mutex<Seen>>,
    text: Vec<u8>,
}

impl Handler for Mailbox {
    fn rcpt(&mut self, to: &str) -> Response {
        match self.manner {
            Manner::RefusesRecipient(code) => Response::custom(code, format!("<{to}> is not wanted here")),
            _ => response::OK,
        }
    }

    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        lock(&self.seen).mails.push(std::mem::take(&mut self.text));
        response::OK
    }

    fn auth_plain(&mut self, _: &str, _: &str, _: &str) -> Response {
        match self.manner {
            Manner::RefusesSignIn(code) => Response::custom(code, "not you".to_owned()),
            _ => response::AUTH_OK,
        }
    }
}
