//! The whole program.

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser as _};

use crate::args::Cli;
use crate::commands::of_one_command;
use crate::exit::Exit;
use crate::report;
use crate::terminal::Terminal;

/// If the variable `COMPLETE` is set, answers a shell's request for completions and exits.
pub fn complete() {
    clap_complete::CompleteEnv::with_factory(Cli::command).complete();
}

/// The whole program: parses `arguments`, runs the command, prints. Never panics on input.
///
/// `prepare` is called before a command runs, and not for help or wrong usage.
pub fn run(arguments: impl IntoIterator<Item = OsString>, prepare: impl FnOnce()) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let first = arguments.get(1).map(OsString::as_os_str);
    let cli = match of_one_command(first, || Cli::try_parse_from(&arguments)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is wrong usage. Printing fails only if nobody reads it.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
        }
    };
    prepare();
    let Cli { global, command } = cli;
    let terminal = Terminal::new(global.color, global.quiet, global.verbose);
    match command.run(&terminal, Cli::command) {
        Ok(exit) => exit,
        Err(failure) => {
            report::failure(&terminal, &failure);
            failure.exit
        }
    }
}
