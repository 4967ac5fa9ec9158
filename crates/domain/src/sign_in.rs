//! Signing in and out. Every route ends in [`begin_session`], which is the one place that makes a session.

mod throttle;

use crate::{App, Ctx, Error, Result, access, mail, session_hash, settings};
use bulkhead_db::{
    Origin, TokenHash, WriteTx,
    audit::Record,
    outbox, passwords,
    sessions::{self, Begin},
    sign_in::{Candidate, StoredPassword, Verified, use_token},
    tokens, users,
};
use bulkhead_identity::{Password, StoredHash, Token, TokenPurpose as LinkPurpose, Verdict, check_new_password};
use bulkhead_model::{
    Email, FieldErrors, Slug, UserId, UserName,
    audit::{Action, Outcome, TargetKind},
    perm,
    session::SignInMethod,
    setting::SettingKey,
    user::UserStatus,
};
use time::Duration;

pub use bulkhead_db::sign_in::{TokenHolder, TokenPurpose};
pub(crate) use throttle::Subjects;

/// A session that has just begun: what the cookie must hold, and where its user belongs.
pub struct NewSession {
    /// The cookie's 128 random bits. Known to the browser only; the database has its hash.
    pub cookie: u128,
    /// The organization's name in URLs.
    pub org_slug: String,
    /// Whether the user is an operator.
    pub operator: bool,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("org_slug", &self.org_slug).finish_non_exhaustive()
    }
}

/// What is wrong with a sign-in, said the same way whether the organization, the account or the password is unknown.
pub const NO_MATCH: &str = "That e-mail address and password do not match an account here.";

/// Signs in with a password. Unknown organizations and accounts cost the same hash as known ones (K10).
pub async fn with_password(app: &App, origin: Origin, slug: &str, email: &str, password: String) -> Result<NewSession> {
    let refused = || Error::Invalid(FieldErrors::one("password", NO_MATCH));
    let mut errors = FieldErrors::new();
    let email = errors.keep("email", Email::parse(email));
    if password.is_empty() {
        errors.add("password", "Enter your password.");
    }
    let email = errors.finish(email)?;
    let subjects = Subjects::new(slug, &email.norm(), &origin);
    let has_failed = subjects.wait(app).await?;
    let candidate = match Slug::parse(slug) {
        Ok(slug) => app.database().sign_in_candidate(&slug, &email).await?,
        Err(_) => None,
    };
    let stored = candidate.as_ref().and_then(Candidate::password);
    // A password too long or with forbidden bytes was never stored: it is refused like a wrong one.
    let password = Password::try_from(password).ok();
    let verdict = match &password {
        Some(password) => app.hasher().verify(password, stored.map(stored_hash).as_ref()).await?,
        None => Verdict { matches: false, needs_rehash: false },
    };
    let verified = candidate.as_ref().filter(|_| verdict.matches);
    let scope = verified.and_then(|candidate| candidate.scope(Verified));
    let Some((scope, user)) = scope.and_then(|scope| scope.user().map(|user| (scope, user))) else {
        subjects.failed(app).await?;
        record_refusal(app, origin, candidate.as_ref()).await?;
        return Err(refused());
    };
    if has_failed {
        subjects.succeeded(app).await?;
    }
    // A courtesy to the stored hash, not a condition: when the hasher is busy, the next sign-in does it.
    let new = match (verdict.needs_rehash, &password) {
        (true, Some(password)) => app.hasher().hash(password).await.ok(),
        _ => None,
    };
    let mut tx = app.database().write(scope, origin).await?;
    if let (Some(old), Some(new)) = (stored, new) {
        passwords::rehash(&mut tx, user, old, &stored_password(new)).await?;
    }
    begin_session(app, tx, user, SignInMethod::Password, Vec::new()).await
}

/// Writes the refused attempt into the organization's audit log, if there is such an organization.
async fn record_refusal(app: &App, origin: Origin, candidate: Option<&Candidate>) -> Result<()> {
    let Some(candidate) = candidate else { return Ok(()) };
    let record = match candidate.known_account() {
        Some((user, email)) => Record::new(Action::SignInFailed, TargetKind::User, user, email),
        // What was typed is not recorded: people type passwords into the address field.
        None => Record::new(Action::SignInFailed, TargetKind::User, "unknown", "an unknown address"),
    };
    let tx = app.database().write(candidate.refusal_scope(), origin).await?;
    Ok(tx.commit(record.outcome(Outcome::Failure).reason("no_match")).await?)
}

