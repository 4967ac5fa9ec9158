//! Users: list, invite, change, suspend, reactivate, remove. Never the last admin, never beyond one's own role.

use crate::{
    App, Ctx, Error, Result,
    access::{self, Rights, separation},
    mail, settings,
};
use bulkhead_db::{
    Realm, WriteTx,
    audit::Record,
    outbox, sessions,
    sign_in::TokenPurpose,
    tokens,
    users::{self, Change},
};
use bulkhead_identity::{Token, TokenPurpose as LinkPurpose};
use bulkhead_model::{
    Email, FieldErrors, Perm, Permission, UserId, UserName,
    audit::{Action, TargetKind},
    error::Conflict,
    page::{Count, Page, PageRequest, Place},
    perm,
    setting::SettingKey,
    user::{InviteOutcome, Role, User, UserFilter, UserStatus},
};
use std::collections::HashSet;
use time::Duration;

/// A page of users and how many match.
#[derive(Debug)]
pub struct UserList {
    /// The rows.
    pub page: Page<User>,
    /// All that match, capped.
    pub count: Count,
}

/// Lists the organization's users.
pub async fn list<R: Realm>(ctx: &Ctx<R>, filter: &UserFilter, page: &PageRequest) -> Result<UserList> {
    let mut tx = ctx.read::<perm::UsersRead>().await?;
    Ok(UserList { page: users::list(&mut tx, filter, page).await?, count: users::count(&mut tx, filter).await? })
}

/// How many users the organization has, capped.
pub async fn count<R: Realm>(ctx: &Ctx<R>) -> Result<Count> {
    let mut tx = ctx.read::<perm::UsersRead>().await?;
    Ok(users::count(&mut tx, &UserFilter::default()).await?)
}

/// One user.
pub async fn find(ctx: &Ctx, id: UserId) -> Result<User> {
    let mut tx = ctx.read::<perm::UsersRead>().await?;
    users::find(&mut tx, id).await?.ok_or(Error::NotFound)
}

/// Active admins by name, who can give what somebody lacks, and how many there are: for whoever may see users.
pub async fn admins(ctx: &Ctx, most: u16) -> Result<Option<UserList>> {
    if !ctx.may(Permission::UsersRead) {
        return Ok(None);
    }
    let filter = UserFilter { role: vec![Role::Admin], status: vec![UserStatus::Active], ..UserFilter::default() };
    Ok(Some(list(ctx, &filter, &PageRequest::new(Place::First, most)).await?))
}

/// Some of them by name; those that the organization does not have are left out.
pub async fn some(ctx: &Ctx, ids: &[UserId]) -> Result<Vec<User>> {
    let mut tx = ctx.read::<perm::UsersRead>().await?;
    Ok(users::find_many(&mut tx, ids).await?)
}

/// The most addresses one form may invite.
pub const MOST_INVITATIONS: usize = 100;

/// Invites every address of `lines` (one a line, or separated by commas) with one role. Each line stands alone:
/// what cannot be invited is answered with a reason, the others are invited together. Where whoever is invited would hold
/// duties that exclude each other, it takes a reason itself.
pub async fn invite(ctx: &Ctx, lines: &str, role: Role, reason: &str) -> Result<Vec<InviteOutcome>> {
    let (rights, mut tx) = Rights::locked::<perm::UsersInvite>(ctx).await?;
    let lines: Vec<&str> = lines.split(['\n', ',', ';']).map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(FieldErrors::one("emails", "Enter at least one e-mail address.").into());
    }
    if lines.len() > MOST_INVITATIONS {
        let message = format!("At most {MOST_INVITATIONS} addresses at a time; these are {}.", lines.len());
        return Err(FieldErrors::one("emails", message).into());
    }
    let lacking = rights.lacks_of_role(role);
    if !lacking.is_empty() {
        let permission = Permission::UsersInvite;
        let record = access::reaching_for(TargetKind::Page, permission, permission.sentence()).after("role", role);
        return Err(access::refuse(ctx, tx, record, &lacking).await);
    }
    let clashes = separation::of_newcomer(&mut tx, &rights, ctx.identity().org_kind, role).await?;
    let reason = reason.trim();
    separation::settle_with(&clashes, reason)?;
    let days = settings::integer(&mut tx, SettingKey::InvitationDays).await?;
    let most = settings::integer(&mut tx, SettingKey::UsersMax).await?;
    let mut room = most - users::count_for_quota(&mut tx).await?;
    let (mut outcomes, mut records, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for line in lines {
        let result = match Email::parse(line) {
            Err(error) => Err(error.to_string()),
            Ok(email) if !seen.insert(email.norm()) => Err("Listed twice; invited once.".to_owned()),
            Ok(_) if room <= 0 => Err(format!("The plan allows {most} users, and all places are taken.")),
            Ok(email) if users::find_by_email(&mut tx, &email).await?.is_some() => {
                Err(Conflict::EmailTaken.sentence().to_owned())
            }
            Ok(email) => {
                let id = ctx.app().new_id();
                users::insert_invited(&mut tx, id, &email, &UserName::default(), role).await?;
                send_invitation(ctx, &mut tx, id, email.as_str(), Duration::days(days)).await?;
                let record =
                    Record::new(Action::UserInvited, TargetKind::User, id, email.as_str()).after("role", role.code());
                records.push(access::because(separation::noted(record, &clashes), reason));
                room -= 1;
                Ok(id)
            }
        };
        outcomes.push(InviteOutcome { line: line.to_owned(), result });
    }
    if !records.is_empty() {
        tx.commit_all(records).await?;
        ctx.app().wake_mail();
    }
    Ok(outcomes)
}

