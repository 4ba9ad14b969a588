//! What a Flux repository makes of a cluster, as plain values: [`Infrastructure`] and everything it holds.
//!
//! Each struct that a catalog has an entry for *is* that entry: its fields stand in the order in which they are written, with
//! the names that they have there, and one without `skip_serializing_if` is written as `null` where it does not apply.
//! Reading takes unknown fields and fields that are missing, so that a catalog of an older or newer writer still loads.
//!
//! Nothing here reads files or knows YAML. `flux-scan` fills the model, `catalog-emit` and `skill-render` write it out,
//! `infra-query` answers questions over it. No type has a field for a secret value.

pub mod config;
pub mod dependency;
mod entry;
pub mod explain;
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
