//! `flux`: a name turns into what manages it and what that waits for.

use infra_query::{self as query, Question};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What manages it, what it waits for, and how to check it, in the right order.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide flux papi")]
pub(crate) struct Arguments {
    /// A service, Kustomization, HelmRelease or source.
    name: String,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let infrastructure = arguments
        .model
        .load_for(terminal, Question::Flux, &arguments.name)?;
    arguments
        .model
        .ask(terminal, infrastructure, &arguments.name, query::flux)
}
