//! `lint`: what is wrong. The diagnostics that a filter lets through, with counts.

use std::collections::BTreeMap;
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::Text;
use crate::answer::display_answer;
use crate::next_steps::{self, Answer, Step};
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

    fn shown(&self) -> usize {
        0
    }
}

display_answer!(Lint<'_>);

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

/// Code and object of a note about an object.
fn note(diagnostic: &Diagnostic) -> Option<(&str, &str)> {
    let is_note = diagnostic.severity == Severity::Info;
    let object = diagnostic.object.as_deref().filter(|_| is_note)?;
    Some((diagnostic.code.as_ref(), object))
}

impl Text for Lint<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        // What is only worth knowing of one object is said once, with the number of its like.
        let mut notes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for note in self.diagnostics.iter().filter_map(|one| note(one)) {
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
            write!(f, "{}", diagnostic.severity)?;
            write!(f, " {}", printable_name(&diagnostic.code))?;
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
        if counts.is_empty() {
            line!(f, "nothing is known to be wrong")?;
        } else {
            line!(f, "{}", counts.join(", "))?;
        }
        Ok(())
    }
}
