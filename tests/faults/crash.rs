//! `kill -9` of the program in the middle of many audited writes.

use crate::{
    installation::Installation,
    ledger::{Acknowledged, Subject, Undone, complaints},
};
use reqwest::StatusCode;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Clients that write at once.
const CLIENTS: usize = 12;
/// Changes that are acknowledged before the program is killed.
const ENOUGH: usize = 120;
/// Each kill is one chance to meet a commit half way.
const ROUNDS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_recorded_all_that_it_acknowledged_and_nothing_else() {
    let mut installation = Installation::start().await;
    let admin = installation.signed_in("acme", "admin@acme.example").await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    for round in 1..=ROUNDS {
        let at_server = admin.moved_to(&installation);
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let (browser, acknowledged) = (at_server.clone(), Arc::clone(&acknowledged));
            clients.spawn(async move {
                // A client ends with the first request that is not answered: only the kill can be the reason.
                let unanswered = async {
                    let mut number = 0;
                    loop {
                        let name = format!("r{round}c{client}n{number}");
                        let (mut subject, invited) = Subject::invite(&browser, &name).await?;
                        acknowledged.lock().unwrap().push(invited);
                        for _ in 0..8 {
                            number += 1;
                            let renamed = subject.rename(format!("Round {round} change {number}")).await?;
                            acknowledged.lock().unwrap().push(renamed);
                        }
                        number += 1;
                    }
                };
                let result: Result<(), Undone> = unanswered.await;
                assert!(matches!(result, Err(Undone::Lost(_))), "{result:?}");
            });
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        while acknowledged.lock().unwrap().len() < round * ENOUGH {
            assert!(Instant::now() < deadline, "the clients are too slow: {}", acknowledged.lock().unwrap().len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        installation.kill_server();
        while let Some(ended) = clients.join_next().await {
            ended.unwrap();
        }

        installation.serve().await;
        let seen: Vec<Acknowledged> = acknowledged.lock().unwrap().clone();
        let found = complaints(installation.as_migrator(), &seen).await.unwrap();
        assert!(found.is_empty(), "round {round}, {} acknowledged: {found:#?}", seen.len());
    }

    // Sessions are rows: whoever was signed in still is, and goes on working.
    let admin = admin.moved_to(&installation);
    let page = admin.get("/t/acme").await.unwrap();
    assert_eq!(page.status, StatusCode::OK, "{}\n{}", page.text, installation.log());
    let (mut subject, invited) = Subject::invite(&admin, "after").await.unwrap();
    let renamed = subject.rename("Afterwards".to_owned()).await.unwrap();
    assert_eq!(complaints(installation.as_migrator(), &[invited, renamed]).await.unwrap(), Vec::<String>::new());
}
