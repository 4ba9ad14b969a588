//! Options of every command that scans.

mod resolve;
mod scan;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use camino::Utf8PathBuf;
use clap::ValueEnum;
use flux_scan::{Detail, HandedOver, Remains, SourceContents};
use source_cache::LoadedCharts;
use source_tree::{Diagnostic, Limits, Severity};

use crate::exit::Exit;

pub(crate) use resolve::with_limits;
pub(crate) use scan::{Scanned, rwenv};
pub(crate) use values::vars;

/// The repository, and the options of its scan.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ScanArgs {
    /// The repository.
    #[arg(default_value = ".", value_name = "REPO")]
    pub(crate) repository: Utf8PathBuf,
    /// Scan the Flux repository of this rwenv; `-` is the active one.
    #[arg(long, value_name = "NAME", conflicts_with = "repository")]
    pub(crate) rwenv: Option<String>,
    #[command(flatten)]
    pub(crate) options: ScanOptionArgs,
}

/// Scan options besides the repository.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Scan")]
pub(crate) struct ScanOptionArgs {
    /// The detail of objects that the command needs.
    #[arg(skip)]
    pub(crate) detail: Detail,
    /// State that the scans of one command share.
    #[arg(skip)]
    pub(crate) shared: Shared,
    /// Cluster entry to scan, with a name for it if given, and further folders of the same cluster; repeatable. Default:
    /// every entry found.
    #[arg(long, value_name = "[NAME=]PATH[,PATH]")]
    pub(crate) cluster: Vec<String>,
    /// The folder that paths of Kustomizations start from, where the source is made of a folder. Default: found out.
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<Utf8PathBuf>,
    /// Where the content of another source is, or a folder with all of it that `fetch --vendor` has written; repeatable.
    #[arg(long, value_name = "Kind/namespace/name=DIR or DIR")]
    pub(crate) source: Vec<String>,
    /// Values from outside: an env file, a ConfigMap or Secret manifest, or the object it stands for; repeatable.
    #[arg(long, value_name = "FILE or ConfigMap/ns/name=FILE")]
    pub(crate) vars: Vec<String>,
    /// The knowledge file. Default: flux-infra-guide.yaml at the top of the repository.
    #[arg(long, value_name = "FILE")]
    pub(crate) knowledge: Option<Utf8PathBuf>,
    /// Take the knowledge file as your own: its notes are shown as they are and not quoted, its `check` may be any command.
    #[arg(long)]
    pub(crate) trust_knowledge: bool,
    /// Use neither flux-infra-guide.lock nor your cache: not what was fetched by it, and not what charts made in earlier scans.
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Undefined variables are errors, as in Flux.
    #[arg(long)]
    pub(crate) strict: bool,
    /// A folder of charts, packed or not, such as Helm's repository cache; repeatable. Charts in the repository need none.
    #[arg(long, value_name = "DIR")]
    pub(crate) charts: Vec<Utf8PathBuf>,
    /// The chart of a HelmRelease or of its source: a folder, or a `.tgz`; repeatable.
    #[arg(long, value_name = "Kind/namespace/name=PATH")]
    pub(crate) chart: Vec<String>,
    /// The version of Kubernetes for charts. Default: as `helm template`.
    #[arg(long, value_name = "VERSION")]
    pub(crate) kube_version: Option<String>,
    /// API versions for charts beside those of Kubernetes.
    #[arg(long, value_name = "VERSIONS", value_delimiter = ',')]
    pub(crate) api_versions: Vec<String>,
    /// Number of threads. Default: one per core.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Largest file that is read.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().file_bytes)]
    pub(crate) max_file_size: u64,
    /// Another bound than the default one, such as `steps=800000000`; repeatable.
    ///
    /// docs/security.md lists them.
    #[arg(long, value_name = "NAME=NUMBER")]
    pub(crate) limit: Vec<String>,
    /// Exit with code 1 on diagnostics of this severity; `diff` knows `danger` as well.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
}

/// State that several scans of one command share: named and locked charts, rendered releases, and remains.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    given: Arc<OnceLock<Arc<dyn SourceContents>>>,
    locked: LoadedCharts,
    pub(crate) handed_over: Option<HandedOver>,
    pub(crate) remains: Arc<BTreeMap<String, Remains>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// The severity that fails a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Dangers of a change.
    Danger,
}

impl FailOn {
    /// The least severity that fails; `None` if no finding of a scan does.
    fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Danger => None,
        }
    }
}

impl ScanOptionArgs {
    /// The first given option that only affects scans.
    pub(crate) fn scan_only_option(&self) -> Option<&'static str> {
        let given = [
            (self.root.is_some(), "--root"),
            (!self.source.is_empty(), "--source"),
            (!self.vars.is_empty(), "--vars"),
            (self.knowledge.is_some(), "--knowledge"),
            (self.trust_knowledge, "--trust-knowledge"),
            (self.no_cache, "--no-cache"),
            (self.strict, "--strict"),
            (!self.charts.is_empty(), "--charts"),
            (!self.chart.is_empty(), "--chart"),
            (self.kube_version.is_some(), "--kube-version"),
            (!self.api_versions.is_empty(), "--api-versions"),
            (self.jobs.is_some(), "--jobs"),
            (
                self.max_file_size != 0 && self.max_file_size != Limits::default().file_bytes,
                "--max-file-size",
            ),
            (!self.limit.is_empty(), "--limit"),
        ];
        given
            .iter()
            .find(|(is_given, _)| *is_given)
            .map(|(_, option)| *option)
    }

    /// The exit code of a scanning command that did its work: 1 if a diagnostic has the severity of `--fail-on`.
    pub(crate) fn exit<'a>(&self, diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Exit {
        let Some(least) = self.fail_on.and_then(FailOn::severity) else {
            return Exit::Done;
        };
        let met = diagnostics
            .into_iter()
            .any(|diagnostic| diagnostic.severity >= least);
        if met { Exit::No } else { Exit::Done }
    }
}
