//! CPU time and memory of processes, from `/proc`.

use std::{fs, path::Path};

use rustix::time::{ClockId, clock_gettime};

use crate::Result;

/// Kernel ticks a second in `/proc/<pid>/stat`: 100 on every Linux that matters (`USER_HZ`).
const TICKS: f64 = 100.0;

/// CPU seconds of a process, its ended threads included. Per-thread files would miss those.
pub fn of_process(pid: u32) -> Result<f64> {
    let fields = Stat::read(pid)?;
    Ok(fields.own / TICKS)
}

/// CPU seconds of PostgreSQL: its first process and all of that one's children, the ended ones too.
///
/// Live children are read to the nanosecond (`schedstat`), since each runs one thread and a tick of 10 ms is many
/// queries. The ended ones are in their parent's `stat`.
pub fn of_postgres(postmaster: u32) -> Result<f64> {
    let mut seconds = nanoseconds(postmaster)? + Stat::read(postmaster)?.children / TICKS;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that ends while we look is counted with its parent the next time.
        if let Ok(stat) = Stat::read(pid)
            && stat.parent == postmaster
        {
            seconds += nanoseconds(pid).unwrap_or_default();
        }
    }
    Ok(seconds)
}

/// CPU seconds of one single-threaded process, to the nanosecond.
pub fn nanoseconds(pid: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat"))?;
    let nanoseconds: f64 = text.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

/// CPU seconds of the calling thread. The clock counts up to this moment; the file is behind by a tick while it runs.
pub fn of_this_thread() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

struct Stat {
    parent: u32,
    own: f64,
    children: f64,
}

impl Stat {
    /// proc_pid_stat(5). The second field is the program's name in parentheses and may hold anything.
    fn read(pid: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let rest = text.rsplit_once(')').map(|(_, rest)| rest).ok_or("stat without a name")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // `fields` begins with the third field of the manual page.
        let number = |place: usize| -> Result<f64> { Ok(fields.get(place - 3).ok_or("short stat")?.parse()?) };
        Ok(Self {
            parent: fields.get(1).ok_or("short stat")?.parse()?,
            own: number(14)? + number(15)?,
            children: number(16)? + number(17)?,
        })
    }
}

/// Memory of a process in MiB: resident, and its proportional share of what is shared (PSS).
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident set size.
    pub rss: f64,
    /// Proportional set size.
    pub pss: f64,
}

/// What a process holds now.
pub fn memory(pid: u32) -> Result<Memory> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let field = |name: &str| -> Result<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("smaps_rollup lacks a field")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    };
    Ok(Memory { rss: field("Rss:")?, pss: field("Pss:")? })
}

/// The machine's load average over the last minute.
pub fn load() -> Result<String> {
    let text = fs::read_to_string(Path::new("/proc/loadavg"))?;
    Ok(text.split_whitespace().next().unwrap_or_default().to_owned())
}

/// The processor's name.
pub fn model() -> Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let line = text.lines().find(|line| line.starts_with("model name")).unwrap_or_default();
    Ok(line.split_once(':').map_or("unknown", |(_, name)| name.trim()).to_owned())
}
