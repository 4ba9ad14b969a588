//! Commands: one file each, with its arguments and its work.

mod agents_md;
mod build;
mod cache;
mod check;
mod completions;
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

use query::{about, live};

/// Declares the commands, each with its arguments and the function that runs it. The name that comes first is a variable for
/// the whole command line, from which completions and the manual page are made.
macro_rules! commands {
    ($command_line:ident; $($(#[$about:meta])* $name:ident($arguments:ty) => $run:expr,)*) => {
        /// The commands.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($(#[$about])* $name($arguments),)*
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
    #[command(
        after_help = "Example:\n  flux-infra-guide where papi",
        mut_args(without_scan_options),
        mut_arg("name", |name| name.help("A service, alias, host, DNS name, image, file or Vault path, or part of one"))
    )]
    Where(live::Arguments) => |arguments, terminal| live::run(arguments, terminal, infra_query::where_is),
    /// From source to workload: Kustomizations, images, configuration, secrets, dependencies.
    #[command(
        after_help = "Example:\n  flux-infra-guide trace papi",
        mut_args(without_scan_options),
        mut_arg("name", |name| name.help("The service"))
    )]
    Trace(live::Arguments) => |arguments, terminal| live::run(arguments, terminal, infra_query::trace),
    /// Where secrets come from, and how they reach containers.
    #[command(
        after_help = "Example:\n  flux-infra-guide secret papi",
        mut_args(without_scan_options),
        mut_arg("name", |name| name.help("A service, Secret, SecretProviderClass, ExternalSecret or Vault path"))
    )]
    Secret(about::Arguments) => query::secret::run,
    #[command(mut_args(without_scan_options))]
    Config(query::config::Arguments) => query::config::run,
    /// What manages it, what it waits for, and how to check it, in the right order.
    #[command(
        after_help = "Example:\n  flux-infra-guide flux papi",
        mut_args(without_scan_options),
        mut_arg("name", |name| name.help("A service, Kustomization, HelmRelease or source"))
    )]
    Flux(live::Arguments) => |arguments, terminal| live::run(arguments, terminal, infra_query::flux),
    /// Everything that waits for it or uses it, transitively.
    #[command(
        after_help = "Example:\n  flux-infra-guide impact vault",
        mut_args(without_scan_options),
        mut_arg("name", |name| name.help("A service, Kustomization, ConfigMap, Secret, variable or external host"))
    )]
    Impact(about::Arguments) => query::impact::run,
    #[command(mut_args(without_scan_options))]
    Image(query::image::Arguments) => query::image::run,
    #[command(mut_args(without_scan_options))]
    Explain(query::explain::Arguments) => query::explain::run,
    #[command(mut_args(without_scan_options))]
    Compare(query::compare::Arguments) => query::compare::run,
    #[command(mut_args(without_scan_options))]
    List(query::list::Arguments) => query::list::run,
    #[command(mut_args(without_scan_options))]
    Lint(query::lint::Arguments) => query::lint::run,
    #[command(mut_args(without_scan_options))]
    Grep(query::grep::Arguments) => query::grep::run,
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
fn without_scan_options(option: clap::Arg) -> clap::Arg {
    let is_of_scan = option.get_help_heading() == Some("Scan") && option.get_id() != "cluster";
    option.hide(is_of_scan)
}
