//! A Flux repository and a cluster entry turn into the objects that Flux applies, and those into the model.

pub mod envsubst;
mod evaluation;

pub use evaluation::{
    Applied, Evaluated, Evaluation, KustomizationId, VariableSource, VariableTable, VariableUse,
};