fn stored_hash(stored: &StoredPassword) -> StoredHash {
    StoredHash { phc: stored.phc.clone(), pepper_id: stored.pepper_id.clone() }
}

pub(crate) fn stored_password(hash: StoredHash) -> StoredPassword {
    StoredPassword { phc: hash.phc, pepper_id: hash.pepper_id }
}

/// Begins a session in the transaction of what led to it, with the events of both. All sign-in routes end here.
async fn begin_session(
    app: &App,
    mut tx: WriteTx,
    user: UserId,
    method: SignInMethod,
    mut records: Vec<Record>,
) -> Result<NewSession> {
    // Looked at again and held: the look-up before the hash is tens of milliseconds old, and a suspension at this
    // very moment must find this session, or this must find the suspension.
    let Some(account) = bulkhead_db::sign_in::hold_active(&mut tx, user).await? else {
        return Err(Error::Invalid(FieldErrors::one("password", NO_MATCH)));
    };
    let keys = [SettingKey::SessionIdleMinutes, SettingKey::SessionLifetimeHours];
    let [idle, lifetime] = settings::integers(&mut tx, keys).await?;
    let mut random = [0; 16];
    app.random().fill(&mut random);
    let cookie = u128::from_be_bytes(random);
    let id = sessions::new_id(&tx);
    let begin = Begin {
        id,
        user,
        token: session_hash(cookie),
        method,
        idle: Duration::minutes(idle),
        lifetime: Duration::hours(lifetime),
    };
    sessions::begin(&mut tx, &begin).await?;
    records.push(Record::new(Action::SignedIn, TargetKind::Session, id, &account.email).after("method", method));
    tx.commit_all(records).await?;
    app.touch(begin.token);
    Ok(NewSession { cookie, org_slug: account.org_slug, operator: account.operator })
}

/// Signs out: this session ends, on every replica, with the next request.
pub async fn sign_out(ctx: &Ctx) -> Result<()> {
    let identity = ctx.identity();
    let mut tx = ctx.write::<perm::SelfManage>().await?;
    if sessions::revoke(&mut tx, identity.user_id, identity.session_id, Action::SignedOut.code()).await? {
        let record = Record::new(Action::SignedOut, TargetKind::Session, identity.session_id, &identity.email);
        tx.commit(record).await?;
    }
    Ok(())
}

/// Sends a link for choosing a new password, if the address has an active account in the organization.
/// The answer is the same, and as fast, when it has none: the look-up and the mail happen after answering.
pub fn request_reset(
    app: &App,
    origin: Origin,
    slug: &str,
    email: &str,
) -> Result<impl Future<Output = Result<()>> + Send + 'static> {
    let email = Email::parse(email).map_err(|error| FieldErrors::one("email", error))?;
    let (app, slug) = (app.clone(), slug.to_owned());
    Ok(async move {
        let subjects = Subjects::new(&slug, &format!("reset:{}", email.norm()), &origin);
        if subjects.wait(&app).await.is_err() {
            return Ok(());
        }
        subjects.failed(&app).await?;
        for known in app.database().known_at(&email).await? {
            if known.org_slug != slug {
                continue;
            }
            let scope = known.scope();
            let Some(user) = scope.user() else { continue };
            let token = Token::generate(LinkPurpose::PasswordReset, app.random());
            let hash = TokenHash(*token.hash().as_bytes());
            let mut tx = app.database().write(scope, origin.clone()).await?;
            tokens::void(&mut tx, user, TokenPurpose::PasswordReset).await?;
            tokens::insert(&mut tx, app.new_id(), user, TokenPurpose::PasswordReset, hash, RESET_VALID, None).await?;
            let mail = mail::password_reset(app.public_url(), &known.org_name, RESET_VALID, &token);
            outbox::enqueue(&mut tx, app.new_id(), mail.kind, &known.email, &mail.subject, &mail.text).await?;
            tx.commit(Record::new(Action::PasswordResetAsked, TargetKind::User, user, &known.email)).await?;
        }
        app.wake_mail();
        Ok(())
    })
}

/// How long a reset link works (F13).
pub const RESET_VALID: Duration = Duration::minutes(30);

