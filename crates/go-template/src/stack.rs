//! Recursion that no input can make too deep for the stack.

/// Calls a function with enough stack for what one level of recursion needs.
pub(crate) fn grow<R>(call: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(128 << 10, 2 << 20, call)
}
