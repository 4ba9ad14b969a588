//! `spec.ignore` of a Kustomization: fields of existing objects that Flux does not overwrite
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#ignore-rules>).

use source_tree::ObjectRef;
use yaml_node::Node;

use super::object_ref;

/// The JSON pointers of fields that a Kustomization ignores in one of its objects.
pub fn ignored_pointers<'k>(kustomization: &'k Node, object: &Node) -> Vec<&'k str> {
    let rules = kustomization.at(&["spec", "ignore"]);
    let rules = rules.map_or(&[][..], Node::items);
    if rules.is_empty() {
        return Vec::new();
    }
    let name = object_ref(object);
    let of_object = rules.iter().filter(|rule| {
        let target = rule.get("target");
        target.is_none_or(|target| selects(target, object, &name))
    });
    let pointers = of_object.flat_map(|rule| rule.get("paths").map_or(&[][..], Node::items));
    pointers.filter_map(Node::text).collect()
}

/// Whether a target certainly selects an object. Its fields are patterns, of which only plain names are evaluated.
fn selects(target: &Node, object: &Node, name: &ObjectRef) -> bool {
    let api = object.text_at(&["apiVersion"]).unwrap_or_default();
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    let is_plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
    };
    target.iter().all(|(field, wanted)| {
        let wanted = wanted.text().unwrap_or_default();
        let has = match field {
            "group" => group,
            "version" => version,
            "kind" => name.kind.as_str(),
            "name" => name.name.as_str(),
            "namespace" => name.namespace.as_str(),
            _ => return false,
        };
        wanted.is_empty() || wanted == ".*" || (is_plain(wanted) && wanted == has)
    })
}

/// The node at a JSON pointer (RFC 6901).
pub fn at_pointer<'n>(node: &'n Node, pointer: &str) -> Option<&'n Node> {
    pointer
        .strip_prefix('/')?
        .split('/')
        .try_fold(node, |node, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            match node.as_sequence().is_some() {
                true => node.items().get(step.parse::<usize>().ok()?),
                false => node.get(&step),
            }
        })
}
