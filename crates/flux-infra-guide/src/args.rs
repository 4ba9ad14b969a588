//! The command line.

use clap::{ColorChoice, Parser};

use crate::commands::Command;

/// Compiles a Flux CD repository into catalogs and an agent skill, and answers questions about it.
#[derive(Debug, Parser)]
#[command(name = "flux-infra-guide", version, long_version = LONG_VERSION, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The version with the commit that it was built from, and the programs whose behaviour it repeats.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("FLUX_INFRA_GUIDE_COMMIT"),
    ")\nrepeats Flux 2.9 (kustomize-controller 1.9, helm-controller 1.6, source-controller 1.9), kustomize 5.8.2, Helm 4.2.4"
);

const EXAMPLES: &str = "\
Examples:
  flux-infra-guide regen                      # catalogs and skill of the repository in this folder
  flux-infra-guide regen ~/infra --check      # exit code 1 when they are not current
  flux-infra-guide render --format jsonl      # what Flux would apply, one line per Kustomization
  flux-infra-guide build apps/papi            # what `kustomize build` prints

Exit codes: 0 done, 1 a check says no, 2 usage, 3 input cannot be read, 4 output cannot be written, 5 not found.";

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// Colours.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: ColorChoice,
    /// Print errors only.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Print remarks too.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
