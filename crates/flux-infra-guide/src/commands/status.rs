//! `status`: why something is not ready in the cluster.

use camino::Utf8PathBuf;
use cluster_status::{Group, status};

use crate::exit::{Exit, Failure};
use crate::live_args::LiveArgs;
use crate::live_cluster;
use crate::model_args::ModelArgs;
use crate::scan_args::rwenv;
use crate::terminal::Terminal;

/// Why something is not ready in the cluster: the cause, the way to it, and the place in the repository that mends it.
///
/// It follows what Flux and Kubernetes say, from Kustomizations and HelmReleases over what they wait for to workloads, pods and
/// events. It reads and never writes, and asks for no Secret.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide status                      # everything that is not ready, by cause
  flux-infra-guide status papi
  flux-infra-guide status papi --rwenv nonprod # kubeconfig, context and repository of that environment
  flux-infra-guide status --record cluster.json && flux-infra-guide status papi --from-file cluster.json

Exit code 1 where something asked about is not ready.")]
pub(crate) struct Arguments {
    /// A service, Kustomization, HelmRelease, source or another name of the repository or the cluster. Default: all.
    name: Option<String>,
    /// Write what was read of the cluster to a file for --from-file, without any Secret's values.
    #[arg(long, value_name = "FILE", conflicts_with = "from_file")]
    record: Option<Utf8PathBuf>,
    /// Take kubeconfig, context and repository of this rwenv; `-` is the active one.
    #[arg(long, value_name = "NAME")]
    rwenv: Option<String>,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let rwenv = arguments.rwenv.as_deref().map(rwenv).transpose()?;
    let model = arguments.model.of_rwenv(rwenv.as_ref());
    let mut source = model.open(terminal)?;
    let mut groups = vec![Group::Flux, Group::Workloads, Group::Pods, Group::Events];
    if arguments.record.is_some() {
        // For `verify`, which reads records too.
        groups.extend([Group::Config, Group::Secrets]);
    }
    let live = &arguments.live;
    let record = arguments.record.as_deref();
    let read = live.read(&source, rwenv.as_ref(), &groups, record, terminal);
    let (snapshot, now) = match read {
        Ok(read) => read,
        Err(failure) => {
            // The cause may be in Git: that the object is not applied, or suspended.
            if let Some(name) = arguments.name.as_deref().filter(|_| source.is_for_people()) {
                source.ask(name, infra_query::where_is).ok();
            }
            let without = "without a cluster, `flux-infra-guide flux NAME`, `list --where suspended` and `lint` answer from Git";
            return Err(match failure.hint.clone() {
                Some(hint) => failure.hint(format!("{hint} ({without})")),
                None => failure.hint(without),
            });
        }
    };
    let question = ("status", arguments.name.as_deref());
    live_cluster::settle(&mut source, &snapshot, live, rwenv.as_ref(), question, terminal)?;
    match status(source.facts, &snapshot, arguments.name.as_deref(), now) {
        Ok(mut report) => {
            live.in_context(&mut report.next, rwenv.as_ref());
            source.report(&report, &report.next)?;
            Ok(match report.ready {
                // The name is in the report neither as ready nor as a problem.
                true if report.asked.is_some() && report.fine.is_empty() && report.problems.is_empty() => {
                    Exit::Input
                }
                true => Exit::Done,
                false => Exit::No,
            })
        }
        Err(error) => source.miss(error),
    }
}
