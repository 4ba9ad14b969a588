//! Objects that controllers read turn into the objects and artifacts that they make.

use std::collections::BTreeMap;

use source_tree::Diagnostic;
use yaml_node::Node;

use super::sources::Resolved;
use super::sync_objects::sync_objects;
use super::{Evaluator, Key, View};
use crate::Applied;
use crate::discovery::{chart_name, instance_of_release};
use crate::flux::{FluxInstance, ObjectId};

/// What controllers make of one round's objects.
#[derive(Default)]
pub(super) struct Made {
    objects: BTreeMap<Key, Vec<Applied>>,
    artifacts: BTreeMap<ObjectId, Resolved>,
}

impl Made {
    /// What controllers make of what is applied.
    pub(super) fn new(
        evaluator: &Evaluator<'_>,
        view: &View<'_>,
        known: &Made,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let _ = known;
        let mut made = Made::default();
        made.flux_instances(evaluator, view, diagnostics);
        made
    }

    /// What is made of the objects that `key` applies.
    pub(super) fn of(&self, key: &Key) -> &[Applied] {
        self.objects.get(key).map_or(&[], Vec::as_slice)
    }

    /// Everything that is made.
    pub(super) fn all(&self) -> impl Iterator<Item = &Applied> {
        self.objects.values().flatten()
    }

    /// The content of an ExternalArtifact.
    pub(super) fn artifact(&self, id: &ObjectId) -> Option<Resolved> {
        self.artifacts.get(id).cloned()
    }

    /// Whether nothing changed.
    pub(super) fn same(&self, other: &Made) -> bool {
        let nodes = |made: &Made| -> Vec<(Key, Vec<Node>)> {
            let entries = made.objects.iter();
            entries
                .map(|(key, objects)| (key.clone(), objects.iter().map(|object| object.node.clone()).collect()))
                .collect()
        };
        nodes(self) == nodes(other)
    }

    /// What could not be made.
    pub(super) fn diagnostics(&self, evaluator: &Evaluator<'_>, view: &View<'_>) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        Made::new(evaluator, view, self, &mut diagnostics);
        diagnostics
    }

    fn flux_instances(&mut self, evaluator: &Evaluator<'_>, view: &View<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let inventory = &view.inventory;
        let mut instances: Vec<(FluxInstance, Key)> = inventory.flux_instances.clone();
        let values = |id: &ObjectId, key: &str| inventory.values(id)?.data_node(key).cloned();
        let chart = |id: &ObjectId| {
            let (_, object) = inventory.sources.get(id)?;
            chart_name(&object.node)
        };
        for (release, key, object) in &inventory.helm_releases {
            let instance = instance_of_release(
                release,
                &object.node,
                &values,
                &chart,
                &evaluator.options.limits,
                &evaluator.files,
                diagnostics,
            );
            instances.extend(instance.map(|instance| (instance, key.clone())));
        }
        if instances.is_empty() {
            // The instance that bootstrapping applied by hand.
            let key = view.reach.keys().next().unwrap_or(Key::Entry);
            instances.extend(evaluator.entry.instance.clone().map(|instance| (instance, key)));
        }
        for (instance, key) in instances {
            match sync_objects(&instance, &evaluator.options.limits) {
                Ok(objects) => self.objects.entry(key).or_default().extend(objects),
                Err(message) => diagnostics.push(
                    Diagnostic::error(
                        infra_model::codes::BUILD_FAILED,
                        format!("{}: the patches of its sync objects fail: {message}", instance.id),
                    )
                    .at(evaluator.files.place(instance.node.mark))
                    .on(instance.id.to_string()),
                ),
            }
        }
    }
}
