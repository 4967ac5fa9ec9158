//! The context of a signed-in request. Use cases take it first; it is the only way to a transaction, and
//! every way through it names a permission as a type.

use crate::{App, Error, Result, access};
use bulkhead_authz::access::Subject;
use bulkhead_db::{
    Admits, AsOf, Entered, Identity, Operator, OrgScope, Origin, ReadTx, Realm, Tenant, TokenHash, WriteTx,
    audit::Record, idempotency::Once,
};
use bulkhead_model::{
    Perm, Permission,
    audit::{Action, Outcome, TargetKind},
};
use std::sync::{Arc, Mutex, PoisonError};
use time::{Duration, OffsetDateTime};

/// Who is asking, in which realm.
///
/// Entering costs one round trip, and the transaction it opened is handed to the first read or write, so a
/// page pays for its session check nothing beyond that.
pub struct Ctx<R: Realm = Tenant>(Arc<Inner<R>>);

/// The context of the operator console.
pub type OperatorCtx = Ctx<Operator>;

struct Inner<R: Realm> {
    app: App,
    token: TokenHash,
    origin: Origin,
    identity: Identity,
    scope: OrgScope,
    subject: Subject,
    /// When the session was known to be live, where it was looked up together with others.
    as_of: Option<AsOf>,
    opened: Mutex<Option<ReadTx<R>>>,
    once: Mutex<Option<Once>>,
}

impl<R: Realm> Clone for Ctx<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R: Realm> std::fmt::Debug for Ctx<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx").field("org", &self.0.identity.org_id).field("user", &self.0.identity.user_id).finish()
    }
}

/// What is written down with a denial, by the names of the event's fields.
pub(crate) mod denial {
    /// A reason code.
    pub(crate) const REASON: &str = "why";
    /// The way to the line that decided.
    pub(crate) const DECIDED_BY: &str = "decided by";
    /// The number of the roles that it was decided by.
    pub(crate) const ROLES_VERSION: &str = "roles version";
}

/// "Last seen" is written at most this often.
const TOUCH_AFTER: Duration = Duration::minutes(1);

impl<R: Realm> Ctx<R> {
    /// The context of a session, or [`Error::Unauthenticated`] when it is not live (or not an operator's, in that realm).
    pub async fn enter(app: &App, token: TokenHash, origin: Origin) -> Result<Self> {
        let (ctx, due) = Self::entered(app, token, origin).await?;
        if due {
            app.touch(token);
        }
        Ok(ctx)
    }

    /// The same for what a page does by itself while nobody may be there, such as polling: "last seen" stays as it
    /// is, so that an open tab does not keep its own session from ending idle (G05).
    pub async fn enter_unseen(app: &App, token: TokenHash, origin: Origin) -> Result<Self> {
        Ok(Self::entered(app, token, origin).await?.0)
    }

    /// Enters anew and unseen: the session as it is now, in a new transaction.
    pub async fn again(&self) -> Result<Self> {
        Self::enter_unseen(&self.0.app, self.0.token, self.0.origin.clone()).await
    }

    /// The context, and whether "last seen" is due.
    async fn entered(app: &App, token: TokenHash, origin: Origin) -> Result<(Self, bool)> {
        let entered = app.database().enter::<R>(token, origin.clone()).await?;
        let (identity, mut tx) = entered.ok_or(Error::Unauthenticated)?;
        let subject = access::of_session(app, &identity, &mut tx, &origin).await?;
        let (due, scope) = (is_due(&identity, tx.now()), tx.scope().clone());
        let (opened, once) = (Mutex::new(Some(tx)), Mutex::new(None));
        let as_of = None;
        Ok((
            Self(Arc::new(Inner { app: app.clone(), token, origin, identity, scope, subject, as_of, opened, once })),
            due,
        ))
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// Who the session stands for.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The facts decisions are made from.
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// Whether something may be done; for showing or hiding a button. Enforcement is in `read` and `write`.
    pub fn may(&self, permission: Permission) -> bool {
        self.0.subject.decide(permission).allowed()
    }

    /// The organization, and who acts in it.
    pub(crate) fn scope(&self) -> &OrgScope {
        &self.0.scope
    }

    /// The session's credential, for what looks it up once more.
    pub(crate) fn token(&self) -> TokenHash {
        self.0.token
    }

    /// When it was known to be live, where others may have asked with it.
    pub(crate) fn as_of(&self) -> Option<AsOf> {
        self.0.as_of
    }

    /// Gives back the transaction that came with entering, where none was needed yet: whoever waits for another
    /// connection should not hold one.
    pub(crate) fn let_go(&self) {
        drop(take(&self.0.opened));
    }

    /// A transaction to read what `P` allows.
    pub async fn read<P: Perm>(&self) -> Result<ReadTx<R>>
    where
        R: Admits<P::Place>,
    {
        self.require(P::PERMISSION).await?;
        self.open().await
    }

    /// A transaction to change what `P` allows.
    pub async fn write<P: Perm>(&self) -> Result<WriteTx<R>>
    where
        R: Admits<P::Place>,
    {
        self.require(P::PERMISSION).await?;
        let mut tx = self.open().await?.into_write();
        if let Some(once) = take(&self.0.once)
            && let Some(done) = tx.once(once).await?
        {
            return Err(Error::DoneBefore(done));
        }
        Ok(tx)
    }

    /// A transaction like [`Ctx::write`]'s, to be dropped before the write itself: for use cases that do something slow,
    /// or something that is counted, in between. Who may not write, or wrote before, is told so already here.
    pub(crate) async fn before_write<P: Perm>(&self) -> Result<WriteTx<R>>
    where
        R: Admits<P::Place>,
    {
        let once = self.0.once.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let tx = self.write::<P>().await?;
        *self.0.once.lock().unwrap_or_else(PoisonError::into_inner) = once;
        Ok(tx)
    }

    /// Makes the next write of this context happen once for this key: a repetition answers [`Error::DoneBefore`].
    ///
    /// Bodies hold passwords. A fingerprint anybody can compute would tell a reader of the table whether a guess is
    /// right, much faster than the password's own hash does: it is kept under a key that is not in the database.
    pub fn once(&self, once: Once) {
        let request = once.request.iter().fold("idempotency/".to_owned(), |text, byte| format!("{text}{byte:02x}"));
        let request = self.app().sealer().derive(&request);
        *self.0.once.lock().unwrap_or_else(PoisonError::into_inner) = Some(Once { request, ..once });
    }

    async fn open(&self) -> Result<ReadTx<R>> {
        match take(&self.0.opened) {
            Some(tx) => Ok(tx),
            // The session is checked again: a request may outlive it.
            None => {
                let entered = self.app().database().enter::<R>(self.0.token, self.0.origin.clone()).await?;
                Ok(entered.ok_or(Error::Unauthenticated)?.1)
            }
        }
    }

    /// Refuses, and writes down as denied, what this context may not do: for what is read before the use case that
    /// asks for itself.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn require(&self, permission: Permission) -> Result<()> {
        match self.may(permission) {
            true => Ok(()),
            false => Err(self.denied(permission).await),
        }
    }

