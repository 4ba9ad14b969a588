//! What to run next? A term turns into every ready-made command for the things it means: kubectl, flux, LogQL, PromQL.

use std::fmt;

use crate::Infrastructure;
use crate::query::find::{QueryError, find};
use crate::query::next_steps::{self, Step};
use crate::query::{Subject, printable};

/// Commands for the things that a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct Next<'a> {
    /// Each thing with its commands, in the order in which to run them. Never empty.
    pub things: Vec<(Subject<'a>, Vec<Step>)>,
}

/// Finds every command for what a term means; for services logs and metrics, too.
///
/// # Errors
/// [`QueryError::NotFound`], with suggestions.
pub fn next<'a>(infrastructure: &'a Infrastructure, term: &str) -> Result<Next<'a>, QueryError> {
    let things = find(infrastructure, term)?.into_iter().map(|hit| {
        let mut steps = next_steps::of(infrastructure, hit.subject);
        if let Subject::Service(_, service) = hit.subject {
            // The logs by kubectl are among the first steps already.
            let more = next_steps::logs(service)
                .into_iter()
                .chain(next_steps::metrics(service));
            let more: Vec<Step> = more.filter(|step| !steps.contains(step)).collect();
            steps.extend(more);
        }
        (hit.subject, steps)
    });
    Ok(Next {
        things: things.filter(|(_, steps)| !steps.is_empty()).collect(),
    })
}

impl fmt::Display for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (subject, steps) in &self.things {
            writeln!(f, "{} {}:", subject.kind(), printable(subject.key()))?;
            for step in steps {
                writeln!(f, "  # {}\n  {}", step.purpose, step.command)?;
            }
        }
        Ok(())
    }
}
