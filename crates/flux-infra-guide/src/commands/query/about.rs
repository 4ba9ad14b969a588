//! Questions about a name: `where`, `trace`, `secret`, `flux` and `impact`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Display;

use catalog_emit::ToJson;
use infra_query::Answer;
use infra_query::{Facts, QueryError};

use clap_complete::ArgValueCompleter;

use crate::answer_source::Source;
use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::ModelArgs;

/// The name, and where the answer comes from. Each command says what the name can be.
// Without `skip`, arguments that include these would have two groups of the same name.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Arguments {
    #[arg(add = ArgValueCompleter::new(known_names::names))]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) model: ModelArgs,
}

/// Asks the question. If the name means something that the question is not about, answers with `where` instead.
pub(super) fn ask<A: Answer + Display + ToJson>(
    source: &Source<'_>,
    name: &str,
    question: fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
) -> Result<Exit, Failure> {
    // The answers up to the first cluster that has one, which nearly always is the first; no cluster is asked twice.
    let mut answers = VecDeque::new();
    if source.is_for_people() {
        for facts in source.all_facts() {
            answers.push_back(question(facts, name));
            if answers.back().is_some_and(Result::is_ok) {
                break;
            }
        }
        let is_answered = answers.back().is_some_and(Result::is_ok);
        let is_other = |answer: &Result<A, QueryError>| match answer {
            Err(QueryError::NotFound(missing)) => !missing.others.is_empty(),
            _ => false,
        };
        if !is_answered && answers.iter().any(is_other) {
            return source.ask(name, infra_query::where_is);
        }
    }
    source.ask(name, from_known(answers, question))
}

/// The question, with the answers for the first clusters already known.
pub(super) fn from_known<A>(
    known: VecDeque<Result<A, QueryError>>,
    question: impl Fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
) -> impl Fn(&'static dyn Facts, &str) -> Result<A, QueryError> {
    let known = RefCell::new(known);
    move |facts, name| {
        let first = known.borrow_mut().pop_front();
        first.unwrap_or_else(|| question(facts, name))
    }
}
