//! Parts of Go's `strconv` that only templates need: unquoting, and floats with all verbs.

mod float;
mod unquote;

pub(crate) use float::format_float;
pub(crate) use unquote::{unquote, unquote_rune};
