//! An object turns into its identity and, if Flux reads it, its kind.

use std::fmt;

use yaml_node::Node;

/// Kind, namespace and name. Group and version are left out: what Flux reads is told apart without them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// Kind.
    pub kind: String,
    /// Namespace; empty where none is stated.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl ObjectId {
    /// An identity.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        ObjectId {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Of an object as it is.
    pub fn of(object: &Node) -> Self {
        ObjectId::new(
            object.text_at(&["kind"]).unwrap_or_default(),
            present(object, "namespace"),
            present(object, "name"),
        )
    }
}

fn present<'a>(object: &'a Node, field: &str) -> &'a str {
    object
        .at(&["metadata", field])
        .filter(|node| !node.is_null())
        .and_then(Node::text)
        .unwrap_or_default()
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)
    }
}

/// The kinds of objects that evaluation reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Kustomization,
    HelmRelease,
    /// GitRepository, OCIRepository, Bucket, HelmRepository, HelmChart, ExternalArtifact.
    Source,
    FluxInstance,
    ArtifactGenerator,
    ResourceSet,
    ResourceSetInputProvider,
    ConfigMap,
    Secret,
    /// Crossplane's `Object`, which holds another object.
    CrossplaneObject,
}

/// What evaluation reads an object as, if at all.
pub(crate) fn kind(object: &Node) -> Option<Kind> {
    let api_version = object.text_at(&["apiVersion"])?;
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    Some(match (group, object.text_at(&["kind"])?) {
        ("", "ConfigMap") => Kind::ConfigMap,
        ("", "Secret") => Kind::Secret,
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => Kind::Kustomization,
        ("helm.toolkit.fluxcd.io", "HelmRelease") => Kind::HelmRelease,
        ("source.toolkit.fluxcd.io", _) => Kind::Source,
        ("source.extensions.fluxcd.io", "ArtifactGenerator") => Kind::ArtifactGenerator,
        ("fluxcd.controlplane.io", "FluxInstance") => Kind::FluxInstance,
        ("fluxcd.controlplane.io", "ResourceSet") => Kind::ResourceSet,
        ("fluxcd.controlplane.io", "ResourceSetInputProvider") => Kind::ResourceSetInputProvider,
        // `kubernetes.crossplane.io`, and `kubernetes.m.crossplane.io` for its namespaced successor.
        (group, "Object") if group.starts_with("kubernetes.") && group.ends_with("crossplane.io") => {
            Kind::CrossplaneObject
        }
        _ => return None,
    })
}
