//! The first operator, made from the command line: an invitation link, never a default password.

use crate::{App, Error, Result, mail, users::NewInvitation};
use bulkhead_db::{SystemTask, audit::Record, outbox, sign_in::TokenPurpose, tokens, users};
use bulkhead_identity::{Token, TokenPurpose as LinkPurpose};
use bulkhead_model::{
    Email, UserName,
    audit::{Action, TargetKind},
    error::Conflict,
    user::{Role, UserStatus},
};
use time::Duration;

/// Invites an operator with the role Admin into the platform organization. Returns the link, which works once
/// within a day; whoever can run this command can read the database anyway.
pub async fn invite_operator(app: &App, email: &str) -> Result<String> {
    let email = Email::parse(email).map_err(|error| bulkhead_model::FieldErrors::one("email", error))?;
    let mut tx = app.database().system(SystemTask::BootstrapOperator).await?;
    let user = match users::find_by_email(&mut tx, &email).await? {
        Some(user) if user.status == UserStatus::Invited => user.id,
        Some(_) => return Err(Error::Conflict(Conflict::EmailTaken)),
        None => {
            let id = app.new_id();
            users::insert_invited(&mut tx, id, &email, &UserName::default(), Role::Admin).await?;
            id
        }
    };
    let token = Token::generate(LinkPurpose::Invitation, app.random());
    let hash = bulkhead_db::TokenHash(*token.hash().as_bytes());
    let valid = Duration::days(1);
    tokens::insert(&mut tx, app.new_id(), user, TokenPurpose::Invitation, hash, valid, None).await?;
    let invitation =
        NewInvitation { user, email: email.as_str(), org_name: "Platform", inviter: "The command line", valid };
    let mail = mail::invitation(app.public_url(), &invitation, &token);
    outbox::enqueue(&mut tx, app.new_id(), mail.kind, email.as_str(), &mail.subject, &mail.text).await?;
    tx.commit(Record::new(Action::OperatorBootstrapped, TargetKind::User, user, email.as_str())).await?;
    Ok(mail::invitation_link(app.public_url(), &token))
}
