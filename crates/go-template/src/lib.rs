//! Go's [text/template](https://pkg.go.dev/text/template) in Rust.
//!
//! * [`Value`]: the data of templates, with Go's types.
//! * [`Object`]: a value with fields and methods, such as Helm's `.Files`.
//! * [`Function`] and [`Library`]: the functions that templates may call, as data.
//! * [`Caller`]: a function's view of the execution that calls it.
//! * [`Templates`], [`Execution`] and [`Output`]: a parsed set, the options of an execution, and its result.
//!
//! # Places
//! A scalar may carry a [`Mark`]: its source position, or the reason why it is unknown. The mark belongs to the value and not
//! to its type: it takes eight bytes, clones share it, and comparisons ignore it. Variables, containers and arguments keep it
//! because they keep the value. Printing a value on its own puts its mark on that span of the output. A function keeps it if
//! [`Function::keeps_mark`] says so (`default`, `quote`, `toString` and the like); any other result is computed and has no
//! position. The output of an executed template keeps the mark of a value if it consists of that value alone: which value
//! decides a part of a longer text is found by changing the value and rendering again.
//!
//! Unknown is contagious: a value computed from an unknown one is unknown too, so that the output names every span that is a
//! guess. [`Unknown::Error`] refuses such values where they are used.

mod budget;
mod builtins;
mod call;
mod error;
mod exec;
mod execution;
/// Formatting of values as in Go's package `fmt`.
pub mod fmt;
mod function;
/// The function library.
pub mod functions;
mod library;
mod mark;
mod object;
mod parse;
mod parsed;
mod signature;
mod stack;
mod strconv;
mod templates;
mod text;
mod value;

pub use budget::{Budget, Limits};
pub use call::{Arguments, Caller};
pub use error::{ExecError, FunctionError, ParseError};
pub use exec::{Output, Span};
pub use execution::{Execution, Unknown};
pub use function::Function;
pub use library::{Library, MapMethods};
pub use mark::Mark;
pub use object::Object;
pub use parsed::Parsed;
pub use signature::{Signature, Type};
pub use templates::{MissingKey, Templates};
pub use text::Text;
pub use value::{Kind, List, ListType, Map, MapType, Value};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
