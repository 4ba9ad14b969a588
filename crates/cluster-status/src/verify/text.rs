//! The text of `verify`.

use std::fmt;

use infra_model::Place;
use plain_text::{Lines, line, printable_name};

use super::{DriftedField, VerifyReport};

/// Most lines of objects that nobody owns in places that the repository does not use.
const MOST_ELSEWHERE: usize = 10;

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::new(f);
        self.lines(&mut lines)?;
        lines.commands(self.next.iter().map(String::as_str))
    }
}

impl VerifyReport {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        if let Some(sign) = &self.another_cluster {
            line!(f, "another cluster? {}", printable_name(sign))?;
        }
        for missing in &self.missing {
            write!(f, "missing: {}", printable_name(&missing.object.to_string()))?;
            if let Some(by) = &missing.made_by {
                write!(f, ", made by {}", printable_name(&by.to_string()))?;
            }
            line!(f, "{}", at(missing.place.as_ref()))?;
        }
        for drifted in &self.drifted {
            line!(
                f,
                "drifted: {}{}",
                printable_name(&drifted.object.to_string()),
                at(drifted.place.as_ref())
            )?;
            for field in &drifted.fields {
                field.lines(f)?;
            }
        }
        let (here, elsewhere): (Vec<_>, Vec<_>) = self.not_in_git.iter().partition(|stray| stray.counts);
        for stray in here {
            line!(
                f,
                "not in Git: {}: {}",
                printable_name(&stray.object.to_string()),
                stray.why
            )?;
        }
        for stray in elsewhere.iter().take(MOST_ELSEWHERE) {
            line!(
                f,
                "elsewhere: {}: {}",
                printable_name(&stray.object.to_string()),
                stray.why
            )?;
        }
        if let Some(more) = elsewhere
            .len()
            .checked_sub(MOST_ELSEWHERE)
            .filter(|more| *more > 0)
        {
            line!(
                f,
                "elsewhere: {more} more workloads that nobody owns, in namespaces that the repository does not use"
            )?;
        }
        for part in &self.not_compared {
            line!(f, "not compared: {part}")?;
        }
        let counts = [
            (self.same, "as in Git"),
            (self.missing.len(), "missing"),
            (self.drifted.len(), "drifted"),
            (
                self.not_in_git.iter().filter(|stray| stray.counts).count(),
                "not in Git",
            ),
            (self.not_read, "not read"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, word)| *count > 0 || *word == "as in Git")
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        line!(f, "in all: {}", counts.join(", "))
    }
}

impl DriftedField {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let value = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
        line!(
            f,
            "  {}: {} in Git, {} in the cluster{}",
            self.field,
            value(&self.git),
            value(&self.cluster),
            at(self.place.as_ref())
        )
    }
}

fn at(place: Option<&Place>) -> String {
    match place {
        Some(place) => format!(", {}", printable_name(&place.to_string())),
        None => String::new(),
    }
}
