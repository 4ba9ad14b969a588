//! Commands: one file each, with its arguments and its work.

mod agents_md;
mod build;
mod cache;
mod check;
mod completions;
mod declared;
mod diff;
mod fetch;
mod init;
mod man;
mod query;
mod regen;
mod render;
mod status;
mod template;
mod test;
mod verify;

use clap::Subcommand;

use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

pub(crate) use declared::of_one_command;
use declared::{Adjust, Adjusted};
use query::{about, live};

/// Declares the commands, each with its arguments, what adjusts their declaration if anything, and the function that runs it. The
/// name that comes first is a variable for the whole command line, from which completions and the manual page are made.
macro_rules! commands {
    (
        $command_line:ident;
        $($(#[$about:meta])* $name:ident($arguments:ty $(, $adjust:expr)?) => $run:expr,)*
    ) => {
        pub(crate) mod adjustments {
            $(pub(crate) struct $name;)*
        }

        $(
            impl Adjust for adjustments::$name {
                fn adjust(command: clap::Command) -> clap::Command {
                    $(let command = $adjust(command);)?
                    command
                }
            }
        )*

        /// The commands.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($(#[$about])* $name(Adjusted<$arguments, adjustments::$name>),)*
        }

        impl Command {
            pub(crate) fn run(
                self,
                terminal: &Terminal,
                $command_line: fn() -> clap::Command,
            ) -> Result<Exit, Failure> {
                match self {
                    $(Command::$name(arguments) => $run(&arguments, terminal),)*
                }
            }
        }
    };
}

commands! {
    command_line;
    Regen(regen::Arguments) => regen::run,
    AgentsMd(agents_md::Arguments) => agents_md::run,
    Build(build::Arguments) => build::run,
    Render(render::Arguments) => render::run,
    Template(template::Arguments) => template::run,
    /// Where it runs, and where it is defined.
    #[command(after_help = "Example:\n  flux-infra-guide where papi")]
    Where(live::Arguments, |command| of_name(command, "A service, alias, host, DNS name, image, file or Vault path, or part of one")) =>
        |arguments, terminal| live::run(arguments, terminal, infra_query::where_is),
    /// From source to workload: Kustomizations, images, configuration, secrets, dependencies.
    #[command(after_help = "Example:\n  flux-infra-guide trace papi")]
    Trace(live::Arguments, |command| of_name(command, "The service")) =>
        |arguments, terminal| live::run(arguments, terminal, infra_query::trace),
    /// Where secrets come from, and how they reach containers.
    #[command(after_help = "Example:\n  flux-infra-guide secret papi")]
    Secret(about::Arguments, |command| of_name(command, "A service, Secret, SecretProviderClass, ExternalSecret or Vault path")) =>
        query::secret::run,
    Config(query::config::Arguments, without_scan_options) => query::config::run,
    /// What manages it, what it waits for, and how to check it, in the right order.
    #[command(after_help = "Example:\n  flux-infra-guide flux papi")]
    Flux(live::Arguments, |command| of_name(command, "A service, Kustomization, HelmRelease or source")) =>
        |arguments, terminal| live::run(arguments, terminal, infra_query::flux),
    /// Everything that waits for it or uses it, transitively.
    #[command(after_help = "Example:\n  flux-infra-guide impact vault")]
    Impact(about::Arguments, |command| of_name(command, "A service, Kustomization, ConfigMap, Secret, variable or external host")) =>
        query::impact::run,
    Image(query::image::Arguments, without_scan_options) => query::image::run,
    Explain(query::explain::Arguments, without_scan_options) => query::explain::run,
    Compare(query::compare::Arguments, without_scan_options) => query::compare::run,
    List(query::list::Arguments, without_scan_options) => query::list::run,
    Lint(query::lint::Arguments, without_scan_options) => query::lint::run,
    Grep(query::grep::Arguments, without_scan_options) => query::grep::run,
    Status(status::Arguments) => status::run,
    Verify(verify::Arguments) => verify::run,
    Check(check::Arguments) => check::run,
    Diff(diff::Arguments) => diff::run,
    Fetch(fetch::Arguments) => fetch::run,
    Cache(cache::Arguments) => cache::run,
    Test(test::Arguments) => test::run,
    Init(init::Arguments) => init::run,
    Completions(completions::Arguments) =>
        |arguments, terminal| completions::run(arguments, terminal, command_line()),
    Man(man::Arguments) => |_, terminal| man::run(terminal, command_line()),
}

/// Hides the scan options in the help of a question, except `--cluster`; `regen --help` explains the others.
fn without_scan_options(command: clap::Command) -> clap::Command {
    command.mut_args(|option| {
        let is_of_scan = option.get_help_heading() == Some("Scan") && option.get_id() != "cluster";
        option.hide(is_of_scan)
    })
}

/// The arguments of a question about a name, with a help that says which names it takes.
fn of_name(command: clap::Command, help: &'static str) -> clap::Command {
    without_scan_options(command).mut_arg("name", |name| name.help(help))
}
