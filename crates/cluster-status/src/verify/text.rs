//! The text of `verify`.

use std::fmt;

use infra_model::Place;
use plain_text::{Lines, line, printable_name};

use super::{DriftedField, VerifyReport};
use crate::message::printable;

/// Most lines of unowned objects in namespaces that the repository does not use.
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
            write!(f, "missing: {}", printable(&missing.object))?;
            if let Some(by) = &missing.made_by {
                write!(f, ", made by {}", printable(by))?;
            }
            line!(f, "{}", at(missing.place.as_ref()))?;
        }
        for drifted in &self.drifted {
            let place = at(drifted.place.as_ref());
            line!(f, "drifted: {}{place}", printable(&drifted.object))?;
            for field in &drifted.fields {
                field.lines(f)?;
            }
        }
        let (here, elsewhere): (Vec<_>, Vec<_>) = self.not_in_git.iter().partition(|stray| stray.counts);
        for stray in &here {
            line!(f, "not in Git: {}: {}", printable(&stray.object), stray.why)?;
        }
        for stray in elsewhere.iter().take(MOST_ELSEWHERE) {
            line!(f, "elsewhere: {}: {}", printable(&stray.object), stray.why)?;
        }
        let more = elsewhere.len().saturating_sub(MOST_ELSEWHERE);
        if more > 0 {
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
            (here.len(), "not in Git"),
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
        let (git, cluster, place) = (value(&self.git), value(&self.cluster), at(self.place.as_ref()));
        line!(
            f,
            "  {}: {git} in Git, {cluster} in the cluster{place}",
            self.field
        )
    }
}

fn at(place: Option<&Place>) -> String {
    place.map_or(String::new(), |place| format!(", {}", printable(place)))
}
