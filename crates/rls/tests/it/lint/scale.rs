//! A database as large as the biggest that the lint is meant for: 500 tables, 5 000 policies.

use std::time::{Duration, Instant};

use bulkhead_rls::catalogue::read;
use bulkhead_rls::lint::{lint, report, semantics};

use super::corpus_profile;
use crate::database::Blank;

const LARGE: &str = "
    DO $$
    BEGIN
        FOR t IN 1..500 LOOP
            EXECUTE format('CREATE TABLE t%s (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, parent uuid,
                            kind text, PRIMARY KEY (org_id, id),
                            FOREIGN KEY (org_id, parent) REFERENCES t%s (org_id, id))', t, greatest(t - 1, 1));
            EXECUTE format('ALTER TABLE t%s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON t%s TO bulkhead_app', t);
            FOR p IN 1..10 LOOP
                EXECUTE format('CREATE POLICY p%s ON t%s TO bulkhead_app
                                USING (org_id = (SELECT app.org_id()) AND kind = %L)
                                WITH CHECK (org_id = (SELECT app.org_id()) AND kind = %L)', p, t, p, p);
            END LOOP;
        END LOOP;
    END $$";

/// In a debug build on a shared machine the bounds say only that nothing is quadratic; `cargo test --release` prints
/// what the issue promises: reading in 300 ms, judging in 2 s. Asking PostgreSQL about every policy takes longer.
#[tokio::test]
async fn five_hundred_tables_are_read_and_judged_in_time() {
    let prelude = std::fs::read_to_string(super::corpus().join("prelude.sql")).unwrap();
    let blank = Blank::create(&format!("{prelude}\n{LARGE}")).await;
    let (mut connection, profile) = (blank.connect().await, corpus_profile());
    read(&mut connection, &profile).await.unwrap();
    let started = Instant::now();
    let catalogue = read(&mut connection, &profile).await.unwrap();
    let reading = started.elapsed();
    assert_eq!(catalogue.tables.iter().map(|table| table.policies.len()).sum::<usize>(), 5_000);
    let started = Instant::now();
    let findings = lint(&catalogue, &profile);
    let judging = started.elapsed();
    assert!(findings.iter().all(|finding| !finding.is_leak()), "{}", super::shown(&findings));
    let (mut fresh, started) = (blank.connect().await, Instant::now());
    let refuted = semantics(&mut fresh, &catalogue, &profile).await.unwrap();
    let asking = started.elapsed();
    // For operators nothing was granted, so nothing was to be asked; for organizations every policy was refused.
    assert!(refuted.is_empty(), "{}", super::shown(&refuted));
    assert_eq!(report(catalogue, &profile).tables.len(), 500);
    eprintln!("500 tables, 5 000 policies: read in {reading:?}, judged in {judging:?}, asked in {asking:?}");
    assert!(asking < Duration::from_secs(120), "{asking:?}");
    assert!(reading < Duration::from_secs(10) && judging < Duration::from_secs(10), "{reading:?}, {judging:?}");
}
