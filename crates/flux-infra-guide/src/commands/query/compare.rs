//! `compare`: what differs between two clusters.

use clap_complete::ArgValueCompleter;

use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What differs between two clusters: versions, replicas, values, secrets, hosts.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide compare staging production\n  flux-infra-guide compare staging production papi"
)]
pub(crate) struct Arguments {
    /// The one cluster, by name.
    #[arg(add = ArgValueCompleter::new(known_names::clusters))]
    one: String,
    /// The other.
    #[arg(add = ArgValueCompleter::new(known_names::clusters))]
    other: String,
    /// Only this, and the ConfigMaps that it reads.
    name: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    if arguments.model.names_cluster() {
        let failure = Failure::usage("--cluster does nothing here: two clusters are compared");
        return Err(failure.hint("name them: `flux-infra-guide compare ONE OTHER [NAME]`"));
    }
    let source = arguments.model.open(terminal)?;
    let one = source.cluster(&arguments.one)?;
    let other = source.cluster(&arguments.other)?;
    let name = arguments.name.as_deref();
    match infra_query::compare([(&arguments.one, one), (&arguments.other, other)], name) {
        Ok(answer) => source.answer("", &answer),
        Err(error) => source.miss(error),
    }
}
