//! The pool of threads that work runs on.

use crate::ScanError;

/// Runs `work` on `jobs` threads, or on all cores. Work that is on a pool already, the caller's or an outer step's, stays
/// there.
///
/// # Errors
/// [`ScanError::Threads`] where the system gives no threads.
pub fn with_jobs<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, ScanError> {
    match jobs {
        Some(jobs) if rayon::current_thread_index().is_none() => rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build()
            .map_err(|error| ScanError::Threads(error.to_string()))
            .map(|pool| pool.install(work)),
        _ => Ok(work()),
    }
}
