//! A Flux repository and a cluster entry turn into the objects that Flux applies, and those into the model.

// What a caller says, and what stops a scan.
mod error;
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

// From what is applied, and what people wrote down, to the model.
mod charts;
mod jobs;
mod knowledge;
pub mod link;
mod scan;
pub mod steps;

pub use artifact::ArtifactTree;
pub use charts::{ChartRenderer, ChartRequest};
pub use discovery::{Entry, EntryKind, discover};
pub use error::ScanError;
pub use evaluate::evaluate;
pub use evaluation::{
    Applied, Evaluated, Evaluation, KustomizationId, Missing, VariableSource, VariableTable, VariableUse,
};
pub use jobs::with_jobs;
pub use knowledge::{KNOWLEDGE_FILE, read_knowledge};
pub use options::{ClusterArg, ScanOptions, SourceName, Vars};
pub use scan::{Scan, ScannedCluster, entries, scan, scan_entries};
