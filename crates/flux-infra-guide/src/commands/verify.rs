//! `verify`: differences between the cluster and the repository.

use cluster_status::{Group, verify};

use crate::exit::{Exit, Failure};
use crate::live_args::LiveArgs;
use crate::live_cluster;
use crate::model_args::ModelArgs;
use crate::report;
use crate::scan_args::rwenv;
use crate::terminal::Terminal;

/// Say whether the cluster has what the repository states: what is missing, what drifted, what is not in Git.
///
/// It compares images, replicas that no autoscaler owns, the labels by which Flux knows its objects, what Kustomizations,
/// HelmReleases and sources state, values of ConfigMaps, and the presence of Secrets and their keys. It reads and never writes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide verify --context nonprod
  flux-infra-guide verify --cluster prod --context prod --format json
  flux-infra-guide verify --from-file cluster.json

Exit code 1 where anything differs.")]
pub(crate) struct Arguments {
    /// Take kubeconfig, context and repository of this rwenv; `-` is the active one.
    #[arg(long, value_name = "NAME")]
    rwenv: Option<String>,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    const GROUPS: [Group; 4] = [Group::Flux, Group::Workloads, Group::Config, Group::Secrets];
    let rwenv = arguments.rwenv.as_deref().map(rwenv).transpose()?;
    let model = arguments.model.of_rwenv(rwenv.as_ref());
    let mut source = model.open(terminal)?;
    let live = &arguments.live;
    let (snapshot, _) = live.read(&source, rwenv.as_ref(), &GROUPS, None, terminal)?;
    let question = ("verify", None);
    live_cluster::settle(&mut source, &snapshot, live, rwenv.as_ref(), question, terminal)?;
    let mut report = verify(source.facts, &snapshot);
    if let Some(sign) = &report.another_cluster {
        let context = match live.context(rwenv.as_ref()) {
            Some(context) => format!("the context {context}"),
            None => "what was asked".to_owned(),
        };
        report::warning(
            terminal,
            &format!("{context} may be another cluster: {sign}"),
            "name the context of this one with --context, or the entry of that one with --cluster",
        );
    }
    live.in_context(&mut report.next, rwenv.as_ref());
    source.report(&report, &report.next)?;
    Ok(if report.as_in_git { Exit::Done } else { Exit::No })
}
