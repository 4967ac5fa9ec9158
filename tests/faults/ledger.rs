//! Do the rows and the audit log tell the same story? Asked in SQL, past all policies, about the users at
//! [`DOMAIN`], whom only these tests make and change, and only through the API.

use crate::installation::{Answer, Browser};
use bulkhead_testing::{HarnessError, TestDatabase, run, texts};
use reqwest::StatusCode;
use secrecy::SecretString;
use serde_json::json;

/// Where the addresses of the ledger's users are.
pub const DOMAIN: &str = "ledger.example";

/// What the server said was done.
#[derive(Debug, Clone)]
pub enum Acknowledged {
    /// This user was invited.
    Invited { id: String },
    /// This user was given this name; no user is given the same name twice.
    Renamed { id: String, name: String },
}

/// A change that the server did not acknowledge.
#[derive(Debug)]
pub enum Undone {
    /// It answered something else.
    Refused(Box<Answer>),
    /// It did not answer; the change may have been made.
    Lost(reqwest::Error),
}

/// One user of the ledger, changed again and again by one client.
#[derive(Debug)]
pub struct Subject {
    browser: Browser,
    id: String,
    tag: String,
}

impl Subject {
    /// Invites a user.
    pub async fn invite(browser: &Browser, name: &str) -> Result<(Self, Acknowledged), Undone> {
        let body = json!({"emails": [format!("{name}@{DOMAIN}")], "role": "user"});
        let answer = done(browser.post("/api/v1/invitations", body).await)?;
        let id = answer.json()["results"][0]["user_id"].as_str().unwrap().to_owned();
        let subject = Self { browser: browser.clone(), id: id.clone(), tag: "\"v1\"".to_owned() };
        Ok((subject, Acknowledged::Invited { id }))
    }

    /// Gives the user another name.
    pub async fn rename(&mut self, name: String) -> Result<Acknowledged, Undone> {
        let answer = done(self.browser.patch(&self.path(), &self.tag, json!({ "name": name })).await)?;
        self.tag = answer.header("etag").to_owned();
        Ok(Acknowledged::Renamed { id: self.id.clone(), name })
    }

    /// Looks how the user is now: after an answer that did not say whether a change was made.
    pub async fn read(&mut self) -> Result<(), Undone> {
        self.tag = done(self.browser.get(&self.path()).await)?.header("etag").to_owned();
        Ok(())
    }

    fn path(&self) -> String {
        format!("/api/v1/users/{}", self.id)
    }
}

fn done(answer: reqwest::Result<Answer>) -> Result<Answer, Undone> {
    match answer {
        Ok(answer) if answer.status == StatusCode::OK => Ok(answer),
        Ok(answer) => Err(Undone::Refused(Box::new(answer))),
        Err(error) => Err(Undone::Lost(error)),
    }
}

/// Everything that does not fit: rows without their event, events without their row, acknowledged changes that are
/// neither, and invitations of which only a part was written.
pub async fn complaints(url: &SecretString, acknowledged: &[Acknowledged]) -> Result<Vec<String>, HarnessError> {
    // Ids and names come from the server and from these tests; a quote in one would be a fault of its own.
    let rows: Vec<String> = acknowledged
        .iter()
        .map(|one| match one {
            Acknowledged::Invited { id } => format!("('{id}', 'user.invited', NULL)"),
            Acknowledged::Renamed { id, name } => format!("('{id}', 'user.updated', '{name}')"),
        })
        .chain([String::from("(NULL, NULL, NULL)")])
        .collect();
    let sql = COMPLAINTS.replace("{acknowledged}", &rows.join(", ")).replace("{domain}", DOMAIN);
    texts(url, &sql).await
}

