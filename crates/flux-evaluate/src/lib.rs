//! A Flux repository and a cluster entry turn into the objects that Flux applies.

// What a caller says, and what stops an evaluation.
mod chart_renderer;
mod error;
mod jobs;
mod options;

// From a repository to cluster entries.
mod artifact;
mod discovery;

// What Flux's controllers do with the objects they read.
mod artifact_generator;
mod build;
pub mod envsubst;
mod flux;
mod generate;
mod glob;
mod resource_set;
mod substitute;

// From an entry to everything that is applied.
mod evaluate;
mod evaluation;
pub mod render;
pub mod steps;

pub use artifact::ArtifactTree;
pub use chart_renderer::{ChartRenderer, ChartRequest};
pub use discovery::{Entry, EntryKind, discover, entries, is_left_over};
pub use error::ScanError;
pub use evaluate::{evaluate, put_metadata};
pub use evaluation::{
    Applied, Evaluated, Evaluation, KustomizationId, Missing, VariableSource, VariableTable, VariableUse,
};
pub use flux::ObjectId;
pub use jobs::with_jobs;
pub use options::{ClusterArg, ScanOptions, SourceName, Vars};
