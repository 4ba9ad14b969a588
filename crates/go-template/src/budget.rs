//! Bounds of an execution.

use std::cell::Cell;

use crate::FunctionError;

/// How much an execution may do. The defaults are far above what real charts need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: evaluated nodes, and what functions report with [`Budget::spend`].
    pub steps: u64,
    /// Bytes of one text, which includes the output.
    pub text_bytes: usize,
    /// Bytes of all texts and elements of lists and maps that are made.
    pub total_bytes: u64,
    /// Templates that execute each other.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            steps: 50_000_000,
            text_bytes: 64 << 20,
            total_bytes: 2 << 30,
            depth: 5_000,
        }
    }
}

/// What is left of the [`Limits`].
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    steps: Cell<u64>,
    bytes: Cell<u64>,
}

impl Budget {
    /// A full budget.
    pub fn new(limits: Limits) -> Self {
        Budget {
            limits,
            steps: Cell::new(limits.steps),
            bytes: Cell::new(limits.total_bytes),
        }
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Accounts for work.
    ///
    /// # Errors
    /// Where no steps are left.
    pub fn spend(&self, steps: u64) -> Result<(), FunctionError> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                self.steps.set(0);
                Err(FunctionError::limit(format!(
                    "the template takes more than {} steps",
                    self.limits.steps
                )))
            }
        }
    }

    /// Checks that a text of this length may be made; to be asked before it is.
    ///
    /// # Errors
    /// Where the text would be too long.
    pub fn check_bytes(&self, bytes: usize) -> Result<(), FunctionError> {
        if bytes > self.limits.text_bytes {
            return Err(FunctionError::limit(format!(
                "a text is longer than {} bytes",
                self.limits.text_bytes
            )));
        }
        Ok(())
    }

    /// Accounts for memory that a value takes.
    ///
    /// # Errors
    /// Where values have taken too much.
    pub fn allocate(&self, bytes: usize) -> Result<(), FunctionError> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        match self.bytes.get().checked_sub(bytes) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => {
                self.bytes.set(0);
                Err(FunctionError::limit(format!(
                    "values take more than {} bytes",
                    self.limits.total_bytes
                )))
            }
        }
    }
}
