//! `secret`: `{"service", "ways", "through": [{"kept", "carrier", "store", "secret", "producer", "mounts", "usage"}], "check"}`.

use infra_query::secret::{SecretAnswer, SecretPath};
use serde_json::{Value, json, to_value};

use super::{ToJson, next_steps, object, subject, unless_empty};

impl ToJson for SecretAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let paths: Result<Vec<Value>, _> = self.paths.iter().map(path).collect();
        let through: Result<Vec<Value>, _> = self.through.iter().map(path).collect();
        Ok(object([
            ("service", self.service.into()),
            ("ways", Value::Array(paths?)),
            ("through", unless_empty(through?)),
            ("check", next_steps::steps(&self.check)),
        ]))
    }
}

/// The path of one secret.
pub(super) fn path(path: &SecretPath<'_>) -> Result<Value, serde_json::Error> {
    let mounts = path
        .mounts
        .iter()
        .map(|mount| json!({"service": mount.service, "container": mount.container, "path": mount.path}));
    let usage: Result<Vec<Value>, _> = path.usage.iter().map(to_value).collect();
    Ok(object([
        ("kept", path.origin.as_deref().into()),
        ("carrier", path.carrier.map_or(Value::Null, subject::named)),
        ("store", path.store.map(|(key, _)| key).into()),
        (
            "secret",
            path.secret.map_or(
                Value::Null,
                |(namespace, name)| json!({"namespace": namespace, "name": name}),
            ),
        ),
        (
            "producer",
            if path.unknown {
                "unknown".into()
            } else {
                Value::Null
            },
        ),
        ("mounts", unless_empty(mounts)),
        ("usage", unless_empty(usage?)),
    ]))
}
