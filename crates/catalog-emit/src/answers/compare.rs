//! `compare`: `{"clusters", "differences": [{"of", "field", "values"}], "only": {CLUSTER: [title]}}`.

use infra_query::compare::Compare;
use serde_json::{Map, Value, json};

use super::ToJson;

impl ToJson for Compare {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let differences: Vec<Value> = self
            .differences
            .iter()
            .map(|one| json!({"of": one.of, "field": one.field, "values": one.values}))
            .collect();
        let only: Map<String, Value> = self
            .clusters
            .iter()
            .zip(&self.only)
            .map(|(cluster, only)| (cluster.clone(), only.clone().into()))
            .collect();
        Ok(json!({"clusters": self.clusters, "differences": differences, "only": only}))
    }
}
