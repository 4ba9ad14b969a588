//! Output of answers as text or JSON.

use std::fmt::Display;

use catalog_emit::ToJson;
use infra_model::Diagnostic;
use infra_query::{self as query, Answer, Facts, Text};
use serde::Serialize;

use super::Source;
use crate::exit::{Exit, Failure, printed};
use crate::findings_format::{github, sarif};
use crate::model_args::Format;
use crate::several_clusters::{self, OfCluster};

impl Source<'_> {
    /// Prints the answer to a question about a name, which may be empty, or with `--next` its commands.
    pub(crate) fn answer<A: Answer + Display + ToJson>(
        &self,
        name: &str,
        answer: &A,
    ) -> Result<Exit, Failure> {
        if self.arguments.next {
            return self.print(&query::next(self.facts, name, answer));
        }
        self.print(answer)
    }

    /// Prints a report, or with `--next` its commands.
    pub(crate) fn report(&self, report: &(impl Display + Serialize), next: &[String]) -> Result<(), Failure> {
        let text = match self.arguments.format {
            _ if self.arguments.next => next.iter().map(|command| format!("{command}\n")).collect(),
            Format::Text => report.to_string(),
            Format::Json => {
                let value = serde_json::to_value(report).map_err(Failure::output)?;
                plain_text::json::escaped(&format!("{value:#}\n")).into_owned()
            }
            Format::Sarif | Format::Github => return Err(only_findings()),
        };
        self.finish(&text)
    }

    /// Prints findings if the requested format is for findings only, and returns whether it is.
    pub(crate) fn print_findings<'a>(
        &self,
        findings: impl IntoIterator<Item = &'a Diagnostic>,
    ) -> Result<bool, Failure> {
        let text = match self.arguments.format {
            Format::Sarif => sarif::document(findings),
            Format::Github => github::annotations(findings),
            Format::Text | Format::Json => return Ok(false),
        };
        self.finish(&text)?;
        Ok(true)
    }

    /// Prints the answers for several clusters, equal ones once below the names of their clusters, until there are `most` bytes.
    pub(super) fn print_of_clusters(
        &self,
        answers: Vec<OfCluster>,
        others: &[String],
        absent: &[String],
        most: usize,
    ) -> Result<Exit, Failure> {
        let groups = several_clusters::grouped(answers);
        let text = match self.arguments.format {
            Format::Json => {
                let values = several_clusters::json(groups, absent);
                plain_text::json::escaped(&format!("{values:#}\n")).into_owned()
            }
            _ => several_clusters::text(&groups, others, absent, most),
        };
        self.finish(&text)?;
        Ok(Exit::Done)
    }

    pub(super) fn print(&self, answer: &(impl Text + Display + ToJson)) -> Result<Exit, Failure> {
        let text = match self.arguments.format {
            Format::Text => match &self.live {
                Some(live) => format!("live: {}\n{answer}", plain_text::printable(live)),
                None => answer.to_string(),
            },
            Format::Json => json(answer, self.live.as_deref())?,
            Format::Sarif | Format::Github => return Err(only_findings()),
        };
        self.finish(&text)?;
        Ok(Exit::Done)
    }

    /// Prints an output, after a check that everything it rests on could be read, and with the note that the catalogs are old.
    fn finish(&self, text: &str) -> Result<(), Failure> {
        self.check()?;
        self.print_note();
        printed(self.show(text))
    }

    /// Prints an output; text has colours if the terminal shows them.
    pub(super) fn show(&self, text: &str) -> std::io::Result<()> {
        match self.arguments.format {
            Format::Text => self.terminal.answer(text),
            _ => self.terminal.out(text),
        }
    }

    /// Prints a note if the catalogs are old.
    pub(super) fn print_note(&self) {
        if let (Some(note), Some(store)) = (self.note.take(), self.stores.first()) {
            note.print(self.terminal, &store.metadata().generated_from);
        }
    }

    /// Fails if something that the answer rests on could not be read.
    pub(super) fn check(&self) -> Result<(), Failure> {
        for store in &self.stores {
            store
                .check()
                .map_err(|error| Failure::input(error).hint(error.hint()))?;
        }
        Ok(())
    }

    /// The exit code, which depends on `--fail-on`.
    pub(crate) fn exit(&self) -> Exit {
        let mut exits = self
            .all_facts()
            .map(|facts| self.arguments.scan.exit(facts.diagnostics()));
        exits.find(|exit| *exit != Exit::Done).unwrap_or(Exit::Done)
    }
}

pub(super) fn only_findings() -> Failure {
    Failure::usage("only findings have this format").hint("ask `lint` for it")
}

/// An answer as JSON, with the readiness in the cluster as its member `live`.
pub(super) fn json(answer: &impl ToJson, live: Option<&str>) -> Result<String, Failure> {
    let mut value = answer.to_json().map_err(Failure::output)?;
    if let (Some(live), Some(members)) = (live, value.as_object_mut()) {
        members.insert("live".to_owned(), live.into());
    }
    Ok(plain_text::json::escaped(&format!("{value:#}\n")).into_owned())
}
