//! `impact`: a name turns into everything that waits for it or uses it.

use infra_query::{self as query, Question};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Everything that waits for it or uses it, transitively.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide impact vault")]
pub(crate) struct Arguments {
    /// A service, Kustomization, ConfigMap, Secret, variable or external host.
    name: String,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let infrastructure = arguments
        .model
        .load_for(terminal, Question::Impact, &arguments.name)?;
    arguments
        .model
        .ask(terminal, infrastructure, &arguments.name, query::impact)
}
