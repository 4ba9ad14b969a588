//! `list`: everything of one kind.

use infra_query::list::{ListFilter, ListKind};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Everything of one kind.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide list services --namespace backend-services\n  flux-infra-guide list images --format json"
)]
pub(crate) struct Arguments {
    /// services, namespaces, kustomizations, helmreleases, sources, secrets, configmaps, images, image-groups, hosts, variables or externals.
    kind: ListKind,
    /// Only in this namespace.
    #[arg(short, long)]
    namespace: Option<String>,
    /// Only what this HelmRelease or Kustomization owns.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only what is in this state: suspended, failed, partial, external, or for secrets a provider, sops or "plain text".
    #[arg(long = "where", value_name = "STATE")]
    state: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let source = arguments.model.open(terminal)?;
    let filter = ListFilter {
        namespace: arguments.namespace.clone(),
        owner: arguments.owner.clone(),
        state: arguments.state.clone(),
    };
    source.answer_all(|facts| infra_query::list(facts, arguments.kind, &filter))
}
