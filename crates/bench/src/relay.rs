//! Stands between the server and PostgreSQL and counts: round trips cannot be argued with.
//!
//! PostgreSQL ends every round trip with one ReadyForQuery message ("Message Formats", chapter 55 of its manual), so
//! counting those is counting trips, however many messages went out together.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

use crate::{Result, program};

/// What passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Round trips of any kind.
    pub trips: usize,
    /// … that ran a prepared statement.
    pub executed: usize,
    /// … that only asked whether the connection lives, which sqlx does whenever one comes back to its pool.
    pub pings: usize,
    /// … with statements sent as text, in order.
    pub texts: Vec<String>,
}

impl Counted {
    /// Adds what passed later.
    pub fn add(&mut self, later: Self) {
        self.trips += later.trips;
        self.executed += later.executed;
        self.pings += later.pings;
        self.texts.extend(later.texts);
    }
}

/// A running relay; dropped, it ends.
pub struct Relay {
    /// Where the server connects instead of to PostgreSQL.
    pub address: SocketAddr,
    counted: Arc<Mutex<Counted>>,
    _tasks: JoinSet<()>,
}

impl Relay {
    /// Listens, and passes everything on to `postgres`.
    pub async fn start(postgres: SocketAddr) -> Result<Self> {
        let address = program::free_address()?;
        let listener = TcpListener::bind(address).await?;
        let counted = Arc::new(Mutex::new(Counted::default()));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, postgres, Arc::clone(&counted)));
        Ok(Self { address, counted, _tasks: tasks })
    }

    /// What passed since the last time.
    pub fn take(&self) -> Counted {
        std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn accept(listener: TcpListener, postgres: SocketAddr, counted: Arc<Mutex<Counted>>) {
    let mut connections = JoinSet::new();
    while let Ok((server, _)) = listener.accept().await {
        let Ok(upstream) = TcpStream::connect(postgres).await else { return };
        let ((from_server, to_server), (from_postgres, to_postgres)) = (server.into_split(), upstream.into_split());
        connections.spawn(pass(from_server, to_postgres, Messages::of_the_server(), Arc::clone(&counted)));
        connections.spawn(pass(from_postgres, to_server, Messages::of_postgres(), Arc::clone(&counted)));
    }
}

/// Passes bytes on until one side has enough, and counts the messages in them.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut messages: Messages, counted: Arc<Mutex<Counted>>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..length).unwrap_or_default();
        // Counted before it is passed on: whoever has seen the answer finds it counted.
        messages.read(bytes, &mut counted.lock().unwrap_or_else(PoisonError::into_inner));
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

/// One direction of a connection, taken apart into messages.
struct Messages {
    from_server: bool,
    /// Whether the messages without a type byte, at the connection's begin, have all passed.
    begun: bool,
    pending: Vec<u8>,
    executes: bool,
    prepares: bool,
}

impl Messages {
    const fn of_the_server() -> Self {
        Self { from_server: true, begun: false, pending: Vec::new(), executes: false, prepares: false }
    }

    fn of_postgres() -> Self {
        Self { from_server: false, ..Self::of_the_server() }
    }

    fn read(&mut self, bytes: &[u8], counted: &mut Counted) {
        self.pending.extend_from_slice(bytes);
        while let Some((kind, body)) = self.next() {
            match (self.from_server, kind) {
                (true, b'Q') => counted
                    .texts
                    .push(String::from_utf8_lossy(body.split(|b| *b == 0).next().unwrap_or_default()).into_owned()),
                // What was sent since the last Sync decides what its round trip was for.
                (true, b'S') if self.executes => counted.executed += 1,
                (true, b'S') if !self.prepares => counted.pings += 1,
                (false, b'Z') => counted.trips += 1,
                _ => {}
            }
            self.executes = self.from_server && (kind == b'E' || self.executes && kind != b'S');
            self.prepares = self.from_server && (kind == b'P' || self.prepares && kind != b'S');
        }
    }

    /// The next whole message: its type (0 where it has none) and what it says.
    fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        if !self.begun && !self.from_server {
            // The answer to "do you speak TLS?" is a single byte, `N`; authentication begins with `R`.
            self.begun = *self.pending.first()? == b'R';
            if !self.begun {
                self.pending.remove(0);
                return Some((0, Vec::new()));
            }
        }
        let prefix = if self.begun { 1 } else { 0 };
        let length: [u8; 4] = self.pending.get(prefix..prefix + 4)?.try_into().ok()?;
        let end = prefix + usize::try_from(u32::from_be_bytes(length)).ok()?;
        let body = self.pending.get(prefix + 4..end)?.to_vec();
        let kind = if self.begun { *self.pending.first()? } else { 0 };
        // Version 3.0 of the protocol; everything else without a type is a question whether to encrypt.
        self.begun |= body.starts_with(&[0, 3, 0, 0]);
        self.pending.drain(..end);
        Some((kind, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap_or_default();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    }

    #[test]
    fn trips_and_statements_are_counted_however_the_bytes_are_cut() {
        let startup = |body: &[u8]| message(0, body).split_off(1);
        let from_server = [
            startup(&[4, 210, 22, 47]),
            startup(&[0, 3, 0, 0, b'u', 0]),
            message(b'Q', b"BEGIN; SELECT 1\0"),
            message(b'B', b"x"),
            message(b'E', b"\0\0\0\0\0"),
            message(b'S', b""),
            message(b'P', b"x"),
            message(b'S', b""),
            message(b'S', b""),
        ]
        .concat();
        let from_postgres =
            [vec![b'N'], message(b'R', &[0; 4]), message(b'Z', b"I"), message(b'D', b"ZZZ"), message(b'Z', b"T")]
                .concat();
        for size in [1, 3, 1000] {
            let mut counted = Counted::default();
            let (mut server, mut postgres) = (Messages::of_the_server(), Messages::of_postgres());
            from_server.chunks(size).for_each(|bytes| server.read(bytes, &mut counted));
            from_postgres.chunks(size).for_each(|bytes| postgres.read(bytes, &mut counted));
            let texts = vec!["BEGIN; SELECT 1".to_owned()];
            assert_eq!(counted, Counted { trips: 2, executed: 1, pings: 1, texts });
        }
    }
}
