//! Before anyone is signed in: look-ups by address, links, and the counters that slow guessing down.

use crate::{
    Database, Error, Result,
    scope::{Actor, OrgScope},
    tx::{TokenHash, WriteTx},
};
use bulkhead_model::{
    Email, Id, OrgId, Slug, UserId,
    audit::ActorKind,
    id::TokenId,
    org::OrgStatus,
    user::{Role, UserStatus},
};
use time::{Duration, OffsetDateTime};

/// An account that a password sign-in may be for. Nothing has been proven yet.
#[derive(Debug)]
pub struct Candidate {
    org: OrgId,
    org_active: bool,
    account: Option<Account>,
}

#[derive(Debug)]
struct Account {
    user: UserId,
    active: bool,
    email: String,
    password: Option<StoredPassword>,
}

/// A password hash as stored.
#[derive(Clone)]
pub struct StoredPassword {
    /// PHC string.
    pub phc: String,
    /// Which pepper went into it.
    pub pepper_id: String,
}

impl std::fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredPassword(…)")
    }
}

/// Says that the password (or link) of a candidate was verified. The caller, `domain::sign_in`, is the one place
/// that makes one.
#[derive(Debug)]
pub struct Verified;

impl Candidate {
    /// The hash to verify against; `None` means hash a dummy, so that the time is the same.
    pub fn password(&self) -> Option<&StoredPassword> {
        self.account.as_ref().and_then(|account| account.password.as_ref())
    }

    /// The scope of the account, once verified and if account and organization are active.
    pub fn scope(&self, _: Verified) -> Option<OrgScope> {
        let account = self.account.as_ref().filter(|account| account.active && self.org_active)?;
        Some(OrgScope { org: self.org, actor: Actor::person(self.org, account.user, account.email.clone(), None) })
    }

    /// The scope in which a refused attempt is recorded: the organization, and nobody acting.
    pub fn refusal_scope(&self) -> OrgScope {
        OrgScope {
            org: self.org,
            actor: Actor { kind: ActorKind::Anonymous, id: None, label: "nobody signed in".into(), session: None },
        }
    }

    /// The known account's address and id, for the record of a refused attempt. An unknown address is not recorded.
    pub fn known_account(&self) -> Option<(UserId, &str)> {
        self.account.as_ref().map(|account| (account.user, account.email.as_str()))
    }
}

/// What a link in a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPurpose {
    /// Join an organization.
    Invitation,
    /// Choose a new password.
    PasswordReset,
}

impl TokenPurpose {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// Whose live link it is.
#[derive(Debug, Clone)]
pub struct TokenHolder {
    /// The link's own id.
    pub token: TokenId,
    /// The user it was made for.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// Their name, if known.
    pub name: String,
    /// The role they have or will have.
    pub role: Role,
    /// The organization's name in URLs.
    pub org_slug: String,
    /// The organization's display name.
    pub org_name: String,
    /// Until when it works.
    pub expires_at: OffsetDateTime,
    scope: OrgScope,
}

impl TokenHolder {
    /// The holder's scope: having the link is the proof of who they are.
    pub fn scope(&self) -> OrgScope {
        self.scope.clone()
    }
}

/// An account that knows an address.
#[derive(Debug, Clone)]
pub struct KnownAt {
    /// Its organization's name in URLs.
    pub org_slug: String,
    /// Its organization's display name.
    pub org_name: String,
    /// The address as stored: mail goes there, never to what was typed.
    pub email: String,
    scope: OrgScope,
}

impl KnownAt {
    /// The scope in which a mail to this account is put into the outbox.
    pub fn scope(&self) -> OrgScope {
        self.scope.clone()
    }
}

impl Database {
    /// The account for an address in an organization. `None` only when there is no such organization.
    pub async fn sign_in_candidate(&self, slug: &Slug, email: &Email) -> Result<Option<Candidate>> {
        let row = sqlx::query!(
            r#"SELECT org_id AS "org_id!", org_status AS "org_status!", user_id, user_status, email, phc, pepper_id
               FROM app.sign_in_candidate($1, $2)"#,
            slug.as_str(),
            email.norm(),
        )
        .fetch_optional(&self.auth)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let account = match (row.user_id, row.user_status, row.email) {
            (Some(user), Some(status), Some(email)) => Some(Account {
                user: Id::from_uuid(user),
                active: status == UserStatus::Active.code(),
                email,
                password: row.phc.zip(row.pepper_id).map(|(phc, pepper_id)| StoredPassword { phc, pepper_id }),
            }),
            _ => None,
        };
        Ok(Some(Candidate {
            org: Id::from_uuid(row.org_id),
            org_active: row.org_status == OrgStatus::Active.code(),
            account,
        }))
    }

    /// The holder of a live link: unused, unexpired, its organization active, its user in the right status.
    pub async fn token_holder(&self, hash: TokenHash, purpose: TokenPurpose) -> Result<Option<TokenHolder>> {
        let row = sqlx::query!(
            r#"SELECT org_id AS "org_id!", org_slug AS "org_slug!", org_name AS "org_name!", user_id AS "user_id!", email AS "email!",
                      user_name AS "user_name!", role AS "role!", token_id AS "token_id!", expires_at AS "expires_at!"
               FROM app.token_holder($1, $2)"#,
            hash.0.as_slice(),
            purpose.code(),
        )
        .fetch_optional(&self.auth)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (org, user) = (Id::from_uuid(row.org_id), Id::from_uuid(row.user_id));
        Ok(Some(TokenHolder {
            token: Id::from_uuid(row.token_id),
            user,
            role: Role::from_code(&row.role).ok_or(Error::Corrupt { what: "users.role" })?,
            name: row.user_name,
            org_slug: row.org_slug,
            org_name: row.org_name,
            expires_at: row.expires_at,
            scope: OrgScope { org, actor: Actor::person(org, user, row.email.clone(), None) },
            email: row.email,
        }))
    }

