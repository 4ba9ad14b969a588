//! Questions over an [`Infrastructure`](crate::Infrastructure), answered without reading anything: one question, one file.

mod quote;

pub use quote::{is_name, logql_string, printable, shell_word};