/// Mails the organizations an address belongs to, to that address. The answer never says whether there are any.
pub fn remind_organizations(
    app: &App,
    origin: Origin,
    email: &str,
) -> Result<impl Future<Output = Result<()>> + Send + 'static> {
    let email = Email::parse(email).map_err(|error| FieldErrors::one("email", error))?;
    let app = app.clone();
    Ok(async move {
        let subjects = Subjects::new("", &format!("remind:{}", email.norm()), &origin);
        if subjects.wait(&app).await.is_err() {
            return Ok(());
        }
        subjects.failed(&app).await?;
        let known = app.database().known_at(&email).await?;
        let orgs: Vec<(String, String)> = known.iter().map(|at| (at.org_slug.clone(), at.org_name.clone())).collect();
        // One mail is enough, and it goes out in the name of the first.
        if let Some(first) = known.first() {
            let scope = first.scope();
            let Some(user) = scope.user() else { return Ok(()) };
            let mail = mail::organizations(app.public_url(), &orgs);
            let mut tx = app.database().write(scope, origin).await?;
            outbox::enqueue(&mut tx, app.new_id(), mail.kind, &first.email, &mail.subject, &mail.text).await?;
            let record = Record::new(Action::OrganizationsAsked, TargetKind::User, user, &first.email);
            tx.commit(record).await?;
            app.wake_mail();
        }
        Ok(())
    })
}

/// Whose link it is, for showing the page behind it. `NotFound` for one that is used, expired or made up.
pub async fn holder(app: &App, purpose: TokenPurpose, link: &str) -> Result<TokenHolder> {
    let kind = match purpose {
        TokenPurpose::Invitation => LinkPurpose::Invitation,
        TokenPurpose::PasswordReset => LinkPurpose::PasswordReset,
    };
    let token = Token::parse(kind, link).map_err(|_| Error::NotFound)?;
    app.database().token_holder(TokenHash(*token.hash().as_bytes()), purpose).await?.ok_or(Error::NotFound)
}

/// The shortest password the organization of a link's holder takes, in characters: said before one is typed.
pub async fn shortest_password(app: &App, holder: &TokenHolder) -> Result<i64> {
    let mut tx = app.database().write(holder.scope(), Origin::default()).await?;
    settings::integer(&mut tx, SettingKey::PasswordMinLength).await
}

/// A new password, checked against the policy of its organization and against what is known about its user.
pub(crate) fn acceptable(
    field: &str,
    typed: String,
    again: &str,
    min_length: i64,
    context: &[&str],
) -> Result<Password, FieldErrors> {
    if typed != again {
        return Err(FieldErrors::one(format!("{field}_again"), "The two do not match. Type it again."));
    }
    let password = Password::try_from(typed).map_err(|error| FieldErrors::one(field, error))?;
    let min_length = usize::try_from(min_length).unwrap_or(usize::MAX);
    check_new_password(&password, context, min_length).map_err(|problems| {
        let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
        FieldErrors::one(field, sentences.join(" "))
    })?;
    Ok(password)
}

/// Accepts an invitation: name and password set, the user active, signed in. The link works once.
pub async fn accept_invitation(
    app: &App,
    origin: Origin,
    link: &str,
    name: &str,
    password: String,
    again: &str,
) -> Result<NewSession> {
    let holder = holder(app, TokenPurpose::Invitation, link).await?;
    let mut errors = FieldErrors::new();
    let name = errors.keep("name", UserName::parse(name));
    if name.as_ref().is_some_and(|name| name.as_str().is_empty()) {
        errors.add("name", "Enter your name.");
    }
    let mut tx = app.database().write(holder.scope(), origin.clone()).await?;
    let min = settings::integer(&mut tx, SettingKey::PasswordMinLength).await?;
    drop(tx);
    let context = [holder.email.as_str(), name.as_ref().map_or("", UserName::as_str), &holder.org_name, "bulkhead"];
    let password = match acceptable("password", password, again, min, &context) {
        Ok(password) => Some(password),
        Err(refused) => {
            refused.iter().for_each(|error| errors.add(error.field.clone(), &error.message));
            None
        }
    };
    let (name, password) = errors.finish(name.zip(password))?;
    let hash = app.hasher().hash(&password).await?;
    let mut tx = app.database().write(holder.scope(), origin).await?;
    // The organization's lock comes before the token's row, as where invitations are sent again.
    if !inviter_may(app, &mut tx, &holder).await? || !use_token(&mut tx, holder.token).await? {
        return Err(Error::NotFound);
    }
    let user = users::find(&mut tx, holder.user).await?.ok_or(Error::NotFound)?;
    let change = users::Change { name: Some(name), role: None, status: Some(UserStatus::Active) };
    if user.status != UserStatus::Invited || !users::update(&mut tx, user.id, user.version, &change).await? {
        return Err(Error::NotFound);
    }
    passwords::set(&mut tx, user.id, &stored_password(hash)).await?;
    if settings::is_on(&mut tx, SettingKey::InviteNotifyAdmins).await? {
        let mail = mail::joined(app.public_url(), &holder.org_slug, &holder.org_name, &user.email);
        for admin in users::admin_addresses(&mut tx).await? {
            outbox::enqueue(&mut tx, app.new_id(), mail.kind, &admin, &mail.subject, &mail.text).await?;
        }
    }
    let joined = Record::new(Action::UserJoined, TargetKind::User, user.id, &user.email).change(
        "status",
        UserStatus::Invited,
        UserStatus::Active,
    );
    let session = begin_session(app, tx, user.id, SignInMethod::Invitation, vec![joined]).await?;
    app.wake_mail();
    Ok(session)
}

