//! A Flux repository and a cluster entry turn into the objects that Flux applies.

// Inputs from the caller, and errors.
mod charts;
mod error;
mod jobs;
mod kept_renderings;
mod options;
mod source_contents;

// From a repository to cluster entries.
mod artifact;
mod discovery;

// Flux's controllers.
mod artifact_generator;
mod build;
pub mod envsubst;
pub mod flux;
mod generate;
mod glob;
mod helm;
mod marks;
mod object_metadata;
mod remains;
mod resource_set;
mod substitute;
mod value_bytes;

// From an entry to everything that is applied.
mod evaluate;
mod evaluation;
mod kustomization_id;
pub mod render;
pub mod steps;

pub use artifact::{ArtifactTree, Ignored, bucket_files};
pub use charts::{
    AtHand, ChartContent, ChartRequest, GivenChart, GivenCharts, LazyChart, chart_limits, render_limits,
};
pub use discovery::{Entry, EntryKind, discover, entries, is_left_over, legal_folder_name};
pub use error::{ScanError, TemplatedManifests};
pub use evaluate::evaluate;
pub use evaluation::{
    Applied, DefinedIn, Evaluated, EvaluatedRelease, Evaluation, Missing, ReleaseChart, RenderedRelease,
    VariableSource, VariableTable, VariableUse,
};
pub use helm::{ClusterQuestion, HandedOver, ReleaseRendering};
pub use helm_template::{Capabilities, Chart, Decision, Decisions, Field, KubeVersion, ValuePath, ValueStep};
pub use jobs::with_jobs;
pub use kept_renderings::{KeptRenderings, RenderingKey};
pub use kustomization_id::KustomizationId;
pub use options::{ChartMode, ClusterArg, Detail, ScanOptions, Vars};
pub use remains::{Failing, Remaining, Remains};
pub use source_contents::{
    GivenSources, RemoteRequest, SourceContent, SourceContents, SourceRequest, Unavailable,
};
pub use substitute::{invalid_name_error, is_variable_name};
