//! A Flux repository and a cluster entry turn into the objects that Flux applies, and those into the model.

mod artifact;
pub mod envsubst;
mod evaluation;
#[expect(dead_code, reason = "x")]
mod generate;
mod glob;
mod substitute;

pub use artifact::ArtifactTree;
pub use evaluation::{
    Applied, Evaluated, Evaluation, KustomizationId, VariableSource, VariableTable, VariableUse,
};
