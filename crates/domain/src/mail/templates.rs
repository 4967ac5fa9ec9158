//! What each mail says. Plain functions, text only.

use std::fmt::Write as _;

use bulkhead_identity::Token;
use bulkhead_model::{attempt::Alert, text::is_deceptive};
use time::Duration;
use url::Url;

use crate::users::NewInvitation;

/// A mail before it is addressed: its kind for the outbox and the metrics, its subject and its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// What it is for, as the outbox keeps it.
    pub kind: &'static str,
    /// One line, at most 200 characters.
    pub subject: String,
    /// The text. May hold a link that opens an account: never log it.
    pub text: String,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Where an invitation is accepted.
pub fn invitation_link(public_url: &Url, token: &Token) -> String {
    link(public_url, &["invite", &token.reveal()])
}

/// To somebody who is invited: who invites, into what, and the one link that accepts.
pub(crate) fn invitation(public_url: &Url, invitation: &NewInvitation<'_>, token: &Token) -> Mail {
    let (inviter, org) = (quiet(invitation.inviter), quiet(invitation.org_name));
    let (address, span) = (quiet(invitation.email), span(invitation.valid));
    let link = invitation_link(public_url, token);
    Mail {
        kind: "invitation",
        subject: format!("{inviter} invited you to {org}"),
        text: format!(
            "{inviter} invited you to {org}.\n\
             \n\
             Accept the invitation and choose a password:\n\
             \n\
             {link}\n\
             \n\
             You will sign in as {address}. The link works once, for {span}.\n\
             \n\
             If you did not expect this, ignore this mail. Nothing happens until the\n\
             link is used.\n"
        ),
    }
}

/// To somebody who forgot their password: the one link that sets a new one, and how long it works.
pub fn password_reset(public_url: &Url, org_name: &str, valid: Duration, token: &Token) -> Mail {
    let (org, span) = (quiet(org_name), span(valid));
    let link = link(public_url, &["reset", &token.reveal()]);
    Mail {
        kind: "password_reset",
        subject: format!("Choose a new password for {org}"),
        text: format!(
            "Somebody asked to reset the password of your account at {org}.\n\
             \n\
             If it was you, choose a new password here:\n\
             \n\
             {link}\n\
             \n\
             The link works once, for {span}. If it was not you, ignore this mail:\n\
             your password stays as it is.\n"
        ),
    }
}

/// To somebody who forgot where they have an account: every organization at this address, as (slug, name).
pub fn organizations(public_url: &Url, organizations: &[(String, String)]) -> Mail {
    let mut text = String::from("You have an account at:\n");
    for (slug, name) in organizations {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{}\n{}\n", quiet(name), link(public_url, &["login", slug]));
    }
    text.push_str(
        "\nSomebody asked for this list with your address. If it was not you, ignore\n\
         this mail: it went to nobody else.\n",
    );
    Mail { kind: "organizations", subject: "Where you can sign in".to_owned(), text }
}

/// To somebody whose password was changed, by them or through a reset link.
pub fn password_changed(public_url: &Url, org_slug: &str, org_name: &str) -> Mail {
    let org = quiet(org_name);
    let link = link(public_url, &["forgot", org_slug]);
    Mail {
        kind: "password_changed",
        subject: format!("Your password for {org} was changed"),
        text: format!(
            "The password of your account at {org} was changed, and your\n\
             other sessions were ended.\n\
             \n\
             If this was you, there is nothing to do. If it was not, reset the password\n\
             now and tell your administrator:\n\
             \n\
             {link}\n"
        ),
    }
}

/// To an organization's admins: somebody accepted an invitation.
pub fn joined(public_url: &Url, org_slug: &str, org_name: &str, email: &str) -> Mail {
    let (org, email) = (quiet(org_name), quiet(email));
    let link = link(public_url, &["t", org_slug, "users"]);
    Mail {
        kind: "joined",
        subject: format!("{email} joined {org}"),
        text: format!(
            "{email} accepted the invitation to {org}.\n\
             \n\
             {link}\n\
             \n\
             You receive this because new members are announced to admins. An admin can\n\
             switch that off in the organization's settings.\n"
        ),
    }
}

/// To operators: somebody keeps aiming at what belongs to other organizations.
pub(crate) fn alert(public_url: &Url, alert: &Alert, window_minutes: i64) -> Mail {
    let (who, org) = (quiet(&alert.actor.label), quiet(&alert.actor.org_slug));
    let link = link(public_url, &["op", "alerts", &alert.id.to_string()]);
    Mail {
        kind: "alert",
        subject: format!("Cross-tenant attempts by {who}"),
        text: format!(
            "{who} of the organization {org} aimed at objects of other organizations\n\
             {} times within {window_minutes} minutes. Every attempt was refused.\n\
             \n\
             See what was aimed at, and acknowledge the alert:\n\
             \n\
             {link}\n",
            alert.attempts
        ),
    }
}

/// A page of this server. Segments are escaped, so none can leave its place; a query or fragment of the
/// configured URL is dropped, a path kept.
fn link(public_url: &Url, segments: &[&str]) -> String {
    let mut url = public_url.clone();
    url.set_query(None);
    url.set_fragment(None);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url.into()
}

