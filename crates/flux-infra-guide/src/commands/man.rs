//! `man`: the manual page.

use crate::exit::{Exit, Failure, printed};
use crate::terminal::Terminal;

/// Print the manual page (roff).
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide man > /usr/local/share/man/man1/flux-infra-guide.1")]
pub(crate) struct Arguments {}

pub(crate) fn run(terminal: &Terminal, command_line: clap::Command) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command_line)
        .render(&mut page)
        .map_err(|error| Failure::output(format!("cannot make the manual page: {error}")))?;
    printed(terminal.out(&String::from_utf8_lossy(&page)))?;
    Ok(Exit::Done)
}
