//! Bounds of an execution.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};
use go_std::regexp::GoRegex;

use crate::{FunctionError, Text, Value};

/// Bounds of an execution.
///
/// The defaults are at least four times what the largest charts need, and end any template within a few seconds: a step takes
/// about a tenth of a microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: evaluated nodes, function calls weighted by the size of their arguments, and work that functions report with
    /// [`Budget::spend`]. 20 million by default.
    pub steps: u64,
    /// Bytes of one string, which includes the output. 16 MiB by default.
    pub text_bytes: usize,
    /// Bytes of all strings, list elements and map entries that are created, output included. 512 MiB by default.
    pub total_bytes: u64,
    /// Depth of templates that execute each other. 5,000 by default.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            steps: 20_000_000,
            text_bytes: 16 << 20,
            total_bytes: 512 << 20,
            depth: 5_000,
        }
    }
}

/// The unspent part of [`Limits`].
pub struct Budget {
    limits: Limits,
    steps: Cell<u64>,
    bytes: Cell<u64>,
    /// Compiled regular expressions, each charged once.
    regexes: RefCell<HashMap<Text, Compiled>>,
}

type Compiled = Result<Rc<GoRegex>, String>;

/// Size of the cache of compiled expressions: templates use few of them, often.
const CACHE_SIZE: usize = 128;

impl std::fmt::Debug for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Budget");
        shown.field("limits", &self.limits);
        shown.field("steps", &self.steps).field("bytes", &self.bytes);
        shown.finish_non_exhaustive()
    }
}

impl Budget {
    /// A full budget.
    pub fn new(limits: Limits) -> Self {
        Budget {
            limits,
            steps: Cell::new(limits.steps),
            bytes: Cell::new(limits.total_bytes),
            regexes: RefCell::new(HashMap::new()),
        }
    }

    /// The limits that this budget started from.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Charges work.
    ///
    /// # Errors
    /// If no steps are left.
    pub fn spend(&self, steps: u64) -> Result<(), FunctionError> {
        take(&self.steps, steps, || {
            format!("the template takes more than {} steps", self.limits.steps)
        })
    }

    /// Checks that a string of this length is allowed. Call it before the string is built.
    ///
    /// # Errors
    /// If the string would be too long.
    pub fn check_bytes(&self, bytes: usize) -> Result<(), FunctionError> {
        if bytes > self.limits.text_bytes {
            return Err(FunctionError::limit(format!(
                "a text is longer than {} bytes",
                self.limits.text_bytes
            )));
        }
        Ok(())
    }

    /// Charges memory for a value.
    ///
    /// # Errors
    /// If all values together take too much.
    pub fn allocate(&self, bytes: usize) -> Result<(), FunctionError> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        take(&self.bytes, bytes, || {
            format!("values take more than {} bytes", self.limits.total_bytes)
        })
    }

    /// Charges memory for a number of list elements.
    pub(crate) fn allocate_values(&self, count: usize) -> Result<(), FunctionError> {
        self.allocate(count.saturating_mul(size_of::<Value>()))
    }

    /// Checks and charges a string before it is built.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<(), FunctionError> {
        self.check_bytes(bytes)?;
        self.allocate(bytes)
    }

    /// Compiles a regular expression; only the first use of an expression is charged.
    ///
    /// # Errors
    /// Go's error message, or that no steps are left.
    pub(crate) fn regex(&self, expression: &Text) -> Result<Rc<GoRegex>, FunctionError> {
        let known = self.regexes.borrow().get(expression).cloned();
        if let Some(known) = known {
            return known.map_err(FunctionError::new);
        }
        self.spend(regex_size(expression.as_bytes()))?;
        let compiled = GoRegex::compile(expression.as_bytes());
        let mut regexes = self.regexes.borrow_mut();
        if regexes.len() >= CACHE_SIZE {
            regexes.clear();
        }
        regexes.insert(expression.clone(), compiled.clone());
        compiled.map_err(FunctionError::new)
    }
}

/// Takes an amount off, down to zero.
fn take(left: &Cell<u64>, amount: u64, message: impl FnOnce() -> String) -> Result<(), FunctionError> {
    let rest = left.get().checked_sub(amount);
    left.set(rest.unwrap_or(0));
    rest.map(|_| ()).ok_or_else(|| FunctionError::limit(message()))
}

/// Estimates how many states an expression compiles to: its length times all its counted repetitions, as if they were nested.
pub(crate) fn regex_size(expression: &[u8]) -> u64 {
    /// The engine refuses to compile anything larger.
    const MOST: u64 = 200_000;
    let mut size = 8 * expression.len() as u64;
    for group in expression.split(|byte| *byte == b'{').skip(1) {
        let count = group.split(|byte| *byte == b'}').next().unwrap_or_default();
        let largest = count.split(|byte| *byte == b',').filter_map(|number| {
            let number = std::str::from_utf8(number).ok()?;
            number.parse::<u64>().ok()
        });
        size = size.saturating_mul(largest.max().unwrap_or(1).max(1));
    }
    size.min(MOST)
}
