//! `lint`: findings that a filter accepts, with counts.

use std::collections::BTreeMap;
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::answer::display_answer;
use crate::next_steps::{self, Step};
use crate::{Facts, Text};
use infra_model::{Diagnostic, RepoPath, Severity};

/// A filter for findings. The default accepts all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LintFilter {
    /// Only of this severity or a higher one.
    pub least: Option<Severity>,
    /// Only with one of these codes; empty for all.
    pub codes: Vec<String>,
    /// Only in this file or below this folder.
    pub below: Option<RepoPath>,
    /// Only about objects whose `Kind/namespace/name` contains this text.
    pub object: Option<String>,
}

/// Findings that a filter accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint<'a> {
    /// Sorted by file and line.
    pub diagnostics: Vec<&'a Diagnostic>,
    /// Commands that show the state of their objects in the cluster.
    pub next: Vec<Step>,
}

display_answer!(Lint<'_>, next);

/// The findings that a filter accepts.
pub fn lint<'a>(facts: &'a dyn Facts, filter: &LintFilter) -> Lint<'a> {
    let diagnostics = filter.of(facts);
    let next = next_steps::for_findings(facts, &diagnostics);
    Lint { diagnostics, next }
}

impl LintFilter {
    /// The findings that it accepts.
    pub fn of<'a>(&self, facts: &'a dyn Facts) -> Vec<&'a Diagnostic> {
        let diagnostics = facts.diagnostics().iter();
        diagnostics.filter(|it| self.is_accepted(it)).collect()
    }

    fn is_accepted(&self, diagnostic: &Diagnostic) -> bool {
        let is_below = |folder: &RepoPath| {
            let place = diagnostic.place.as_ref();
            place.is_some_and(|place| place.file.starts_with(folder))
        };
        let is_about = |text: &String| {
            let object = diagnostic.object.as_ref();
            object.is_some_and(|object| object.contains(text))
        };
        self.least.is_none_or(|least| diagnostic.severity >= least)
            && (self.codes.is_empty() || self.codes.iter().any(|code| *code == diagnostic.code))
            && self.below.as_ref().is_none_or(is_below)
            && self.object.as_ref().is_none_or(is_about)
    }
}

impl Lint<'_> {
    /// Number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        let diagnostics = self.diagnostics.iter();
        diagnostics.filter(|it| it.severity == severity).count()
    }

    /// The highest severity; `None` if there are no findings.
    pub fn worst(&self) -> Option<Severity> {
        self.diagnostics.iter().map(|it| it.severity).max()
    }
}

/// Code and object of a note about an object.
fn note(diagnostic: &Diagnostic) -> Option<(&str, &str)> {
    let is_note = diagnostic.severity == Severity::Info;
    let object = diagnostic.object.as_deref().filter(|_| is_note)?;
    Some((diagnostic.code.as_ref(), object))
}

impl Text for Lint<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        // Notes with one code about one object are written once, with the number of others.
        let mut notes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for note in self.diagnostics.iter().filter_map(|it| note(it)) {
            *notes.entry(note).or_default() += 1;
        }
        for diagnostic in &self.diagnostics {
            let count = match note(diagnostic) {
                Some(note) => match notes.remove(&note) {
                    Some(count) => count,
                    None => continue,
                },
                None => 1,
            };
            write!(f, "{} {}", diagnostic.severity, printable_name(&diagnostic.code))?;
            if let Some(place) = &diagnostic.place {
                write!(f, " {}", printable_name(&place.to_string()))?;
            }
            if let Some(object) = &diagnostic.object {
                write!(f, " {}", printable_name(object))?;
            }
            write!(f, ": {}", diagnostic.message)?;
            if count > 1 {
                write!(f, "; and {} more of this object", count - 1)?;
            }
            match &diagnostic.hint {
                Some(hint) => line!(f, " ({hint})")?,
                None => line!(f)?,
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
        match counts.is_empty() {
            true => line!(f, "no problems found"),
            false => line!(f, "{}", counts.join(", ")),
        }
    }
}
