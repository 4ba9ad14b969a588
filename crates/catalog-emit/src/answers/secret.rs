//! `secret`: `{"service", "ways": [{"kept", "carrier", "store", "secret", "producer", "mounts", "usage"}], "check"}`.

use infra_query::secret::{SecretAnswer, Way};
use serde_json::{Value, json, to_value};

use super::{ToJson, next_steps, object, subject, unless_empty};

impl ToJson for SecretAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let ways: Result<Vec<Value>, _> = self.ways.iter().map(way).collect();
        Ok(object([
            ("service", self.service.into()),
            ("ways", Value::Array(ways?)),
            ("check", next_steps::steps(&self.check)),
        ]))
    }
}

/// One way of a secret.
pub(super) fn way(way: &Way<'_>) -> Result<Value, serde_json::Error> {
    let mounts = way
        .mounts
        .iter()
        .map(|mount| json!({"service": mount.service, "container": mount.container, "path": mount.path}));
    let usage: Result<Vec<Value>, _> = way.usage.iter().map(to_value).collect();
    Ok(object([
        ("kept", way.kept.as_deref().into()),
        ("carrier", way.carrier.map_or(Value::Null, subject::named)),
        ("store", way.store.map(|(key, _)| key).into()),
        (
            "secret",
            way.secret.map_or(
                Value::Null,
                |(namespace, name)| json!({"namespace": namespace, "name": name}),
            ),
        ),
        (
            "producer",
            if way.unknown {
                "unknown".into()
            } else {
                Value::Null
            },
        ),
        ("mounts", unless_empty(mounts)),
        ("usage", unless_empty(usage?)),
    ]))
}
