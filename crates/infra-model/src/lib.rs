//! The model of a cluster as plain values: [`Infrastructure`] and its parts.
//!
//! The structs *are* the entries of catalogs: their fields have the order and the names of the files, and one without
//! `skip_serializing_if` is written as `null` if it does not apply. Reading accepts unknown and missing fields, so that catalogs of
//! older and newer versions load.
//!
//! Nothing here reads files or knows YAML. `flux-scan` fills the model, `catalog-emit` and `skill-render` write it, and
//! `infra-query` answers questions about it. No type has a field for a secret value.

pub mod config;
pub mod dependency;
mod entry;
pub mod explain;
pub mod fields;
pub mod flux;
mod infrastructure;
pub mod keys;
pub mod knowledge;
pub mod not_applied;
pub mod object;
pub mod operators;
pub mod pods;
mod release_claims;
pub mod secrets;
pub mod service;
mod skip;
mod text;

pub use entry::Entry;
pub use infrastructure::{Infrastructure, Metadata};
pub use keys::{Ambiguous, Key, KeyTable};
pub use not_applied::{NotApplied, NotAppliedReason};
pub use release_claims::NamedClaim;
pub use source_tree::{Diagnostic, ObjectRef, Place, RepoPath, Severity, codes};
pub use text::{Texts, Written, WrittenMap};
