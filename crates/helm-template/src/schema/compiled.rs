//! Compiled schema.

use go_template::Map;
use jsonschema::{PatternOptions, Validator};

use super::patterns::Patterns;
use super::{cycles, failures, growth, json, numbers, refused, remote_refs, undecided, wording};
use crate::remarks::Remarks;

/// Most bytes of a compiled pattern.
const PATTERN_BYTES: usize = 10 << 20;

/// A compiled schema, for any number of values.
#[derive(Debug)]
pub(crate) struct Schema {
    validator: Validator,
    /// The source, for checks that the `jsonschema` crate lacks.
    schema: serde_json::Value,
    patterns: Patterns,
    /// References that are not fetched.
    remote: Vec<String>,
    /// Whether it is ignored because checking it would take too long.
    is_too_large: bool,
}

impl Schema {
    /// # Errors
    /// The message for an invalid schema.
    pub(crate) fn compile(text: &[u8]) -> Result<Self, String> {
        let mut schema = json::read(text)?;
        let Ok(patterns) = Patterns::rewrite(&mut schema) else {
            return Err(refused::by_metaschema(&json::read(text)?, ""));
        };
        let remote = remote_refs::take_out(&mut schema);
        if !remote.is_empty() {
            undecided::take_out(&mut schema);
        }
        let is_too_large = growth::is_too_large(&schema);
        if is_too_large {
            schema = serde_json::Value::Bool(true);
        }
        let validator = build(&schema)?;
        Ok(Schema {
            validator,
            schema,
            patterns,
            remote,
            is_too_large,
        })
    }

    pub(super) fn validate(&self, values: &Map, name: &str, remarks: &mut Remarks) -> Result<(), String> {
        if self.is_too_large {
            remarks.add_unchecked_schema(name);
        }
        for reference in &self.remote {
            remarks.add(|| {
                format!("the schema of chart {name} refers to {reference}, which is not fetched; that part is not checked")
            });
        }
        let values = numbers::json_of_map(values);
        if self.validator.is_valid(&values) {
            return cycles::explain(&self.schema, &values).map_or(Ok(()), Err);
        }
        let errors = failures::Collected::new(&self.validator, &values);
        Err(self.patterns.restore(wording::explain(&errors.failures())))
    }
}

fn build(schema: &serde_json::Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_base_uri("file:///values.schema.json")
        .with_retriever(remote_refs::Nothing)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES))
        .build(schema)
        .map_err(|error| refused::explain(schema, &error))
}
