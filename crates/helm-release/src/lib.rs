//! Functions of Flux's helm-controller around a chart: the name of the release, its values, and post-rendering.
//!
//! Behaviour: [helm-controller 1.6.4](https://github.com/fluxcd/helm-controller/tree/v1.6.4). No function reads objects or files
//! by itself.

mod name;
mod post_render;
mod values;

pub use name::release_name;
pub use post_render::{CommonMetadata, ImageOverride, KustomizeRenderer, PatchEntry, ReleasePostRenderer};
pub use values::{ObjectData, ValuesError, ValuesReference, ValuesSource, chart_values};
