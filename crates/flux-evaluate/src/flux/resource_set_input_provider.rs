//! ResourceSetInputProvider of flux-operator.

use std::collections::BTreeMap;

use source_tree::ObjectRef;
use yaml_node::Node;

use super::Fields;

/// A ResourceSetInputProvider: <https://fluxoperator.dev/docs/crd/resourcesetinputprovider/>.
#[derive(Clone, Debug)]
pub(crate) struct ResourceSetInputProvider {
    pub(crate) id: ObjectRef,
    /// `spec.type`; only `Static` can be evaluated offline.
    pub(crate) provider_type: String,
    /// `spec.defaultValues`
    pub(crate) default_values: Option<Node>,
    pub(crate) labels: BTreeMap<String, String>,
}

impl ResourceSetInputProvider {
    pub(crate) fn read(object: &Node, fields: &mut Fields<'_>) -> Self {
        let empty = Node::empty_mapping();
        let spec = fields.mapping(object, "spec").unwrap_or(&empty);
        let labels = object.at(&["metadata", "labels"]);
        let labels = labels.into_iter().flat_map(Node::iter);
        ResourceSetInputProvider {
            id: fields.object(),
            provider_type: fields.owned_text(spec, "type").unwrap_or_default(),
            default_values: fields.mapping(spec, "defaultValues").cloned(),
            labels: labels
                .filter_map(|(key, value)| Some((key.to_owned(), value.text()?.to_owned())))
                .collect(),
        }
    }
}
