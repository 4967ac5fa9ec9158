#![expect(clippy::unwrap_used, reason = "tests")]

use bulkhead_model::Id;
use uuid::Uuid;

use super::super::smtp_server::{Manner, SmtpServer};
use super::*;

const FROM: &str = "Bulkhead <no-reply@console.example>";

fn message() -> Message {
    Message {
        id: Id::from_uuid(Uuid::from_u128(7)),
        recipient: "ada@example.com".to_owned(),
        subject: "Grüße".to_owned(),
        text: "First line\n.hidden dot\n.\nhttps://console.example/invite/bhi_x\n".to_owned(),
    }
}

fn smtp(server: &SmtpServer) -> Transport {
    Transport::smtp(&server.url(), FROM).unwrap()
}

#[tokio::test]
async fn arrives_whole() {
    let server = SmtpServer::start(Manner::Accepts).unwrap();
    smtp(&server).send(&message()).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.mails.len(), 1);
    assert!(seen.commands.iter().any(|command| command == "RCPT TO:<ada@example.com>"), "{:?}", seen.commands);
    let mail = String::from_utf8(seen.mails[0].clone()).unwrap();
    assert!(mail.contains("Message-ID: <00000000-0000-0000-0000-000000000007@console.example>\r\n"), "{mail}");
    assert!(mail.contains("\r\nhttps://console.example/invite/bhi_x\r\n"), "a lone dot did not end the text: {mail}");
}

#[tokio::test]
async fn answers_decide_what_happens_next() {
    for (manner, permanent) in [
        (Manner::RefusesRecipient(450), false), // greylisting
        (Manner::RefusesRecipient(421), false),
        (Manner::RefusesRecipient(550), true),
        (Manner::RefusesRecipient(530), false), // "sign in first": our settings, not this mail
    ] {
        let server = SmtpServer::start(manner).unwrap();
        let error = smtp(&server).send(&message()).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Permanent(_)), permanent, "{error:?}");
        assert_eq!(super::super::retry_after(&error, 1).is_none(), permanent);
        let shown = error.to_string();
        assert!(shown.contains("is not wanted here") && !shown.contains("ada@"), "{shown}");
        assert!(server.seen().mails.is_empty());
    }
}

#[tokio::test]
async fn a_wrong_password_loses_no_mail() {
    let server = SmtpServer::start(Manner::RefusesSignIn(535)).unwrap();
    // In the clear, which `Transport::smtp` would refuse: only this test builds such a thing.
    let url = format!("smtp://user:secret@127.0.0.1:{}", server.port);
    let inner = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).unwrap().build();
    let error = Transport::new(FROM, Via::Smtp(inner)).unwrap().send(&message()).await.unwrap_err();
    assert!(matches!(&error, SendError::Temporary(text) if text.contains("535")), "{error:?}");
    assert!(server.seen().commands.iter().any(|command| command.starts_with("AUTH")), "it did get that far");
}

#[tokio::test]
async fn a_password_never_travels_in_the_clear() {
    // The server offers sign-in but no STARTTLS: a downgrade, or a machine in the middle.
    let server = SmtpServer::start(Manner::RefusesSignIn(235)).unwrap();
    let url = format!("smtp://user:secret@127.0.0.1:{}", server.port);
    let error = Transport::smtp(&url, FROM).unwrap().send(&message()).await.unwrap_err();
    assert!(matches!(error, SendError::Temporary(_)), "{error:?}");
    assert!(!server.seen().commands.iter().any(|command| command.starts_with("AUTH")));
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    for manner in [Manner::Silent, Manner::SilentAfterText] {
        let server = SmtpServer::start(manner).unwrap();
        let transport = Transport { send_timeout: Duration::from_millis(500), ..smtp(&server) };
        let error = tokio::time::timeout(Duration::from_secs(5), transport.send(&message())).await.unwrap();
        assert_eq!(error, Err(SendError::Temporary("the SMTP server did not answer in time".to_owned())));
        // The given-up connection is gone: the next mail starts afresh instead of in the middle of this one.
        let again = transport.send(&message()).await;
        assert!(again.is_err());
        let greetings = server.seen().commands.iter().filter(|command| command.starts_with("EHLO")).count();
        assert_eq!(greetings, if manner == Manner::Silent { 0 } else { 2 });
    }
}

