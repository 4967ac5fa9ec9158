//! What checks find, and how it is printed.

use std::fmt;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Check {
    name: &'static str,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Good { found: String },
    Warning { found: String, repair: String },
    Failure { found: String, repair: String },
}

impl Check {
    /// As it should be.
    pub(in crate::cli) fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Good { found: found.into() } }
    }

    /// Works, and should still be changed.
    pub(in crate::cli) fn warning(name: &'static str, found: impl Into<String>, repair: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Warning { found: found.into(), repair: repair.into() } }
    }

    /// Does not work, or must not be used like this.
    pub(in crate::cli) fn failure(name: &'static str, found: impl Into<String>, repair: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Failure { found: found.into(), repair: repair.into() } }
    }

    #[cfg(test)]
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    #[cfg(test)]
    pub(super) fn is_good(&self) -> bool {
        matches!(self.outcome, Outcome::Good { .. })
    }

    #[cfg(test)]
    pub(super) fn is_failure(&self) -> bool {
        matches!(self.outcome, Outcome::Failure { .. })
    }
}

/// Sections of checks, in the order they were added.
#[derive(Debug, Default)]
pub(in crate::cli) struct Report {
    sections: Vec<(&'static str, Vec<Check>)>,
}

impl Report {
    /// Adds a section.
    pub(in crate::cli) fn section(&mut self, heading: &'static str, checks: Vec<Check>) {
        self.sections.push((heading, checks));
    }

    /// Whether a check failed; warnings do not count.
    pub(in crate::cli) fn must_repair(&self) -> bool {
        self.checks().any(|check| matches!(check.outcome, Outcome::Failure { .. }))
    }

    fn checks(&self) -> impl Iterator<Item = &Check> {
        self.sections.iter().flat_map(|(_, checks)| checks)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.checks().map(|check| check.name.len()).max().unwrap_or_default();
        for (heading, checks) in &self.sections {
            writeln!(f, "{heading}")?;
            for Check { name, outcome } in checks {
                let (word, found, repair) = match outcome {
                    Outcome::Good { found } => ("ok  ", found, None),
                    Outcome::Warning { found, repair } => ("warn", found, Some(repair)),
                    Outcome::Failure { found, repair } => ("FAIL", found, Some(repair)),
                };
                writeln!(f, "  {word}  {name:width$}  {found}")?;
                if let Some(repair) = repair {
                    writeln!(f, "        {:width$}  -> {repair}", "")?;
                }
            }
            writeln!(f)?;
        }
        let count = |wanted: fn(&Outcome) -> bool| self.checks().filter(|check| wanted(&check.outcome)).count();
        let failures = count(|outcome| matches!(outcome, Outcome::Failure { .. }));
        let warnings = count(|outcome| matches!(outcome, Outcome::Warning { .. }));
        writeln!(f, "{} checks, {warnings} to look at, {failures} to repair", self.checks().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_was_found_and_what_to_do() {
        let mut report = Report::default();
        report.section("One", vec![Check::good("a", "fine"), Check::warning("long name", "odd", "look")]);
        assert!(!report.must_repair());
        report.section("Two", vec![Check::failure("b", "broken", "mend it")]);
        assert!(report.must_repair());
        let text = report.to_string();
        assert!(text.contains("  FAIL  b          broken\n                   -> mend it\n"), "{text}");
        assert!(text.ends_with("3 checks, 1 to look at, 1 to repair\n"));
    }
}
