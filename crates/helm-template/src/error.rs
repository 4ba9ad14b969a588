//! Errors of loading and rendering charts.

use thiserror::Error;

/// Why a chart does not load or render, with Helm's message.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct Error {
    /// The step that failed.
    pub stage: Stage,
    /// The text that `helm template` prints after `Error: `.
    pub message: String,
    /// The place in a template, for errors of templates.
    pub place: Option<TemplatePlace>,
}

/// A step of rendering, in the order in which Helm takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Loading the chart.
    Load,
    /// Reading values.
    Values,
    /// The release's name.
    ReleaseName,
    /// Missing dependencies, or dependencies with values of the wrong type.
    Dependencies,
    /// `values.schema.json`.
    Schema,
    /// The chart requires another version of Kubernetes.
    KubeVersion,
    /// Parsing templates.
    Parse,
    /// Executing templates.
    Execute,
    /// The output of the templates is not valid YAML.
    Manifest,
    /// Printing the output.
    Output,
}

/// A place in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatePlace {
    /// Name of the template: `CHART/templates/FILE`, with `/charts/SUBCHART` in between for subcharts.
    pub template: String,
    /// Line, 1-based.
    pub line: u32,
}

impl Error {
    /// An error without a place in a template.
    pub fn new(stage: Stage, message: impl Into<String>) -> Self {
        Error {
            stage,
            message: message.into(),
            place: None,
        }
    }

    pub(crate) fn load(message: String) -> Self {
        Error::new(Stage::Load, message)
    }
}
