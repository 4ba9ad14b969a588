//! The floor: one thread that reads files and runs yaml-rust2's event parser over each, doing nothing with the events.

use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use yaml_rust2::parser::{Event, EventReceiver, Parser};

struct Nothing;

impl EventReceiver for Nothing {
    fn on_event(&mut self, _: Event) {}
}

/// Reads every file named in `list`, one a line.
///
/// # Errors
/// Where the list cannot be read. A file that is no YAML, or that is gone, counts as far as it was read.
pub(crate) fn run(list: &Utf8Path) -> Result<()> {
    let list = fs::read_to_string(list).with_context(|| format!("reading {list}"))?;
    for file in list.lines() {
        if let Ok(text) = fs::read_to_string(file) {
            // What yaml-rust2 refuses, it has parsed up to there.
            let _ = Parser::new_from_str(&text).load(&mut Nothing, true);
        }
    }
    Ok(())
}
