//! `where`: a name turns into the things it means and where they are.

use infra_model::query;

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
    // Most names are found without reading everything.
    if let Some(part) = arguments.model.load_part(terminal, &arguments.name)?
        && let Ok(answer) = query::where_is(&part, &arguments.name)
    {
        return arguments.model.answer(terminal, Ok(answer));
    }
    let infrastructure = arguments.model.load(terminal)?;
    arguments
        .model
        .ask(terminal, &infrastructure, &arguments.name, query::where_is)
}
