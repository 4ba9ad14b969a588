//! `grep`: every field of the catalogs in which a text occurs.

use infra_query::{NotFound, QueryError};
use regex::RegexBuilder;

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::several_clusters;
use crate::terminal::Terminal;

/// Search every field of the catalogs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide grep 'postgres.*5432'")]
pub(crate) struct Arguments {
    /// A regular expression, whatever the case.
    text: String,
    /// Take the text as it is.
    #[arg(short = 'F', long)]
    fixed_strings: bool,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let pattern = if arguments.fixed_strings {
        regex::escape(&arguments.text)
    } else {
        arguments.text.clone()
    };
    let regex = RegexBuilder::new(&pattern)
        .case_insensitive(true)
        .build()
        .map_err(|error| Failure::usage(error).hint("--fixed-strings takes the text as it is"))?;
    let source = arguments.model.open(terminal)?;
    let found: Vec<_> = source
        .all_facts()
        .map(|facts| infra_query::grep(facts, |text| regex.is_match(text)))
        .collect();
    if found.iter().all(|found| found.matches.is_empty()) {
        return source.miss(QueryError::NotFound(NotFound {
            term: arguments.text.clone(),
            ..NotFound::default()
        }));
    }
    source.answer_each(found, several_clusters::MOST_TEXT)
}
