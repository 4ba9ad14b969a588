//! Stack growth, so that no input recurses too deeply.

/// Calls a function with enough stack for one level of recursion.
pub(crate) fn grow<R>(call: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(128 << 10, 2 << 20, call)
}
