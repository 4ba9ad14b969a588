//! Table of outcomes per group.

use std::collections::BTreeMap;
use std::fmt;

use similar::TextDiff;

use super::arguments::Arguments;

/// Counts per group, and the failing cases.
pub(crate) struct Table<'a> {
    title: String,
    arguments: &'a Arguments,
    groups: BTreeMap<String, Counts>,
    failures: Vec<String>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    success: (usize, usize),
    error: (usize, usize),
}

/// The outcome that a case expects.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    /// A result.
    Success,
    /// A refusal.
    Error,
}

impl<'a> Table<'a> {
    pub(crate) fn new(title: &str, arguments: &'a Arguments) -> Self {
        Table {
            title: title.to_owned(),
            arguments,
            groups: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// Whether `--only` includes the case.
    pub(crate) fn wants(&self, group: &str, id: &str) -> bool {
        self.arguments
            .only
            .as_deref()
            .is_none_or(|only| group.contains(only) || id.contains(only))
    }

    /// Records a case that compares texts.
    pub(crate) fn compare(&mut self, group: &str, id: &str, expected: &str, actual: Result<&str, &str>) {
        let note = match actual {
            Ok(actual) if actual == expected => None,
            Ok(actual) if self.arguments.diff => Some(
                TextDiff::from_lines(expected, actual)
                    .unified_diff()
                    .header("expected", "actual")
                    .to_string(),
            ),
            Ok(_) => Some("differs".to_owned()),
            Err(error) => Some(format!("error: {error}")),
        };
        self.record(group, id, Wanted::Success, note);
    }

    /// Records a case that must fail.
    pub(crate) fn must_fail(&mut self, group: &str, id: &str, failed: bool) {
        self.record(
            group,
            id,
            Wanted::Error,
            (!failed).then(|| "expected an error".to_owned()),
        );
    }

    /// Records an outcome; a note says why the case fails.
    pub(crate) fn record(&mut self, group: &str, id: &str, wanted: Wanted, note: Option<String>) {
        let counts = self.groups.entry(group.to_owned()).or_default();
        let counts = match wanted {
            Wanted::Success => &mut counts.success,
            Wanted::Error => &mut counts.error,
        };
        counts.1 += 1;
        match note {
            None => counts.0 += 1,
            Some(note) => self.failures.push(format!("  {id}: {note}")),
        }
    }

    pub(crate) fn all_pass(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<44} {:>12} {:>12}", self.title, "success", "error")?;
        let mut total = Counts::default();
        for (group, counts) in &self.groups {
            row(f, &format!("  {group}"), *counts)?;
            total.success = (
                total.success.0 + counts.success.0,
                total.success.1 + counts.success.1,
            );
            total.error = (total.error.0 + counts.error.0, total.error.1 + counts.error.1);
        }
        row(f, "  all", total)?;
        for failure in &self.failures {
            writeln!(f, "{failure}")?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, counts: Counts) -> fmt::Result {
    let cell = |(passed, all): (usize, usize)| match all {
        0 => "-".to_owned(),
        all => format!("{passed}/{all}"),
    };
    writeln!(
        f,
        "{name:<44} {:>12} {:>12}",
        cell(counts.success),
        cell(counts.error)
    )
}
