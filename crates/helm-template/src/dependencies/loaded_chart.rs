//! Chart of one release.

use std::rc::Rc;
use std::sync::Arc;

use go_template::Map;

use crate::chart::{Chart, Metadata};
use crate::values::{map_of_node, node_count};

/// A chart as used by one release: with its enabled subcharts under their aliases, and with imported default values.
#[derive(Clone, Debug)]
pub(crate) struct LoadedChart {
    pub(crate) chart: Arc<Chart>,
    /// Name and dependencies may differ from the packed chart's.
    pub(crate) metadata: Metadata,
    /// Default values.
    pub(crate) values: Rc<Map>,
    /// Number of scalars, lists and maps in the packed chart's default values.
    value_count: usize,
    pub(crate) dependencies: Vec<LoadedChart>,
}

impl LoadedChart {
    pub(super) fn new(chart: &Arc<Chart>) -> Self {
        LoadedChart {
            chart: Arc::clone(chart),
            metadata: chart.metadata.clone(),
            values: Rc::new(map_of_node(&chart.values)),
            value_count: node_count(&chart.values),
            dependencies: chart.dependencies.iter().map(LoadedChart::new).collect(),
        }
    }

    /// The number of charts, including subcharts, and of their default values.
    pub(super) fn size(&self) -> (usize, usize) {
        let own = (1, self.value_count);
        self.dependencies
            .iter()
            .map(LoadedChart::size)
            .fold(own, |a, b| (a.0 + b.0, a.1 + b.1))
    }

    pub(crate) fn name(&self) -> &str {
        &self.metadata.name
    }
}
