//! The copies live as long as the run and not longer, and the run not longer than it is given.

use std::time::Duration;

use bulkhead_rls::prove::{Cancellation, Error, sweep};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{GROUND, attempt, copies, options, run, sound_table};
use crate::database::Blank;

#[tokio::test]
async fn a_cancelled_run_leaves_nothing() {
    let blank = Blank::create(GROUND).await;
    let options = options(&blank);
    for word in ["planting", "breaking", "attacking"] {
        let cancellation = Cancellation::new();
        let (cancel, admin) = (cancellation.clone(), options.admin.clone());
        let mut reached = false;
        let result = attempt(&options, &cancellation, |progress| {
            if progress.doing.starts_with(word) {
                reached = true;
                cancel.cancel();
            }
        })
        .await;
        assert!(matches!(result, Err(Error::Cancelled)), "{word}: {result:?}");
        assert!(reached && copies(&admin).await.is_empty(), "{word}");
    }
}

#[tokio::test]
async fn a_failed_run_leaves_nothing() {
    let blank = Blank::create(GROUND).await;
    let mut options = options(&blank);
    options.pg_dump = Some("/bin/true".into());
    let refused = attempt(&options, &Cancellation::new(), |_| {}).await;
    assert!(matches!(refused, Err(Error::NoDump { .. })), "{refused:?}");
    options.pg_dump = None;
    options.role_urls.insert("bulkhead_app".to_owned(), "postgres://nobody:wrong@127.0.0.1:1/none".to_owned().into());
    // Fails after both copies were made.
    let unreachable = attempt(&options, &Cancellation::new(), |_| {}).await;
    assert!(matches!(unreachable, Err(Error::Database { .. })), "{unreachable:?}");
}

#[tokio::test]
async fn what_is_not_tried_in_time_is_unproven() {
    let blank = Blank::create(&format!("{GROUND}{}", sound_table("notes", ""))).await;
    let mut options = options(&blank);
    options.budget = Duration::ZERO;
    let proof = run(&options).await;
    assert_eq!((proof.counts.held, proof.counts.leaked), (0, 0));
    assert!(proof.cells.len() > 40, "every cell is there: {}", proof.cells.len());
    assert_eq!(proof.verdict(), format!("Nothing was proven; {} unproven.", proof.cells.len()));
}

#[tokio::test]
async fn the_original_is_not_touched() {
    let blank = Blank::create(&format!("{GROUND}{}", sound_table("notes", ""))).await;
    blank.run("INSERT INTO orgs VALUES ('11111111-0000-4000-8000-000000000001', 'real')").await;
    let before = state(&blank).await;
    let first = run(&options(&blank)).await;
    assert_eq!(state(&blank).await, before);
    // And it is deterministic, but for its id, its time and how long it took.
    let second = run(&options(&blank)).await;
    assert_eq!(first.cells, second.cells);
    let difference = bulkhead_model::isolation::Proof::diff(&first, &second);
    assert!(difference.cells.is_empty() && !difference.catalogue_changed);
    blank.run("ALTER POLICY mine ON notes USING (true)").await;
    let difference = bulkhead_model::isolation::Proof::diff(&first, &run(&options(&blank)).await);
    assert!(difference.catalogue_changed);
    assert!(difference.cells.iter().any(|change| change.after.as_ref().unwrap().outcome.label() == "Leaked"));
}

/// Rows and writes of the original, as the server counts them.
async fn state(blank: &Blank) -> (i64, Vec<String>) {
    let mut connection = blank.connect().await;
    sqlx::raw_sql("SELECT pg_stat_force_next_flush()").execute(&mut connection).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM orgs").fetch_one(&mut connection).await.unwrap();
    let objects = "SELECT c.oid::regclass || ':' || c.xmin::text FROM pg_class c ORDER BY 1";
    (rows, sqlx::query_scalar(objects).fetch_all(&mut connection).await.unwrap())
}

#[tokio::test]
async fn abandoned_copies_are_swept_by_name_and_age() {
    let blank = Blank::create("").await;
    let mut admin = PgConnection::connect(blank.url().expose_secret()).await.unwrap();
    let now: i64 = sqlx::query_scalar("SELECT extract(epoch FROM now())::bigint").fetch_one(&mut admin).await.unwrap();
    let old = "bulkhead_proof_1000000000_0123456789ab".to_owned();
    let kept = [format!("bulkhead_proof_{now}_0123456789ac"), "bulkhead_proof_of_mine_0123456789ad".to_owned()];
    for name in kept.iter().chain([&old]) {
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    }
    sweep(&blank.url()).await.unwrap();
    let left: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE '%0123456789a_' ORDER BY 1")
            .fetch_all(&mut admin)
            .await
            .unwrap();
    assert_eq!(left, kept);
    for name in kept {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut admin).await.unwrap();
    }
}
