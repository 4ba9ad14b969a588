//! `secret`: a name turns into the way of its secrets, from Vault to file and variable.

use infra_query::{self as query, Question};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Where secrets come from, and how they reach containers.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide secret papi")]
pub(crate) struct Arguments {
    /// A service, Secret, SecretProviderClass, ExternalSecret or Vault path.
    name: String,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let infrastructure = arguments
        .model
        .load_for(terminal, Question::Secret, &arguments.name)?;
    arguments
        .model
        .ask(terminal, infrastructure, &arguments.name, query::secret)
}
