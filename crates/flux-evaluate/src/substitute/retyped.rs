//! Finds fields that must be strings but became another type after substitution.

use source_tree::Mark;
use yaml_node::{Node, Tag};

/// A text that became another type, which the API server refuses, or Flux where it is a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Retyped {
    /// The field, such as `data.replicas`.
    pub(crate) field: String,
    /// `a number`, `a boolean`, `null`, `a list`, `a mapping`.
    pub(crate) became: &'static str,
    pub(crate) mark: Mark,
}

/// Fields that are maps of texts, by kind; an empty kind is any.
const TEXT_MAPS: [(&str, &[&str]); 5] = [
    ("", &["metadata", "labels"]),
    ("", &["metadata", "annotations"]),
    ("ConfigMap", &["data"]),
    ("Secret", &["data"]),
    ("Secret", &["stringData"]),
];

/// Fields of Kubernetes' own kinds that are texts, wherever they stand.
const TEXTS: [&str; 17] = [
    "claimName",
    "externalName",
    "host",
    "hostname",
    "image",
    "ingressClassName",
    "key",
    "mountPath",
    "name",
    "namespace",
    "nodeName",
    "priorityClassName",
    "schedule",
    "secretName",
    "serviceAccountName",
    "storageClassName",
    "subPath",
];
/// Where labels of an object begin: one that is no text, null too, costs them all.
pub(crate) const LABELS: &str = "metadata.labels.";
/// Those that are nothing without a text. The API server takes null for an empty text in the others.
const NEEDED: [&str; 6] = ["claimName", "image", "key", "mountPath", "name", "schedule"];
/// Those that are lists of texts.
const LISTS: [&str; 3] = ["args", "command", "hosts"];
/// Those that are maps of texts.
const MAPS: [&str; 5] = ["annotations", "labels", "matchLabels", "nodeSelector", "selector"];

/// The fields of `node` that hold a text in `built` and something else after substitution.
pub(crate) fn retyped(built: &Node, node: &Node) -> Vec<Retyped> {
    let kind = built.text_at(&["kind"]).unwrap_or_default();
    let mut found = Vec::new();
    for (wanted, path) in TEXT_MAPS {
        if !wanted.is_empty() && wanted != kind {
            continue;
        }
        let (Some(before), Some(after)) = (built.at(path), node.at(path)) else {
            continue;
        };
        for (key, value) in after.iter() {
            compare(
                before.get(key),
                value,
                || format!("{}.{key}", path.join(".")),
                &mut found,
            );
        }
    }
    env_values(built, node, &mut found);
    if let (true, Some(before), Some(after)) = (is_of_kubernetes(built), built.get("spec"), node.get("spec"))
    {
        spec_texts(before, after, &mut "spec".to_owned(), &mut found);
    }
    found
}

/// Whether an object is of a kind that Kubernetes itself has.
fn is_of_kubernetes(object: &Node) -> bool {
    matches!(
        crate::flux::api_group(object),
        "" | "apps" | "autoscaling" | "batch" | "networking.k8s.io" | "policy" | "rbac.authorization.k8s.io"
    )
}

/// The fields below one of `spec`. `path` is where it stands.
fn spec_texts(before: &Node, after: &Node, path: &mut String, found: &mut Vec<Retyped>) {
    let length = path.len();
    for (key, value) in after.iter() {
        let Some(before) = before.get(key) else { continue };
        path.push('.');
        path.push_str(key);
        if TEXTS.contains(&key) {
            compare(Some(before), value, || path.clone(), found);
        } else if LISTS.contains(&key) {
            for (index, (before, after)) in before.items().iter().zip(value.items()).enumerate() {
                compare(Some(before), after, || format!("{path}[{index}]"), found);
            }
        } else if MAPS.contains(&key) {
            for (name, after) in value.iter() {
                compare(before.get(name), after, || format!("{path}.{name}"), found);
            }
        }
        spec_texts(before, value, path, found);
        path.truncate(length);
    }
    for (index, (before, after)) in before.items().iter().zip(after.items()).enumerate() {
        path.push_str(&format!("[{index}]"));
        spec_texts(before, after, path, found);
        path.truncate(length);
    }
}

/// `value` of container environments, wherever they stand.
fn env_values(built: &Node, node: &Node, found: &mut Vec<Retyped>) {
    for (key, after) in node.iter() {
        let Some(before) = built.get(key) else { continue };
        let containers = matches!(key, "containers" | "initContainers" | "ephemeralContainers");
        for (before, after) in before.items().iter().zip(after.items()) {
            if containers {
                let before = before.get("env").map_or(&[][..], Node::items);
                let after = after.get("env").map_or(&[][..], Node::items);
                for (before, after) in before.iter().zip(after) {
                    if let Some(value) = after.get("value") {
                        let name = || format!("env {}", after.text_at(&["name"]).unwrap_or_default());
                        compare(before.get("value"), value, name, found);
                    }
                }
            } else {
                env_values(before, after, found);
            }
        }
        env_values(before, after, found);
    }
}

fn compare(before: Option<&Node>, after: &Node, field: impl FnOnce() -> String, found: &mut Vec<Retyped>) {
    let was_text = before
        .and_then(Node::as_str)
        .is_some_and(|text| text.contains("${"));
    if !was_text {
        return;
    }
    let became = match after.as_scalar().map(|scalar| &scalar.tag) {
        Some(Tag::Int | Tag::Float) => "a number",
        Some(Tag::Bool) => "a boolean",
        Some(Tag::Null) => {
            let field = field();
            let name = field.rsplit('.').next().unwrap_or_default();
            let is_needed = field.starts_with("spec.") && NEEDED.contains(&name);
            if is_needed || field.starts_with(LABELS) {
                found.push(Retyped {
                    field,
                    became: "null",
                    mark: after.mark,
                });
            }
            return;
        }
        Some(_) => return,
        None if after.as_sequence().is_some() => "a list",
        None => "a mapping",
    };
    found.push(Retyped {
        field: field(),
        became,
        mark: after.mark,
    });
}
