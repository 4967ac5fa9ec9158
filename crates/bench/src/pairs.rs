//! Interleaved pairs: A B B A …, so that whatever the machine does to one side it does to the other as well.

use std::time::{Duration, Instant};

use crate::{
    Result,
    affinity::{self, Side},
    client::Load,
    cpu,
};

/// Halves of a pair between which the machine's speed changed by more than this are not compared.
const TOLERANCE: f64 = 0.25;

/// One side of a comparison: a program and what it is asked.
pub struct Subject {
    /// The program's process.
    pub pid: u32,
    /// PostgreSQL's first process.
    pub postgres: u32,
    /// What it is asked.
    pub load: Load,
}

/// What a slice of time cost.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Answers.
    pub answers: f64,
    /// Wall-clock seconds.
    pub wall: f64,
    /// CPU seconds of the program.
    pub program: f64,
    /// CPU seconds of PostgreSQL.
    pub postgres: f64,
    /// Of each answer, in seconds.
    pub latencies: Vec<f64>,
    /// How fast the machine was around it.
    pub calibration: Calibration,
}

impl Slice {
    /// CPU milliseconds of the program for one answer.
    pub fn program_ms(&self) -> f64 {
        self.program * 1e3 / self.answers
    }

    /// CPU milliseconds of PostgreSQL for one answer.
    pub fn postgres_ms(&self) -> f64 {
        self.postgres * 1e3 / self.answers
    }

    /// Both together.
    pub fn both_ms(&self) -> f64 {
        self.program_ms() + self.postgres_ms()
    }

    /// The latency that half of the answers beat, in milliseconds.
    pub fn median_ms(&self) -> f64 {
        quantile(&self.latencies, 0.5) * 1e3
    }
}

impl Subject {
    /// Loads it for `time`.
    pub async fn slice(&mut self, time: Duration) -> Result<Slice> {
        let first = Calibration::now()?;
        let (program, postgres, begin) = (cpu::of_process(self.pid)?, cpu::of_postgres(self.postgres)?, Instant::now());
        let latencies = self.load.run_for(time).await?;
        let wall = begin.elapsed().as_secs_f64();
        // What is done after the answer belongs to it.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let (program, postgres) = (cpu::of_process(self.pid)? - program, cpu::of_postgres(self.postgres)? - postgres);
        let calibration = first.and(Calibration::now()?);
        Ok(Slice { answers: latencies.len() as f64, wall, program, postgres, latencies, calibration })
    }
}

/// How fast the machine is at this moment: CPU and wall-clock seconds of a fixed piece of arithmetic on the served side's
/// core. A slower processor shows in the first, somebody else on the core only in the second.
#[derive(Clone, Copy, Debug)]
pub struct Calibration {
    /// What compares CPU time.
    pub cpu: f64,
    /// What compares rates and latencies.
    pub wall: f64,
}

impl Calibration {
    /// Measures now.
    pub fn now() -> Result<Self> {
        let arithmetic = || -> Result<Self> {
            affinity::move_to(Side::Served)?;
            let (begin, before) = (Instant::now(), cpu::of_this_thread());
            let mut state = 0x9E37_79B9_7F4A_7C15_u64;
            for _ in 0..5_000_000 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
            }
            std::hint::black_box(state);
            Ok(Self { cpu: cpu::of_this_thread() - before, wall: begin.elapsed().as_secs_f64() })
        };
        std::thread::spawn(arithmetic).join().map_err(|_| "the calibration panicked")?
    }

    /// Between this one and another.
    pub fn and(self, other: Self) -> Self {
        Self { cpu: (self.cpu + other.cpu) / 2.0, wall: (self.wall + other.wall) / 2.0 }
    }
}

/// The pairs that were kept, and how many were not.
pub struct Pairs<T> {
    /// First and second side of each pair.
    pub kept: Vec<(T, T)>,
    /// Pairs in which the machine's speed changed.
    pub dropped: usize,
    wanted: usize,
}

