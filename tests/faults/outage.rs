//! PostgreSQL stopped while the program serves, and started again.

use crate::{
    installation::{Answer, Browser, Installation},
    ledger::{Acknowledged, Subject, Undone, complaints},
};
use futures::future::join_all;
use reqwest::StatusCode;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// Clients that write while the database goes and comes.
const CLIENTS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_outlives_its_database() {
    let mut installation = Installation::start().await;
    let admin = installation.signed_in("acme", "admin@acme.example").await;
    let operator = installation.signed_in("platform", "admin@platform.example").await;
    let form = admin.get("/account").await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (subject, invited) = Subject::invite(&admin, &format!("client{client}")).await.unwrap();
        clients.spawn(write_on(subject, invited, Arc::clone(&done)));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;

    installation.stop_database().await;
    let ready = unready(&admin).await;
    assert_eq!(ready.text, r#"{"ready":false,"reasons":["database"]}"#);
    assert_ne!(ready.header("retry-after"), "");
    assert_eq!(admin.get("/healthz").await.unwrap().status, StatusCode::OK, "no reason to restart the process");
    assert_eq!(admin.get("/livez").await.unwrap().status, StatusCode::OK);
    tokio::join!(
        page_is_unavailable(&admin, "/t/acme"),
        page_is_unavailable(&admin, "/t/acme/users"),
        page_is_unavailable(&admin, "/account"),
        page_is_unavailable(&operator, "/op"),
        page_is_unavailable(&operator, "/op/orgs"),
        api_is_unavailable(&admin, "/api/v1/users"),
        api_is_unavailable(&operator, "/api/v1/orgs"),
        decisions_are_unavailable(&admin),
        async {
            let fields = format!("csrf={}&name=Renamed+in+the+dark", form.hidden("csrf"));
            is_a_page(&admin.post_form("/account", fields).await.unwrap());
        },
        async {
            let fields = "email=admin%40acme.example&password=whatever-it-is-today&next=".to_owned();
            is_a_page(&installation.visitor().post_form("/login/acme", fields).await.unwrap());
        },
    );

    installation.start_database().await;
    installation.ready().await;
    for (browser, path) in [(&admin, "/t/acme"), (&admin, "/api/v1/users"), (&operator, "/op/orgs")] {
        let answer = browser.get(path).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{path}, without signing in again: {}", answer.text);
    }
    for answer in decisions(&admin).await {
        assert_eq!((answer.status, &answer.json()["decision"]), (StatusCode::OK, &false.into()), "{}", answer.text);
    }
    let renamed = "Renamed in the dark";
    assert!(!admin.get("/account").await.unwrap().text.contains(renamed), "what was refused was not done later");
    installation.signed_in("globex", "admin@globex.example").await;

    done.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    while let Some(client) = clients.join_next().await {
        let written = client.unwrap();
        assert!(written.after_outage > 0, "a client did not get back to work");
        refused += written.refused;
        acknowledged.extend(written.acknowledged);
    }
    assert!(refused > 0, "nobody was writing while the database was away");
    assert_eq!(complaints(installation.as_migrator(), &acknowledged).await.unwrap(), Vec::<String>::new());
}

/// What became of one client's writes.
struct Written {
    acknowledged: Vec<Acknowledged>,
    refused: usize,
    after_outage: usize,
}

/// Renames one user until told that the outage is over, and once more.
async fn write_on(mut subject: Subject, invited: Acknowledged, done: Arc<AtomicBool>) -> Written {
    let mut written = Written { acknowledged: vec![invited], refused: 0, after_outage: 0 };
    for number in 0.. {
        let last = done.load(Ordering::Relaxed);
        let mut renamed = subject.rename(format!("Change {number}")).await;
        if let Err(Undone::Refused(answer)) = &renamed
            && answer.status == StatusCode::PRECONDITION_FAILED
        {
            // The change before was committed, and only its acknowledgement was lost with the connection.
            renamed = match subject.read().await {
                Ok(()) => subject.rename(format!("Change {number}")).await,
                Err(answer) => Err(answer),
            };
        }
        match renamed {
            Ok(renamed) => {
                written.acknowledged.push(renamed);
                written.after_outage += usize::from(written.refused > 0);
            }
            Err(Undone::Lost(error)) => panic!("the server answers, whatever the database does: {error}"),
            Err(Undone::Refused(answer)) => {
                assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
                written.refused += 1;
            }
        }
        if last && written.after_outage > 0 {
            break;
        }
    }
    written
}

/// The answer of `/readyz` once it says no. It may repeat its last answer for a second.
async fn unready(browser: &Browser) -> Answer {
    for _ in 0..100 {
        let answer = browser.get("/readyz").await.unwrap();
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
        assert_eq!(answer.status, StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still ready, five seconds after the database went");
}

async fn page_is_unavailable(browser: &Browser, path: &str) {
    is_a_page(&browser.get(path).await.unwrap());
}

/// 503 for people: when to come back, and a whole page that says so.
fn is_a_page(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert_ne!(answer.header("retry-after"), "");
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    assert!(answer.text.contains("</html>") && answer.text.contains("<h1"), "{}", answer.text);
    assert!(!answer.text.to_lowercase().contains("postgres"), "{}", answer.text);
}

/// 503 for programs.
async fn api_is_unavailable(browser: &Browser, path: &str) {
    is_a_problem(&browser.get(path).await.unwrap());
}

/// What is asked together is refused together.
async fn decisions_are_unavailable(browser: &Browser) {
    decisions(browser).await.iter().for_each(is_a_problem);
}

/// The same decision, asked by twenty at once: nobody may shred backups.
async fn decisions(browser: &Browser) -> Vec<Answer> {
    let question = serde_json::json!({"subject": {"type": "user", "id": "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001"},
                                      "action": {"name": "shred"}, "resource": {"type": "backups"}});
    join_all((0..20).map(|_| async { browser.post("/api/v1/decisions", question.clone()).await.unwrap() })).await
}

fn is_a_problem(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert_ne!(answer.header("retry-after"), "");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["code"], "unavailable");
}
