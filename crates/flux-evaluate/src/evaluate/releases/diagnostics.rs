//! Diagnostics about what a HelmRelease makes.

use helm_template::{ValuePath, ValueStep};
use source_tree::{Diagnostic, Mark, ObjectRef, Severity, codes};
use yaml_node::Node;

use super::outcome::Outcome;
use super::{Release, Releases};
use crate::Unavailable;
use crate::evaluate::elsewhere::not_cached;
use crate::evaluate::round::Evaluator;

impl Releases {
    /// Charts that could not be rendered, and those of another version.
    pub(in crate::evaluate) fn diagnostics(&self, evaluator: &Evaluator<'_>) -> Vec<Diagnostic> {
        let releases = self.releases.iter();
        releases
            .flat_map(|(id, release)| {
                let diagnostic = release
                    .diagnostic(evaluator, id)
                    .map(|found| (found, release.mark));
                let diagnostics = diagnostic
                    .into_iter()
                    .chain(release.unused_values(id))
                    .chain(release.unchecked_schemas(id))
                    .chain(release.unmatched_patches(id));
                diagnostics.map(move |(diagnostic, mark)| {
                    diagnostic.at(evaluator.files.place(mark)).on(id.to_string())
                })
            })
            .collect()
    }
}

impl Release {
    /// Values that the chart does not read, each at the line that states it where `spec.values` does.
    fn unused_values(&self, id: &ObjectRef) -> Vec<(Diagnostic, Mark)> {
        let Outcome::Rendered { unused, chart, .. } = &self.outcome else {
            return Vec::new();
        };
        let unused = unused.iter().map(|path| {
            let message = format!(
                "{id}: chart {} {} does not read the value {}",
                chart.name, chart.version, path
            );
            let diagnostic = Diagnostic::warning(codes::VALUE_UNUSED, message)
                .hint("correct its name, or remove it: `helm show values` prints those of the chart");
            let mark = stated_at(&self.inputs.node, path);
            (
                diagnostic,
                mark.filter(|mark| mark.is_some()).unwrap_or(self.mark),
            )
        });
        unused.collect()
    }

    /// Charts by whose schemas nothing is checked.
    fn unchecked_schemas(&self, id: &ObjectRef) -> Vec<(Diagnostic, Mark)> {
        let Outcome::Rendered {
            unchecked_schemas, ..
        } = &self.outcome
        else {
            return Vec::new();
        };
        let found = unchecked_schemas.iter().map(|chart| {
            let message = format!(
                "{id}: the schema of chart {chart} multiplies itself by its references, so that its values are not checked"
            );
            let diagnostic = Diagnostic::new(Severity::Info, codes::SCHEMA_UNCHECKED, message)
                .hint("Helm may refuse the values, or not come to an end; the release is catalogued as it renders");
            (diagnostic, self.mark)
        });
        found.collect()
    }

    /// Patches of post renderers whose targets select nothing.
    fn unmatched_patches(&self, id: &ObjectRef) -> Vec<(Diagnostic, Mark)> {
        let Outcome::Rendered { unmatched, .. } = &self.outcome else {
            return Vec::new();
        };
        let found = unmatched.iter().map(|mark| {
            let message = format!(
                "{id}: the target of this patch selects no object that the chart makes, so that it changes nothing"
            );
            let diagnostic = Diagnostic::new(Severity::Info, codes::PATCH_UNMATCHED, message)
                .hint("correct `target` by what `flux-infra-guide render` shows of the release; a manifest of a chart often has no namespace");
            (diagnostic, *mark)
        });
        found.collect()
    }

    fn diagnostic(&self, evaluator: &Evaluator<'_>, id: &ObjectRef) -> Option<Diagnostic> {
        match (&self.outcome, &self.inputs.chart) {
            (Outcome::Failed(error), chart) => {
                let folder = chart.as_ref().ok().and_then(|chart| {
                    let place = error.place.as_ref()?;
                    let (_, below) = place.template.split_once('/')?;
                    let path = chart.path()?;
                    Some(format!("{path}/{below}:{}", place.line))
                });
                let mut hint = "the release is catalogued without what its chart makes".to_owned();
                match (folder, self.asks()) {
                    (Some(folder), Some(asked)) => hint = format!("{folder}: {}; {hint}", asked.hint()),
                    (None, Some(asked)) => hint = format!("{}; {hint}", asked.hint()),
                    (Some(folder), None) => hint = format!("correct {folder}, or the values; {hint}"),
                    (None, None) => {}
                }
                let unknown: Vec<String> = self.unknown_values.iter().map(ToString::to_string).collect();
                // What is not known may be all that the chart lacks.
                let severity = match unknown.as_slice() {
                    [] => Severity::Warning,
                    unknown => {
                        hint = format!(
                            "the values of {} are not known; the release is catalogued without what its chart makes",
                            unknown.join(", ")
                        );
                        Severity::Info
                    }
                };
                // Helm says one thing in several lines.
                let words: Vec<&str> = error.message.split_whitespace().collect();
                let message = format!("{id}: its chart is not rendered: {}", words.join(" "));
                Some(Diagnostic::new(severity, codes::CHART_UNRENDERED, message).hint(hint))
            }
            // An artifact that is a chart is a source, of which it is said.
            (Outcome::Unavailable(Unavailable { is_locked: true, .. }), _) if !self.is_of_artifact() => {
                let message = format!("{id}: its chart is in the lock file, and not in the cache");
                Some(not_cached(evaluator.options, message))
            }
            (Outcome::Rendered { chart: name, .. }, Ok(chart)) if !chart.is_wanted_version() => {
                let message = format!(
                    "{id}: its chart is {} {}, since {} is not at hand",
                    name.name,
                    name.version,
                    self.inputs.version.as_deref().unwrap_or("the stated version"),
                );
                let diagnostic = Diagnostic::new(source_tree::Severity::Info, codes::CHART_VERSION, message);
                Some(diagnostic.hint("what it makes may differ; have the stated version at hand too"))
            }
            _ => None,
        }
    }
}

/// The key of a value among `spec.values`, where they state it.
fn stated_at(release: &Node, path: &ValuePath) -> Option<Mark> {
    let (last, above) = path.0.split_last()?;
    let values = release.at(&["spec", "values"])?;
    let map = ValuePath(above.to_vec()).node(values)?;
    let ValueStep::Key(key) = last else { return None };
    Some(map.as_mapping()?.key(key)?.mark)
}
