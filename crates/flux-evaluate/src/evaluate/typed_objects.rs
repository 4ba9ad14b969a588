//! Typed views of one round's objects: values, sources, and objects from which controllers make others.

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::{Diagnostic, FileTable, ObjectRef};
use yaml_node::Node;

use super::key::Key;
use super::outside::secret_variables;
use super::views::{TypedObject, TypedView};
use crate::flux::{
    self, ConfigMap, FluxInstance, HelmRelease, Kind, ResourceSet, ResourceSetInputProvider, Secret, Source,
    object_ref,
};
use crate::substitute::VariableValue;
use crate::{Applied, DefinedIn};

/// Typed views of one round's objects. Where two Kustomizations apply one object, the later one counts.
#[derive(Default)]
pub(super) struct TypedObjects<'a> {
    values: BTreeMap<ObjectRef, ValuesObject<'a>>,
    /// ConfigMaps and Secrets that operators make, with the object that they make them from. One without namespace may be in any.
    values_made: BTreeMap<ObjectRef, ObjectRef>,
    /// All keys of Secrets that operators make; `None` if they are unknown, or several objects make the Secret.
    keys_made: BTreeMap<ObjectRef, Option<Vec<String>>>,
    pub(super) sources: BTreeMap<ObjectRef, (Arc<Source>, &'a Applied)>,
    pub(super) artifact_generators: Vec<(&'a Node, Key)>,
    pub(super) flux_instances: Vec<(FluxInstance, Key)>,
    pub(super) helm_releases: Vec<(Arc<HelmRelease>, Key, &'a Applied)>,
    pub(super) resource_sets: Vec<(ResourceSet, Key)>,
    pub(super) input_providers: Vec<ResourceSetInputProvider>,
}

/// A ConfigMap or Secret.
#[derive(Clone)]
pub(super) struct ValuesObject<'a> {
    pub(super) node: &'a Node,
    rendered: &'a Node,
    /// The key of what applies it last.
    pub(super) owner: Key,
    /// The keys of what else applies it.
    also: Vec<Key>,
    /// The name of the Crossplane `Object` that embeds it.
    pub(super) embedded_in: Option<String>,
}

impl<'a> TypedObjects<'a> {
    /// Adds the objects that `key` applies.
    pub(super) fn add(
        &mut self,
        key: &Key,
        objects: impl IntoIterator<Item = &'a Applied>,
        files: &FileTable,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for object in objects {
            if let Some(view) = TypedView::read(object, files) {
                self.add_view(key, object, &view, diagnostics);
            }
        }
    }

    /// Adds an object that `key` applies and that was read already.
    pub(super) fn add_view(
        &mut self,
        key: &Key,
        object: &'a Applied,
        view: &TypedView,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let rendered = object.applied();
        for (made, keys) in &view.made {
            let is_first = !self.keys_made.contains_key(made);
            self.keys_made
                .insert(made.clone(), keys.clone().filter(|_| is_first));
            self.values_made.insert(made.clone(), view.id.clone());
        }
        match view.object.clone() {
            TypedObject::Values => self.add_values(&object.node, rendered, key, None),
            TypedObject::CrossplaneObject => {
                let manifest = flux::embedded_manifest(rendered);
                if let (Some(rendered), Some(node)) = (manifest, flux::embedded_manifest(&object.node)) {
                    self.add_values(node, rendered, key, Some(view.id.name.to_string()));
                }
            }
            TypedObject::Source(source) => {
                self.sources.insert(view.id.clone(), (source, object));
            }
            TypedObject::ArtifactGenerator => self.artifact_generators.push((rendered, key.clone())),
            TypedObject::FluxInstance(instance) => self.flux_instances.push((*instance, key.clone())),
            TypedObject::HelmRelease(release) => self.helm_releases.push((release, key.clone(), object)),
            TypedObject::ResourceSet(set) => self.resource_sets.push((*set, key.clone())),
            TypedObject::InputProvider(provider) => self.input_providers.push(*provider),
            TypedObject::Other => {}
        }
        diagnostics.extend(view.diagnostics.iter().cloned());
    }

    fn add_values(&mut self, node: &'a Node, rendered: &'a Node, key: &Key, embedded_in: Option<String>) {
        let id = object_ref(rendered);
        if !matches!(flux::kind(rendered), Some(Kind::ConfigMap | Kind::Secret)) {
            return;
        }
        // A plain object wins over one that a Crossplane `Object` embeds.
        let known = self.values.get(&id);
        if embedded_in.is_some() && known.is_some_and(|known| known.embedded_in.is_none()) {
            return;
        }
        let object = ValuesObject {
            node,
            rendered,
            owner: key.clone(),
            also: Vec::new(),
            embedded_in,
        };
        if let Some(known) = self.values.insert(id.clone(), object)
            && let Some(object) = self.values.get_mut(&id)
        {
            object.also = known.also;
            object.also.extend(Some(known.owner).filter(|owner| owner != key));
        }
    }

    /// The object from which an operator makes a ConfigMap or Secret.
    pub(super) fn maker(&self, id: &ObjectRef) -> Option<&ObjectRef> {
        in_any_namespace(&self.values_made, id)
    }

    /// Whether a ConfigMap or Secret that an operator makes may have a key.
    pub(super) fn may_have(&self, id: &ObjectRef, key: &str) -> bool {
        let keys = self.keys_made.get(id).and_then(Option::as_ref);
        keys.is_none_or(|keys| keys.iter().any(|known| known == key))
    }

    /// A source and the object that defines it. One without namespace is applied to the namespace of the object that references it.
    pub(super) fn source(&self, id: &ObjectRef) -> Option<&(Arc<Source>, &'a Applied)> {
        in_any_namespace(&self.sources, id)
    }

    /// The name of a ConfigMap or Secret with the hash that its generator appends.
    pub(super) fn hashed(&self, id: &ObjectRef) -> Option<&str> {
        // https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go
        let is_hash = |text: &str| {
            let mut bytes = text.bytes();
            text.len() == 10 && bytes.all(|byte| b"2456789bcdfghkmt".contains(&byte))
        };
        let mut known = self.values.keys();
        let found = known.find(|other| {
            let rest = other.name.strip_prefix(id.name.as_str());
            let hash = rest.and_then(|rest| rest.strip_prefix('-'));
            other.kind == id.kind && other.namespace == id.namespace && hash.is_some_and(is_hash)
        })?;
        Some(&found.name)
    }

    /// The namespace of another ConfigMap or Secret with the kind and name of a missing one, unless it is annotated as a
    /// copy of that.
    pub(super) fn values_elsewhere(&self, id: &ObjectRef) -> Option<&str> {
        let is_copy = |object: &ValuesObject<'_>| {
            let annotations = object.rendered.at(&["metadata", "annotations"]);
            let origin = format!("{}/{}", id.namespace, id.name);
            annotations.is_some_and(|annotations| {
                let mut values = annotations.iter();
                values.any(|(_, value)| value.text() == Some(&origin))
            })
        };
        let mut known = self.values.iter();
        let (other, _) = known
            .find(|(other, object)| other.kind == id.kind && other.name == id.name && !is_copy(object))?;
        Some(&other.namespace)
    }

    /// A ConfigMap or Secret.
    pub(super) fn values(&self, id: &ObjectRef) -> Option<&ValuesObject<'a>> {
        self.values.get(id)
    }
}

