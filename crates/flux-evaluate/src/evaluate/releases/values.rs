//! The values of a HelmRelease, as far as the repository contains them.

use std::collections::BTreeSet;
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::ObjectRef;
use yaml_node::Node;

use crate::ChartMode;
use crate::evaluate::artifacts::GeneratedArtifacts;
use crate::evaluate::round::{Evaluator, Round};
use crate::evaluate::sources::Resolved;
use crate::evaluate::typed_objects::ValuesObject;
use crate::flux::{HelmRelease, Source, ValuesReference};
use crate::helm::{self, KnownValue, KnownValues, ReferenceSources};

/// The sources of the last round.
pub(super) struct RoundSources<'a, 's> {
    pub(super) evaluator: &'a Evaluator<'a>,
    pub(super) view: &'a Round<'s>,
    pub(super) artifacts: &'a GeneratedArtifacts,
}

impl<'a> ReferenceSources<'a> for RoundSources<'a, '_> {
    fn source(&self, id: &ObjectRef) -> Option<(&'a Source, &'a Node)> {
        let (source, object) = self.view.typed.source(id)?;
        Some((&**source, object.applied()))
    }

    fn files(&self, id: &ObjectRef) -> Option<Arc<Sources>> {
        match self.artifacts.resolve(id, self.evaluator, self.view) {
            // An OCI artifact that is a chart is not the repository, whatever its name.
            Resolved::Own(_) if id.kind == "OCIRepository" => None,
            resolved => resolved.sources().cloned(),
        }
    }
}

/// The values of `valuesFrom`, and its objects whose values are unknown: those that nothing here makes, and Secrets.
pub(super) fn known_values(
    evaluator: &Evaluator<'_>,
    view: &Round<'_>,
    release: &HelmRelease,
) -> (KnownValues, Vec<ObjectRef>) {
    let mut known = KnownValues::new();
    let mut unknown = BTreeSet::new();
    for reference in &release.values_from {
        let id = ObjectRef::new(&reference.kind, &release.id.namespace, &reference.name);
        let as_applied = evaluator.options.charts == ChartMode::AsApplied;
        let value = match view.typed.values(&id) {
            Some(found) if id.kind == "ConfigMap" => Some(text_of(found, reference, as_applied)),
            Some(found) if as_applied && !found.is_encrypted() => {
                Some(found.secret_text(reference.key()).map(plain))
            }
            None if reference.optional => continue,
            _ => None,
        };
        let key = (
            reference.kind.clone(),
            reference.name.clone(),
            reference.key().to_owned(),
        );
        match value {
            Some(value) => {
                known.insert(key, value);
            }
            None => {
                if reference.target_path.is_some() {
                    let placeholder = helm::placeholder(&reference.name, reference.key());
                    known.insert(key, Some(plain(placeholder)));
                }
                unknown.insert(id);
            }
        }
    }
    (known, unknown.into_iter().collect())
}

fn plain(text: String) -> KnownValue {
    KnownValue {
        text,
        file: source_tree::FileId::NONE,
    }
}

fn text_of(found: &ValuesObject<'_>, reference: &ValuesReference, as_applied: bool) -> Option<KnownValue> {
    let node = found.data_node(reference.key(), as_applied)?;
    Some(KnownValue {
        text: node.text()?.to_owned(),
        file: node.mark.file,
    })
}
