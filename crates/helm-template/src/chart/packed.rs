//! The chart type.

use std::sync::Arc;

use yaml_node::Node;

use super::chart_file::ChartFile;
use super::metadata::Metadata;
use super::parsed::ParsedChart;

/// A chart with its subcharts, as it was packed. It can be shared between threads and rendered any number of times. The first
/// rendering that needs a template or schema parses it for all later ones.
#[derive(Clone, Debug)]
pub struct Chart {
    /// `Chart.yaml`.
    pub metadata: Metadata,
    /// The documents of `values.yaml`, merged.
    pub values: Node,
    /// `values.schema.json`.
    pub schema: Option<Arc<[u8]>>,
    /// The files below `templates/`.
    pub templates: Vec<ChartFile>,
    /// The other files, which templates see as `.Files`, and those in `crds/`.
    pub files: Vec<ChartFile>,
    /// The charts below `charts/`.
    pub dependencies: Vec<Arc<Chart>>,
    /// Parsed templates and schema, shared by copies with other values or another version.
    pub(crate) parsed: Arc<ParsedChart>,
}

impl Chart {
    /// The chart with another version, as in Flux, which adds a suffix to versions. Both share all files and their parsed form.
    #[must_use]
    pub fn with_version(&self, version: impl Into<String>) -> Chart {
        let mut copy = self.clone();
        copy.metadata.version = version.into();
        copy
    }

    /// The chart with other default values, as in Flux with `valuesFiles`. Both share all files and their parsed form.
    #[must_use]
    pub fn with_values(&self, values: Node) -> Chart {
        let mut copy = self.clone();
        copy.values = values;
        copy
    }
}
