//! The objects and artifacts that controllers make of other objects, and what bootstrapping has applied.

use std::collections::BTreeMap;

use source_tree::codes;
use source_tree::{Diagnostic, Mark, ObjectRef, Severity};

use super::artifacts::GeneratedArtifacts;
use super::bootstrapped;
use super::key::Key;
use super::releases::Releases;
use super::round::{Evaluator, Round};
use super::sources::Resolved;
use super::state::State;
use super::sync_objects::sync_objects;
use crate::discovery::{chart_name, instance_of_release};
use crate::flux::FluxInstance;
use crate::{Applied, resource_set};

/// What controllers make of one round's objects.
#[derive(Default)]
pub(super) struct Generated {
    objects: BTreeMap<Key, Vec<Applied>>,
    /// Those among them that bootstrapping has applied.
    bootstrapped: Vec<Applied>,
    pub(super) artifacts: GeneratedArtifacts,
    /// What HelmReleases make. A round takes over what the last one had, and renders them when it has changed nothing else.
    pub(super) releases: Releases,
    diagnostics: Vec<Diagnostic>,
}

impl Generated {
    /// What controllers make of what is applied; `state` has what they made in the last round.
    pub(super) fn new(evaluator: &Evaluator<'_>, view: &Round<'_>, state: &State) -> Self {
        let known = &state.made;
        let mut made = Generated {
            artifacts: GeneratedArtifacts::new(evaluator, view, &known.artifacts),
            releases: known.releases.clone(),
            ..Generated::default()
        };
        made.resource_sets(evaluator, view);
        made.flux_instances(evaluator, view);
        let key = view.reach.keys().next().unwrap_or(Key::Entry);
        made.bootstrapped = bootstrapped::objects(evaluator, &state.outputs);
        let bootstrapped = made.bootstrapped.iter().cloned();
        let left = evaluator.remains.left.iter().cloned();
        made.objects
            .entry(key)
            .or_default()
            .extend(bootstrapped.chain(left));
        for (key, object) in made.artifacts.objects() {
            made.objects.entry(key.clone()).or_default().push(object.clone());
        }
        made
    }

    /// What is made of the objects that `key` applies, except what HelmReleases make.
    pub(super) fn of(&self, key: &Key) -> &[Applied] {
        self.objects.get(key).map_or(&[], Vec::as_slice)
    }

    /// Everything that is made.
    pub(super) fn all(&self) -> impl Iterator<Item = &Applied> {
        self.objects.values().flatten().chain(self.releases.all())
    }

    /// What bootstrapping has applied, and no build holds.
    pub(super) fn bootstrapped(&self) -> &[Applied] {
        &self.bootstrapped
    }

    /// Whether bootstrapping has applied an object, and no build holds it.
    pub(super) fn is_bootstrapped(&self, object: &Applied) -> bool {
        let mut bootstrapped = self.bootstrapped.iter();
        bootstrapped.any(|made| made.is(object))
    }

    /// The content of an ExternalArtifact.
    pub(super) fn artifact(&self, id: &ObjectRef) -> Option<Resolved> {
        self.artifacts.content(id)
    }

    /// The ExternalArtifacts whose content is at hand.
    pub(super) fn artifacts_at_hand(&self) -> impl Iterator<Item = &ObjectRef> {
        self.artifacts.at_hand()
    }

    /// Whether nothing changed.
    pub(super) fn same(&self, other: &Generated) -> bool {
        let same_objects = |a: &[Applied], b: &[Applied]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.node == b.node)
        };
        // What could not be made is to be said even where nothing else changed.
        self.diagnostics == other.diagnostics
            && self.artifacts.same(&other.artifacts)
            && self.objects.len() == other.objects.len()
            && self.objects.iter().all(|(key, objects)| {
                other
                    .objects
                    .get(key)
                    .is_some_and(|known| same_objects(objects, known))
            })
    }

    /// What could not be made.
    pub(super) fn diagnostics(&self, evaluator: &Evaluator<'_>) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.clone();
        diagnostics.extend(self.artifacts.diagnostics(evaluator));
        diagnostics.extend(self.releases.diagnostics(evaluator));
        diagnostics
    }

    fn resource_sets(&mut self, evaluator: &Evaluator<'_>, view: &Round<'_>) {
        for (set, key) in &view.typed.resource_sets {
            let rendered = resource_set::render(set, &view.typed.input_providers, &evaluator.options.limits);
            match rendered {
                Ok(objects) => {
                    let made = objects
                        .into_iter()
                        .map(|node| Applied::made(node, Some(&set.id), set.node.mark));
                    self.objects.entry(key.clone()).or_default().extend(made);
                }
                Err(error) => self.diagnostics.push(
                    Diagnostic::new(
                        Severity::Warning,
                        codes::RESOURCE_SET_UNRESOLVED,
                        format!("{}: {}", set.id, error.message),
                    )
                    .at(evaluator
                        .files
                        .place(error.mark)
                        .or_else(|| evaluator.files.place(set.node.mark)))
                    .on(set.id.to_string())
                    .hint("what it makes is not catalogued"),
                ),
            }
        }
    }

    fn flux_instances(&mut self, evaluator: &Evaluator<'_>, view: &Round<'_>) {
        let typed = &view.typed;
        let mut instances: Vec<(FluxInstance, Key)> = typed.flux_instances.clone();
        let values = |id: &ObjectRef, key: &str| typed.values(id)?.data_node(key, true).cloned();
        let chart = |id: &ObjectRef| {
            let (_, object) = typed.source(id)?;
            chart_name(&object.node)
        };
        for (release, key, object) in &typed.helm_releases {
            // Its chart has made the instance.
            if self.releases.is_rendered(&release.id) {
                continue;
            }
            let instance = instance_of_release(
                release,
                &object.node,
                &values,
                &chart,
                &evaluator.options.limits,
                &evaluator.files,
                &mut self.diagnostics,
            );
            instances.extend(instance.map(|instance| (instance, key.clone())));
        }
        if instances.is_empty() {
            // The instance that bootstrapping applied by hand.
            let key = view.reach.keys().next().unwrap_or(Key::Entry);
            let place = evaluator.entry.instance_place.as_ref();
            let mark = place.map_or(Mark::NONE, |place| {
                Mark::new(evaluator.files.id(&place.file), place.line)
            });
            let instance = evaluator.entry.instance.clone();
            instances.extend(instance.map(|instance| (instance.with_mark(mark), key)));
        }
        for (instance, key) in instances {
            match sync_objects(&instance, &evaluator.options.limits) {
                Ok(objects) => {
                    let mark = instance.sync_mark();
                    let made = objects
                        .into_iter()
                        .map(|node| Applied::made(node, Some(&instance.id), mark));
                    self.objects.entry(key).or_default().extend(made);
                }
                Err(message) => self.diagnostics.push(
                    Diagnostic::error(
                        codes::BUILD_FAILED,
                        format!("{}: the patches of its sync objects fail: {message}", instance.id),
                    )
                    .at(evaluator.files.place(instance.node.mark))
                    .on(instance.id.to_string()),
                ),
            }
        }
    }
}
