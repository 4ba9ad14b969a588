//! ResourceSet of flux-operator.

use std::collections::BTreeMap;

use source_tree::ObjectRef;
use yaml_node::Node;

use super::Fields;

/// A ResourceSet: <https://fluxoperator.dev/docs/crd/resourceset/>.
#[derive(Clone, Debug)]
pub(crate) struct ResourceSet {
    pub(crate) id: ObjectRef,
    /// `spec.inputs`
    pub(crate) inputs: Vec<Node>,
    /// `spec.inputsFrom`
    pub(crate) inputs_from: Vec<InputReference>,
    /// Whether `spec.inputStrategy.name` is `Permute`.
    pub(crate) permute: bool,
    /// `spec.resources`
    pub(crate) resources: Vec<Node>,
    /// `spec.resourcesTemplate`
    pub(crate) resources_template: Option<Node>,
    /// `resources` and `resourcesTemplate` of each of `spec.steps`.
    pub(crate) steps: Vec<(Vec<Node>, Option<Node>)>,
    /// `spec.commonMetadata`
    pub(crate) common_metadata: Option<Node>,
    pub(crate) node: Node,
}

/// An entry of `inputsFrom`, which selects providers by name or by labels.
#[derive(Clone, Debug)]
pub(crate) struct InputReference {
    pub(crate) name: Option<String>,
    pub(crate) match_labels: BTreeMap<String, String>,
    pub(crate) match_expressions: Vec<Node>,
    pub(crate) node: Node,
}

impl ResourceSet {
    pub(crate) fn read(object: &Node, fields: &mut Fields<'_>) -> Self {
        let empty = Node::empty_mapping();
        let spec = fields.mapping(object, "spec").unwrap_or(&empty);
        let inputs_from = fields.list(spec, "inputsFrom").iter();
        let inputs_from = inputs_from.map(|reference| InputReference::read(reference, fields));
        let inputs_from = inputs_from.collect();
        let steps = fields.list(spec, "steps").iter();
        let steps = steps.map(|step| {
            let resources = fields.list(step, "resources").to_vec();
            (resources, step.get("resourcesTemplate").cloned())
        });
        let steps = steps.collect();
        let strategy = fields
            .mapping(spec, "inputStrategy")
            .and_then(|strategy| fields.text(strategy, "name"));
        let template = spec.get("resourcesTemplate");
        ResourceSet {
            id: fields.object(),
            inputs: fields.list(spec, "inputs").to_vec(),
            inputs_from,
            permute: strategy == Some("Permute"),
            resources: fields.list(spec, "resources").to_vec(),
            resources_template: template.filter(|node| !node.is_null()).cloned(),
            steps,
            common_metadata: fields.mapping(spec, "commonMetadata").cloned(),
            node: object.clone(),
        }
    }
}

impl InputReference {
    fn read(reference: &Node, fields: &mut Fields<'_>) -> Self {
        let selector = fields.mapping(reference, "selector");
        let labels = selector.map(|selector| fields.texts(selector, "matchLabels"));
        InputReference {
            name: fields.owned_text(reference, "name"),
            match_labels: labels
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.to_owned(), value.text().unwrap_or_default().to_owned()))
                .collect(),
            match_expressions: selector
                .map(|selector| fields.list(selector, "matchExpressions").to_vec())
                .unwrap_or_default(),
            node: reference.clone(),
        }
    }
}
