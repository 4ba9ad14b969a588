//! `--next`: all commands for the subjects that a term means: kubectl, flux, LogQL, PromQL.

use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::find::find;
use crate::next_steps::{self, Step};
use crate::{Answer, Facts, Subject, Text};

/// Commands for the subjects that a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct Next<'a> {
    /// The commands of the question itself.
    pub question: Vec<Step>,
    /// The other commands for each subject, in the order in which to run them.
    pub things: Vec<(Subject<'a>, Vec<Step>)>,
}

/// The commands of an answer, and all commands for the subjects of its term, including logs and metrics of services.
pub fn next<'a>(facts: &'a dyn Facts, term: &str, answer: &impl Answer) -> Next<'a> {
    let question = answer.steps().to_vec();
    // The term of a question may be no name, such as the key of a value.
    let hits = find(facts, term).unwrap_or_default();
    let things = hits.into_iter().map(|hit| {
        let mut steps = next_steps::steps_for(facts, hit.subject);
        if let Subject::Service(_, service) = hit.subject {
            let mut more = next_steps::logs(facts, service);
            more.extend(next_steps::metrics(facts, service));
            // The first steps already include the logs by kubectl.
            more.retain(|step| !steps.contains(step));
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
        match self.question.is_empty() && self.things.is_empty() {
            true => line!(f, "no command is known for it"),
            false => Ok(()),
        }
    }
}

impl fmt::Display for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(&mut Lines::new(f))
    }
}

/// The title of a subject, as a comment if it could be read as a command.
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
