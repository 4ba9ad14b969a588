//! Values held against `values.schema.json`.
//!
//! Rules: [pkg/chart/common/util/jsonschema.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/common/util/jsonschema.go).
//! What is right is for the `jsonschema` crate to say; what is wrong is said in the words of
//! [santhosh-tekuri/jsonschema](https://github.com/santhosh-tekuri/jsonschema/tree/v6.0.2), which Helm prints.

mod failures;
mod numbers;
mod remote_refs;
mod wording;

use std::fmt::Write;

use go_template::{Kind, Map};
use jsonschema::{PatternOptions, Validator};

use crate::dependencies::LoadedChart;
use crate::remarks::Remarks;
use crate::{Error, Stage};

/// Bytes that one pattern of a schema may take when it is compiled.
const PATTERN_BYTES: usize = 10 << 20;

/// Holds the values of a chart and of its subcharts against their schemas.
///
/// # Errors
/// All that is wrong in all charts, in Helm's words.
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

/// A schema that is ready for any number of values.
#[derive(Debug)]
pub(crate) struct Schema {
    validator: Validator,
    /// References that are not followed.
    remote: Vec<String>,
}

impl Schema {
    /// # Errors
    /// The words for a schema that is none.
    pub(crate) fn compile(text: &[u8]) -> Result<Self, String> {
        let mut schema: serde_json::Value = serde_json::from_slice(text).map_err(|error| {
            let nothing = text.iter().all(u8::is_ascii_whitespace);
            match error.is_eof() {
                true if nothing => "EOF".to_owned(),
                true => "unexpected EOF".to_owned(),
                false => error.to_string(),
            }
        })?;
        let remote = remote_refs::take_out(&mut schema);
        let validator = build(&schema)?;
        Ok(Schema { validator, remote })
    }

    fn validate(&self, values: &Map, name: &str, remarks: &mut Remarks) -> Result<(), String> {
        for reference in &self.remote {
            remarks.add(|| {
                format!("the schema of chart {name} refers to {reference}, which is not fetched: what it demands is not checked")
            });
        }
        let values = numbers::json_of_map(values);
        if self.validator.is_valid(&values) {
            return Ok(());
        }
        let errors = failures::Collected::new(&self.validator, &values);
        Err(wording::explain(&errors.failures()))
    }
}

fn build(schema: &serde_json::Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_base_uri("file:///values.schema.json")
        .with_retriever(remote_refs::Nothing)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES))
        .build(schema)
        .map_err(|error| wording::refused(schema, &error))
}
