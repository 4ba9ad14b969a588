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
mod test;

use std::ffi::OsString;

use clap::{Parser as _, Subcommand};

use crate::args::Cli;
use crate::exit::{Exit, Failure};
use crate::report;
use crate::terminal::Terminal;

use query::about;

/// Declares the commands: each with its arguments and the function that runs it.
macro_rules! commands {
    ($($(#[$about:meta])* $name:ident($arguments:ty) => $run:expr,)*) => {
        /// The commands.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($(#[$about])* $name($arguments),)*
        }

        impl Command {
            fn run(self, terminal: &Terminal) -> Result<Exit, Failure> {
                match self {
                    $(Command::$name(arguments) => $run(&arguments, terminal),)*
                }
            }
        }
    };
}

commands! {
    Regen(regen::Arguments) => regen::run,
    Build(build::Arguments) => build::run,
    Render(render::Arguments) => render::run,
    Template(template::Arguments) => template::run,
    /// Where it runs, and where it is defined.
    #[command(
        after_help = "Example:\n  flux-infra-guide where papi",
        mut_arg("name", |name| name.help("A service, alias, host, DNS name, image, file or Vault path, or part of one"))
    )]
    Where(about::Arguments) => |arguments, terminal| about::run(arguments, terminal, infra_query::where_is),
    /// From source to workload: Kustomizations, images, configuration, secrets, dependencies.
    #[command(
        after_help = "Example:\n  flux-infra-guide trace papi",
        mut_arg("name", |name| name.help("The service"))
    )]
    Trace(about::Arguments) => |arguments, terminal| about::run(arguments, terminal, infra_query::trace),
    /// Where secrets come from, and how they reach containers.
    #[command(
        after_help = "Example:\n  flux-infra-guide secret papi",
        mut_arg("name", |name| name.help("A service, Secret, SecretProviderClass, ExternalSecret or Vault path"))
    )]
    Secret(about::Arguments) => |arguments, terminal| about::run(arguments, terminal, infra_query::secret),
    Config(query::config::Arguments) => query::config::run,
    /// What manages it, what it waits for, and how to check it, in the right order.
    #[command(
        after_help = "Example:\n  flux-infra-guide flux papi",
        mut_arg("name", |name| name.help("A service, Kustomization, HelmRelease or source"))
    )]
    Flux(about::Arguments) => |arguments, terminal| about::run(arguments, terminal, infra_query::flux),
    /// Everything that waits for it or uses it, transitively.
    #[command(
        after_help = "Example:\n  flux-infra-guide impact vault",
        mut_arg("name", |name| name.help("A service, Kustomization, ConfigMap, Secret, variable or external host"))
    )]
    Impact(about::Arguments) => |arguments, terminal| about::run(arguments, terminal, infra_query::impact),
    Image(query::image::Arguments) => query::image::run,
    List(query::list::Arguments) => query::list::run,
    Lint(query::lint::Arguments) => query::lint::run,
    Grep(query::grep::Arguments) => query::grep::run,
    Check(check::Arguments) => check::run,
    Diff(diff::Arguments) => diff::run,
    Test(test::Arguments) => test::run,
    Init(init::Arguments) => init::run,
    Completions(completions::Arguments) => completions::run,
    Man(man::Arguments) => man::run,
}

/// The whole program: parses `arguments`, runs the command, prints. Never panics on input.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
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

/// Standard output that cannot be written is an output failure.
pub(crate) fn printed(result: std::io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| Failure::output(format!("cannot write standard output: {error}")))
}
