//! Go's `strconv`: unquoting, and floats under all verbs. What other crates need of it is in `go_std`.

mod float;
mod unquote;

pub(crate) use float::format_float;
pub(crate) use unquote::{unquote, unquote_rune};
