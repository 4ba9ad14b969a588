//! Typed views of what one round applies: values, sources, and objects that controllers make others of.

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::{Diagnostic, FileTable, ObjectRef};
use yaml_node::Node;

use super::key::Key;
use crate::flux::{
    self, ConfigMap, Fields, FluxInstance, HelmRelease, Kind, ResourceSet, ResourceSetInputProvider, Secret,
    Source, object_ref,
};
use crate::substitute::VariableValue;
use crate::{Applied, DefinedIn};

/// Typed views of one round's objects. Where two Kustomizations apply one object, the later one counts.
#[derive(Default)]
pub(super) struct TypedObjects<'a> {
    values: BTreeMap<ObjectRef, ValuesObject<'a>>,
    /// ConfigMaps and Secrets that operators make, with what they make them of. One without namespace is in any.
    values_made: BTreeMap<ObjectRef, ObjectRef>,
    /// All keys of Secrets that operators make, where they are known; none where several make one.
    keys_made: BTreeMap<ObjectRef, Option<Vec<String>>>,
    /// Sources by identity.
    pub(super) sources: BTreeMap<ObjectRef, (Source, &'a Applied)>,
    pub(super) artifact_generators: Vec<(&'a Node, Key)>,
    pub(super) flux_instances: Vec<(FluxInstance, Key)>,
    pub(super) helm_releases: Vec<(HelmRelease, Key, &'a Applied)>,
    pub(super) resource_sets: Vec<(ResourceSet, Key)>,
    pub(super) input_providers: Vec<ResourceSetInputProvider>,
}

/// A ConfigMap or Secret.
#[derive(Clone)]
pub(super) struct ValuesObject<'a> {
    pub(super) node: &'a Node,
    rendered: &'a Node,
    /// What applies it.
    pub(super) owner: Key,
    /// The Crossplane `Object` that embeds it, by its name.
    pub(super) embedded_in: Option<String>,
}

impl<'a> TypedObjects<'a> {
    /// Adds what `key` applies.
    pub(super) fn add(
        &mut self,
        key: &Key,
        objects: impl IntoIterator<Item = &'a Applied>,
        files: &FileTable,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for object in objects {
            let rendered = object.rendered.as_ref().unwrap_or(&object.node);
            let kind = flux::kind(rendered);
            // Operators make nothing of Flux's own objects.
            let made = match kind {
                None | Some(Kind::ConfigMap | Kind::Secret | Kind::CrossplaneObject) => {
                    flux::values_made(rendered)
                }
                Some(_) => Vec::new(),
            };
            for made in made {
                let keys = flux::keys_made(rendered).filter(|(name, _)| *name == made);
                let keys = keys.map(|(_, keys)| keys);
                let is_first = !self.keys_made.contains_key(&made);
                self.keys_made.insert(made.clone(), keys.filter(|_| is_first));
                self.values_made.insert(made, object_ref(rendered));
            }
            let Some(kind) = kind else {
                continue;
            };
            let mut fields = Fields::new(rendered, files, diagnostics);
            match kind {
                Kind::ConfigMap | Kind::Secret => {
                    self.add_values(&object.node, rendered, key, None);
                }
                Kind::CrossplaneObject => {
                    let manifest = flux::embedded_manifest(rendered);
                    if let (Some(rendered), Some(node)) = (manifest, flux::embedded_manifest(&object.node)) {
                        let embedded_in = fields.object().name;
                        self.add_values(node, rendered, key, Some(embedded_in));
                    }
                }
                Kind::Source => {
                    let id = fields.object();
                    self.sources
                        .insert(id, (Source::read(rendered, &mut fields), object));
                }
                Kind::ArtifactGenerator => {
                    self.artifact_generators.push((rendered, key.clone()));
                }
                Kind::FluxInstance => {
                    let instance = FluxInstance::read(rendered, &mut fields);
                    self.flux_instances.push((instance, key.clone()));
                }
                Kind::HelmRelease => {
                    let release = HelmRelease::read(rendered, &mut fields);
                    self.helm_releases.push((release, key.clone(), object));
                }
                Kind::ResourceSet => {
                    self.resource_sets
                        .push((ResourceSet::read(rendered, &mut fields), key.clone()));
                }
                Kind::ResourceSetInputProvider => {
                    self.input_providers
                        .push(ResourceSetInputProvider::read(rendered, &mut fields));
                }
                Kind::Kustomization => {}
            }
        }
    }

    fn add_values(&mut self, node: &'a Node, rendered: &'a Node, key: &Key, embedded_in: Option<String>) {
        let id = object_ref(rendered);
        if !matches!(flux::kind(rendered), Some(Kind::ConfigMap | Kind::Secret)) {
            return;
        }
        // A plain object wins over one that Crossplane copies to the cluster.
        if embedded_in.is_some()
            && self
                .values
                .get(&id)
                .is_some_and(|known| known.embedded_in.is_none())
        {
            return;
        }
        let object = ValuesObject {
            node,
            rendered,
            owner: key.clone(),
            embedded_in,
        };
        self.values.insert(id, object);
    }

    /// What an operator makes a ConfigMap or Secret of.
    pub(super) fn maker(&self, id: &ObjectRef) -> Option<&ObjectRef> {
        let anywhere = ObjectRef::new(&id.kind, "", &id.name);
        self.values_made
            .get(id)
            .or_else(|| self.values_made.get(&anywhere))
    }

    /// Whether what an operator makes may have a key.
    pub(super) fn may_have(&self, id: &ObjectRef, key: &str) -> bool {
        let keys = self.keys_made.get(id).and_then(Option::as_ref);
        keys.is_none_or(|keys| keys.iter().any(|known| known == key))
    }

    /// A source and the object that states it. One without namespace is in the namespace that it is applied to, as what names it is.
    pub(super) fn source(&self, id: &ObjectRef) -> Option<&(Source, &'a Applied)> {
        let without_namespace = || ObjectRef::new(&id.kind, "", &id.name);
        let stated = self.sources.get(id);
        stated.or_else(|| self.sources.get(&without_namespace()))
    }

    /// The name of a ConfigMap or Secret with the hash that its generator puts behind it.
    pub(super) fn hashed(&self, id: &ObjectRef) -> Option<&str> {
        // https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go
        let is_hash = |text: &str| {
            let mut bytes = text.bytes();
            text.len() == 10 && bytes.all(|byte| b"2456789bcdfghkmt".contains(&byte))
        };
        let mut of_kind = self
            .values
            .keys()
            .filter(|other| other.kind == id.kind && other.namespace == id.namespace);
        let found = of_kind.find(|other| {
            let rest = other
                .name
                .strip_prefix(id.name.as_str())
                .and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(is_hash)
        })?;
        Some(&found.name)
    }

    /// The namespace of a ConfigMap or Secret that has the kind and name of one that is missing, and is no copy of that.
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

impl<'a> ValuesObject<'a> {
    /// Whether SOPS encrypts it.
    pub(super) fn is_encrypted(&self) -> bool {
        flux::is_encrypted(self.rendered)
    }

    /// Its values as substitution reads them.
    pub(super) fn variables(&self, id: &ObjectRef) -> Vec<(String, VariableValue)> {
        let defined_in = Arc::new(DefinedIn::Object(id.clone()));
        if id.kind == "Secret" {
            let data = Secret::read(self.rendered).data.into_iter();
            return data
                .map(|(key, value)| {
                    (
                        key,
                        VariableValue::secret(value.as_deref(), Arc::clone(&defined_in)),
                    )
                })
                .collect();
        }
        let shown: BTreeMap<&str, &str> = ConfigMap::read(self.node).data.into_iter().collect();
        let data = ConfigMap::read(self.rendered).data.into_iter();
        data.map(|(key, value)| {
            let shown = shown.get(key).copied().unwrap_or(value);
            (
                key.to_owned(),
                VariableValue::partly_known(value, shown, Arc::clone(&defined_in)),
            )
        })
        .collect()
    }

    /// One value of a ConfigMap, with its place: as Flux applies it, or with what is unknown as `${NAME}`.
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
