//! One file per command: its arguments, and the call behind it.

mod build;
mod check;
mod completions;
mod diff;
mod init;
mod man;
mod query;
mod regen;
mod render;
mod template;

use std::ffi::OsString;

use clap::Subcommand;

use crate::args::{Alone, Cli, Global};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::terminal::Terminal;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Regen(regen::Arguments),
    Build(build::Arguments),
    Render(render::Arguments),
    Template(template::Arguments),
    Where(query::r#where::Arguments),
    Trace(query::trace::Arguments),
    Secret(query::secret::Arguments),
    Config(query::config::Arguments),
    Flux(query::flux::Arguments),
    Impact(query::impact::Arguments),
    Image(query::image::Arguments),
    List(query::list::Arguments),
    Lint(query::lint::Arguments),
    Grep(query::grep::Arguments),
    Check(check::Arguments),
    Diff(diff::Arguments),
    Init(init::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// The whole program: parses `arguments`, runs the command, prints. Never panics on input.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::read(arguments.into_iter().collect()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a wrong use. A closed pipe leaves nothing to say.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
        }
    };
    let Cli { global, command } = cli;
    let terminal = Terminal::new(global.color, global.quiet, global.verbose);
    match command.run(&terminal) {
        Ok(exit) => exit,
        Err(failure) => {
            report::failure(&terminal, &failure);
            failure.exit
        }
    }
}

impl Command {
    /// Reads the arguments of the command of this name, where they are right.
    pub(crate) fn read(name: &str, arguments: &[OsString]) -> Option<(Global, Self)> {
        match name {
            "regen" => Alone::read(arguments, Command::Regen),
            "build" => Alone::read(arguments, Command::Build),
            "render" => Alone::read(arguments, Command::Render),
            "template" => Alone::read(arguments, Command::Template),
            "where" => Alone::read(arguments, Command::Where),
            "trace" => Alone::read(arguments, Command::Trace),
            "secret" => Alone::read(arguments, Command::Secret),
            "config" => Alone::read(arguments, Command::Config),
            "flux" => Alone::read(arguments, Command::Flux),
            "impact" => Alone::read(arguments, Command::Impact),
            "image" => Alone::read(arguments, Command::Image),
            "list" => Alone::read(arguments, Command::List),
            "lint" => Alone::read(arguments, Command::Lint),
            "grep" => Alone::read(arguments, Command::Grep),
            "check" => Alone::read(arguments, Command::Check),
            "diff" => Alone::read(arguments, Command::Diff),
            "init" => Alone::read(arguments, Command::Init),
            "completions" => Alone::read(arguments, Command::Completions),
            "man" => Alone::read(arguments, Command::Man),
            _ => None,
        }
    }

    fn run(self, terminal: &Terminal) -> Result<Exit, Failure> {
        match self {
            Command::Regen(arguments) => regen::run(&arguments, terminal),
            Command::Build(arguments) => build::run(&arguments, terminal),
            Command::Render(arguments) => render::run(&arguments, terminal),
            Command::Template(arguments) => template::run(&arguments, terminal),
            Command::Where(arguments) => query::r#where::run(&arguments, terminal),
            Command::Trace(arguments) => query::trace::run(&arguments, terminal),
            Command::Secret(arguments) => query::secret::run(&arguments, terminal),
            Command::Config(arguments) => query::config::run(&arguments, terminal),
            Command::Flux(arguments) => query::flux::run(&arguments, terminal),
            Command::Impact(arguments) => query::impact::run(&arguments, terminal),
            Command::Image(arguments) => query::image::run(&arguments, terminal),
            Command::List(arguments) => query::list::run(&arguments, terminal),
            Command::Lint(arguments) => query::lint::run(&arguments, terminal),
            Command::Grep(arguments) => query::grep::run(&arguments, terminal),
            Command::Check(arguments) => check::run(&arguments, terminal),
            Command::Diff(arguments) => diff::run(&arguments, terminal),
            Command::Init(arguments) => init::run(&arguments, terminal),
            Command::Completions(arguments) => completions::run(&arguments, terminal),
            Command::Man(arguments) => man::run(&arguments, terminal),
        }
    }
}

/// Standard output that cannot be written is an output failure.
pub(crate) fn printed(result: std::io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| Failure::output(format!("cannot write standard output: {error}")))
}
