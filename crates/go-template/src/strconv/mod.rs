//! Go's `strconv`: quoting, unquoting and floats as text.

mod float;
mod printable;
mod quote;
mod unquote;

pub(crate) use float::{format_float, parse_float};
pub(crate) use printable::is_print;
pub(crate) use quote::{can_backquote, quote, quote_rune, quote_to_ascii};
pub(crate) use unquote::{unquote, unquote_rune};
