//! What requests ask together that need no transaction of their own: who a session stands for, what people hold, and to
//! keep a decision. For decisions, of which services ask many at a time (docs/adr/0018-decisions-ask-together.md); what
//! was just looked up is remembered ([`crate::memory`]).

use crate::{
    Database, Error, Result, Unaudited,
    access::Standing,
    decisions::{self, NewDecision},
    memory::Recalled,
    pools::first,
    scope::{Identity, OrgScope, Origin},
    statements::Recorded,
    together::Together,
    tx::{Tenant, TokenHash, identity, moment, sealed::Realm as _},
};
use bulkhead_model::{Id, OrgId, UserId, access::Assignment};
use futures::FutureExt;
use sqlx::{
    FromRow, Row,
    postgres::{PgArguments, PgRow, Postgres},
    query::Query,
    types::Json,
};
use std::{collections::HashMap, sync::Arc, time::Instant};
use time::OffsetDateTime;
use uuid::Uuid;

/// Who asks together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    sessions: Together<(), TokenHash, Option<Entered>>,
    standings: Together<(), (TokenHash, Vec<UserId>), Option<Held>>,
    decisions: Together<OrgId, (OrgScope, Vec<NewDecision>), ()>,
}

/// A live session, without a transaction.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Who it stands for.
    pub identity: Identity,
    /// The same as a scope.
    pub scope: OrgScope,
    /// When.
    pub as_of: AsOf,
}

/// The moment for which something is known of an organization.
#[derive(Debug, Clone, Copy)]
pub struct AsOf {
    /// Which organization.
    pub(crate) org: OrgId,
    /// By the database's clock.
    pub now: OffsetDateTime,
    /// The number of its roles then, as a session has it.
    pub roles_version: i64,
    /// The number of changes of what its people hold.
    pub(crate) rights_version: i64,
    /// When this process asked.
    pub(crate) sent: Instant,
}

/// What people hold.
#[derive(Debug, Clone)]
pub struct Held {
    /// When.
    pub as_of: AsOf,
    /// Of those that the organization has.
    pub standings: HashMap<UserId, Arc<Standing>>,
}

