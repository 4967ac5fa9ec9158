//! Mail: what it says ([`templates`]), how it leaves ([`Transport`]), and what to do when it does not ([`retry_after`]).
//!
//! A use case writes a [`Mail`] into the outbox in its own transaction; the mail worker takes it from there,
//! makes a [`Message`] of it and sends it, at least once. The outbox id is the Message-ID, so a receiver can
//! recognise the second copy of a mail whose first answer got lost.
//!
//! # How to add a mail
//! A function in `templates.rs` from typed arguments to [`Mail`], with a `kind` of its own. Text only: it is
//! readable everywhere, cannot track anybody, and a link in it shows where it goes. Every name that a person
//! chose passes through `quiet`; every link is made by `link` from the configured public URL, never from a
//! request (F14). Add the function to the test `no_template_can_be_bent`.

mod directory;
mod message;
mod retry;
#[cfg(test)]
mod smtp_server;
mod templates;
mod transport;

pub use directory::Delivered;
pub use message::Message;
pub use retry::{MAX_ATTEMPTS, backoff, retry_after};
pub(crate) use templates::alert;
pub(crate) use templates::invitation;
pub use templates::{Mail, invitation_link, joined, organizations, password_changed, password_reset};
pub use transport::{SendError, Transport, TransportError};
