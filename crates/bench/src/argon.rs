//! Argon2 alone: the rate that no password sign-in can beat.

use std::time::{Duration, Instant};

use argon2::Block;
use rustix::process::setpriority_process;

use crate::{
    Result,
    affinity::{self, Side},
    cpu,
    seed::{self, PASSWORD},
};

/// How the server lowers its hashing threads; the floor has to wait its turn like them.
const NICENESS: i32 = 10;

/// What a slice of hashing did.
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    /// Hashes derived.
    pub hashes: u64,
    /// Wall-clock seconds.
    pub wall: f64,
    /// CPU seconds.
    pub cpu: f64,
}

/// Derives hashes one after the other for `time`, on the served side's core, over one reused memory.
pub fn hash_for(time: Duration) -> Result<Hashing> {
    let work = move || -> Result<Hashing> {
        affinity::move_to(Side::Served)?;
        // On Linux a nice value belongs to a thread (setpriority(2)).
        setpriority_process(None, NICENESS)?;
        let argon2 = seed::argon2()?;
        let mut memory = vec![Block::new(); argon2.params().block_count()];
        let mut output = [0; 32];
        let mut derive =
            || argon2.hash_password_into_with_memory(PASSWORD.as_bytes(), &[1; 16], &mut output, &mut memory);
        // The first touches the memory; the server's has long been touched.
        derive()?;
        let (begin, before) = (Instant::now(), cpu::of_this_thread());
        let mut hashes = 0;
        while begin.elapsed() < time {
            derive()?;
            hashes += 1;
        }
        Ok(Hashing { hashes, wall: begin.elapsed().as_secs_f64(), cpu: cpu::of_this_thread() - before })
    };
    std::thread::spawn(work).join().map_err(|_| "the hashing thread panicked")?
}