/// Makes `pairs` pairs of slices, each of `time`, of two sides.
pub async fn of_subjects(a: &mut Subject, b: &mut Subject, pairs: usize, time: Duration) -> Result<Pairs<Slice>> {
    // Warm: plans, caches, connections.
    a.slice(time / 4).await?;
    b.slice(time / 4).await?;
    let mut made = Pairs::new(pairs);
    while let Some(first) = made.begins() {
        let (first, second) = match first {
            First::Ours => (a.slice(time).await?, b.slice(time).await?),
            First::Floor => {
                let second = b.slice(time).await?;
                (a.slice(time).await?, second)
            }
        };
        let calibrations = (first.calibration.cpu, second.calibration.cpu);
        made.keep(first, second, calibrations);
    }
    made.enough()
}

/// Which side of a pair comes first.
pub enum First {
    /// The first.
    Ours,
    /// The second.
    Floor,
}

impl<T> Pairs<T> {
    /// None yet of so many.
    pub const fn new(wanted: usize) -> Self {
        Self { kept: Vec::new(), dropped: 0, wanted }
    }

    /// Which side the next pair begins with; nothing when there are enough, or so many were dropped that there is no hope.
    pub fn begins(&self) -> Option<First> {
        let made = self.kept.len() + self.dropped;
        if self.kept.len() >= self.wanted || made >= self.wanted * 2 {
            return None;
        }
        Some(if made.is_multiple_of(2) { First::Ours } else { First::Floor })
    }

    /// Keeps a pair unless the machine's speed changed in between.
    pub fn keep(&mut self, first: T, second: T, (one, other): (f64, f64)) {
        if (one - other).abs() > TOLERANCE * one.min(other) {
            self.dropped += 1;
        } else {
            self.kept.push((first, second));
        }
    }

    /// A spread needs more than one.
    pub fn enough(self) -> Result<Self> {
        match self.kept.len() {
            0..2 => {
                Err("the machine was too busy: nearly every pair had to be dropped; run again when it is calmer".into())
            }
            _ => Ok(self),
        }
    }

    /// First divided by second, pair by pair.
    pub fn ratio(&self, figure: impl Fn(&T) -> f64) -> Spread {
        Spread::of(self.kept.iter().map(|(first, second)| figure(first) / figure(second)).collect())
    }

    /// The first side's figure.
    pub fn first(&self, figure: impl Fn(&T) -> f64) -> Spread {
        Spread::of(self.kept.iter().map(|(first, _)| figure(first)).collect())
    }

    /// The second side's figure.
    pub fn second(&self, figure: impl Fn(&T) -> f64) -> Spread {
        Spread::of(self.kept.iter().map(|(_, second)| figure(second)).collect())
    }
}

/// A median with what lies around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Tenth percentile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Ninetieth percentile.
    pub high: f64,
}

impl Spread {
    /// Of figures; all zero when there are none.
    pub fn of(figures: Vec<f64>) -> Self {
        Self { low: quantile(&figures, 0.1), median: quantile(&figures, 0.5), high: quantile(&figures, 0.9) }
    }
}

/// The quantile, between two figures where it falls between them.
pub fn quantile(figures: &[f64], at: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = at * sorted.len().saturating_sub(1) as f64;
    let figure = |place: f64| sorted.get(place as usize).copied().unwrap_or_default();
    let (below, above) = (figure(place.floor()), figure(place.ceil()));
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_the_figures() {
        let figures = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&figures, 0.5), 2.5);
        assert_eq!((quantile(&figures, 0.0), quantile(&figures, 1.0)), (1.0, 4.0));
        assert_eq!(quantile(&[], 0.5), 0.0);
    }

    #[test]
    fn a_pair_is_dropped_when_the_machine_changed_and_not_when_the_sides_differ() {
        let mut pairs = Pairs::new(3);
        pairs.keep(10.0, 1.0, (1.0, 1.2));
        pairs.keep(1.0, 1.0, (1.0, 1.3));
        pairs.keep(6.0, 1.0, (1.0, 1.0));
        assert_eq!((pairs.kept.len(), pairs.dropped), (2, 1));
        assert_eq!(pairs.ratio(|figure| *figure).median, 8.0);
        assert!(pairs.begins().is_some(), "a dropped pair is made again");
        pairs.keep(6.0, 1.0, (1.0, 1.0));
        assert!(pairs.begins().is_none());
    }
}
