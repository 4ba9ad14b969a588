//! Crossplane `Object` of provider-kubernetes, which embeds another object.

use yaml_node::Node;

/// The object that a Crossplane `Object` applies: <https://github.com/crossplane-contrib/provider-kubernetes>.
pub(crate) fn embedded_manifest(object: &Node) -> Option<&Node> {
    object
        .at(&["spec", "forProvider", "manifest"])
        .filter(|manifest| manifest.as_mapping().is_some())
}
