//! JSON as `encoding/json` reads and writes it.

mod read;
mod write;

pub use read::{Builder, read};
pub use write::{write_float, write_string};
