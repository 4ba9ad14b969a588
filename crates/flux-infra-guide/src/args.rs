//! The command line's shape.

use std::ffi::OsString;

use clap::{ColorChoice, Parser};

use crate::commands::Command;

/// Compiles a Flux CD repository into catalogs and an agent skill, and answers questions about it.
#[derive(Debug, Parser)]
#[command(name = "flux-infra-guide", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  flux-infra-guide regen                      # catalogs and skill of the repository in this folder
  flux-infra-guide regen ~/infra --check      # exit code 1 when they are not current
  flux-infra-guide render --format jsonl      # what Flux would apply, one line per Kustomization
  flux-infra-guide build apps/papi            # what `kustomize build` prints

Exit codes: 0 done, 1 a check says no, 2 usage, 3 input cannot be read, 4 output cannot be written, 5 not found.";

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// Colours on standard error.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: ColorChoice,
    /// Print errors only.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Print remarks too.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
}

impl Cli {
    /// Reads the program's name and its arguments.
    ///
    /// Where the first word names a command, that command's arguments are read alone: to set up every command takes
    /// longer than a small build. What is wrong, help included, is for the whole command line to say.
    pub(crate) fn read(arguments: Vec<OsString>) -> Result<Self, clap::Error> {
        let named = arguments
            .get(1)
            .and_then(|word| Command::read(word.to_str()?, &arguments[1..]));
        match named {
            Some((global, command)) => Ok(Cli { global, command }),
            None => Self::try_parse_from(arguments),
        }
    }
}

/// The command line of one command.
#[derive(Debug, Parser)]
pub(crate) struct Alone<A: clap::Args> {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    arguments: A,
}

impl<A: clap::Args> Alone<A> {
    /// Reads the command's name and its arguments; nothing where they are not right.
    pub(crate) fn read(
        arguments: &[OsString],
        command: impl FnOnce(A) -> Command,
    ) -> Option<(Global, Command)> {
        let read = Self::try_parse_from(arguments).ok()?;
        Some((read.global, command(read.arguments)))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::{CommandFactory, Parser};
    use pretty_assertions::assert_eq;

    use super::Cli;
    use crate::commands::Command;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Each command with what it requires, and then with each of its options.
    #[test]
    fn a_command_read_alone_is_the_command_read_with_all() {
        for command in Cli::command().get_subcommands() {
            let (required, optional): (Vec<_>, Vec<_>) = command
                .get_arguments()
                .partition(|argument| argument.is_required_set());
            let mut line = vec!["flux-infra-guide".to_owned(), command.get_name().to_owned()];
            line.extend(required.into_iter().map(word));
            assert!(check(&line), "{line:?}");
            for argument in optional {
                // Some options are wrong without others.
                check(&[line.clone(), vec![word(argument)]].concat());
            }
        }
    }

    #[test]
    fn what_no_command_reads_is_left_to_the_whole() {
        for word in [
            "build --none",
            "build --help",
            "help",
            "-q build",
            "--version",
            "",
        ] {
            let line: Vec<_> = word.split_terminator(' ').map(OsString::from).collect();
            assert!(
                line.first()
                    .is_none_or(|name| { Command::read(&name.to_string_lossy(), &line).is_none() })
            );
        }
    }

    fn word(argument: &clap::Arg) -> String {
        let values = argument.get_possible_values();
        let made_up = if argument.is_positional() { "services" } else { "1" };
        let value = values.first().map_or(made_up, |value| value.get_name());
        match argument.get_long() {
            Some(long) if argument.get_action().takes_values() => format!("--{long}={value}"),
            Some(long) => format!("--{long}"),
            None => value.to_owned(),
        }
    }

    fn check(line: &[String]) -> bool {
        let line: Vec<_> = line.iter().map(OsString::from).collect();
        let alone = Command::read(&line[1].to_string_lossy(), &line[1..]);
        let alone = alone.map(|(global, command)| format!("{:?}", Cli { global, command }));
        let all = Cli::try_parse_from(&line).ok();
        let all = all.map(|cli| format!("{cli:?}"));
        assert_eq!(alone, all, "{line:?}");
        alone.is_some()
    }
}
