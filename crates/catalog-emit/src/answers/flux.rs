//! `flux`: what manages something, what it waits for, and in which order to check.

use infra_query::Subject;
use infra_query::flux::FluxAnswer;
use serde_json::{Value, json, to_value};

use super::{ToJson, next_steps, object, subject, unless_empty};

impl ToJson for FluxAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let some = |subject: Option<Subject<'_>>| subject.map_or(Ok(Value::Null), subject::full);
        let kustomization = self
            .kustomization
            .map(|(key, it)| Subject::Kustomization(key, it));
        let release = self
            .helm_release
            .map(|(key, release)| Subject::HelmRelease(key, release));
        let waits = self
            .waits_for
            .iter()
            .map(|wait| json!({"key": wait.key, "distance": wait.distance, "known": wait.known}));
        let mut diagnostics = Vec::new();
        for diagnostic in &self.diagnostics {
            diagnostics.push(to_value(diagnostic)?);
        }
        Ok(object([
            ("subject", subject::named(self.subject)),
            ("kustomization", some(kustomization)?),
            ("parents", unless_empty(self.parents.iter().copied())),
            ("helmRelease", some(release)?),
            (
                "source",
                some(self.source.map(|(key, source)| Subject::Source(key, source)))?,
            ),
            ("waitsFor", unless_empty(waits)),
            ("diagnostics", unless_empty(diagnostics)),
            ("check", next_steps::steps(&self.check)),
        ]))
    }
}
