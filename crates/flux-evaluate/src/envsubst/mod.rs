//! Flux's envsubst: `${NAME}` expressions in a text.
//!
//! The grammar is that of <https://github.com/fluxcd/pkg/tree/main/envsubst>, which resembles a shell's but is not one:
//! `$$` is an escaped `$` anywhere in plain text, every operator with a default means "where empty or unset", and
//! `${name-default}` is an error.

mod error;
mod functions;
mod parse;
mod template;

pub use error::EnvsubstError;
pub use parse::parse;
pub use template::{Template, Undefined, Variable, VariableName};
