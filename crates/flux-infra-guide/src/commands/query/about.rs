//! The questions about a name: `where`, `trace`, `secret`, `flux` and `impact`.

use std::fmt::Display;

use catalog_emit::ToJson;
use infra_query::Answer;
use infra_query::{Facts, QueryError};

use clap_complete::ArgValueCompleter;

use super::dead_end;
use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::{ModelArgs, Source};
use crate::terminal::Terminal;

/// The name, and where the answer comes from. Each command says what the name can be.
// Where it is a part of other arguments, two groups of them would bear one name.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Arguments {
    #[arg(add = ArgValueCompleter::new(known_names::names))]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) model: ModelArgs,
}

/// Answers one of the questions.
pub(crate) fn run<A: Answer + Display + ToJson>(
    arguments: &Arguments,
    terminal: &Terminal,
    question: fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
) -> Result<Exit, Failure> {
    let source = arguments.model.open(terminal)?;
    dead_end::told(source.ask(&arguments.name, question), &arguments.model, terminal)
}

/// Asks the question; of what it is not about, `where` tells, and by what it is applied.
pub(super) fn ask<A: Answer + Display + ToJson>(
    source: &Source<'_>,
    name: &str,
    question: fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
) -> Result<Exit, Failure> {
    let is_other = |facts: &'static dyn Facts| match question(facts, name) {
        Err(QueryError::NotFound(missing)) => !missing.others.is_empty(),
        _ => false,
    };
    let is_answered = |facts: &'static dyn Facts| question(facts, name).is_ok();
    // Nearly always the first cluster has an answer, and no other one is asked twice.
    match source.is_text() && !source.all_facts().any(is_answered) && source.all_facts().any(is_other) {
        true => source.ask(name, infra_query::where_is),
        false => source.ask(name, question),
    }
}
