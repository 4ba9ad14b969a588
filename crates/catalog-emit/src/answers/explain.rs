//! `explain`: `{"service", "fields": [{"field", "name", "object", "path", "value", "provedBy", "chain"}]}`, and for the values of
//! a HelmRelease `{"helmRelease", "path", "values", "check"}`.

use std::collections::BTreeMap;

use infra_model::explain::{ExplainedValue, Explanation};
use infra_query::explain::{ExplainAnswer, ValuesAnswer};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};

/// What states the fields of a service, or the values of a HelmRelease.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema of both answers; each is written by itself")]
pub(super) enum ExplainJson<'a> {
    /// Fields of a service.
    Fields(Explanation),
    /// Values of a HelmRelease.
    Values(ValuesJson<'a>),
}

/// Values of a HelmRelease, and what states each of them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReleaseValues")]
pub(super) struct ValuesJson<'a> {
    /// Key of the HelmRelease.
    helm_release: &'a str,
    /// The path that was asked for.
    path: &'a str,
    /// The values at it and below it.
    values: &'a [ExplainedValue],
    /// The values of further HelmReleases that the name means, by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    others: BTreeMap<&'a str, &'a [ExplainedValue]>,
    /// Commands that show what the cluster has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    check: Vec<StepJson<'a>>,
}

impl ToJson for ExplainAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        to_value(&self.explanation)
    }
}

impl ToJson for ValuesAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let others = self.others.iter();
        let others = others.map(|(key, values)| (*key, values.as_slice()));
        to_value(ValuesJson {
            helm_release: self.release,
            path: &self.path,
            values: &self.values,
            others: others.collect(),
            check: steps(&self.check),
        })
    }
}
