//! `compare`: what differs between two clusters.

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What differs between two clusters: versions, replicas, values, secrets, hosts.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide compare staging production\n  flux-infra-guide compare staging production papi"
)]
pub(crate) struct Arguments {
    /// The one cluster, by name.
    one: String,
    /// The other.
    other: String,
    /// Only this, and the ConfigMaps that it reads.
    name: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let source = arguments.model.open(terminal)?;
    let one = source.cluster(&arguments.one)?;
    let other = source.cluster(&arguments.other)?;
    let name = arguments.name.as_deref();
    match infra_query::compare([(&arguments.one, one), (&arguments.other, other)], name) {
        Ok(answer) => source.answer("", &answer),
        Err(error) => source.miss(error),
    }
}
