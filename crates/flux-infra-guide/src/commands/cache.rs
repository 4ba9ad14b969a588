//! `cache`: the folder with fetched content and rendered charts.

use std::time::{Duration, SystemTime};

use clap::Subcommand;

use crate::exit::{Exit, Failure, printed};
use crate::fetched;
use crate::size::size;
use crate::terminal::Terminal;

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Show or clean the folder that `fetch` downloads to, and that keeps what charts made.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide cache dir
  flux-infra-guide cache gc --days 7

The folder is $FLUX_INFRA_GUIDE_CACHE_DIR, else flux-infra-guide in $XDG_CACHE_HOME, else in ~/.cache.
What is removed comes back with the next `flux-infra-guide fetch` or scan.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the folder.
    Dir,
    /// Remove what was not used for some time, by any repository.
    Gc {
        /// How long it was not used, in days; 0 removes everything.
        #[arg(long, value_name = "DAYS", default_value_t = 30)]
        days: u64,
    },
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let now = SystemTime::now();
    let cache = fetched::source_cache(now);
    match &arguments.action {
        Action::Dir => printed(terminal.out(&format!("{}\n", cache.folder())))?,
        Action::Gc { days } => {
            let age = Duration::from_secs(days.saturating_mul(DAY));
            let bound = match days {
                0 => now + Duration::from_secs(DAY),
                _ => now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH),
            };
            let mut swept = cache.sweep(bound).map_err(Failure::output)?;
            swept += fetched::sweep_renderings(now, bound).map_err(Failure::output)?;
            printed(terminal.out(&format!(
                "{} files removed ({}), {} kept ({}) in {}\n",
                swept.removed,
                size(swept.removed_bytes),
                swept.kept,
                size(swept.kept_bytes),
                cache.folder()
            )))?;
        }
    }
    Ok(Exit::Done)
}
