//! Diagnostics about the charts of HelmReleases.

use helm_template::{ValuePath, ValueStep};
use source_tree::{Diagnostic, Mark, ObjectRef, Severity, codes};
use yaml_node::Node;

use super::outcome::Outcome;
use super::{Release, Releases};
use crate::Unavailable;
use crate::evaluate::elsewhere::not_cached;
use crate::evaluate::round::Evaluator;

impl Releases {
    pub(in crate::evaluate) fn diagnostics(&self, evaluator: &Evaluator<'_>) -> Vec<Diagnostic> {
        let releases = self.releases.iter();
        releases
            .flat_map(|(id, release)| {
                let chart = release.chart_diagnostic(evaluator, id);
                let chart = chart.map(|found| (found, release.mark));
                let diagnostics = chart.into_iter().chain(release.rendering_diagnostics(id));
                diagnostics.map(move |(diagnostic, mark)| {
                    diagnostic.at(evaluator.files.place(mark)).on(id.to_string())
                })
            })
            .collect()
    }
}

impl Release {
    /// Diagnostics about a rendered chart: values that it does not read, schemas that are not checked, and patches of post
    /// renderers whose targets select nothing.
    fn rendering_diagnostics(&self, id: &ObjectRef) -> Vec<(Diagnostic, Mark)> {
        let Outcome::Rendered(rendered) = &self.outcome else {
            return Vec::new();
        };
        let installation = &rendered.installation;
        let chart = &installation.chart;
        let mut found = Vec::new();
        for path in &installation.unused {
            let message = format!(
                "{id}: chart {} {} does not read the value {}",
                chart.name, chart.version, path
            );
            let diagnostic = Diagnostic::warning(codes::VALUE_UNUSED, message)
                .hint("correct its name, or remove it: `helm show values` prints those of the chart");
            let mark = stated_at(&self.inputs.node, path).filter(|mark| mark.is_some());
            found.push((diagnostic, mark.unwrap_or(self.mark)));
        }
        for chart in &installation.unchecked_schemas {
            let message = format!(
                "{id}: the schema of chart {chart} multiplies itself by its references, so that its values are not checked"
            );
            let diagnostic = Diagnostic::new(Severity::Info, codes::SCHEMA_UNCHECKED, message).hint(
                "Helm may refuse the values, or not come to an end; the release is catalogued as it renders",
            );
            found.push((diagnostic, self.mark));
        }
        for mark in &installation.unmatched {
            let message = format!(
                "{id}: the target of this patch selects no object that the chart makes, so that it changes nothing"
            );
            let diagnostic = Diagnostic::new(Severity::Info, codes::PATCH_UNMATCHED, message)
                .hint("correct `target` by what `flux-infra-guide render` shows of the release; a manifest of a chart often has no namespace");
            found.push((diagnostic, *mark));
        }
        found
    }

    /// A chart that is not rendered, or has another version than the release requests.
    fn chart_diagnostic(&self, evaluator: &Evaluator<'_>, id: &ObjectRef) -> Option<Diagnostic> {
        match (&self.outcome, &self.inputs.chart) {
            (Outcome::Failed(error), chart) => {
                let place = chart.as_ref().ok().and_then(|chart| {
                    let place = error.place.as_ref()?;
                    let (_, below) = place.template.split_once('/')?;
                    let path = chart.path()?;
                    Some(format!("{path}/{below}:{}", place.line))
                });
                let mut hint = "the release is catalogued without what its chart makes".to_owned();
                match (place, self.asks()) {
                    (Some(place), Some(question)) => hint = format!("{place}: {}; {hint}", question.hint()),
                    (None, Some(question)) => hint = format!("{}; {hint}", question.hint()),
                    (Some(place), None) => hint = format!("correct {place}, or the values; {hint}"),
                    (None, None) => {}
                }
                let mut severity = Severity::Warning;
                // The unknown values may be the only reason.
                if !self.unknown_values.is_empty() {
                    let unknown: Vec<String> = self.unknown_values.iter().map(ToString::to_string).collect();
                    hint = format!(
                        "the values of {} are not known; the release is catalogued without what its chart makes",
                        unknown.join(", ")
                    );
                    severity = Severity::Info;
                }
                // Messages of Helm may have several lines.
                let words: Vec<&str> = error.message.split_whitespace().collect();
                let message = format!("{id}: its chart is not rendered: {}", words.join(" "));
                Some(Diagnostic::new(severity, codes::CHART_UNRENDERED, message).hint(hint))
            }
            // A chart that is an OCIRepository is reported as a source.
            (Outcome::Unavailable(Unavailable { is_locked: true, .. }), _) if !self.is_of_artifact() => {
                let message = format!("{id}: its chart is in the lock file, and not in the cache");
                Some(not_cached(evaluator.options, message))
            }
            (Outcome::Rendered(rendered), Ok(chart)) if !chart.is_wanted_version() => {
                let name = &rendered.installation.chart;
                let message = format!(
                    "{id}: its chart is {} {}, since {} is not available",
                    name.name,
                    name.version,
                    self.inputs.version.as_deref().unwrap_or("the stated version"),
                );
                let diagnostic = Diagnostic::new(Severity::Info, codes::CHART_VERSION, message);
                Some(diagnostic.hint("what it makes may differ; make the stated version available too"))
            }
            _ => None,
        }
    }
}

/// The place of a key in `spec.values`.
fn stated_at(release: &Node, path: &ValuePath) -> Option<Mark> {
    let (last, above) = path.0.split_last()?;
    let values = release.at(&["spec", "values"])?;
    let map = ValuePath(above.to_vec()).node(values)?;
    let ValueStep::Key(key) = last else { return None };
    Some(map.as_mapping()?.key(key)?.mark)
}
