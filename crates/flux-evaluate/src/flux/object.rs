//! Identity of an object, and its kind if evaluation reads it.

use source_tree::ObjectRef;
use yaml_node::Node;

/// The namespace of Flux objects that neither they nor their parent set.
pub(crate) const DEFAULT_NAMESPACE: &str = "flux-system";

/// The identity of an object, without group and version: kinds that Flux reads are unique without them.
pub fn object_ref(object: &Node) -> ObjectRef {
    ObjectRef::new(
        object.text_at(&["kind"]).unwrap_or_default(),
        metadata(object, "namespace"),
        metadata(object, "name"),
    )
}

/// The API group of an object; empty for the core group, or without `apiVersion`.
pub fn api_group(object: &Node) -> &str {
    let api_version = object.text_at(&["apiVersion"]).unwrap_or_default();
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// The text of a field of an object's metadata; empty if it is absent.
pub(super) fn metadata<'o>(object: &'o Node, field: &str) -> &'o str {
    object
        .at(&["metadata", field])
        .filter(|node| !node.is_null())
        .and_then(Node::text)
        .unwrap_or_default()
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
    /// Crossplane's `Object`, which embeds another object.
    CrossplaneObject,
}

/// The kind of an object, if evaluation reads it.
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

/// Objects with each `List` replaced by its items, as kustomize and kubectl read them.
pub(crate) fn listed(objects: Vec<Node>) -> Vec<Node> {
    fn items(object: &Node) -> Option<&[Node]> {
        let is_list = object.text_at(&["kind"])?.ends_with("List");
        object.get("items").filter(|_| is_list).map(Node::items)
    }
    if objects.iter().all(|object| items(object).is_none()) {
        return objects;
    }
    let flat = objects
        .iter()
        .flat_map(|object| items(object).unwrap_or(std::slice::from_ref(object)));
    flat.cloned().collect()
}
