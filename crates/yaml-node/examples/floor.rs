//! Lower bound for the time of a scan: one thread reads files and runs yaml-rust2's event parser over each, ignoring
//! the events.
//!
//! `cargo run --release -p yaml-node --example floor -- LIST`, with one path a line in the file LIST.

use std::fs;
use std::io;

use yaml_rust2::parser::{Event, EventReceiver, Parser};

struct Nothing;

impl EventReceiver for Nothing {
    fn on_event(&mut self, _: Event) {}
}

fn main() -> io::Result<()> {
    let list = std::env::args().nth(1).unwrap_or_default();
    for file in fs::read_to_string(list)?.lines() {
        if let Ok(text) = fs::read_to_string(file) {
            // A file that yaml-rust2 refuses counts too: it is parsed up to the error.
            let _ = Parser::new_from_str(&text).load(&mut Nothing, true);
        }
    }
    Ok(())
}
