//! Objects and artifacts that controllers make from other objects, and those that bootstrapping has applied.

use std::collections::BTreeMap;

use source_tree::{Diagnostic, Mark, ObjectRef, codes};
use yaml_node::Node;

use super::artifacts::GeneratedArtifacts;
use super::bootstrapped;
use super::key::Key;
use super::releases::Releases;
use super::round::{Evaluator, Round};
use super::state::State;
use super::sync_objects::sync_objects;
use crate::discovery::{chart_name, instance_of_release};
use crate::flux::{Fields, FluxInstance};
use crate::{Applied, resource_set};

/// The results of controllers for one round's objects.
#[derive(Default)]
pub(super) struct Generated {
    objects: BTreeMap<Key, Vec<Applied>>,
    /// Those of `objects` that bootstrapping has applied.
    bootstrapped: Vec<Applied>,
    pub(super) artifacts: GeneratedArtifacts,
    /// Rendered HelmReleases. A round keeps those of the last one, and renders anew only once nothing else changes.
    pub(super) releases: Releases,
    diagnostics: Vec<Diagnostic>,
}

impl Generated {
    /// Runs the controllers on the objects of `view`; `state` has their results of the last round.
    pub(super) fn new(evaluator: &Evaluator<'_>, view: &Round<'_>, state: &State) -> Self {
        let known = &state.generated;
        let mut generated = Generated {
            artifacts: GeneratedArtifacts::new(evaluator, view, &known.artifacts),
            releases: known.releases.clone(),
            bootstrapped: bootstrapped::objects(evaluator, &state.outputs),
            ..Generated::default()
        };
        generated.resource_sets(evaluator, view);
        generated.flux_instances(evaluator, view);
        let first = generated.objects.entry(view.reach.first_key()).or_default();
        first.extend(generated.bootstrapped.iter().cloned());
        first.extend(evaluator.remains.left.iter().cloned());
        for (key, object) in generated.artifacts.objects() {
            let objects = generated.objects.entry(key.clone()).or_default();
            objects.push(object.clone());
        }
        generated
    }

    /// Objects made from those that `key` applies, except by HelmReleases.
    pub(super) fn objects(&self, key: &Key) -> &[Applied] {
        self.objects.get(key).map_or(&[], Vec::as_slice)
    }

    /// All objects that controllers make.
    pub(super) fn all(&self) -> impl Iterator<Item = &Applied> {
        self.objects.values().flatten().chain(self.releases.all())
    }

    /// Objects that bootstrapping has applied, and no build contains.
    pub(super) fn bootstrapped(&self) -> &[Applied] {
        &self.bootstrapped
    }

    /// Whether bootstrapping has applied an object, and no build contains it.
    pub(super) fn is_bootstrapped(&self, object: &Applied) -> bool {
        let mut bootstrapped = self.bootstrapped.iter();
        bootstrapped.any(|known| known.is_same_as(object))
    }

    /// Whether nothing changed, except releases.
    pub(super) fn is_same_as(&self, other: &Generated) -> bool {
        let mut pairs = self.objects.iter().zip(&other.objects);
        // New diagnostics must be reported even if nothing else changed.
        self.diagnostics == other.diagnostics
            && self.artifacts.is_same_as(&other.artifacts)
            && self.objects.len() == other.objects.len()
            && pairs.all(|((a_key, a), (b_key, b))| {
                let (a, b) = (a.iter(), b.iter());
                a_key == b_key && a.map(|object| &object.node).eq(b.map(|object| &object.node))
            })
    }

    /// Diagnostics of all controllers.
    pub(super) fn diagnostics(&self, evaluator: &Evaluator<'_>) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.clone();
        diagnostics.extend(self.artifacts.diagnostics(evaluator));
        diagnostics.extend(self.releases.diagnostics(evaluator));
        diagnostics
    }

    fn resource_sets(&mut self, evaluator: &Evaluator<'_>, view: &Round<'_>) {
        for (set, key) in &view.typed.resource_sets {
            match resource_set::render(set, &view.typed.input_providers, &evaluator.options.limits) {
                Ok(objects) => self.add(key, objects, &set.id, set.node.mark),
                Err(error) => {
                    let message = format!("{}: {}", set.id, error.message);
                    self.diagnostics.push(
                        Diagnostic::warning(codes::RESOURCE_SET_UNRESOLVED, message)
                            .at(evaluator.place_or(error.mark, set.node.mark))
                            .on(set.id.to_string())
                            .hint("what it makes is not catalogued"),
                    );
                }
            }
        }
    }

    /// Adds objects that a controller makes from `by`, which `key` applies.
    fn add(&mut self, key: &Key, objects: Vec<Node>, by: &ObjectRef, mark: Mark) {
        let objects = objects.into_iter().map(|node| Applied::new(node, Some(by), mark));
        self.objects.entry(key.clone()).or_default().extend(objects);
    }

    fn flux_instances(&mut self, evaluator: &Evaluator<'_>, view: &Round<'_>) {
        let typed = &view.typed;
        let mut instances: Vec<(FluxInstance, Key)> = typed.flux_instances.clone();
        let values = |id: &ObjectRef, key: &str| typed.values(id)?.data_node(key, true).cloned();
        let chart = |id: &ObjectRef| {
            let (_, object) = typed.source(id)?;
            chart_name(&object.node)
        };
        // A rendered release has its instance among its objects.
        let releases = typed.helm_releases.iter();
        let unrendered = releases.filter(|(release, ..)| !self.releases.is_rendered(&release.id));
        for (release, key, object) in unrendered {
            let mut fields = Fields::new(&object.node, &evaluator.files, &mut self.diagnostics);
            let limits = &evaluator.options.limits;
            let instance = instance_of_release(release, &values, &chart, limits, &mut fields);
            instances.extend(instance.map(|instance| (instance, key.clone())));
        }
        if instances.is_empty() {
            // The instance that was applied by hand to bootstrap the cluster.
            let place = evaluator.entry.instance_place.as_ref();
            let mark = place.map_or(Mark::NONE, |place| {
                Mark::new(evaluator.files.id(&place.file), place.line)
            });
            let instance = evaluator.entry.instance.clone();
            instances.extend(instance.map(|instance| (instance.with_mark(mark), view.reach.first_key())));
        }
        for (instance, key) in instances {
            match sync_objects(&instance, &evaluator.options.limits) {
                Ok(objects) => self.add(&key, objects, &instance.id, instance.sync_mark()),
                Err(message) => {
                    let message = format!("{}: the patches of its sync objects fail: {message}", instance.id);
                    self.diagnostics.push(
                        Diagnostic::error(codes::BUILD_FAILED, message)
                            .at(evaluator.files.place(instance.node.mark))
                            .on(instance.id.to_string()),
                    );
                }
            }
        }
    }
}
