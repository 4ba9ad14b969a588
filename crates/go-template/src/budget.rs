//! Bounds of an execution.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};
use go_std::regexp::GoRegex;

use crate::{FunctionError, Text};

/// How much an execution may do.
///
/// The defaults are four times and more above what the largest charts need, and end within a few seconds whatever a template
/// does: a step is what takes about a tenth of a microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: evaluated nodes, calls of functions by the size of their arguments, and what functions report with
    /// [`Budget::spend`]. 20 million unless it is set.
    pub steps: u64,
    /// Bytes of one text, which includes the output. 16 MiB unless it is set.
    pub text_bytes: usize,
    /// Bytes of all texts and elements of lists and maps that are made, output included. 512 MiB unless it is set.
    pub total_bytes: u64,
    /// Templates that execute each other. 5,000 unless it is set.
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

/// What is left of the [`Limits`].
pub struct Budget {
    limits: Limits,
    steps: Cell<u64>,
    bytes: Cell<u64>,
    /// Regular expressions whose compilation is accounted for.
    regexes: RefCell<HashMap<Text, Compiled>>,
}

type Compiled = Result<Rc<GoRegex>, String>;

/// Compiled expressions that are kept: templates use few, often.
const REGEXES: usize = 128;

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

    /// A regular expression, which is compiled and accounted for once.
    ///
    /// # Errors
    /// Go's words, and where no steps are left.
    pub(crate) fn regex(&self, expression: &Text) -> Result<Rc<GoRegex>, FunctionError> {
        let known = self.regexes.borrow().get(expression).cloned();
        if let Some(known) = known {
            return known.map_err(FunctionError::new);
        }
        self.spend(regex_size(expression.as_bytes()))?;
        let compiled = GoRegex::compile(expression.as_bytes());
        let mut regexes = self.regexes.borrow_mut();
        if regexes.len() >= REGEXES {
            regexes.clear();
        }
        regexes.insert(expression.clone(), compiled.clone());
        compiled.map_err(FunctionError::new)
    }
}

/// About how many states an expression compiles to: its length, times all its counted repetitions, as if they stood in each
/// other.
pub(crate) fn regex_size(expression: &[u8]) -> u64 {
    /// What the engine refuses to compile is not larger.
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
