//! YAML text turns into ordered trees with file, line and style, and trees turn into the text that Kubernetes tools write.

mod binary;
mod compose;
mod error;
mod go_syntax;
mod json;
mod merge_keys;
mod node;
mod number;
mod read;
mod resolve;
mod scan;
mod split;
mod timestamp;
mod typed;
mod write;
mod yaml11;

pub use error::{ReadError, WriteError};
pub use json::to_go_json;
pub use merge_keys::expand_merges;
pub use node::{Mapping, Node, Scalar, Sequence, Style, Tag, Value};
pub use read::read_documents;
pub use resolve::{Dialect, resolve};
pub use split::{Chunk, read_resources_text, split_documents};
pub use write::{write_document, write_into, write_preserving};
pub use yaml11::{read_yaml11, read_yaml11_strict};
