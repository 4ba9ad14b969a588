//! `--next`: every ready-made command for the things that a term means: kubectl, flux, LogQL, PromQL.

use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::find::find;
use crate::next_steps::{self, Step};
use crate::{Answer, Subject, Text};

/// Commands for the things that a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct Next<'a> {
    /// The commands of the question itself.
    pub question: Vec<Step>,
    /// Each thing with the commands for it that are no part of these, in the order in which to run them.
    pub things: Vec<(Subject<'a>, Vec<Step>)>,
}

/// The commands of an answer, and every command for what its term means; for services logs and metrics, too.
pub fn next<'a>(facts: &'a dyn Facts, term: &str, answer: &impl Answer) -> Next<'a> {
    let question = answer.steps().to_vec();
    // A question knows terms that are no names, such as keys of values.
    let hits = find(facts, term).unwrap_or_default();
    let things = hits.into_iter().map(|hit| {
        let mut steps = next_steps::steps_for(facts, hit.subject);
        if let Subject::Service(_, service) = hit.subject {
            // The logs by kubectl are among the first steps already.
            let more = next_steps::logs(facts, service)
                .into_iter()
                .chain(next_steps::metrics(facts, service));
            let more: Vec<Step> = more.filter(|step| !steps.contains(step)).collect();
            steps.extend(more);
        }
        steps.retain(|step| !question.contains(step));
        (hit.subject, steps)
    });
    let things = things.filter(|(_, steps)| !steps.is_empty()).collect();
    Next { question, things }
}

impl Text for Next<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        commands(f, "", &self.question)?;
        for (subject, steps) in &self.things {
            line!(f, "{}:", title(*subject))?;
            commands(f, "  ", steps)?;
        }
        match self {
            Next { question, things } if question.is_empty() && things.is_empty() => {
                line!(f, "no command is known for it")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(&mut Lines::new(f))
    }
}

/// What a thing is called: a line among commands must not be one.
fn title(subject: Subject<'_>) -> String {
    let title = subject.title();
    let plain = |c: char| c.is_alphanumeric() || "-_./: ${}".contains(c);
    match title.chars().all(plain) {
        true => title,
        false => format!("# {}", printable_name(&title)),
    }
}

fn commands(f: &mut Lines<'_>, indent: &str, steps: &[Step]) -> fmt::Result {
    for step in steps {
        line!(f, "{indent}# {}", step.purpose)?;
        line!(f, "{indent}{}", step.command)?;
    }
    Ok(())
}
