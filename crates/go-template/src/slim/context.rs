//! The bounds of one execution.

use std::cell::Cell;

/// More steps than any real template takes.
const STEPS: u64 = 5_000_000;

/// The bounds of one execution, which functions respect.
pub(super) struct Context {
    /// Longest text.
    pub(super) bytes: usize,
    steps: Cell<u64>,
}

impl Context {
    pub(super) fn new(bytes: usize) -> Self {
        Context {
            bytes,
            steps: Cell::new(STEPS),
        }
    }

    /// Accounts for work.
    pub(super) fn spend(&self, steps: u64) -> Result<(), String> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(format!("the template takes more than {STEPS} steps")),
        }
    }

    pub(super) fn check_bytes(&self, bytes: usize) -> Result<(), String> {
        if bytes > self.bytes {
            return Err(format!("a text is longer than {} bytes", self.bytes));
        }
        Ok(())
    }
}
