//! `fetch`: downloads the sources that a repository declares elsewhere, and writes the lock file.

#[cfg(feature = "fetch")]
mod options;
#[cfg(feature = "fetch")]
mod progress;
#[cfg(feature = "fetch")]
mod remembered;
#[cfg(feature = "fetch")]
mod report;
#[cfg(feature = "fetch")]
mod run;
#[cfg(feature = "fetch")]
mod saved;

use camino::Utf8PathBuf;

use crate::scan_args::ScanArgs;

#[cfg(feature = "fetch")]
pub(crate) use run::run;

/// Fetch charts, sources and remote bases that the repository declares, and lock their versions.
///
/// The only command with a network. It writes flux-infra-guide.lock at the top of the repository, which states a digest for
/// everything, and the content to a cache of the user. Every other command reads these two, and stays offline.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide fetch                          # what is not locked yet, or not in the cache
  flux-infra-guide fetch --check                  # exit code 1 where a range or branch has moved on
  flux-infra-guide fetch --update podinfo         # move one on; without a name: all
  flux-infra-guide fetch --vendor vendor/         # copy everything to a folder, for machines without a network

Commit flux-infra-guide.lock: with it, everybody gets the same content. docs/fetch.md says more.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scan: ScanArgs,
    /// Resolve ranges, branches and tags anew: those of the objects with this name, or of all.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "*", help_heading = "Fetch")]
    update: Vec<String>,
    /// Only say what has moved on, or is not locked; exit code 1 where something has.
    #[arg(long, conflicts_with_all = ["update", "vendor", "offline"], help_heading = "Fetch")]
    check: bool,
    /// Fetch the content of this object alone; repeatable.
    #[arg(long, value_name = "Kind/namespace/name", help_heading = "Fetch")]
    only: Vec<String>,
    /// Copy everything that is locked to a folder, which `--source DIR` of every command reads.
    #[arg(long, value_name = "DIR", help_heading = "Fetch")]
    vendor: Option<Utf8PathBuf>,
    /// Send nothing: say what would be fetched, with exit code 1 where something would.
    #[arg(long, conflicts_with = "update", help_heading = "Fetch")]
    offline: bool,
    /// Use https and ssh alone, and no address of a private network: for repositories of strangers.
    #[arg(long, help_heading = "Fetch")]
    restrict_egress: bool,
    /// Seconds that a server may say nothing.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, help_heading = "Fetch")]
    timeout: u64,
    /// Sources that are fetched at a time.
    #[arg(long, value_name = "N", default_value_t = 8, help_heading = "Fetch")]
    parallel: usize,
}

/// Fails, because this build has no network.
#[cfg(not(feature = "fetch"))]
pub(crate) fn run(
    _: &Arguments,
    _: &crate::terminal::Terminal,
) -> Result<crate::exit::Exit, crate::exit::Failure> {
    Err(
        crate::exit::Failure::usage("this build of flux-infra-guide has no network")
            .hint("build it with the feature `fetch`, or bring the content along with --source and --charts"),
    )
}