impl Database {
    /// [`Database::enter`] for a tenant without a transaction: from memory, or in a look-up that begins now or later.
    pub async fn enter_together(&self, token: TokenHash) -> Result<Option<Entered>> {
        let Some(Recalled { entered, is_ageing }) = self.memory.session(token) else {
            return self.look_up_session(token).await;
        };
        if is_ageing {
            let database = self.clone();
            #[expect(
                clippy::disallowed_methods,
                reason = "one statement for nobody's request: where it fails, the next request asks for itself"
            )]
            tokio::spawn(async move { database.look_up_session(token).await });
        }
        Ok(Some(entered))
    }

    async fn look_up_session(&self, token: TokenHash) -> Result<Option<Entered>> {
        let database = self.clone();
        let enter = move |tokens: Vec<TokenHash>| {
            let database = database.clone();
            async move { database.enter_many(&tokens).await }
        };
        let entered = self.shared.sessions.ask((), token, enter).await?;
        self.memory.keep_session(token, entered.as_ref());
        Ok(entered)
    }

    /// What users hold in the organization of a session, which was known to be live as of a moment: from memory where
    /// nobody's rights had changed by then, or in a look-up that begins now or later; nothing where the session has
    /// ended by that.
    pub async fn standings_together(
        &self,
        token: TokenHash,
        as_of: Option<AsOf>,
        users: Vec<UserId>,
    ) -> Result<Option<Held>> {
        if let Some(known) = as_of.and_then(|as_of| self.memory.people(as_of, &users)) {
            return Ok(Some(known));
        }
        let database = self.clone();
        let look_up = move |asked: Vec<(TokenHash, Vec<UserId>)>| {
            let database = database.clone();
            async move { database.standings_of(&asked).await }
        };
        let held = self.shared.standings.ask((), (token, users), look_up).await?;
        if let Some(held) = &held {
            self.memory.keep_people(held);
        }
        Ok(held)
    }

    /// Keeps decisions; they are committed when this ends. Those of one organization go into one transaction.
    pub async fn keep_together(&self, scope: &OrgScope, decisions: Vec<NewDecision>) -> Result<()> {
        let database = self.clone();
        let keep = move |asked: Vec<(OrgScope, Vec<NewDecision>)>| {
            let database = database.clone();
            async move { database.keep_all(asked).await }
        };
        self.shared.decisions.ask(scope.org(), (scope.clone(), decisions), keep).await
    }

    async fn enter_many(&self, tokens: &[TokenHash]) -> Result<Vec<Option<Entered>>> {
        let (unique, places) = unique(tokens.iter());
        let sql = "SELECT place, org_id, user_id, session_id, org_slug, org_name, org_kind, org_plan, user_email, user_name,
                          user_role, method, assurance, created_at, last_seen_at, expires_at, roles_version, assignments,
                          rights_version, now() AS now
                   FROM app.enter_many($1)";
        let (sent, rows) = self.rows(|| sqlx::query(sql).bind(unique.clone())).await?;
        let mut found: HashMap<usize, Entered> = HashMap::new();
        for row in rows {
            let identity = identity(&row)?;
            let as_of = AsOf {
                org: identity.org_id,
                now: moment(&row, "now")?,
                roles_version: identity.roles_version,
                rights_version: row.try_get("rights_version")?,
                sent,
            };
            found.insert(place(&row)?, Entered { scope: OrgScope::of(&identity), identity, as_of });
        }
        Ok(places.iter().map(|place| found.get(place).cloned()).collect())
    }

    async fn standings_of(&self, asked: &[(TokenHash, Vec<UserId>)]) -> Result<Vec<Option<Held>>> {
        let (unique, places) = unique(asked.iter().map(|(token, _)| token));
        let (mut askers, mut whose, mut people) = (Vec::new(), Vec::<i64>::new(), Vec::<Option<Uuid>>::new());
        for (asker, (_, users)) in asked.iter().enumerate() {
            // Whoever asks for nobody is told whether the session is live all the same.
            let users = users.iter().map(|user| Some(user.uuid())).chain(users.is_empty().then_some(None));
            for user in users {
                askers.push(asker);
                whose.push(i64::try_from(places[asker] + 1).map_err(|_| OUT_OF_PLACE)?);
                people.push(user);
            }
        }
        let sql = "SELECT place, org_id, roles_version, rights_version, user_id, role, status, org_kind, assignments, now() AS now
                   FROM app.standings_of($1, $2, $3)";
        let ask = || sqlx::query(sql).bind(unique.clone()).bind(whose.clone()).bind(people.clone());
        let (sent, rows) = self.rows(ask).await?;
        let mut held: Vec<Option<Held>> = asked.iter().map(|_| None).collect();
        for row in rows {
            let asker = askers.get(place(&row)?).and_then(|asker| held.get_mut(*asker)).ok_or(OUT_OF_PLACE)?;
            let row = HeldRow::from_row(&row)?;
            let as_of = AsOf {
                org: Id::from_uuid(row.org_id),
                now: row.now,
                roles_version: row.roles_version,
                rights_version: row.rights_version,
                sent,
            };
            let held = asker.get_or_insert_with(|| Held { as_of, standings: HashMap::new() });
            held.standings.extend(row.standing()?.map(|(user, standing)| (user, Arc::new(standing))));
        }
        Ok(held)
    }

    /// Runs a statement that only reads, in no transaction; also says when it was sent.
    async fn rows(&self, query: impl Fn() -> Query<'static, Postgres, PgArguments>) -> Result<(Instant, Vec<PgRow>)> {
        let answered = first(&self.together, |connection| {
            let (query, statements) = (query(), Arc::clone(&self.statements));
            async move {
                let sent = Instant::now();
                let rows = query.fetch_all(Recorded::new(connection, &statements, Tenant::ROLE)).await?;
                Ok((sent, rows))
            }
            .boxed()
        });
        Ok(answered.await?.1)
    }

    async fn keep_all(&self, asked: Vec<(OrgScope, Vec<NewDecision>)>) -> Result<Vec<()>> {
        let done = vec![(); asked.len()];
        let (mut scope, mut decisions) = (None, Vec::new());
        for (of, kept) in asked {
            // Who acts is in the rows; the transaction itself is the organization's.
            scope.get_or_insert(of);
            decisions.extend(kept);
        }
        if let Some(scope) = scope {
            let mut tx = self.write(scope, Origin::default()).await?;
            decisions::keep(&mut tx, &decisions).await?;
            tx.commit_unaudited(Unaudited::Decision).await?;
        }
        Ok(done)
    }
}

const OUT_OF_PLACE: Error = Error::Corrupt { what: "the place of an answer" };

/// Each hash once, as PostgreSQL takes it, and where each of those asked for is among them: a service asks with one session.
fn unique<'a>(tokens: impl Iterator<Item = &'a TokenHash>) -> (Vec<Vec<u8>>, Vec<usize>) {
    let (mut unique, mut known) = (Vec::new(), HashMap::new());
    let mut place = |token: &'a TokenHash| {
        *known.entry(token).or_insert_with(|| {
            unique.push(token.0.to_vec());
            unique.len() - 1
        })
    };
    let places = tokens.map(&mut place).collect();
    (unique, places)
}

/// PostgreSQL counts from 1.
fn place(row: &PgRow) -> Result<usize> {
    let place: i64 = row.try_get("place")?;
    usize::try_from(place - 1).map_err(|_| OUT_OF_PLACE)
}

#[derive(FromRow)]
struct HeldRow {
    org_id: Uuid,
    roles_version: i64,
    rights_version: i64,
    now: OffsetDateTime,
    user_id: Option<Uuid>,
    role: Option<String>,
    status: Option<String>,
    org_kind: Option<String>,
    assignments: Option<Json<Vec<Assignment>>>,
}

impl HeldRow {
    /// Nobody where the organization has no such user.
    fn standing(self) -> Result<Option<(UserId, Standing)>> {
        let (Some(id), Some(role), Some(status), Some(kind)) = (self.user_id, self.role, self.status, self.org_kind)
        else {
            return Ok(None);
        };
        Ok(Some((Id::from_uuid(id), Standing::of((&role, &status, &kind), self.assignments)?)))
    }
}
