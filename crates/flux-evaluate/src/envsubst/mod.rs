//! Flux's envsubst: `${NAME}` expressions in a text.
//!
//! The grammar is that of <https://github.com/fluxcd/pkg/tree/main/envsubst>. It resembles that of a shell with differences:
//! `$$` is an escaped `$` anywhere in plain text, every default also applies to an empty value, and
//! `${name-default}` is an error.

mod error;
mod functions;
mod parse;
mod template;

pub use error::EnvsubstError;
pub use parse::parse;
pub use template::{Template, Undefined, Variable, VariableName};
