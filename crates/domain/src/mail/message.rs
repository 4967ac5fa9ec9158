//! [`Message`]: one mail to one address, and its form on the wire.

use std::time::SystemTime;

use bulkhead_model::id::MailId;
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, header};

use super::SendError;

/// A mail as the outbox hands it out.
#[derive(Clone)]
pub struct Message {
    /// Its outbox id, which becomes the Message-ID: equal for every attempt.
    pub id: MailId,
    /// One address.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Message {
    /// The RFC 5322 form. Nothing in it can start a header of its own: the address is parsed, the subject
    /// loses its control characters, and the body comes after the headers.
    pub(super) fn to_wire(&self, from: &Mailbox, now: SystemTime) -> Result<lettre::Message, SendError> {
        let malformed = |what: &str| SendError::Permanent(format!("the {what} is malformed"));
        let to: Address = self.recipient.parse().map_err(|_| malformed("recipient's address"))?;
        let subject: String = self.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        lettre::Message::builder()
            .message_id(Some(format!("<{}@{}>", self.id, from.email.domain())))
            // HTTP dates, which lettre writes with, begin in 1970.
            .date(now.max(SystemTime::UNIX_EPOCH))
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .raw_header(auto_submitted())
            .header(ContentType::TEXT_PLAIN)
            .header(header::MIME_VERSION_1_0)
            .body(self.text.clone())
            .map_err(|_| malformed("mail"))
    }
}

/// RFC 3834 § 5: keeps "I am on holiday" from coming back.
fn auto_submitted() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::Duration;

    use bulkhead_model::Id;
    use proptest::prelude::*;

    use super::*;

    fn message(recipient: &str, subject: &str, text: &str) -> Message {
        Message {
            id: Id::from_uuid(uuid::Uuid::from_u128(7)),
            recipient: recipient.into(),
            subject: subject.into(),
            text: text.into(),
        }
    }

    fn wire(message: &Message) -> String {
        let from = "Bulkhead <no-reply@console.example>".parse().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        String::from_utf8(message.to_wire(&from, now).unwrap().formatted()).unwrap()
    }

    #[test]
    fn has_the_headers_of_a_machines_mail() {
        let wire = wire(&message("ada@example.com", "Où êtes-vous", "Zeile\nzwei ✓\n"));
        let (head, body) = wire.split_once("\r\n\r\n").unwrap();
        for line in [
            "Message-ID: <00000000-0000-0000-0000-000000000007@console.example>",
            "Date: Wed, 18 Nov 2026 11:06:40 +0000",
            "From: Bulkhead <no-reply@console.example>",
            "To: ada@example.com",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(head.lines().any(|found| found == line), "{line} in\n{head}");
        }
        assert!(head.is_ascii() && body.is_ascii(), "needs no 8BITMIME");
        assert!(head.contains("Content-Type: text/plain; charset=utf-8"));
    }

    #[test]
    fn an_address_is_one_address() {
        let from: Mailbox = "no-reply@console.example".parse().unwrap();
        for bad in
            ["", "ada", "ada@example.com\r\nBcc: x@example.com", "a@example.com, b@example.com", "<a@example.com>"]
        {
            let refused = message(bad, "s", "t").to_wire(&from, SystemTime::UNIX_EPOCH).unwrap_err();
            assert!(matches!(refused, SendError::Permanent(_)), "{bad}");
            assert!(bad.is_empty() || !refused.to_string().contains(bad), "no address in an error");
        }
    }

    #[test]
    fn times_before_1970_do_not_panic() {
        let from: Mailbox = "no-reply@console.example".parse().unwrap();
        let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert!(message("a@example.com", "s", "t").to_wire(&from, early).is_ok());
    }

    proptest! {
        #[test]
        fn no_subject_or_text_adds_a_header(subject in any::<String>(), text in any::<String>()) {
            let names = |wire: &str| -> Vec<String> {
                let head = wire.split_once("\r\n\r\n").unwrap().0;
                let fields = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
                fields.map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
            };
            let wire = wire(&message("a@example.com", &subject, &text));
            let expected = ["Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "Content-Type", "MIME-Version", "Content-Transfer-Encoding"];
            prop_assert_eq!(names(&wire), expected);
        }
    }
}
