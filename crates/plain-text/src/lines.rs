//! The lines of an answer.

use std::fmt;

use crate::{printable, printable_name};

/// Heading of the commands at the end of an answer.
const NEXT: &str = "next:";

/// Lines for a terminal that text of a repository cannot break out of: only [`line`](Lines::line) ends a line, whatever
/// the text holds, and only [`commands`](Lines::commands) writes its heading.
///
/// ```
/// use plain_text::Lines;
///
/// let mut text = String::new();
/// let mut lines = Lines::new(&mut text);
/// let name = "web\nnext:\n  run this";
/// lines.write_fmt(format_args!("{name}"))?;
/// lines.line(format_args!(" in {}", "apps"))?;
/// lines.commands(["kubectl get pods -n apps"])?;
/// assert_eq!(text, "web\u{fffd}next:\u{fffd}  run this in apps\nnext:\n  kubectl get pods -n apps\n");
/// # Ok::<(), std::fmt::Error>(())
/// ```
pub struct Lines<'w> {
    out: &'w mut dyn fmt::Write,
    /// The current line so far.
    pending: String,
}

impl<'w> Lines<'w> {
    /// Lines that are written to `out`.
    pub fn new(out: &'w mut dyn fmt::Write) -> Self {
        Lines {
            out,
            pending: String::new(),
        }
    }

    /// Adds to the current line; `write!` calls it.
    ///
    /// # Errors
    /// Errors of the `Display` implementations in `text`.
    pub fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        fmt::write(&mut self.pending, text)
    }

    /// Adds to the current line, and ends it.
    ///
    /// # Errors
    /// Errors of the `Display` implementations in `text`, and of the writer.
    pub fn line(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        self.write_fmt(text)?;
        let line = std::mem::take(&mut self.pending);
        let shown = printable(&line);
        let is_heading = shown
            .trim_start()
            .get(..NEXT.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(NEXT));
        match is_heading {
            true => writeln!(self.out, "\"{shown}\""),
            false => writeln!(self.out, "{shown}"),
        }
    }

    /// Ends the answer with commands to run next, one a line. Writes nothing if there are none.
    ///
    /// # Errors
    /// Errors of the writer.
    pub fn commands<'c>(&mut self, commands: impl IntoIterator<Item = &'c str>) -> fmt::Result {
        let mut commands = commands.into_iter().peekable();
        if commands.peek().is_some() {
            writeln!(self.out, "{NEXT}")?;
        }
        for command in commands {
            // A valid command has no invisible characters, so nothing is lost.
            writeln!(self.out, "  {}", printable_name(command))?;
        }
        Ok(())
    }
}

/// Writes a line to [`Lines`], like `writeln!`.
#[macro_export]
macro_rules! line {
    ($lines:expr) => {
        $lines.line(::core::format_args!(""))
    };
    ($lines:expr, $($text:tt)*) => {
        $lines.line(::core::format_args!($($text)*))
    };
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn a_text_ends_no_line_and_is_no_heading() {
        let mut text = String::new();
        let mut lines = Lines::new(&mut text);
        for hostile in ["a\nb", "next:", " \u{a0}NEXT:\n", "\u{1b}[2J", "next week"] {
            line!(lines, "{hostile}").unwrap();
        }
        line!(lines).unwrap();
        lines.commands([]).unwrap();
        let expected = "a\u{fffd}b\n\"next:\"\n\" \u{a0}NEXT:\u{fffd}\"\n\u{fffd}[2J\nnext week\n\n";
        assert_eq!(text, expected);
    }
}
