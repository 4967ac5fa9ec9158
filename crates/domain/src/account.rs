//! One's own account: profile, password, sessions.

use crate::{Ctx, Error, Result, mail, settings, sign_in};
use bulkhead_db::{audit::Record, outbox, passwords, sessions, sign_in::TokenPurpose, tokens, users};
use bulkhead_identity::{Password, StoredHash};
use bulkhead_model::{
    FieldErrors, SessionId, UserName,
    audit::{Action, TargetKind},
    error::Conflict,
    perm,
    session::Session,
    setting::SettingKey,
    user::User,
};

/// The signed-in user.
pub async fn profile(ctx: &Ctx) -> Result<User> {
    let mut tx = ctx.read::<perm::SelfManage>().await?;
    users::find(&mut tx, ctx.identity().user_id).await?.ok_or(Error::Unauthenticated)
}

/// Changes one's own name.
pub async fn rename(ctx: &Ctx, seen_version: i32, name: &str) -> Result<()> {
    let name = UserName::parse(name).map_err(|error| FieldErrors::one("name", error))?;
    let mut tx = ctx.write::<perm::SelfManage>().await?;
    let user = users::find(&mut tx, ctx.identity().user_id).await?.ok_or(Error::Unauthenticated)?;
    if user.name == name.as_str() {
        return Ok(());
    }
    let change = users::Change { name: Some(name.clone()), ..users::Change::default() };
    if !users::update(&mut tx, user.id, seen_version, &change).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record =
        Record::new(Action::UserUpdated, TargetKind::User, user.id, &user.email).change("name", &user.name, &name);
    Ok(tx.commit(record).await?)
}

/// The shortest password one's organization takes, in characters: said before one is typed.
pub async fn shortest_password(ctx: &Ctx) -> Result<i64> {
    let mut tx = ctx.read::<perm::SelfManage>().await?;
    settings::integer(&mut tx, SettingKey::PasswordMinLength).await
}

/// Changes one's own password, proving the old one; how many other sessions that ended.
///
/// Whoever finds a browser signed in must not find out the password by guessing here: failed proofs make the
/// next one wait, as failed sign-ins do; the account is counted apart, so that they keep nobody from signing in to it.
pub async fn change_password(ctx: &Ctx, current: String, new: String, again: &str) -> Result<u64> {
    let (app, identity) = (ctx.app(), ctx.identity());
    let mut tx = ctx.before_write::<perm::SelfManage>().await?;
    let stored = passwords::find(&mut tx, identity.user_id).await?;
    let min = settings::integer(&mut tx, SettingKey::PasswordMinLength).await?;
    // Not held while hashing: a connection is dearer than opening another transaction.
    drop(tx);
    let account = format!("change:{}", identity.user_id);
    let subjects = sign_in::Subjects::new(&identity.org_slug, &account, ctx.origin());
    subjects.wait(app).await?;
    let mut errors = FieldErrors::new();
    let context = [identity.email.as_str(), &identity.name, &identity.org_name, "bulkhead"];
    let new = sign_in::acceptable("new", new, again, min, &context);
    let proven = match Password::try_from(current) {
        Ok(current) => {
            let stored = stored.map(|stored| StoredHash { phc: stored.phc, pepper_id: stored.pepper_id });
            app.hasher().verify(&current, stored.as_ref()).await?.matches
        }
        Err(_) => false,
    };
    if proven {
        subjects.succeeded(app).await?;
    } else {
        subjects.failed(app).await?;
        errors.add("current", "This is not your current password.");
    }
    let new = match new {
        Ok(new) => Some(new),
        Err(refused) => {
            refused.iter().for_each(|error| errors.add(error.field.clone(), &error.message));
            None
        }
    };
    let new = errors.finish(new)?;
    let hash = app.hasher().hash(&new).await?;
    let mut tx = ctx.write::<perm::SelfManage>().await?;
    passwords::set(&mut tx, identity.user_id, &sign_in::stored_password(hash)).await?;
    tokens::void(&mut tx, identity.user_id, TokenPurpose::PasswordReset).await?;
    let reason = Action::PasswordChanged.code();
    let ended = sessions::revoke_others(&mut tx, identity.user_id, Some(identity.session_id), reason).await?;
    let mail = mail::password_changed(app.public_url(), &identity.org_slug, &identity.org_name);
    outbox::enqueue(&mut tx, app.new_id(), mail.kind, &identity.email, &mail.subject, &mail.text).await?;
    let record = Record::new(Action::PasswordChanged, TargetKind::User, identity.user_id, &identity.email)
        .after("sessions_ended", ended);
    tx.commit(record).await?;
    app.wake_mail();
    Ok(ended)
}

/// One's own live sessions, the latest first.
pub async fn list_sessions(ctx: &Ctx) -> Result<Vec<Session>> {
    let mut tx = ctx.read::<perm::SelfManage>().await?;
    Ok(sessions::of_user(&mut tx, ctx.identity().user_id).await?)
}

/// Ends one of one's own sessions.
pub async fn revoke_session(ctx: &Ctx, session: SessionId) -> Result<()> {
    let identity = ctx.identity();
    let mut tx = ctx.write::<perm::SelfManage>().await?;
    if !sessions::revoke(&mut tx, identity.user_id, session, Action::SessionRevoked.code()).await? {
        return Err(Error::NotFound);
    }
    let record = Record::new(Action::SessionRevoked, TargetKind::Session, session, &identity.email);
    Ok(tx.commit(record).await?)
}

/// Ends every one of one's own sessions but this one; how many ended.
pub async fn revoke_other_sessions(ctx: &Ctx) -> Result<u64> {
    let identity = ctx.identity();
    let mut tx = ctx.write::<perm::SelfManage>().await?;
    let reason = Action::SessionsRevoked.code();
    let ended = sessions::revoke_others(&mut tx, identity.user_id, Some(identity.session_id), reason).await?;
    let record = Record::new(Action::SessionsRevoked, TargetKind::User, identity.user_id, &identity.email)
        .after("sessions_ended", ended);
    tx.commit(record).await?;
    Ok(ended)
}
