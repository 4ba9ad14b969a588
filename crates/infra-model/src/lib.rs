//! What a Flux repository makes of a cluster, as plain values: [`Infrastructure`] and everything it holds.
//!
//! Nothing here reads files or knows YAML or JSON. `flux-scan` fills the model, `catalog-emit` and `skill-render`
//! write it out, `infra-query` answers questions over it. No type has a field for a secret value.

pub mod config;
pub mod dependency;
pub mod flux;
mod infrastructure;
pub mod keys;
pub mod knowledge;
mod object_ref;
pub mod secrets;
pub mod service;
mod text;

pub use infrastructure::{Infrastructure, Metadata};
pub use keys::{Ambiguous, Key, KeyTable};
pub use object_ref::ObjectRef;
pub use source_tree::{Diagnostic, Place, RepoPath, Severity, codes};
pub use text::{Written, WrittenMap};
