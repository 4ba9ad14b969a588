//! Fields that a Kustomization leaves to others: `spec.ignore`. Once the object exists, Flux writes back what the cluster has there
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#ignore-rules>).

use source_tree::Mark;
use yaml_node::Node;

use crate::inventory::{Inventory, Object};

/// A field of an object to which an edit of its file makes no difference.
pub(crate) struct IgnoredField {
    /// As a JSON pointer.
    pub(crate) pointer: String,
    /// Where the file states it.
    pub(crate) mark: Mark,
}

/// The fields of an object that its Kustomization ignores, and the object states.
pub(crate) fn ignored_fields(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<IgnoredField> {
    let owner = inventory
        .owner(object)
        .filter(|_| object.applied.generated_by.is_none());
    let applied = owner.and_then(|owner| owner.evaluated.object.as_ref());
    let rules = applied.and_then(|applied| applied.node.at(&["spec", "ignore"]));
    let mut found = Vec::new();
    for rule in rules.map_or(&[][..], Node::items) {
        if !rule.get("target").is_none_or(|target| selects(target, object)) {
            continue;
        }
        let pointers = rule.get("paths").map_or(&[][..], Node::items);
        for pointer in pointers.iter().filter_map(Node::text) {
            if let Some(field) = at(object.node(), pointer) {
                found.push(IgnoredField {
                    pointer: pointer.to_owned(),
                    mark: field.mark,
                });
            }
        }
    }
    found
}

/// Whether a target selects an object for certain: its fields are patterns, of which only plain names are compared.
fn selects(target: &Node, object: &Object<'_>) -> bool {
    let version = object.node().text_at(&["apiVersion"]).unwrap_or_default();
    let version = version.rsplit('/').next().unwrap_or_default();
    let is_plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
    };
    target.iter().all(|(field, wanted)| {
        let wanted = wanted.text().unwrap_or_default();
        let has = match field {
            "group" => object.group,
            "version" => version,
            "kind" => object.kind,
            "name" => object.name,
            "namespace" => object.namespace,
            _ => return false,
        };
        wanted.is_empty() || wanted == ".*" || (is_plain(wanted) && wanted == has)
    })
}

/// What a JSON pointer leads to (RFC 6901).
fn at<'n>(node: &'n Node, pointer: &str) -> Option<&'n Node> {
    let steps = pointer.strip_prefix('/')?.split('/');
    steps.into_iter().try_fold(node, |node, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        match node.as_sequence().is_some() {
            true => node.items().get(step.parse::<usize>().ok()?),
            false => node.get(&step),
        }
    })
}
