//! Hashes per second of Argon2 alone and through the [`Hasher`] with one permit, interleaved so that both see
//! the same machine: `cargo run --release -p bulkhead-identity --example argon2_rate`.
//!
//! The ratio is the figure that carries over to another machine; performance.md asks for 0.97 and more.
#![expect(clippy::print_stdout, reason = "a measuring program")]

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Version};
use bulkhead_identity::{Hasher, HasherConfig, OsRandom, Params, Password, SecretKey};

const ROUNDS: usize = 20;
const PER_ROUND: u32 = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let params = Params::OWASP;
    let config = HasherConfig { params, permits: NonZeroUsize::MIN, ..HasherConfig::default() };
    let key = SecretKey::generate("bench", &OsRandom)?;
    let hasher = Hasher::new(config, key.into(), Arc::new(OsRandom))?;
    let password = Password::try_from("correct horse battery staple".to_owned())?;
    let stored = hasher.hash(&password).await?;

    let plain = argon2::Params::new(params.memory_kib(), params.iterations(), params.lanes(), None)?;
    let mut memory = vec![Block::new(); plain.block_count()];
    let plain = Argon2::new(Algorithm::Argon2id, Version::V0x13, plain);
    let mut output = [0; 32];

    let (mut bare, mut through) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..PER_ROUND {
            plain.hash_password_into_with_memory(password.expose().as_bytes(), &[7; 16], &mut output, &mut memory)?;
        }
        bare.push(started.elapsed() / PER_ROUND);

        let started = Instant::now();
        for _ in 0..PER_ROUND {
            hasher.verify(&password, Some(&stored)).await?;
        }
        through.push(started.elapsed() / PER_ROUND);
    }
    let (bare, through) = (median(bare), median(through));
    println!("argon2 alone    {bare:?} a hash, {:.1}/s", 1.0 / bare.as_secs_f64());
    println!("through Hasher  {through:?} a hash, {:.1}/s", 1.0 / through.as_secs_f64());
    println!("ratio           {:.3}", bare.as_secs_f64() / through.as_secs_f64());
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