/// The entry of an object, or of one that has no namespace.
fn in_any_namespace<'m, T>(objects: &'m BTreeMap<ObjectRef, T>, id: &ObjectRef) -> Option<&'m T> {
    let without_namespace = || ObjectRef::new(&id.kind, "", &id.name);
    objects.get(id).or_else(|| objects.get(&without_namespace()))
}

impl<'a> ValuesObject<'a> {
    /// The keys of all that applies it.
    pub(super) fn owners(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.owner).chain(&self.also)
    }

    /// Whether SOPS encrypts it.
    pub(super) fn is_encrypted(&self) -> bool {
        flux::is_encrypted(self.rendered)
    }

    /// Its values as substitution reads them.
    pub(super) fn variables(&self, id: &ObjectRef) -> Vec<(String, VariableValue)> {
        let defined_in = Arc::new(DefinedIn::Object(id.clone()));
        if id.kind == "Secret" {
            return secret_variables(self.rendered, &defined_in);
        }
        let shown: BTreeMap<&str, &str> = ConfigMap::read(self.node).data.into_iter().collect();
        let data = ConfigMap::read(self.rendered).data.into_iter();
        let data = data.map(|(key, value)| {
            let shown = shown.get(key).copied().unwrap_or(value);
            let value = VariableValue::partly_known(value, shown, Arc::clone(&defined_in));
            (key.to_owned(), value)
        });
        data.collect()
    }

    /// One value of a ConfigMap, with its place: as Flux applies it, or with unknown variables as `${NAME}`.
    pub(super) fn data_node(&self, key: &str, as_applied: bool) -> Option<&'a Node> {
        let node = if as_applied { self.rendered } else { self.node };
        node.at(&["data", key])
    }

    /// One value of a Secret.
    pub(super) fn secret_text(&self, key: &str) -> Option<String> {
        let data = Secret::read(self.rendered).data;
        data.into_iter().find(|(name, _)| name == key)?.1
    }
}
