//! What functions return.

use crate::{FunctionError, Value};

/// What a function returns.
pub(super) type Result = std::result::Result<Value, FunctionError>;

/// Why a random result cannot be known.
pub(super) const RANDOM: &str = "is random";
