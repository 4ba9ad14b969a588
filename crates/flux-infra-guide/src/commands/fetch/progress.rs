//! Progress of a fetch: one line that changes on a terminal, one line per source in a pipe.

use std::io::{self, IsTerminal};

use plain_text::printable;
use source_fetch::{Fetched, Progress, Totals};

use crate::size::size;
use crate::terminal::Terminal;

/// Width of the bar, in characters.
const WIDTH: usize = 24;

/// Progress on standard error.
pub(super) struct TerminalProgress<'t> {
    terminal: &'t Terminal,
    is_terminal: bool,
    is_drawn: bool,
}

impl<'t> TerminalProgress<'t> {
    pub(super) fn new(terminal: &'t Terminal) -> Self {
        TerminalProgress {
            terminal,
            is_terminal: io::stderr().is_terminal()
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
            is_drawn: false,
        }
    }

    /// Removes the line.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            self.terminal.err("\r\x1b[K");
        }
    }

    fn draw(&mut self, totals: Totals) {
        if self.is_terminal && !self.terminal.quiet {
            self.is_drawn = true;
            self.terminal.err(&format!("\r{}\x1b[K", bar(totals)));
        }
    }
}

impl Progress for TerminalProgress<'_> {
    fn done(&mut self, fetched: &Fetched, totals: Totals) {
        if self.is_terminal {
            return self.draw(totals);
        }
        if let (false, Ok(source)) = (self.terminal.quiet, &fetched.result) {
            let line = format!(
                "fetched {}/{} {}: {} is {}",
                totals.done, totals.all, source.object, source.requested, source.resolved
            );
            self.terminal.err(&format!("{}\n", printable(&line)));
        }
    }

    fn tick(&mut self, totals: Totals) {
        self.draw(totals);
    }
}

fn bar(totals: Totals) -> String {
    let filled = (totals.done * WIDTH)
        .checked_div(totals.all)
        .unwrap_or(WIDTH)
        .min(WIDTH);
    format!(
        "[{}{}] {}/{} sources, {}",
        "=".repeat(filled),
        " ".repeat(WIDTH - filled),
        totals.done,
        totals.all,
        size(totals.received)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_it_is_full() {
        let totals = Totals {
            done: 1,
            all: 2,
            received: 1500,
            requests: 0,
        };
        assert_eq!(bar(totals), "[============            ] 1/2 sources, 1.5 kB");
    }
}
