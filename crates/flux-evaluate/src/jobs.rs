//! The thread pool.

use crate::ScanError;

/// Runs `work` on `jobs` threads, or on all cores. On a thread of a pool, `work` stays on that pool.
///
/// # Errors
/// [`ScanError::Threads`] if the threads cannot be started.
pub fn with_jobs<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, ScanError> {
    match jobs {
        Some(jobs) if jobs != rayon::current_num_threads() => rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build()
            .map_err(|error| ScanError::Threads(error.to_string()))
            .map(|pool| pool.install(work)),
        // A thread outside of the pool would wait for it at every parallel step, and be woken after each.
        _ if rayon::current_thread_index().is_none() => Ok(rayon::scope(|_| work())),
        _ => Ok(work()),
    }
}