const COMPLAINTS: &str = "
    WITH subject AS (
        SELECT org_id, id, email, name, version FROM users WHERE email_norm LIKE '%@{domain}'
    ), event AS (
        SELECT e.org_id, e.target_id, e.target_label, e.action, e.at, e.before ->> 'name' AS was, e.after ->> 'name' AS becomes,
               lag(e.after ->> 'name', 1, '') OVER (PARTITION BY e.org_id, e.target_id, e.action ORDER BY e.at) AS expected,
               lead(e.at) OVER (PARTITION BY e.org_id, e.target_id, e.action ORDER BY e.at) IS NULL AS last
        FROM audit_events e
        WHERE e.target_label LIKE '%@{domain}' AND e.action IN ('user.invited', 'user.updated') AND e.outcome = 'success'
    ), acknowledged (id, action, name) AS (
        VALUES {acknowledged}
    )
    SELECT 'a user without exactly one invitation event: ' || s.email FROM subject s
    WHERE (SELECT count(*) FROM event e WHERE e.org_id = s.org_id AND e.target_id = s.id::text AND e.action = 'user.invited') <> 1
  UNION ALL
    SELECT 'an event without its user: ' || e.action || ' of ' || e.target_label FROM event e
    WHERE NOT EXISTS (SELECT FROM subject s WHERE s.org_id = e.org_id AND s.id::text = e.target_id)
  UNION ALL
    SELECT 'an invited user without a link: ' || s.email FROM subject s
    WHERE NOT EXISTS (SELECT FROM user_tokens t WHERE t.org_id = s.org_id AND t.user_id = s.id)
  UNION ALL
    SELECT 'an invited user without a mail: ' || s.email FROM subject s
    WHERE NOT EXISTS (SELECT FROM mail_outbox m WHERE m.org_id = s.org_id AND m.recipient = s.email)
  UNION ALL
    SELECT s.email || ' was changed ' || s.version - 1 || ' times, but has ' || count(e) || ' events' FROM subject s
    LEFT JOIN event e ON e.org_id = s.org_id AND e.target_id = s.id::text AND e.action = 'user.updated'
    GROUP BY s.email, s.version HAVING count(e) <> s.version - 1
  UNION ALL
    SELECT s.email || ' is called ' || s.name || ', the last event says ' || e.becomes FROM subject s
    JOIN event e ON e.org_id = s.org_id AND e.target_id = s.id::text AND e.action = 'user.updated' AND e.last
    WHERE s.name <> e.becomes
  UNION ALL
    SELECT e.target_label || ': an event begins with ' || e.was || ', the one before ended with ' || e.expected FROM event e
    WHERE e.action = 'user.updated' AND e.was <> e.expected
  UNION ALL
    SELECT 'acknowledged, but not recorded: ' || a.action || ' of ' || a.id FROM acknowledged a
    WHERE a.id IS NOT NULL AND NOT EXISTS (
        SELECT FROM event e WHERE e.target_id = a.id AND e.action = a.action AND (a.name IS NULL OR e.becomes = a.name))";

const ORG: &str = "00000000-0000-4000-8000-000000000001";
const USER: &str = "00000000-0000-4000-8000-00000000aaaa";

fn event(action: &str, second: u32, change: &str) -> String {
    format!(
        "INSERT INTO audit_events (org_id, id, at, actor_kind, actor_label, action, target_kind, target_id, target_label, outcome, before, after)
         VALUES ('{ORG}', gen_random_uuid(), timestamptz '2026-01-01 00:00:{second}Z', 'system', 'test', '{action}', 'user', '{USER}',
                 'a@{DOMAIN}', 'success', {change});"
    )
}

/// A user with a history in which everything fits, in a database of its own.
async fn sound() -> SecretString {
    let database = TestDatabase::create().await.unwrap();
    let url = database.as_migrator();
    let rows = format!(
        "INSERT INTO users (org_id, id, email, email_norm, name, role, status, version)
         VALUES ('{ORG}', '{USER}', 'a@{DOMAIN}', 'a@{DOMAIN}', 'N1', 'user', 'invited', 2);
         INSERT INTO user_tokens (org_id, id, user_id, purpose, token_hash, expires_at)
         VALUES ('{ORG}', '{USER}', '{USER}', 'invitation', sha256('a'), now());
         INSERT INTO mail_outbox (org_id, id, kind, recipient, subject, body, next_attempt_at, created_at)
         VALUES ('{ORG}', '{USER}', 'invitation', 'a@{DOMAIN}', '', '', now(), now());"
    );
    let invited = event("user.invited", 10, "NULL, NULL");
    let renamed = event("user.updated", 11, r#"'{"name": ""}', '{"name": "N1"}'"#);
    run(&url, &[rows, invited, renamed].concat()).await.unwrap();
    url
}

/// The negative control: the checker must see each thing that it is there to see.
#[tokio::test]
async fn the_ledger_complains_of_whatever_is_missing() {
    let acknowledged = [
        Acknowledged::Invited { id: USER.to_owned() },
        Acknowledged::Renamed { id: USER.to_owned(), name: "N1".to_owned() },
    ];
    assert_eq!(complaints(&sound().await, &acknowledged).await.unwrap(), Vec::<String>::new());

    let changed = "UPDATE users SET name = 'N2', version = 3";
    let unmade = event("user.updated", 12, r#"'{"name": "N1"}', '{"name": "N2"}'"#);
    let torn = event("user.updated", 12, r#"'{"name": "N7"}', '{"name": "N1"}'"#);
    for (damage, complaint) in [
        (changed, "was changed 2 times, but has 1 events"),
        (changed, "is called N2, the last event says N1"),
        (&unmade, "was changed 1 times, but has 2 events"),
        (&torn, "an event begins with N7"),
        ("DELETE FROM audit_events WHERE action = 'user.invited'", "a user without exactly one invitation event"),
        ("DELETE FROM audit_events WHERE action = 'user.updated'", "not recorded: user.updated"),
        ("DELETE FROM mail_outbox", "an invited user without a mail"),
        ("DELETE FROM user_tokens", "an invited user without a link"),
        ("DELETE FROM user_tokens; DELETE FROM users", "an event without its user: user.invited"),
    ] {
        let url = sound().await;
        run(&url, damage).await.unwrap();
        let found = complaints(&url, &acknowledged).await.unwrap();
        assert!(found.iter().any(|text| text.contains(complaint)), "{damage}: {found:?}");
    }
}
