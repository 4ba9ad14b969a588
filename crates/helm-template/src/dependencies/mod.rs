//! Dependencies: which subcharts are enabled, their aliases and imported values.
//!
//! Rules: [pkg/chart/v2/util/dependencies.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/v2/util/dependencies.go).

mod enabled;
mod import_values;
mod loaded_chart;
mod process;

pub(crate) use enabled::is_compatible;
pub(crate) use loaded_chart::LoadedChart;
pub(crate) use process::{check, process};
