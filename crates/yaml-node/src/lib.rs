//! YAML text turns into ordered trees with file, line and style, and trees turn into the text that Kubernetes tools write.
//!
//! Texts are read as go-yaml reads them, with its leniency, its errors and the types of its two versions ([`Dialect`]):
//! [`read_resources_text`] and [`read_documents`] as kustomize reads resources, [`read_yaml11`] as `sigs.k8s.io/yaml`
//! reads everything else. [`write_document`] prints what `kustomize build` prints for a tree, [`to_go_json`] the text
//! that it hashes, [`write_preserving`] kyaml's text, and [`write_anchored`] the same for a tree of [`read_anchored`].
//! [`write_marshalled`] and [`write_indented`] print values as programs marshal them.

mod anchors;
mod encoding;
mod entries;
mod error;
mod node;
mod place;

mod compose;
mod merge_keys;
mod read;
mod scan;
mod split;
mod syntax_json;
mod yaml11;

mod binary;
mod number;
mod resolve;
mod timestamp;
mod typed;

mod go_syntax;
mod json;
mod json_string;
mod write;

pub use anchors::{Anchors, is_alias, read_anchored};
pub use encoding::{decode, is_utf16, utf8_problem};
pub use error::{ReadError, WriteError};
pub use json::to_go_json;
pub use merge_keys::expand_merges;
pub use node::{Mapping, Node, Scalar, Sequence, Style, Tag, Value};
pub use number::{json_float, yaml_float};
pub use place::{Comments, Lost, Place, Places};
pub use read::{read_document, read_documents};
pub use resolve::{Dialect, resolve};
pub use split::{Chunk, read_resources_placed, read_resources_text, split_documents};
pub use syntax_json::to_syntax_json;
pub use write::{
    natural_order, sort_entries, write_anchored, write_document, write_indented, write_into,
    write_marshalled, write_preserving,
};
pub use yaml11::{read_yaml11, read_yaml11_strict};
