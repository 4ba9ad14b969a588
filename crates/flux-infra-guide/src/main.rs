//! The process: arguments, standard streams, threads and exit code around [`flux_infra_guide::run`].

use std::env;
use std::process::ExitCode;
use std::thread;

use mimalloc::MiMalloc;
use rayon::ThreadPoolBuilder;

/// A scan makes millions of small trees on every core, where the system's allocator takes a quarter of the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    flux_infra_guide::complete();
    flux_infra_guide::run(env::args_os(), join_pool).into()
}

/// Makes this thread one of the pool's, which has one for each core. It would wait for them otherwise, while they fault in memory of
/// their own.
///
/// Other threads may wait for the pool while this one waits for them, so it is never the only one.
fn join_pool() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if cores > 1 && env::var_os("RAYON_NUM_THREADS").is_none() {
        // It fails only where the threads cannot be started, which the first use reports.
        let _ = ThreadPoolBuilder::new().use_current_thread().build_global();
    }
}
