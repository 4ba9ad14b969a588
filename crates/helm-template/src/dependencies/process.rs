//! Processing of a chart's dependencies for one release.

use std::sync::Arc;

use go_template::Map;

use super::loaded_chart::LoadedChart;
use super::{enabled, import_values};
use crate::chart::Chart;
use crate::remarks::Remarks;
use crate::{Error, RenderLimits, Stage};

/// Refuses charts without a subchart that their `Chart.yaml` declares. Versions do not matter.
pub(crate) fn check(chart: &Chart) -> Result<(), Error> {
    let is_there = |name: &str| chart.dependencies.iter().any(|found| found.metadata.name == name);
    let missing: Vec<&str> = chart
        .metadata
        .dependencies()
        .iter()
        .map(|dependency| dependency.name.as_str())
        .filter(|name| !is_there(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Stage::Dependencies,
        format!(
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to \
             fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
            missing.join(", ")
        ),
    ))
}

/// The chart as used by a release with these values.
///
/// # Errors
/// Helm's message if the values of a subchart are not a map.
pub(crate) fn process(
    chart: &Arc<Chart>,
    values: &Map,
    limits: &RenderLimits,
    remarks: &mut Remarks,
) -> Result<LoadedChart, Error> {
    let mut loaded = LoadedChart::new(chart);
    let mut left = *limits;
    enabled::select(&mut loaded, values, "", &mut left, remarks)
        .and_then(|()| import_values::import(&mut loaded, remarks))
        .map_err(|error| {
            Error::new(
                Stage::Dependencies,
                format!("chart dependencies processing failed: {error}"),
            )
        })?;
    Ok(loaded)
}
