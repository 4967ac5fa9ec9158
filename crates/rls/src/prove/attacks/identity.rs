//! Leaving the role. A pool that signs in as somebody stronger and changes its role per request is one statement away
//! from everything; only a session that really signed in as the role can show that there is nothing behind it.

use bulkhead_model::isolation::Attack;

use super::Strike;
use crate::prove::quoting::{name, value};
use crate::prove::session::{Answer, Session, send};

/// The attacks of this file.
pub(in crate::prove) const BECOMES: [Attack; 3] = [Attack::SetRole, Attack::ResetRole, Attack::SessionAuthorization];

/// Tries to become each of `stronger`, or whoever stands behind the session.
pub(in crate::prove) async fn strike(attack: Attack, session: &mut Session, role: &str, stronger: &[String]) -> Strike {
    let Some(connection) = session.identity.as_mut() else {
        return Strike::Unclear("nobody signed in as this role: no URL for it was given".to_owned());
    };
    let statements: Vec<(String, String)> = match attack {
        Attack::SetRole => {
            stronger.iter().map(|other| (other.clone(), format!("SET LOCAL ROLE {}", name(other)))).collect()
        }
        Attack::SessionAuthorization => stronger
            .iter()
            .map(|other| (other.clone(), format!("SET LOCAL SESSION AUTHORIZATION {}", value(other))))
            .collect(),
        // NONE as well: a role that was given when the connection began is what RESET goes back to.
        _ => ["RESET ROLE", "SET LOCAL ROLE NONE"]
            .map(|reset| ("whoever signed in".to_owned(), reset.to_owned()))
            .to_vec(),
    };
    let mut strike = Strike::Unclear("there is no other role to become".to_owned());
    for (other, statement) in statements {
        send(connection, "BEGIN").await;
        let answer = send(connection, &statement).await;
        let is_now = send(connection, "SELECT current_user::text").await;
        send(connection, "ROLLBACK").await;
        match (answer, is_now) {
            (Answer::Done { .. }, Answer::Done { rows, .. }) => {
                let now = rows.first().and_then(|row| row.first()?.clone()).unwrap_or_default();
                if now != role {
                    return Strike::Leaked(format!("it became {now}"));
                }
                strike = Strike::Held(format!("it stays {role}"));
            }
            (Answer::Refused { code, message }, _) if code == "42501" => strike = Strike::Held(message),
            (Answer::Refused { code, message }, _) | (_, Answer::Refused { code, message }) => {
                return Strike::Unclear(format!("{other}: {code} {message}"));
            }
        }
    }
    strike
}
