//! The user's pager, for long answers.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use terminal_size::{Height, terminal_size};

use crate::terminal::Terminal;

/// Prints a text, in the pager if standard output is a terminal that is too small for it.
///
/// `PAGER` names the pager, as for Git and man; an empty one, or `cat`, means none.
pub(crate) fn show(terminal: &Terminal, text: &str) -> io::Result<()> {
    let pager = std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
    let mut words = pager.split_whitespace();
    match words.next() {
        Some(program) if program != "cat" && is_too_long(text) => {
            let mut command = Command::new(program);
            // Colours pass, and `less` exits at once if the text fits on the screen after all.
            if std::env::var_os("LESS").is_none() {
                command.env("LESS", "FRX");
            }
            let child = command.args(words).stdin(Stdio::piped()).spawn();
            let Ok(mut child) = child else {
                return terminal.stream([text]);
            };
            if let Some(mut input) = child.stdin.take() {
                // Fails if the user quits the pager before its end.
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
