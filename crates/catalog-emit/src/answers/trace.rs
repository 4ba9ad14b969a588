//! `trace`: the service, and every step of its way.

use infra_query::Subject;
use infra_query::trace::{ConfigUse, Trace};
use serde_json::{Value, to_value};

use super::{ToJson, next_steps, object, secret, subject, unless_empty};

impl ToJson for Trace<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let mut chain = Vec::new();
        for (key, kustomization) in &self.chain {
            chain.push(subject::full(Subject::Kustomization(key, kustomization))?);
        }
        let mut groups = Vec::new();
        for (key, group) in &self.image_groups {
            groups.push(subject::full(Subject::ImageGroup(key, group))?);
        }
        let mut depends_on = Vec::new();
        for dependency in self.depends_on {
            depends_on.push(to_value(dependency)?);
        }
        let mut config = Vec::new();
        for used in &self.config {
            config.push(config_use(used)?);
        }
        let mut secrets = Vec::new();
        for path in &self.secrets {
            secrets.push(secret::path(path)?);
        }
        let some = |subject: Option<Subject<'_>>| subject.map_or(Ok(Value::Null), subject::full);
        Ok(object([
            ("key", self.key.into()),
            (
                "service",
                subject::entry(Subject::Service(self.key, self.service))?,
            ),
            (
                "source",
                some(self.source.map(|(key, source)| Subject::Source(key, source)))?,
            ),
            ("chain", Value::Array(chain)),
            (
                "helmRelease",
                some(
                    self.helm_release
                        .map(|(key, release)| Subject::HelmRelease(key, release)),
                )?,
            ),
            (
                "chartSource",
                some(
                    self.chart_source
                        .map(|(key, source)| Subject::Source(key, source)),
                )?,
            ),
            ("imageGroups", unless_empty(groups)),
            ("config", unless_empty(config)),
            ("secrets", unless_empty(secrets)),
            ("dependsOn", unless_empty(depends_on)),
            ("dependents", unless_empty(self.dependents.iter().copied())),
            ("next", next_steps::steps(&self.next)),
        ]))
    }
}

/// `{"key", "source", "usage"}`
pub(super) fn config_use(used: &ConfigUse<'_>) -> Result<Value, serde_json::Error> {
    Ok(object([
        ("key", used.key.into()),
        ("source", to_value(&used.config_map.source)?),
        ("usage", to_value(&used.usage)?),
    ]))
}
