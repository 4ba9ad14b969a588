//! Validation of a chart's values and those of its subcharts.

use std::fmt::Write;

use go_template::{Kind, Map};

use crate::dependencies::LoadedChart;
use crate::remarks::Remarks;
use crate::{Error, Stage};

/// Validates the values of a chart and of its subcharts against their schemas.
///
/// # Errors
/// Helm's message with the errors of all charts.
pub(crate) fn validate(chart: &LoadedChart, values: &Map, remarks: &mut Remarks) -> Result<(), Error> {
    let mut failures = String::new();
    collect(chart, values, &mut failures, remarks);
    if failures.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Stage::Schema,
        format!(
            "values don't meet the specifications of the schema(s) in the following chart(s):\n{failures}"
        ),
    ))
}

fn collect(chart: &LoadedChart, values: &Map, failures: &mut String, remarks: &mut Remarks) {
    let name = chart.name();
    if let Some(schema) = &chart.chart.schema
        && let Err(error) = chart
            .chart
            .parsed
            .schema(schema)
            .and_then(|schema| schema.validate(values, name, remarks))
    {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = write!(failures, "{name}:\n{error}");
    }
    for subchart in &chart.dependencies {
        if let Some(Kind::Map(values)) = values.get(subchart.name()).map(|value| value.kind) {
            collect(subchart, &values, failures, remarks);
        }
    }
}