    /// Where an address has an active account (at most 20). For mails to that address only.
    pub async fn known_at(&self, email: &Email) -> Result<Vec<KnownAt>> {
        let rows = sqlx::query!(
            r#"SELECT org_id AS "org_id!", user_id AS "user_id!", org_slug AS "org_slug!", org_name AS "org_name!", email AS "email!"
               FROM app.orgs_of_address($1)"#,
            email.norm(),
        )
        .fetch_all(&self.auth)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| KnownAt {
                org_slug: row.org_slug,
                org_name: row.org_name,
                scope: OrgScope {
                    org: Id::from_uuid(row.org_id),
                    actor: Actor {
                        kind: ActorKind::Anonymous,
                        id: Some(Id::from_uuid(row.user_id)),
                        label: row.email.clone(),
                        session: None,
                    },
                },
                email: row.email,
            })
            .collect())
    }

    /// What an organization shows above its sign-in form; empty where there is nothing to show.
    pub async fn sign_in_notice(&self, slug: &Slug) -> Result<String> {
        Ok(sqlx::query_scalar!("SELECT app.sign_in_notice($1)", slug.as_str())
            .fetch_one(&self.auth)
            .await?
            .unwrap_or_default())
    }

    /// Seconds until these subjects may try again, 0 is now; none where no failure of any of them is counted.
    pub async fn throttle_wait(&self, subjects: &[[u8; 32]]) -> Result<Option<i32>> {
        let subjects: Vec<Vec<u8>> = subjects.iter().map(|subject| subject.to_vec()).collect();
        let wait: i32 =
            sqlx::query_scalar!(r#"SELECT app.throttle_wait($1) AS "wait!""#, &subjects).fetch_one(&self.auth).await?;
        Ok((wait >= 0).then_some(wait))
    }

    /// Counts a failure. From the `free`-th within 15 minutes on, each doubles the wait, starting at one second,
    /// up to `longest`.
    pub async fn throttle_fail(&self, subject: &[u8; 32], free: i32, longest: Duration) -> Result<()> {
        let longest = i32::try_from(longest.whole_seconds()).unwrap_or(i32::MAX);
        sqlx::query_scalar!("SELECT app.throttle_fail($1, $2, 1, $3)", subject.as_slice(), free, longest)
            .fetch_one(&self.auth)
            .await?;
        Ok(())
    }

    /// Forgets the failures of these subjects.
    pub async fn throttle_clear(&self, subjects: &[[u8; 32]]) -> Result<()> {
        let subjects: Vec<Vec<u8>> = subjects.iter().map(|subject| subject.to_vec()).collect();
        sqlx::query!("SELECT app.throttle_clear($1)", &subjects).execute(&self.auth).await?;
        Ok(())
    }

    /// Which organization an object belongs to. Asked only after the answer "not found" has been sent.
    pub async fn owner_of(&self, kind: &str, object: uuid::Uuid) -> Result<Option<OrgId>> {
        Ok(sqlx::query_scalar!("SELECT app.owner_of($1, $2)", kind, object)
            .fetch_one(&self.auth)
            .await?
            .map(Id::from_uuid))
    }

    /// Which organization a name in a URL belongs to. Asked only after the answer has been sent.
    pub async fn org_by_slug(&self, slug: &str) -> Result<Option<OrgId>> {
        Ok(sqlx::query_scalar!("SELECT app.org_by_slug($1)", slug).fetch_one(&self.auth).await?.map(Id::from_uuid))
    }
}

/// Uses a link up. `false` when it was used, or has expired, in the meantime: a link works once.
pub async fn use_token(tx: &mut WriteTx, token: TokenId) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE user_tokens SET used_at = $2 WHERE org_id = (SELECT app.org_id()) AND id = $1 AND used_at IS NULL AND expires_at > $2",
        token.uuid(),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An account that is active and stays so until the transaction ends.
#[derive(Debug)]
pub struct HeldAccount {
    /// Its address.
    pub email: String,
    /// Its organization's name in URLs.
    pub org_slug: String,
    /// Whether that is the platform's own.
    pub operator: bool,
}

/// The account, if it and its organization are active, and keeps them so until the transaction ends: a suspension that
/// runs at the same moment waits, and then finds the session that was begun here.
pub async fn hold_active(tx: &mut WriteTx, user: UserId) -> Result<Option<HeldAccount>> {
    Ok(sqlx::query_as!(
        HeldAccount,
        r#"SELECT u.email, o.slug AS org_slug, o.kind = 'platform' AS "operator!"
           FROM orgs o JOIN users u ON u.org_id = o.id
           WHERE o.id = (SELECT app.org_id()) AND o.status = 'active' AND u.id = $1 AND u.status = 'active' FOR SHARE"#,
        user.uuid(),
    )
    .fetch_optional(tx.connection())
    .await?)
}
