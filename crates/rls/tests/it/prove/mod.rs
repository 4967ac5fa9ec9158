//! The prover against schemas that are sound and schemas that are not.

mod defects;
mod identity;
mod life;
mod product;
mod sound;

use bulkhead_model::isolation::{Attack, Outcome, Proof};
use bulkhead_rls::prove::{Cancellation, Error, Options, Progress, prove};
use bulkhead_rls::{Profile, RootTable};
use secrecy::{ExposeSecret, SecretString};
use sqlx::Connection;
use tokio::sync::Mutex;

use crate::database::{Blank, profile};

/// One proof at a time: they share a server, on which each must leave nothing, and some of it is measured.
static TURN: Mutex<()> = Mutex::const_new(());

/// Proves, and makes sure that no copy is left.
async fn run(options: &Options) -> Proof {
    attempt(options, &Cancellation::new(), |_| {}).await.unwrap()
}

async fn attempt(
    options: &Options,
    cancellation: &Cancellation,
    observe: impl FnMut(Progress) + Send,
) -> Result<Proof, Error> {
    let _turn = TURN.lock().await;
    let result = prove(options, cancellation, observe).await;
    assert_eq!(copies(&options.admin).await, Vec::<String>::new(), "copies are left");
    result
}

/// The databases of proofs that the server has, those of `life` left out.
async fn copies(admin: &SecretString) -> Vec<String> {
    let mut connection = sqlx::PgConnection::connect(admin.expose_secret()).await.unwrap();
    sqlx::query_scalar(
        "SELECT datname::text FROM pg_database WHERE datname LIKE 'bulkhead\\_proof\\_%' AND datname NOT LIKE '%0123456789a_'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap()
}

/// What every schema here begins with: the context, and the table of organizations.
const GROUND: &str = "
    CREATE SCHEMA app;
    GRANT USAGE ON SCHEMA app TO bulkhead_app;
    CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE
        RETURN nullif(current_setting('app.org_id', true), '')::uuid;
    CREATE TABLE orgs (id uuid PRIMARY KEY, name text NOT NULL);
    ALTER TABLE orgs ENABLE ROW LEVEL SECURITY;
    ALTER TABLE orgs FORCE ROW LEVEL SECURITY;
    CREATE POLICY mine ON orgs FOR SELECT TO bulkhead_app USING (id = (SELECT app.org_id()));
    GRANT SELECT ON orgs TO bulkhead_app;";

/// A table without a defect.
fn sound_table(name: &str, more: &str) -> String {
    format!(
        "CREATE TABLE {name} (
             org_id uuid NOT NULL DEFAULT app.org_id() REFERENCES orgs, id uuid NOT NULL DEFAULT gen_random_uuid(),
             title text NOT NULL, {more} PRIMARY KEY (org_id, id));
         {}",
        protection(name)
    )
}

fn protection(name: &str) -> String {
    format!(
        "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
         ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
         CREATE POLICY mine ON {name} TO bulkhead_app
             USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
         GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO bulkhead_app;"
    )
}

/// Proves a schema of a test, with `bulkhead_app` really signing in.
fn options(blank: &Blank) -> Options {
    let root = Some(RootTable { table: "public.orgs".to_owned(), column: "id".to_owned() });
    let mut options = Options::new(blank.url(), Profile { root, ..profile() });
    options.role_urls.insert("bulkhead_app".to_owned(), blank.app_url());
    options
}

/// Leaks as `subject attack role`.
fn leaks(proof: &Proof) -> Vec<String> {
    proof.leaks().map(ToString::to_string).collect()
}

fn unproven(proof: &Proof) -> Vec<String> {
    let is_unproven = |outcome: &Outcome| matches!(outcome, Outcome::Unproven { .. });
    proof.cells.iter().filter(|cell| is_unproven(&cell.outcome)).map(ToString::to_string).collect()
}

fn has_leak(proof: &Proof, subject: &str, attack: Attack) -> bool {
    proof.leaks().any(|cell| cell.subject == subject && cell.attack == attack)
}
