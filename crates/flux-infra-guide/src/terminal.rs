//! Standard output and error: colours if the terminal shows them, no errors about a closed pipe.

use std::io::{self, IsTerminal, Write};

use clap::ColorChoice;
use plain_text::printable_lines;

use crate::answer_colors;

/// Standard output and error of one run.
pub(crate) struct Terminal {
    /// Whether standard error shows colours.
    pub(crate) color: bool,
    /// Whether standard output shows colours.
    pub(crate) color_out: bool,
    /// `--quiet`: nothing but errors on standard error.
    pub(crate) quiet: bool,
    /// The number of `-v`.
    pub(crate) verbose: u8,
}

impl Terminal {
    pub(crate) fn new(color: ColorChoice, quiet: bool, verbose: u8) -> Self {
        let shows = |is_terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // https://no-color.org: any value but the empty one switches colours off.
            ColorChoice::Auto => {
                is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Terminal {
            color: shows(io::stderr().is_terminal()),
            color_out: shows(io::stdout().is_terminal()),
            quiet,
            verbose,
        }
    }

    /// Writes an answer, without characters that a terminal acts on. A closed pipe is not an error.
    pub(crate) fn out(&self, text: &str) -> io::Result<()> {
        self.stream([printable_lines(text)])
    }

    /// Writes the answer to a question, with colours if standard output shows them.
    pub(crate) fn answer(&self, text: &str) -> io::Result<()> {
        let text = printable_lines(text);
        match self.color_out {
            true => self.stream([answer_colors::colored(&text)]),
            false => self.stream([text]),
        }
    }

    /// Writes manifests unchanged.
    pub(crate) fn manifests(&self, text: &str) -> io::Result<()> {
        self.stream([text])
    }

    /// Writes the parts of an answer one by one. Stops producing them once the pipe is closed.
    pub(crate) fn stream(&self, parts: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let written = parts
            .into_iter()
            .try_for_each(|part| out.write_all(part.as_ref().as_bytes()))
            .and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Writes to standard error. Errors are ignored, because there is no place to report them.
    pub(crate) fn err(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
