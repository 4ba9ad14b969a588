//! Admission webhooks and policies that change Kustomizations, and so may define variables for them.

use source_tree::ObjectRef;
use yaml_node::Node;

use crate::Applied;
use crate::flux::{api_group, object_ref};

/// The first object that changes Kustomizations when they are applied.
pub(super) fn changes_kustomizations<'a>(
    mut objects: impl Iterator<Item = &'a Applied>,
) -> Option<ObjectRef> {
    let found = objects.find(|object| is_mutating(&object.node))?;
    Some(object_ref(&found.node))
}

fn is_mutating(object: &Node) -> bool {
    match (api_group(object), object.text_at(&["kind"]).unwrap_or_default()) {
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration") => {
            let mut rules = items(object, "webhooks").flat_map(|webhook| items(webhook, "rules"));
            rules.any(|rule| has_name(rule, "resources", "kustomizations"))
        }
        // https://kyverno.io/docs/policy-types/cluster-policy/mutate/
        ("kyverno.io", "ClusterPolicy" | "Policy") => {
            let spec = object.get("spec").into_iter();
            let rules = spec.flat_map(|spec| items(spec, "rules"));
            let mutating = rules.filter(|rule| rule.get("mutate").is_some());
            let filters = mutating.filter_map(|rule| rule.get("match")).flat_map(|filter| {
                let alternatives = ["any", "all"].into_iter();
                let alternatives = alternatives.flat_map(|field| items(filter, field));
                alternatives.chain(std::iter::once(filter))
            });
            let mut resources = filters.filter_map(|filter| filter.get("resources"));
            resources.any(|resources| has_name(resources, "kinds", "Kustomization"))
        }
        // https://github.com/xunholy/kustomize-mutating-webhook puts keys of ConfigMaps and Secrets into
        // `spec.postBuild.substitute` of every Kustomization.
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            let chart = object.text_at(&["spec", "chart", "spec", "chart"]);
            let chart = chart.or_else(|| object.text_at(&["spec", "chartRef", "name"]));
            chart.is_some_and(|chart| chart.contains("kustomiz") && chart.contains("mutating-webhook"))
        }
        _ => false,
    }
}

fn items<'n>(node: &'n Node, field: &str) -> impl Iterator<Item = &'n Node> + use<'n> {
    node.get(field).into_iter().flat_map(Node::items)
}

/// Whether a list contains `name`, possibly after a group and version or before a subresource.
fn has_name(node: &Node, field: &str, name: &str) -> bool {
    let mut texts = items(node, field).filter_map(Node::text);
    texts.any(|text| text.split('/').any(|part| part == name))
}
