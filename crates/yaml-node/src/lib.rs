//! YAML text turns into ordered trees with file, line and style, and trees turn into the text that Kubernetes tools write.

mod binary;
mod error;
mod node;
mod read;
mod resolve;
mod timestamp;
mod write;

pub use error::{ReadError, WriteError};
pub use node::{Mapping, Node, Scalar, Sequence, Style, Tag, Value};
pub use read::read_documents;
pub use resolve::{Dialect, resolve};
pub use write::{write_document, write_into};
