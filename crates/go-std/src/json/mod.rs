//! JSON as in `encoding/json`.

mod read;
mod write;

pub use read::{Builder, read};
pub use write::{write_float, write_string};