#[tokio::test]
async fn nobody_listening_is_temporary() {
    let server = SmtpServer::start(Manner::Accepts).unwrap();
    let transport = smtp(&server);
    drop(server);
    std::thread::sleep(Duration::from_millis(100));
    assert!(matches!(transport.send(&message()).await, Err(SendError::Temporary(_))));
}

#[test]
fn settings_are_checked_before_anything_is_sent() {
    let mode = |url: &str| tls_mode(&Url::parse(url).unwrap());
    assert_eq!(mode("smtps://user:pw@mail.example"), Ok(None));
    assert_eq!(mode("smtp://user:pw@mail.example"), Ok(Some("required")));
    assert_eq!(mode("smtp://mail.example"), Ok(Some("opportunistic")));
    assert_eq!(mode("smtp://mail.example?tls=required"), Ok(Some("required")));
    assert_eq!(mode("smtp://mail.example?tls=none"), Ok(None));
    for local in ["smtp://localhost:1025", "smtp://127.0.0.1", "smtp://[::1]:25"] {
        assert_eq!(mode(local), Ok(None), "{local}");
    }
    assert_eq!(mode("smtp://user:pw@localhost?tls=none"), Err(TransportError::CredentialsInClear));
    assert_eq!(mode("smtp://user:pw@mail.example?tls=opportunistic"), Err(TransportError::CredentialsInClear));
    assert_eq!(mode("smtp://user@mail.example"), Err(TransportError::Credentials));
    assert_eq!(mode("smtp://mail.example?tls=yes"), Err(TransportError::Tls));
    assert_eq!(mode("smtps://mail.example?tls=none"), Err(TransportError::Tls));
    assert_eq!(mode("http://mail.example"), Err(TransportError::Url));
    assert_eq!(Transport::smtp("mail.example", FROM).unwrap_err(), TransportError::Url);
    assert_eq!(Transport::smtp("smtp://localhost", "nobody").unwrap_err(), TransportError::Sender);
}

#[test]
fn nothing_printable_holds_the_password() {
    for url in ["smtps://user:hunter2@mail.example", "smtp://user:hunter2@mail.example"] {
        let transport = Transport::smtp(url, FROM).unwrap();
        assert!(!format!("{transport:?}").contains("hunter2"));
    }
    for bad in ["smtp://user:hunter2@", "imap://user:hunter2@mail.example", "smtp://user:hunter2@mail.example?tls=none"]
    {
        let error = Transport::smtp(bad, FROM).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[test]
fn server_words_become_one_short_line() {
    assert_eq!(presentable("550 5.1.1 <ada@example.com>:\r\n\tno\0such user"), "550 5.1.1 <address> no such user");
    assert_eq!(presentable(&"x ".repeat(500)).len(), 200);
}

#[tokio::test]
async fn the_directory_keeps_mail_private_and_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mail");
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let transport = Transport::directory(&path, FROM).unwrap().with_clock(clock);
    assert_eq!(transport.directory_path(), Some(path.as_path()));
    assert_eq!(transport.delivered(10).await.unwrap(), [], "nothing yet, not even the directory");
    // Twice, as after an answer that got lost: still one mail.
    transport.send(&message()).await.unwrap();
    transport.send(&message()).await.unwrap();
    std::fs::write(path.join("note.json"), "not ours").unwrap();
    let delivered = transport.delivered(10).await.unwrap();
    assert_eq!(delivered.len(), 1);
    assert_eq!((&delivered[0].recipient, &delivered[0].text), (&message().recipient, &message().text));
    assert_eq!(delivered[0].at.unix_timestamp(), 1_795_000_000);
    assert_eq!(transport.delivered(0).await.unwrap(), []);
    let mut names: Vec<_> =
        std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let id = message().id;
    assert_eq!(names, [format!("{id}.eml"), format!("{id}.json"), "note.json".to_owned()], "nothing half-written");
    let eml = std::fs::read_to_string(path.join(format!("{id}.eml"))).unwrap();
    assert!(eml.contains("Date: Wed, 18 Nov 2026 11:06:40 +0000\r\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(format!("{id}.eml"))), 0o600);
        assert_eq!(mode(&path.join(format!("{id}.json"))), 0o600);
    }
}
