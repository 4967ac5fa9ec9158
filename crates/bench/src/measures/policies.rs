//! What row-level security costs: the server's own queries as `bulkhead_app`, against the same statements with the
//! organization in the WHERE clause, as a role that no policy binds. Both in a transaction, over the same driver.

use std::time::Duration;

use bulkhead_db::{
    Database, Origin, PoolSizes, ReadTx, Tenant, TokenHash,
    audit::{self, Reach},
    users,
};
use bulkhead_model::{
    audit::AuditFilter,
    page::{COUNT_CAP, PageRequest, Place},
    user::UserFilter,
};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    Result, cpu,
    floor::{EVENT_COUNT, EVENTS, EventRow, FETCH, USER_COUNT, USERS, UserRow},
    measures::Bench,
    pairs::{Calibration, First, Pairs},
    report::{Report, milliseconds},
    seed::{HUGE, ORDINARY},
};

/// Row-level security may add a tenth to PostgreSQL's time.
const MOST: f64 = 1.10;

#[derive(Clone, Copy, Debug)]
enum Query {
    Users,
    UserCount,
    Events,
    EventCount,
}

/// The two ways to the same rows.
struct Ways {
    ours: ReadTx<Tenant>,
    floor: PgConnection,
    org: Uuid,
    postgres: u32,
}

pub(super) async fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    report.section("Row-level security: PostgreSQL CPU of a query, against the same without policies");
    for slug in [ORDINARY, HUGE] {
        for (query, name) in [
            (Query::Users, "100 users"),
            (Query::UserCount, "count of users"),
            (Query::Events, "100 events"),
            (Query::EventCount, "count of events"),
        ] {
            // A transaction of its own for each: runtime roles may not keep one open for long.
            let mut ways = Ways::open(bench, slug).await?;
            ways.agree(query).await?;
            let pairs = ways.compare(query, bench.plan.pairs(), bench.plan.slice() / 4).await?;
            report.at_most(format!("{name} of `{slug}`"), pairs.ratio(|cost| *cost), MOST);
            report.note(format!("{name} of `{slug}`, PostgreSQL CPU"), milliseconds(pairs.first(|cost| *cost)));
        }
    }
    Ok(())
}

impl Ways {
    async fn open(bench: &Bench<'_>, slug: &str) -> Result<Self> {
        let urls = &bench.large.urls;
        let mut floor = PgConnection::connect(urls.migrate.expose_secret()).await?;
        let (org, token): (Uuid, Vec<u8>) = sqlx::query_as(
            "SELECT o.id, s.token_hash FROM orgs o JOIN users u ON u.org_id = o.id AND u.role = 'admin'
             JOIN sessions s ON s.org_id = o.id AND s.user_id = u.id WHERE o.slug = $1 ORDER BY s.id LIMIT 1",
        )
        .bind(slug)
        .fetch_one(&mut floor)
        .await?;
        sqlx::raw_sql("BEGIN").execute(&mut floor).await?;
        let sizes = PoolSizes { app: 1, operator: 1, auth: 1, acquire_timeout: Duration::from_secs(5) };
        let database = Database::open(&urls.runtime(), sizes)?;
        let token = TokenHash(token.try_into().map_err(|_| "a token's hash has another length")?);
        let entered = database.enter::<Tenant>(token, Origin::default()).await?;
        let (_, ours) = entered.ok_or("the seeded session is not live: remove the bench's directory and run again")?;
        Ok(Self { ours, floor, org, postgres: bench.postgres.pid })
    }

    /// Runs the server's own function; the rows' ids, or the count.
    async fn ours(&mut self, query: Query) -> Result<Vec<Uuid>> {
        let page = PageRequest::new(Place::First, 100);
        let (everybody, everything) = (UserFilter::default(), AuditFilter::default());
        Ok(match query {
            Query::Users => {
                users::list(&mut self.ours, &everybody, &page).await?.rows.iter().map(|user| user.id.uuid()).collect()
            }
            Query::UserCount => counted(users::count(&mut self.ours, &everybody).await?.0),
            Query::Events => audit::list(&mut self.ours, &everything, Reach::Organization, &page)
                .await?
                .rows
                .iter()
                .map(|event| event.id.uuid())
                .collect(),
            Query::EventCount => counted(audit::count(&mut self.ours, &everything, Reach::Organization).await?.0),
        })
    }

    /// Runs the floor's statement; the same answer.
    async fn floor(&mut self, query: Query) -> Result<Vec<Uuid>> {
        let (org, floor) = (self.org, &mut self.floor);
        Ok(match query {
            Query::Users => {
                let rows: Vec<UserRow> = sqlx::query_as(USERS).bind(org).bind(FETCH).fetch_all(floor).await?;
                rows.iter().map(|row| row.id).take(100).collect()
            }
            Query::Events => {
                let rows: Vec<EventRow> = sqlx::query_as(EVENTS).bind(org).bind(FETCH).fetch_all(floor).await?;
                rows.iter().map(|row| row.id).take(100).collect()
            }
            Query::UserCount => {
                counted(sqlx::query_scalar(USER_COUNT).bind(org).bind(COUNT_CAP).fetch_one(floor).await?)
            }
            Query::EventCount => {
                counted(sqlx::query_scalar(EVENT_COUNT).bind(org).bind(COUNT_CAP).fetch_one(floor).await?)
            }
        })
    }

    /// A comparison of different answers would be worth nothing.
    async fn agree(&mut self, query: Query) -> Result<()> {
        // Long enough for both to have the generic plan, which comes with the sixth run.
        for _ in 0..12 {
            let (ours, floor) = (self.ours(query).await?, self.floor(query).await?);
            if ours != floor || ours.is_empty() {
                return Err(format!("{query:?}: the server and the floor answer differently").into());
            }
        }
        Ok(())
    }

    /// PostgreSQL's milliseconds for one query, ours and the floor's.
    async fn compare(&mut self, query: Query, pairs: usize, time: Duration) -> Result<Pairs<f64>> {
        let mut made = Pairs::new(pairs);
        while let Some(first) = made.begins() {
            let (first, second) = match first {
                First::Ours => (self.slice(query, true, time).await?, self.slice(query, false, time).await?),
                First::Floor => {
                    let second = self.slice(query, false, time).await?;
                    (self.slice(query, true, time).await?, second)
                }
            };
            made.keep(first.0, second.0, (first.1.cpu, second.1.cpu));
        }
        made.enough()
    }

    /// Milliseconds for one query, and the calibration around the slice.
    async fn slice(&mut self, query: Query, ours: bool, time: Duration) -> Result<(f64, Calibration)> {
        let first = Calibration::now()?;
        let (before, begin) = (cpu::of_postgres(self.postgres)?, std::time::Instant::now());
        let mut times = 0.0;
        while begin.elapsed() < time {
            if ours {
                self.ours(query).await?
            } else {
                self.floor(query).await?
            };
            times += 1.0;
        }
        let cost = (cpu::of_postgres(self.postgres)? - before) * 1e3 / times;
        Ok((cost, first.and(Calibration::now()?)))
    }
}

/// A count as something that can be compared with rows.
fn counted(count: i64) -> Vec<Uuid> {
    vec![Uuid::from_u128(u128::from(count.unsigned_abs()))]
}
