//! Which core things run on. Pinning is what makes CPU time comparable: without it a request's cost depends on
//! which core the scheduler woke.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Result;

/// The two sides of a measurement.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// Server, floor and PostgreSQL.
    Served,
    /// The client.
    Client,
}

/// Moves the calling thread to a side's core; what it starts from now on inherits that. On a machine with one core
/// nothing can be kept apart, and nothing happens.
pub fn move_to(side: Side) -> Result<()> {
    let cores = allowed()?;
    let (Some(&first), Some(&last)) = (cores.first(), cores.last()) else { return Ok(()) };
    let mut set = CpuSet::new();
    set.set(match side {
        Side::Served => first,
        Side::Client => last,
    });
    Ok(sched_setaffinity(None, &set)?)
}

/// The cores this process was given at its start.
fn allowed() -> Result<Vec<usize>> {
    static CORES: std::sync::OnceLock<Vec<usize>> = std::sync::OnceLock::new();
    if let Some(cores) = CORES.get() {
        return Ok(cores.clone());
    }
    let set = sched_getaffinity(None)?;
    Ok(CORES.get_or_init(|| (0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect()).clone())
}
