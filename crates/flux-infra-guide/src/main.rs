//! The process: arguments, standard streams and exit code around [`flux_infra_guide::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    flux_infra_guide::run(std::env::args_os()).into()
}
