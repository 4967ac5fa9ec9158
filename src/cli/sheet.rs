//! Text for a terminal of 80 columns: aligned, wrapped, coloured only where somebody sees it.

use std::io::IsTerminal as _;

use crate::config::Environment;

/// Lines are broken here. SQL is not: it is there to be copied.
const WIDTH: usize = 80;

/// What a word says about how well things are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Careful,
    Bad,
    Quiet,
    Plain,
}

impl Tone {
    const fn escape(self) -> &'static str {
        match self {
            Self::Good => "\x1b[32m",
            Self::Careful => "\x1b[33m",
            Self::Bad => "\x1b[1;31m",
            Self::Quiet => "\x1b[2m",
            Self::Plain => "\x1b[1m",
        }
    }
}

/// Text that grows line by line.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: String,
    colours: bool,
}

impl Sheet {
    pub(super) fn new(colours: bool) -> Self {
        Self { text: String::new(), colours }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A paragraph, each line indented.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        self.hanging(&" ".repeat(indent), Tone::Quiet, indent, text);
    }

    /// A word in a column of its own, and a paragraph beside it.
    pub(super) fn entry(&mut self, word: &str, tone: Tone, column: usize, text: &str) {
        let padded = format!("{word:column$}", column = column.saturating_sub(1)) + " ";
        self.hanging(&padded, tone, column, text);
    }

    fn hanging(&mut self, label: &str, tone: Tone, indent: usize, text: &str) {
        let mut lines = wrapped(&safe(text), WIDTH.saturating_sub(indent)).into_iter();
        let first = lines.next().unwrap_or_default();
        let line = if self.colours && !label.trim().is_empty() {
            format!("{}{label}\x1b[0m{first}", tone.escape())
        } else {
            format!("{label}{first}")
        };
        self.push(&line);
        for line in lines {
            self.push(&format!("{:indent$}{line}", ""));
        }
    }

    /// Statements as they are, but for what could command the terminal.
    pub(super) fn sql(&mut self, indent: usize, sql: &str) {
        for line in sql.lines() {
            self.push(&format!("{:indent$}{}", "", safe(line)));
        }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// All of it, without the last line's end.
    pub(super) fn finish(self) -> String {
        self.text.trim_end().to_owned()
    }
}

/// Whether standard output is a terminal that wants colours: <https://no-color.org>.
pub(super) fn wants_colours(environment: &Environment) -> bool {
    let refused = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = environment.get("TERM") == Some("dumb");
    std::io::stdout().is_terminal() && !refused && !dumb
}

/// Text from elsewhere, in which nothing commands the terminal or turns the direction of reading.
pub(super) fn safe(text: &str) -> String {
    let is_harmless = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        if is_harmless(c) {
            safe.push(c);
        } else {
            safe.extend(c.escape_unicode());
        }
        safe
    })
}

/// Breaks at spaces. A word that is longer than a line stays whole: it is a name that somebody will search for.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// `1 leak`, `2 leaks`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_their_columns() {
        let mut sheet = Sheet::new(false);
        sheet.entry("leak", Tone::Bad, 9, &"word ".repeat(40));
        let text = sheet.finish();
        assert!(text.lines().count() > 2);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(
            text.starts_with("leak     word") && text.lines().skip(1).all(|line| line.starts_with("         word"))
        );
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        let name = "a\u{1b}[2Jb\nc\u{202e}d";
        assert_eq!(safe(name), "a\\u{1b}[2Jb\\u{a}c\\u{202e}d");
        for colours in [false, true] {
            let mut sheet = Sheet::new(colours);
            sheet.entry("leak", Tone::Bad, 9, name);
            sheet.sql(2, &format!("SELECT '{name}'"));
            let text = sheet.finish();
            assert!(!text.contains("\u{1b}[2J") && !text.contains('\u{202e}'), "{text:?}");
            assert_eq!(text.contains('\u{1b}'), colours);
        }
    }
}
