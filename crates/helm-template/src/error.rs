//! Why a chart does not render.

use thiserror::Error;

/// Why a chart does not load or render, in Helm's words.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct Error {
    /// At which step.
    pub stage: Stage,
    /// What `helm template` prints after `Error: `.
    pub message: String,
    /// Where in a template, for what templates do.
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
    /// Dependencies that are missing, or whose values do not fit.
    Dependencies,
    /// `values.schema.json`.
    Schema,
    /// The chart wants another Kubernetes.
    KubeVersion,
    /// Parsing templates.
    Parse,
    /// Executing templates.
    Execute,
    /// What the templates made is no YAML.
    Manifest,
    /// Printing what was asked for.
    Output,
}

/// A place in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatePlace {
    /// Name of the template: `CHART/templates/FILE`, with `/charts/SUBCHART` between for subcharts.
    pub template: String,
    /// Line, 1-based.
    pub line: u32,
}

impl Error {
    /// An error at a step, that no template causes.
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
