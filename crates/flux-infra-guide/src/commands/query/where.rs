//! `where`: a name turns into the things it means and where they are.

use infra_query::{self as query, Question};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Where it runs, and where it is defined.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide where papi")]
pub(crate) struct Arguments {
    /// A service, alias, host, DNS name, image, file or Vault path, or part of one.
    name: String,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let infrastructure = arguments
        .model
        .load_for(terminal, Question::Where, &arguments.name)?;
    arguments
        .model
        .ask(terminal, infrastructure, &arguments.name, query::where_is)
}
