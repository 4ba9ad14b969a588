//! A chart and values turn into the manifests that `helm template` prints.

// From files to charts.
mod chart;

// Values, and the subcharts that they enable.
mod dependencies;
mod schema;
mod values;

// Template objects other than values.
mod capabilities;
mod objects;
mod release;

// From templates to manifests.
mod manifest;
mod output;
mod post_render;
mod render;

// Questions about the values of a rendered chart.
mod deciding_values;
mod unused_values;

mod error;
mod remarks;

pub use capabilities::{Capabilities, KubeVersion};
pub use chart::{Chart, ChartFile, ChartLimits, Dependency, ImportValue, Maintainer, Metadata};
pub use deciding_values::{Decision, Decisions, Field, ValuePath, ValueStep, deciding_values};
pub use error::{Error, Stage, TemplatePlace};
pub use manifest::{Hook, HookEvent, Manifest, ManifestHead};
pub use output::OutputOptions;
pub use post_render::{PostRenderStrategy, PostRenderer};
pub use release::Release;
pub use render::{Crd, RenderLimits, RenderOptions, Rendered, effective_values, render};
pub use unused_values::{UnusedValue, unused_values};
pub use values::{ReplacedLists, Values};
