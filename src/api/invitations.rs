//! Inviting several people at once, with a result for every address.

use super::{body::Json, error::ApiResult, target, users::role, words};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, Error, idempotency::Done, users};
use bulkhead_model::{
    Email, FieldErrors, UserId,
    error::Conflict,
    page::PageRequest,
    user::{InviteOutcome, User, UserFilter},
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

/// Whom to invite, as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"emails": ["ana@example.com", "ben@example.com"], "role": "user"}))]
pub struct Invitations {
    /// The addresses, one an entry.
    #[schema(min_items = 1, max_items = 100)]
    emails: Vec<String>,
    /// The role of all of them. Nobody gives one that holds more than their own.
    #[schema(value_type = words::Role)]
    role: String,
    /// Why; kept in the audit log. Required where they would hold duties that exclude each other (`duty_conflict`).
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
}

/// What became of the invitations, in the order of the addresses.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    /// One an address.
    results: Vec<Invitation>,
}

/// What became of one address: either `user_id` or `reason` is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// The address as it was sent.
    #[schema(example = "ana@example.com")]
    email: String,
    /// The new user, to whom an invitation is on its way.
    #[schema(value_type = Option<Uuid>, required)]
    user_id: Option<UserId>,
    /// Why there is none, in a sentence.
    #[schema(required)]
    reason: Option<String>,
}

impl From<InviteOutcome> for Invitation {
    fn from(outcome: InviteOutcome) -> Self {
        let InviteOutcome { line: email, result } = outcome;
        match result {
            Ok(id) => Self { email, user_id: Some(id), reason: None },
            Err(reason) => Self { email, user_id: None, reason: Some(reason) },
        }
    }
}

/// Invite users
///
/// Each address stands alone: what cannot be invited is answered with a reason, the others are invited together and
/// get a link by mail that works once.
#[utoipa::path(
    post, path = "/api/v1/invitations", operation_id = "invite_users", tag = "Users",
    request_body = Invitations,
    responses((status = 200, description = "What became of each address", body = Invited)),
)]
pub async fn send(Extension(ctx): Extension<Ctx>, Json(body): Json<Invitations>) -> ApiResult {
    let role = role(&body.role)?;
    let mut errors = FieldErrors::new();
    for (at, email) in body.emails.iter().enumerate() {
        // The use case takes a form's text, in which these separate addresses.
        if email.trim().is_empty() || email.contains(['\n', ',', ';']) {
            errors.add(format!("emails[{at}]"), "Send one address an entry.");
        }
    }
    let emails: Vec<String> = errors.finish(Some(body.emails))?;
    let results = match users::invite(&ctx, &emails.join("\n"), role, &body.reason).await {
        Ok(outcomes) => outcomes.into_iter().map(Invitation::from).collect(),
        Err(Error::DoneBefore(done)) => again(&ctx, &done, emails).await?,
        Err(error) => return Err(error.into()),
    };
    Ok(target::shown(&Invited { results }))
}

/// The same answer to a repetition. Only the first user made is noted with the key; those made with them have the
/// same moment of creation, which is the transaction's.
async fn again(ctx: &Ctx, done: &Done, emails: Vec<String>) -> ApiResult<Vec<Invitation>> {
    let first = users::find(ctx, done.id.parse().map_err(|_| Error::NotFound)?).await?;
    let mut seen = HashSet::new();
    let mut results = Vec::with_capacity(emails.len());
    for line in emails {
        let result = match Email::parse(&line) {
            Err(error) => Err(error.to_string()),
            Ok(email) if !seen.insert(email.norm()) => Err("Listed twice; invited once.".to_owned()),
            Ok(email) => match holder(ctx, &email).await? {
                Some(user) if user.created_at == first.created_at => Ok(user.id),
                Some(_) => Err(Conflict::EmailTaken.sentence().to_owned()),
                None => Err(Conflict::QuotaReached.sentence().to_owned()),
            },
        };
        results.push(Invitation::from(InviteOutcome { line: line.trim().to_owned(), result }));
    }
    Ok(results)
}

async fn holder(ctx: &Ctx, email: &Email) -> Result<Option<User>, Error> {
    let filter = UserFilter { search: email.norm(), ..UserFilter::default() };
    let found = users::list(ctx, &filter, &PageRequest::default()).await?.page.rows;
    let same = |user: &User| Email::parse(&user.email).is_ok_and(|other| other.norm() == email.norm());
    Ok(found.into_iter().find(same))
}