async fn send_invitation(ctx: &Ctx, tx: &mut WriteTx, user: UserId, email: &str, valid: Duration) -> Result<()> {
    let identity = ctx.identity();
    let inviter = if identity.name.is_empty() { &identity.email } else { &identity.name };
    let invitation = NewInvitation { user, email, org_name: &identity.org_name, inviter, valid };
    put_invitation(ctx.app(), tx, &invitation, Some(identity.user_id)).await
}

/// What an invitation mail says.
pub(crate) struct NewInvitation<'a> {
    pub user: UserId,
    pub email: &'a str,
    pub org_name: &'a str,
    pub inviter: &'a str,
    pub valid: Duration,
}

/// Makes a link that opens an invitation and puts the mail into the outbox. Older links stay until one is used;
/// who sends again voids them first.
pub(crate) async fn put_invitation<R: Realm>(
    app: &App,
    tx: &mut WriteTx<R>,
    invitation: &NewInvitation<'_>,
    invited_by: Option<UserId>,
) -> Result<()> {
    let token = Token::generate(LinkPurpose::Invitation, app.random());
    let hash = bulkhead_db::TokenHash(*token.hash().as_bytes());
    let user = invitation.user;
    tokens::insert(tx, app.new_id(), user, TokenPurpose::Invitation, hash, invitation.valid, invited_by).await?;
    let mail = mail::invitation(app.public_url(), invitation, &token);
    outbox::enqueue(tx, app.new_id(), mail.kind, invitation.email, &mail.subject, &mail.text).await?;
    Ok(())
}

/// Sends a new link to someone who has not accepted yet; the old one stops working.
pub async fn resend_invitation(ctx: &Ctx, id: UserId) -> Result<User> {
    let (rights, mut tx) = Rights::locked::<perm::UsersInvite>(ctx).await?;
    let user = users::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if user.status != UserStatus::Invited {
        return Err(Error::Conflict(Conflict::WrongStatus));
    }
    let lacking = rights.lacks_of_user(&mut tx, id).await?;
    if !lacking.is_empty() {
        return Err(access::refuse(ctx, tx, reaching_for(&user), &lacking).await);
    }
    let days = settings::integer(&mut tx, SettingKey::InvitationDays).await?;
    tokens::void(&mut tx, id, TokenPurpose::Invitation).await?;
    send_invitation(ctx, &mut tx, id, &user.email, Duration::days(days)).await?;
    tx.commit(Record::new(Action::UserInvitedAgain, TargetKind::User, id, &user.email)).await?;
    ctx.app().wake_mail();
    Ok(user)
}

/// The record of someone who wanted to act on a user.
fn reaching_for(user: &User) -> Record {
    access::reaching_for(TargetKind::User, user.id, &user.email).after("role", user.role)
}

