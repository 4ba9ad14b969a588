//! A chart with its subcharts, as it was packed.

use std::sync::Arc;

use yaml_node::Node;

use super::chart_file::ChartFile;
use super::metadata::Metadata;
use super::parsed::ParsedChart;

/// A chart with its subcharts, as it was packed. It can be shared between threads and rendered any number of times. Templates
/// and schemas are parsed by the first rendering that needs them, and kept for the next ones.
#[derive(Debug)]
pub struct Chart {
    /// `Chart.yaml`.
    pub metadata: Metadata,
    /// The documents of `values.yaml`, merged.
    pub values: Node,
    /// `values.schema.json`.
    pub schema: Option<Arc<[u8]>>,
    /// The files below `templates/`.
    pub templates: Vec<ChartFile>,
    /// What is no template and of no use to Helm itself: `.Files`, with what stands in `crds/`.
    pub files: Vec<ChartFile>,
    /// The charts below `charts/`.
    pub dependencies: Vec<Arc<Chart>>,
    /// What renderings have parsed. Copies with other values or another version share it.
    pub(crate) parsed: Arc<ParsedChart>,
}

impl Chart {
    /// The chart under another version, as Flux renders one whose version it has given a suffix. Both share all files and what
    /// is parsed of them.
    #[must_use]
    pub fn with_version(&self, version: impl Into<String>) -> Chart {
        let mut copy = self.share();
        copy.metadata.version = version.into();
        copy
    }

    /// The chart with other default values, as Flux renders one with `valuesFiles`. Both share all files and what is parsed of
    /// them.
    #[must_use]
    pub fn with_values(&self, values: Node) -> Chart {
        let mut copy = self.share();
        copy.values = values;
        copy
    }

    fn share(&self) -> Chart {
        Chart {
            metadata: self.metadata.clone(),
            values: self.values.clone(),
            schema: self.schema.clone(),
            templates: self.templates.clone(),
            files: self.files.clone(),
            dependencies: self.dependencies.clone(),
            parsed: Arc::clone(&self.parsed),
        }
    }
}
