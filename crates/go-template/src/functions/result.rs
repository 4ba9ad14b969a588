//! Result type of functions.

use crate::{FunctionError, Value};

/// Result of a template function.
pub(super) type Result = std::result::Result<Value, FunctionError>;

/// Why a random result is unknown.
pub(super) const RANDOM: &str = "is random";
