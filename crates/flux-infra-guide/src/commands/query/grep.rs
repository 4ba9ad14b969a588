//! `grep`: a text turns into every field of the catalogs that holds it.

use infra_query::grep::Grep;
use infra_query::{self as query, NotFound, QueryError};
use regex::RegexBuilder;

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
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
    let infrastructure = arguments.model.load_part(terminal, |data, cluster| {
        catalog_emit::load_grep(data, cluster, &pattern, |text| regex.is_match(text))
    })?;
    let found = query::grep(infrastructure, |text| regex.is_match(text));
    if found.matches.is_empty() {
        let missing = QueryError::NotFound(NotFound {
            term: arguments.text.clone(),
            suggestions: Vec::new(),
            others: Vec::new(),
        });
        return arguments.model.answer(terminal, Err::<Grep<'_>, _>(missing));
    }
    arguments.model.tell(terminal, infrastructure, &found)
}
