//! What is wrong? The diagnostics that a filter lets through, with counts.

use std::fmt;

use crate::Facts;
use crate::next_steps::{self, Answer, Step};
use crate::printable;
use crate::text::steps;
use infra_model::{Diagnostic, RepoPath, Severity};

/// Which diagnostics are wanted. The default lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LintFilter {
    /// Only as severe or more.
    pub least: Option<Severity>,
    /// Only with one of these codes; all where empty.
    pub codes: Vec<String>,
    /// Only in this file or below this folder.
    pub below: Option<RepoPath>,
    /// Only about objects whose `Kind/namespace/name` holds this text.
    pub object: Option<String>,
}

/// The diagnostics that a filter lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint<'a> {
    /// Sorted by file and line.
    pub diagnostics: Vec<&'a Diagnostic>,
    /// Commands that show what the cluster says of it.
    pub next: Vec<Step>,
}

impl Answer for Lint<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }
}

/// The diagnostics that a filter lets through.
pub fn lint<'a>(facts: &'a dyn Facts, filter: &LintFilter) -> Lint<'a> {
    let diagnostics = filter.of(facts);
    let next = next_steps::for_findings(facts, &diagnostics);
    Lint { diagnostics, next }
}

impl LintFilter {
    /// The diagnostics that it lets through.
    pub fn of<'a>(&self, facts: &'a dyn Facts) -> Vec<&'a Diagnostic> {
        let diagnostics = facts.diagnostics().iter();
        diagnostics
            .filter(|diagnostic| self.accepts(diagnostic))
            .collect()
    }

    fn accepts(&self, diagnostic: &Diagnostic) -> bool {
        self.least.is_none_or(|least| diagnostic.severity >= least)
            && (self.codes.is_empty() || self.codes.iter().any(|code| *code == diagnostic.code))
            && self.below.as_ref().is_none_or(|folder| {
                diagnostic
                    .place
                    .as_ref()
                    .is_some_and(|place| place.file.starts_with(folder))
            })
            && self.object.as_ref().is_none_or(|text| {
                diagnostic
                    .object
                    .as_ref()
                    .is_some_and(|object| object.contains(text.as_str()))
            })
    }
}

impl Lint<'_> {
    /// How many diagnostics have a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// The worst severity, if there is any diagnostic.
    pub fn worst(&self) -> Option<Severity> {
        self.diagnostics
            .iter()
            .map(|diagnostic| diagnostic.severity)
            .max()
    }
}

impl fmt::Display for Lint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            write!(f, "{}", diagnostic.severity)?;
            write!(f, " {}", printable(&diagnostic.code))?;
            if let Some(place) = &diagnostic.place {
                write!(f, " {}", printable(&place.to_string()))?;
            }
            if let Some(object) = &diagnostic.object {
                write!(f, " {}", printable(object))?;
            }
            write!(f, ": {}", printable(&diagnostic.message))?;
            match &diagnostic.hint {
                Some(hint) => writeln!(f, " ({})", printable(hint))?,
                None => writeln!(f)?,
            }
        }
        let counts: Vec<String> = [
            (Severity::Error, "error"),
            (Severity::Warning, "warning"),
            (Severity::Info, "note"),
        ]
        .into_iter()
        .map(|(severity, name)| (self.count(severity), name))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
        if counts.is_empty() {
            writeln!(f, "nothing is known to be wrong")?;
        } else {
            writeln!(f, "{}", counts.join(", "))?;
        }
        steps(f, &self.next)
    }
}
