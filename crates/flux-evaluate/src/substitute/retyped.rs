//! Fields that must be strings but became another type after substitution.

use source_tree::Mark;
use yaml_node::Node;

use crate::flux::schema::type_name;

/// A string that became another type. The API server refuses it; of a label, Flux does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Retyped {
    /// The field, such as `data.replicas`.
    pub(crate) field: String,
    /// `a number`, `a boolean`, `null`, `a list`, `a mapping`.
    pub(crate) became: &'static str,
    pub(crate) mark: Mark,
}

/// Maps of strings, by kind; an empty kind means any.
const TEXT_MAPS: [(&str, &[&str]); 5] = [
    ("", &["metadata", "labels"]),
    ("", &["metadata", "annotations"]),
    ("ConfigMap", &["data"]),
    ("Secret", &["data"]),
    ("Secret", &["stringData"]),
];

/// Names of fields of Kubernetes' own kinds that are strings.
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
/// The path of labels: if one is not a string (even null), all are dropped.
pub(crate) const LABELS: &str = "metadata.labels.";
/// Those that must not be empty. In the others, the API server takes null for an empty string.
const NEEDED: [&str; 6] = ["claimName", "image", "key", "mountPath", "name", "schedule"];
/// Names of fields that are lists of strings.
const LISTS: [&str; 3] = ["args", "command", "hosts"];
/// Names of fields that are maps of strings.
const MAPS: [&str; 5] = ["annotations", "labels", "matchLabels", "nodeSelector", "selector"];

/// The fields of `node` that are a string in `built` and something else after substitution.
pub(crate) fn retyped(built: &Node, node: &Node) -> Vec<Retyped> {
    let kind = built.text_at(&["kind"]).unwrap_or_default();
    let mut found = Vec::new();
    let maps = TEXT_MAPS.iter();
    for (_, path) in maps.filter(|(wanted, _)| wanted.is_empty() || *wanted == kind) {
        let (Some(before), Some(after)) = (built.at(path), node.at(path)) else {
            continue;
        };
        for (key, value) in after.iter() {
            let field = || format!("{}.{key}", path.join("."));
            compare(before.get(key), value, field, &mut found);
        }
    }
    env_values(built, node, &mut found);
    if let (true, Some(before), Some(after)) = (is_of_kubernetes(built), built.get("spec"), node.get("spec"))
    {
        spec_texts(before, after, &mut "spec".to_owned(), &mut found);
    }
    found
}

/// Whether an object is of a kind of Kubernetes itself.
fn is_of_kubernetes(object: &Node) -> bool {
    matches!(
        crate::flux::api_group(object),
        "" | "apps" | "autoscaling" | "batch" | "networking.k8s.io" | "policy" | "rbac.authorization.k8s.io"
    )
}

/// The fields below `path`, which is `spec` or a field in it.
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

/// `value` of container environments, at any depth.
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
    let before = before.and_then(Node::as_str);
    if !before.is_some_and(|text| text.contains("${")) {
        return;
    }
    let became = type_name(after);
    if became == "a string" {
        return;
    }
    let field = field();
    let name = field.rsplit('.').next().unwrap_or_default();
    let is_needed = (field.starts_with("spec.") && NEEDED.contains(&name)) || field.starts_with(LABELS);
    if !after.is_null() || is_needed {
        found.push(Retyped {
            field,
            became,
            mark: after.mark,
        });
    }
}
