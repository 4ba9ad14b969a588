//! `completions`: the completion script of a shell.

use crate::exit::{Exit, Failure, printed};
use crate::terminal::Terminal;

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide completions bash > /etc/bash_completion.d/flux-infra-guide\n  source <(COMPLETE=bash flux-infra-guide)    # names of services and clusters, too"
)]
pub(crate) struct Arguments {
    /// The shell.
    shell: clap_complete::Shell,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &Terminal,
    mut command_line: clap::Command,
) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut command_line,
        "flux-infra-guide",
        &mut script,
    );
    printed(terminal.out(&String::from_utf8_lossy(&script)))?;
    Ok(Exit::Done)
}
