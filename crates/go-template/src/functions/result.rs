//! Result type of functions.

use crate::Value;
use crate::error::FunctionResult;

/// Result of a template function.
pub(super) type Result<T = Value> = FunctionResult<T>;

/// Why a random result is unknown.
pub(super) const RANDOM: &str = "is random";
