//! The prover against schemas that are sound and schemas that are not.

mod product;

use bulkhead_model::isolation::{Attack, Proof};
use bulkhead_rls::prove::{Cancellation, Options, prove};
use secrecy::SecretString;

/// Proves with the given options, and nobody watching.
async fn run(options: &Options) -> Proof {
    prove(options, &Cancellation::new(), |_| {}).await.unwrap()
}

/// Leaks as `subject attack role`, for messages and comparisons.
fn leaks(proof: &Proof) -> Vec<String> {
    proof.leaks().map(|cell| format!("{} {} {}", cell.subject, cell.attack, cell.role)).collect()
}

/// The databases of proofs that the server has.
async fn copies(admin: &SecretString) -> i64 {
    use secrecy::ExposeSecret;
    use sqlx::Connection;
    let mut connection = sqlx::PgConnection::connect(admin.expose_secret()).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname LIKE 'bulkhead\\_proof\\_%'")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

fn found(proof: &Proof, subject: &str, attack: Attack) -> bool {
    proof.leaks().any(|cell| cell.subject == subject && cell.attack == attack)
}
