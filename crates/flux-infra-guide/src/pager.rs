//! Long answers in the user's pager.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use terminal_size::{Height, terminal_size};

use crate::terminal::Terminal;

/// Shows a text: by the pager where standard output is a terminal that is too small for it, else as it is.
///
/// The pager is what `PAGER` says, as of Git and man; an empty one, or `cat`, means none.
pub(crate) fn show(terminal: &Terminal, text: &str) -> io::Result<()> {
    let pager = std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
    let mut words = pager.split_whitespace();
    match words.next() {
        Some(program) if program != "cat" && is_too_long(text) => {
            let mut command = Command::new(program);
            // Colours pass, and what fits on the screen after all is shown without waiting.
            if std::env::var_os("LESS").is_none() {
                command.env("LESS", "FRX");
            }
            let child = command.args(words).stdin(Stdio::piped()).spawn();
            let Ok(mut child) = child else {
                return terminal.stream([text]);
            };
            if let Some(mut input) = child.stdin.take() {
                // Whoever leaves the pager early has seen enough.
                let _ = input.write_all(text.as_bytes());
            }
            child.wait().map(|_| ())
        }
        _ => terminal.stream([text]),
    }
}

fn is_too_long(text: &str) -> bool {
    if !io::stdout().is_terminal() {
        return false;
    }
    let rows = terminal_size().map_or(usize::MAX, |(_, Height(rows))| usize::from(rows));
    text.lines().count() >= rows
}
