//! `compare`: `{"clusters", "differences": [{"of", "field", "values"}], "same", "only": {CLUSTER: [title]}}`.

use std::collections::BTreeMap;

use infra_query::compare::Compare;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;

/// What differs between two clusters.
#[derive(Serialize, JsonSchema)]
pub(super) struct CompareJson<'a> {
    /// The names of both.
    clusters: &'a [String; 2],
    /// What differs, by thing and field.
    differences: Vec<DifferenceJson<'a>>,
    /// What both have alike, where one thing was asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    same: Vec<SameJson<'a>>,
    /// By cluster, what only it has, as `kind key`.
    only: BTreeMap<&'a str, &'a [String]>,
}

/// What both clusters have alike.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Same")]
struct SameJson<'a> {
    /// Of what, as `kind key`.
    of: &'a str,
    /// What, such as `chart app-template 5.1.0`.
    value: &'a str,
}

/// A field that differs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Difference")]
struct DifferenceJson<'a> {
    /// What it is a field of, as `kind key`.
    of: &'a str,
    /// The field, such as `image ghcr.io/acme/papi` or `config papi-env.LOG_LEVEL`.
    field: &'a str,
    /// The value in each cluster, in the order of `clusters`; `null` where one has none.
    values: &'a [Option<String>; 2],
}

impl ToJson for Compare {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let differences = self.differences.iter().map(|it| DifferenceJson {
            of: &it.of,
            field: &it.field,
            values: &it.values,
        });
        let same = self.same.iter().map(|it| SameJson {
            of: &it.of,
            value: &it.value,
        });
        let only = self.clusters.iter().map(String::as_str);
        to_value(CompareJson {
            clusters: &self.clusters,
            differences: differences.collect(),
            same: same.collect(),
            only: only.zip(self.only.iter().map(Vec::as_slice)).collect(),
        })
    }
}
