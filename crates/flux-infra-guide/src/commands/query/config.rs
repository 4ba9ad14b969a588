//! `config`: values of configuration, as written and as applied.

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What a configuration value is, where it is defined, and who uses it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide config papi-env-vars-cm\n  flux-infra-guide config papi-env-vars-cm GIT_SERVICE_URL\n  flux-infra-guide config cluster_name"
)]
pub(crate) struct Arguments {
    /// A ConfigMap, service, key or substitution variable.
    name: String,
    /// A key of the ConfigMap.
    key: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let term = match &arguments.key {
        Some(key) => format!("{}/{key}", arguments.name),
        None => arguments.name.clone(),
    };
    arguments.model.open(terminal)?.ask(&term, infra_query::config)
}
