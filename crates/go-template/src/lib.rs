//! Go's [text/template](https://pkg.go.dev/text/template) over a value type of its own.
//!
//! * [`Value`]: what templates compute with, under the names of Go's types.
//! * [`Object`]: a value with fields and methods, such as Helm's `.Files`.
//! * [`Function`] and [`Library`]: what templates may call, as data.
//! * [`Caller`]: what a function sees of the execution that calls it.
//! * [`Templates`], [`Execution`] and [`Output`]: a parsed set, how it is executed, and what it writes.
//!
//! # Places
//! A scalar may carry a [`Mark`]: the place that states it, or why it cannot be known. The mark is part of the value and not
//! of its type: it takes eight bytes, is shared when the value is cloned, and nothing compares it. Variables, containers and
//! arguments keep it because they keep the value. Printing a value on its own writes its mark into the origin of that piece of
//! output. A function keeps it where it says so ([`Function::keeps_mark`]: `default`, `quote`, `toString` and the like); every
//! other result is a computation and has lost its place. The text of an executed template keeps the mark of a value that it
//! consists of alone, and otherwise has none: which value decides a part of a longer text is found by changing the value and
//! rendering again.
//!
//! That a value is unknown is never lost: what is computed from an unknown value is unknown as well, so that the output names
//! each piece that is a guess. [`Unknown::Error`] refuses such values where they are used.

mod budget;
mod builtins;
mod call;
mod error;
mod exec;
mod execution;
/// Values as text, as Go's package `fmt` prints them.
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
