//! `trace`: a service turns into its way from the source to its secrets.

use infra_query::{self as query, Question};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// From source to workload: Kustomizations, images, configuration, secrets, dependencies.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide trace papi")]
pub(crate) struct Arguments {
    /// The service.
    name: String,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let infrastructure = arguments
        .model
        .load_for(terminal, Question::Trace, &arguments.name)?;
    arguments
        .model
        .ask(terminal, infrastructure, &arguments.name, query::trace)
}
