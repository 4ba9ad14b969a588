//! Objects that change Kustomizations on their way into the cluster, and so may give them variables.

use source_tree::ObjectRef;
use yaml_node::Node;

use crate::Applied;
use crate::flux::{api_group, object_ref};

/// The first of such objects.
pub(super) fn changes_kustomizations<'a>(
    mut objects: impl Iterator<Item = &'a Applied>,
) -> Option<ObjectRef> {
    let found = objects.find(|object| is_such(&object.node))?;
    Some(object_ref(&found.node))
}

fn is_such(object: &Node) -> bool {
    match (api_group(object), object.text_at(&["kind"]).unwrap_or_default()) {
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration") => {
            let webhooks = items(object, "webhooks");
            let mut rules = webhooks.flat_map(|webhook| items(webhook, "rules"));
            rules.any(|rule| names(rule, "resources", "kustomizations"))
        }
        // https://kyverno.io/docs/policy-types/cluster-policy/mutate/
        ("kyverno.io", "ClusterPolicy" | "Policy") => {
            let rules = object
                .get("spec")
                .into_iter()
                .flat_map(|spec| items(spec, "rules"));
            let mutating = rules.filter(|rule| rule.get("mutate").is_some());
            let matched = mutating.filter_map(|rule| rule.get("match")).flat_map(|matched| {
                let alternatives = ["any", "all"].into_iter();
                let alternatives = alternatives.flat_map(|word| items(matched, word));
                alternatives.chain(std::iter::once(matched))
            });
            let mut resources = matched.filter_map(|one| one.get("resources"));
            resources.any(|resources| names(resources, "kinds", "Kustomization"))
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

/// Whether an entry of a list is `name`, perhaps with a group and a version before it or a subresource behind.
fn names(node: &Node, field: &str, name: &str) -> bool {
    let mut texts = items(node, field).filter_map(Node::text);
    texts.any(|text| text.split('/').any(|part| part == name))
}