/// Whether whoever invited could still invite with that role today (E10). Operators' invitations have no inviter.
async fn inviter_may(app: &App, tx: &mut WriteTx, holder: &TokenHolder) -> Result<bool> {
    let Some(inviter) = tokens::inviter(tx, holder.token).await? else { return Ok(true) };
    let Some(inviter) = access::of_inviter(app, tx, inviter).await? else { return Ok(false) };
    Ok(inviter.decide(bulkhead_model::Permission::UsersInvite).allowed() && inviter.may_assign(holder.role))
}

/// Sets a new password through a reset link. Every session of the user ends; they sign in with the new password.
pub async fn reset_password(
    app: &App,
    origin: Origin,
    link: &str,
    password: String,
    again: &str,
) -> Result<TokenHolder> {
    let holder = holder(app, TokenPurpose::PasswordReset, link).await?;
    let mut tx = app.database().write(holder.scope(), origin.clone()).await?;
    let min = settings::integer(&mut tx, SettingKey::PasswordMinLength).await?;
    drop(tx);
    let context = [holder.email.as_str(), &holder.name, &holder.org_name, "bulkhead"];
    let password = acceptable("password", password, again, min, &context)?;
    let hash = app.hasher().hash(&password).await?;
    let mut tx = app.database().write(holder.scope(), origin).await?;
    if !use_token(&mut tx, holder.token).await? {
        return Err(Error::NotFound);
    }
    passwords::set(&mut tx, holder.user, &stored_password(hash)).await?;
    tokens::void(&mut tx, holder.user, TokenPurpose::PasswordReset).await?;
    let ended = sessions::revoke_others(&mut tx, holder.user, None, Action::PasswordReset.code()).await?;
    let mail = mail::password_changed(app.public_url(), &holder.org_slug, &holder.org_name);
    outbox::enqueue(&mut tx, app.new_id(), mail.kind, &holder.email, &mail.subject, &mail.text).await?;
    let record =
        Record::new(Action::PasswordReset, TargetKind::User, holder.user, &holder.email).after("sessions_ended", ended);
    tx.commit(record).await?;
    app.wake_mail();
    Ok(holder)
}

/// The notice an organization shows above its sign-in form, and its name: both empty for one that does not exist,
/// so that the page looks the same.
pub async fn notice(app: &App, slug: &str) -> Result<String> {
    match Slug::parse(slug) {
        Ok(slug) => Ok(app.database().sign_in_notice(&slug).await?),
        Err(_) => Ok(String::new()),
    }
}

impl App {
    /// The data tower-sessions keeps for a live session, and when it expires.
    pub async fn load_session(&self, token: TokenHash) -> Result<Option<(serde_json::Value, time::OffsetDateTime)>> {
        Ok(self.database().session_data(token).await?)
    }

    /// Saves it; `false` when the session is over.
    pub async fn save_session(&self, token: TokenHash, data: &serde_json::Value) -> Result<bool> {
        Ok(self.database().session_save(token, data).await?)
    }

    /// Ends the session behind a cookie, if it is live.
    pub async fn end_session(&self, token: TokenHash) -> Result<()> {
        match Ctx::<bulkhead_db::Tenant>::enter(self, token, Origin::default()).await {
            Ok(ctx) => sign_out(&ctx).await,
            Err(Error::Unauthenticated) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