/// A name that somebody chose, safe within a sentence of ours: one line of visible characters, not so long that
/// it pushes our words away, and nothing that mail programs turn into a link of its own (invitations are a
/// favourite carrier: "Your account is locked, see https://…" as an organization's name).
fn quiet(name: &str) -> String {
    let visible: String = name.chars().map(|c| if is_deceptive(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(80).collect();
    let mut line = line.replace("://", " ");
    while let Some(at) = line.to_ascii_lowercase().find("www.") {
        line.replace_range(at + 3..at + 4, " ");
    }
    line
}

/// "7 days", "1 hour", "30 minutes": in the largest unit that is whole.
fn span(duration: Duration) -> String {
    let minutes = duration.whole_minutes().max(1);
    let (count, unit) = match minutes {
        m if m % (24 * 60) == 0 => (m / (24 * 60), "day"),
        m if m % 60 == 0 => (m / 60, "hour"),
        m => (m, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use bulkhead_identity::{TestRandom, TokenPurpose};
    use bulkhead_model::Id;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn token(purpose: TokenPurpose) -> Token {
        Token::generate(purpose, &TestRandom::new(1))
    }

    /// Every template, with the same text in every place that a person can fill. Slugs are checked where they
    /// are made; what an odd one does to a link is in `links_stay_on_the_configured_url`.
    fn all(public_url: &Url, name: &str) -> Vec<Mail> {
        let new = NewInvitation {
            user: Id::from_uuid(uuid::Uuid::nil()),
            email: name,
            org_name: name,
            inviter: name,
            valid: Duration::days(7),
        };
        vec![
            invitation(public_url, &new, &token(TokenPurpose::Invitation)),
            password_reset(public_url, name, Duration::minutes(30), &token(TokenPurpose::PasswordReset)),
            organizations(public_url, &[("northwind".to_owned(), name.to_owned())]),
            password_changed(public_url, "northwind", name),
            joined(public_url, "northwind", name, name),
        ]
    }

    #[test]
    fn an_invitation_reads_well() {
        let new = NewInvitation {
            user: Id::from_uuid(uuid::Uuid::nil()),
            email: "grace@example.com",
            org_name: "Northwind Traders",
            inviter: "Ada Lovelace",
            valid: Duration::days(7),
        };
        let token = token(TokenPurpose::Invitation);
        let mail = invitation(&url("https://console.example"), &new, &token);
        assert_eq!(mail.kind, "invitation");
        assert_eq!(mail.subject, "Ada Lovelace invited you to Northwind Traders");
        assert!(mail.text.contains(&format!("\nhttps://console.example/invite/{}\n", *token.reveal())));
        assert!(mail.text.contains("You will sign in as grace@example.com. The link works once, for 7 days."));
        assert!(mail.text.lines().all(|line| line.len() <= 78 || line.starts_with("https://")), "{}", mail.text);
    }

    #[test]
    fn links_stay_on_the_configured_url() {
        let under = |base: &str| link(&url(base), &["login", "northwind"]);
        assert_eq!(under("https://console.example"), "https://console.example/login/northwind");
        assert_eq!(under("https://console.example/"), "https://console.example/login/northwind");
        assert_eq!(under("https://example.com/bulkhead/?a=b#c"), "https://example.com/bulkhead/login/northwind");
        let odd = link(&url("https://console.example"), &["login", "../evil?x#y/z"]);
        assert_eq!(odd, "https://console.example/login/..%2Fevil%3Fx%23y%2Fz");
    }

    #[test]
    fn no_template_can_be_bent() {
        for bad in [
            "A\r\nBcc: victim@example.com",
            "A\n\nClick here: https://evil.example/x",
            "A\0\u{7f}\u{202e}\u{200b}B",
            "https://evil.example WWW.evil.example wwwwww..evil",
            &"long ".repeat(1_000),
        ] {
            for mail in all(&url("https://console.example"), bad) {
                assert!(!mail.subject.chars().any(is_deceptive), "{:?}", mail.subject);
                assert!(mail.subject.chars().count() <= 200, "{:?}", mail.subject);
                assert!(!mail.text.chars().any(|c| is_deceptive(c) && c != '\n'), "{:?}", mail.text);
                let lower = mail.text.to_lowercase();
                assert_eq!(lower.matches("://").count(), lower.matches("https://console.example/").count(), "{lower}");
                assert!(!lower.contains("www."), "{lower}");
                assert!(!lower.lines().any(|line| line.starts_with("bcc:") || line.starts_with("click")), "{lower}");
            }
        }
    }

    #[test]
    fn debug_keeps_the_link_to_itself() {
        for mail in all(&url("https://console.example"), "x") {
            assert!(!format!("{mail:?}").contains("console.example"));
        }
    }

    #[test]
    fn spans_take_the_largest_whole_unit() {
        assert_eq!(span(Duration::days(1)), "1 day");
        assert_eq!(span(Duration::hours(48)), "2 days");
        assert_eq!(span(Duration::hours(36)), "36 hours");
        assert_eq!(span(Duration::minutes(30)), "30 minutes");
        assert_eq!(span(Duration::seconds(1)), "1 minute");
    }
}
