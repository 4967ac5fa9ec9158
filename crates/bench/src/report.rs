//! What a run found, as a table for people: on standard output, and between the markers of a document.

use std::{fmt::Display, fs, io::Write as _, path::Path};

use crate::{Result, pairs::Spread};

/// Where the table of a document begins and ends.
const MARKERS: (&str, &str) = ("<!-- measured: written by script/bench --write -->\n", "<!-- end of measured -->");

/// One figure.
pub struct Row {
    what: String,
    measured: String,
    goal: String,
    verdict: Option<bool>,
}

/// Everything a run found.
#[derive(Default)]
pub struct Report {
    /// Machine, date, commit, command.
    circumstances: Vec<(String, String)>,
    sections: Vec<(String, Vec<Row>)>,
}

impl Report {
    /// Says under which circumstances the figures came to be.
    pub fn circumstance(&mut self, name: &str, value: impl Display) {
        self.circumstances.push((name.to_owned(), value.to_string()));
    }

    /// Begins a section.
    pub fn section(&mut self, title: &str) {
        progress(title);
        self.sections.push((title.to_owned(), Vec::new()));
    }

    /// A figure that has no goal.
    pub fn note(&mut self, what: impl Display, measured: impl Display) {
        self.push(Row { what: what.to_string(), measured: measured.to_string(), goal: String::new(), verdict: None });
    }

    /// A ratio that must not be above `most`. Reached is what the median reaches; the spread is there to judge it by.
    pub fn at_most(&mut self, what: impl Display, ratio: Spread, most: f64) {
        let (measured, goal) = (times(ratio), format!("≤ {most}"));
        self.push(Row { what: what.to_string(), measured, goal, verdict: Some(ratio.median <= most) });
    }

    /// A ratio that must not be below `least`.
    pub fn at_least(&mut self, what: impl Display, ratio: Spread, least: f64) {
        let (measured, goal) = (times(ratio), format!("≥ {least}"));
        self.push(Row { what: what.to_string(), measured, goal, verdict: Some(ratio.median >= least) });
    }

    /// A single figure with its own judgement.
    pub fn judged(&mut self, what: impl Display, measured: impl Display, goal: &str, met: bool) {
        let (what, measured) = (what.to_string(), measured.to_string());
        self.push(Row { what, measured, goal: goal.to_owned(), verdict: Some(met) });
    }

    fn push(&mut self, row: Row) {
        progress(&format!("  {}: {}", row.what, row.measured));
        if let Some((_, rows)) = self.sections.last_mut() {
            rows.push(row);
        }
    }

    /// How many goals were missed.
    pub fn missed(&self) -> usize {
        self.sections.iter().flat_map(|(_, rows)| rows).filter(|row| row.verdict == Some(false)).count()
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::from("| | |\n|---|---|\n");
        for (name, value) in &self.circumstances {
            text += &format!("| {name} | {value} |\n");
        }
        for (title, rows) in &self.sections {
            text += &format!("\n**{title}**\n\n| what | measured | goal | |\n|---|---|---|---|\n");
            for Row { what, measured, goal, verdict } in rows {
                let verdict = verdict.map_or("", |met| if met { "met" } else { "**missed**" });
                text += &format!("| {what} | {measured} | {goal} | {verdict} |\n");
            }
        }
        text
    }

    /// Puts the table between the markers of a document.
    pub fn write_into(&self, document: &Path) -> Result<()> {
        let text = fs::read_to_string(document)?;
        let no_marker = || format!("{} has no markers for the table", document.display());
        let (head, rest) = text.split_once(MARKERS.0).ok_or_else(no_marker)?;
        let (_, tail) = rest.split_once(MARKERS.1).ok_or_else(no_marker)?;
        Ok(fs::write(document, format!("{head}{}\n{}\n{}{tail}", MARKERS.0, self.markdown(), MARKERS.1))?)
    }
}

/// `1.23 (1.20–1.31)`
pub fn times(spread: Spread) -> String {
    format!("{:.2} ({:.2}–{:.2})", spread.median, spread.low, spread.high)
}

/// `0.123 ms (0.120–0.131)`
pub fn milliseconds(spread: Spread) -> String {
    format!("{:.3} ms ({:.3}–{:.3})", spread.median, spread.low, spread.high)
}

/// A line of the result.
pub fn line(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Where the run is. A terminal that is gone is no reason to stop.
pub fn progress(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
