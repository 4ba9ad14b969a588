//! The process: arguments, standard streams and exit code around [`flux_infra_guide::run`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A scan makes millions of small trees on every core, where the system's allocator takes a quarter of the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    flux_infra_guide::complete();
    flux_infra_guide::run(std::env::args_os()).into()
}
