//! `list`: a kind turns into the names of everything of that kind.

use infra_query::{self as query, list::ListKind};

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
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let infrastructure = arguments.model.load_part(terminal, |data, cluster| {
        catalog_emit::load_list(data, cluster, arguments.kind)
    })?;
    let list = query::list(infrastructure, arguments.kind, arguments.namespace.as_deref());
    arguments.model.tell(terminal, infrastructure, &list)
}
