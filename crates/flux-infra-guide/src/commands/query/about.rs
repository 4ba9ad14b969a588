//! The questions about a name: `where`, `trace`, `secret`, `flux` and `impact`.

use std::fmt::Display;

use catalog_emit::ToJson;
use infra_query::Answer;
use infra_query::{Facts, QueryError};

use clap_complete::ArgValueCompleter;

use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::ModelArgs;
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
    // Of what the question is not about, `where` tells by what it is applied.
    let is_other = |facts: &'static dyn Facts| match question(facts, &arguments.name) {
        Err(QueryError::NotFound(missing)) => !missing.others.is_empty(),
        _ => false,
    };
    let is_answered = |facts: &'static dyn Facts| question(facts, &arguments.name).is_ok();
    if source.all_facts().any(is_other) && !source.all_facts().any(is_answered) {
        return source.ask(&arguments.name, infra_query::where_is);
    }
    source.ask(&arguments.name, question)
}
