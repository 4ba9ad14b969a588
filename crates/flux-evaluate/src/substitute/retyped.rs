//! Finds fields that must be strings but became another type after substitution.

use source_tree::Mark;
use yaml_node::{Node, Tag};

/// A text that became another type, which the API server refuses.
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
    found
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
        Some(Tag::Null) => "null",
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