/// A user about to be changed behind the organization's lock, checked against the version the person saw and against
/// their own rights.
async fn take<P: Perm<Place = perm::Anywhere>>(
    ctx: &Ctx,
    id: UserId,
    seen_version: i32,
) -> Result<(Rights, WriteTx, User)> {
    let (rights, mut tx) = Rights::locked::<P>(ctx).await?;
    let user = users::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if user.status == UserStatus::Removed {
        return Err(Error::Conflict(Conflict::WrongStatus));
    }
    if user.version != seen_version {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let lacking = rights.lacks_of_user(&mut tx, id).await?;
    if !lacking.is_empty() {
        return Err(access::refuse(ctx, tx, reaching_for(&user), &lacking).await);
    }
    Ok((rights, tx, user))
}

/// Changes the user, unless that left nobody who can do all that an admin can.
async fn apply(rights: &Rights, tx: &mut WriteTx, user: &User, change: Change) -> Result<()> {
    if !users::update(tx, user.id, user.version, &change).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    access::somebody_can_act(tx, rights.roles()).await
}

/// Changes name and role. Nobody gives a role, or touches someone whose role, holds more than their own.
pub async fn update(ctx: &Ctx, id: UserId, seen_version: i32, name: &str, role: Role) -> Result<User> {
    update_because(ctx, id, seen_version, (name, role), "").await
}

/// The same with a reason, which it takes where the user would newly hold duties that exclude each other.
pub async fn update_because(
    ctx: &Ctx,
    id: UserId,
    seen_version: i32,
    (name, role): (&str, Role),
    reason: &str,
) -> Result<User> {
    let reason = reason.trim();
    let name = UserName::parse(name).map_err(|error| FieldErrors::one("name", error))?;
    let (rights, mut tx, user) = take::<perm::UsersUpdate>(ctx, id, seen_version).await?;
    let lacking = rights.lacks_of_role(role);
    if !lacking.is_empty() {
        return Err(access::refuse(ctx, tx, reaching_for(&user).after("role", role), &lacking).await);
    }
    if user.role == role && user.name == name.as_str() {
        return Ok(user);
    }
    let action = if user.role == role { Action::UserUpdated } else { Action::RoleChanged };
    let record = Record::new(action, TargetKind::User, id, &user.email)
        .change("role", user.role, role)
        .change("name", &user.name, &name);
    let clashes = separation::of_built_in(&mut tx, &rights, &user, role).await?;
    separation::settle_with(&clashes, reason)?;
    apply(&rights, &mut tx, &user, Change { name: Some(name.clone()), role: Some(role), status: None }).await?;
    tx.commit(access::because(separation::noted(record, &clashes), reason)).await?;
    Ok(User { name: name.into(), role, version: user.version + 1, ..user })
}

async fn set_status(
    ctx: &Ctx,
    id: UserId,
    seen_version: i32,
    from: &[UserStatus],
    to: UserStatus,
    action: Action,
) -> Result<User> {
    let (rights, mut tx, user) = take::<perm::UsersSuspend>(ctx, id, seen_version).await?;
    if !from.contains(&user.status) {
        return Err(Error::Conflict(Conflict::WrongStatus));
    }
    apply(&rights, &mut tx, &user, Change { status: Some(to), ..Change::default() }).await?;
    let mut record = Record::new(action, TargetKind::User, id, &user.email).change("status", user.status, to);
    if to != UserStatus::Active {
        let ended = sessions::revoke_others(&mut tx, id, None, action.code()).await?;
        tokens::void(&mut tx, id, TokenPurpose::Invitation).await?;
        tokens::void(&mut tx, id, TokenPurpose::PasswordReset).await?;
        record = record.after("sessions_ended", ended);
    }
    tx.commit(record).await?;
    Ok(User { status: to, version: user.version + 1, ..user })
}

/// Ends someone's sessions and keeps them out until reactivated.
pub async fn suspend(ctx: &Ctx, id: UserId, seen_version: i32) -> Result<User> {
    set_status(ctx, id, seen_version, &[UserStatus::Active], UserStatus::Suspended, Action::UserSuspended).await
}

/// Lets a suspended user in again. Sessions that were ended stay ended.
pub async fn reactivate(ctx: &Ctx, id: UserId, seen_version: i32) -> Result<User> {
    set_status(ctx, id, seen_version, &[UserStatus::Suspended], UserStatus::Active, Action::UserReactivated).await
}

/// Removes someone. The row stays for the audit log; the address is free again.
pub async fn remove(ctx: &Ctx, id: UserId, seen_version: i32) -> Result<User> {
    let from = [UserStatus::Invited, UserStatus::Active, UserStatus::Suspended];
    set_status(ctx, id, seen_version, &from, UserStatus::Removed, Action::UserRemoved).await
}