    /// Writes down that something was denied, and says so.
    pub(crate) async fn denied(&self, permission: Permission) -> Error {
        self.denied_by(permission, &self.0.subject, self.0.identity.roles_version).await
    }

    /// The same by what somebody held a moment later than this context began. What decided is written down beside it, so
    /// that it can be explained when roles have changed.
    pub(crate) async fn denied_by(&self, permission: Permission, subject: &Subject, roles_version: i64) -> Error {
        let (verdict, by) = access::trace::said_of(subject, permission);
        let mut record = Record::new(Action::AccessDenied, TargetKind::Page, permission, permission.sentence())
            .outcome(Outcome::Denied)
            .reason(permission.as_str())
            .after(denial::REASON, verdict.reason.code())
            .after(denial::ROLES_VERSION, roles_version);
        if let Some(by) = by {
            record = record.after(denial::DECIDED_BY, by);
        }
        self.deny(record).await.err().unwrap_or(Error::Forbidden(permission))
    }

    /// Writes down that something was denied, in a transaction of its own.
    pub(crate) async fn deny(&self, record: Record) -> Result<()> {
        self.deny_all(vec![record]).await
    }

    /// The same of several things, if there are any.
    pub(crate) async fn deny_all(&self, records: Vec<Record>) -> Result<()> {
        match records.is_empty() {
            true => Ok(()),
            false => Ok(self.open().await?.into_write().commit_all(records).await?),
        }
    }
}

/// A poisoned lock only means that a panic happened while an option was taken; the option is still sound.
fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn is_due(identity: &Identity, now: OffsetDateTime) -> bool {
    now - identity.last_seen_at > TOUCH_AFTER
}

impl Ctx {
    /// [`Ctx::enter`] for what needs no transaction: the session is looked up in one statement with those of the requests
    /// that come at the same time, or was so a moment ago.
    pub async fn enter_together(app: &App, token: TokenHash, origin: Origin) -> Result<Self> {
        let entered = app.database().enter_together(token).await?.ok_or(Error::Unauthenticated)?;
        let Entered { identity, scope, as_of } = entered;
        let Some(subject) = access::known_subject(app, &identity, as_of.now, &origin) else {
            // What their roles allow has to be read, which takes a transaction.
            return Self::enter(app, token, origin).await;
        };
        if is_due(&identity, as_of.now) {
            app.touch(token);
        }
        let (as_of, opened, once) = (Some(as_of), Mutex::default(), Mutex::default());
        Ok(Self(Arc::new(Inner { app: app.clone(), token, origin, identity, scope, subject, as_of, opened, once })))
    }
}

impl OperatorCtx {
    /// A transaction about one organization.
    pub async fn read_within<P: Perm>(&self, org: bulkhead_model::OrgId) -> Result<ReadTx<Operator>>
    where
        Operator: Admits<P::Place>,
    {
        let mut tx = self.read::<P>().await?;
        tx.within(org).await?;
        Ok(tx)
    }

    /// A transaction that changes one organization.
    pub async fn write_within<P: Perm>(&self, org: bulkhead_model::OrgId) -> Result<WriteTx<Operator>>
    where
        Operator: Admits<P::Place>,
    {
        let mut tx = self.write::<P>().await?;
        tx.within(org).await?;
        Ok(tx)
    }
}
