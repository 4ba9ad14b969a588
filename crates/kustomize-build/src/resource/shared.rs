//! Scalars that share one value: labels and annotations that one entry wrote to several fields.
//!
//! kustomize adds the same YAML node to every field of an object that lacks the key, so that a later patch of
//! `metadata.labels.app` also changes the selector and the template. This is visible to users, so it is the same here
//! (<https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/filters/filtersutil/setters.go>).

use smol_str::SmolStr;
use yaml_node::{Node, Scalar, Value};

/// One step into a tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Into a mapping.
    Key(SmolStr),
    /// Into a list.
    Item(usize),
}

/// Steps from the object's root.
pub(crate) type Path = Vec<Step>;

/// The scalars of an object that share one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SharedScalars {
    groups: Vec<Vec<Path>>,
}

/// The effect of a strategic merge patch on one of them.
enum PatchEffect {
    Untouched,
    Written,
    /// Replaced with its parent, or removed.
    Detached,
}

impl SharedScalars {
    /// Notes that the scalars at `paths` share one value.
    pub(crate) fn add(&mut self, paths: Vec<Path>) {
        if paths.len() > 1 {
            self.groups.push(paths);
        }
    }

    /// Forgets all, for an object that is parsed again.
    pub(crate) fn clear(&mut self) {
        self.groups.clear();
    }

    /// After a change of the scalar at `written`, changes those that share its value.
    pub(crate) fn spread(&self, object: &mut Node, written: &[Step]) {
        for group in self
            .groups
            .iter()
            .filter(|group| group.iter().any(|path| path == written))
        {
            let Some(scalar) = scalar_at(object, written).cloned() else {
                continue;
            };
            let mark = at(object, written).map(|node| node.mark).unwrap_or_default();
            for path in group.iter().filter(|path| *path != written) {
                if let Some(node) = at_mut(object, path).filter(|node| node.as_scalar().is_some()) {
                    *node = Node::new(Value::Scalar(scalar.clone())).with_mark(mark);
                }
            }
        }
    }

    /// After a strategic merge patch, changes the scalars that share a value with those it wrote. The last one written
    /// counts, in the order of the fields.
    pub(crate) fn follow_patch(&mut self, object: &mut Node, patch: &Node) {
        for group in &mut self.groups {
            let mut last_written: Option<&Path> = None;
            group.sort();
            group.retain(|path| {
                !matches!(patch_effect(patch, path), PatchEffect::Detached)
                    && scalar_at(object, path).is_some()
            });
            for path in group.iter() {
                if matches!(patch_effect(patch, path), PatchEffect::Written) {
                    last_written = Some(path);
                }
            }
            let Some(written) = last_written.cloned() else {
                continue;
            };
            let Some(node) = at(object, &written).cloned() else {
                continue;
            };
            for path in group.iter() {
                if let Some(other) = at_mut(object, path) {
                    *other = node.clone();
                }
            }
        }
        self.groups.retain(|group| group.len() > 1);
    }
}

fn patch_effect(patch: &Node, path: &[Step]) -> PatchEffect {
    let mut found = patch;
    for (depth, step) in path.iter().enumerate() {
        let Step::Key(key) = step else {
            // A list that the patch states is merged or replaced item by item.
            return PatchEffect::Detached;
        };
        if found.is_null() {
            return PatchEffect::Detached;
        }
        let directive = found.get("$patch").and_then(Node::text);
        if depth > 0 && matches!(directive, Some("replace" | "delete")) {
            return PatchEffect::Detached;
        }
        match found.get(key) {
            Some(next) => found = next,
            None => return PatchEffect::Untouched,
        }
    }
    if found.is_null() {
        PatchEffect::Detached
    } else {
        PatchEffect::Written
    }
}

/// The value at a path.
pub(crate) fn at<'a>(node: &'a Node, path: &[Step]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Item(index) => node.items().get(*index),
    })
}

/// As [`at`], mutable.
pub(crate) fn at_mut<'a>(node: &'a mut Node, path: &[Step]) -> Option<&'a mut Node> {
    path.iter().try_fold(node, |node, step| match step {
        Step::Key(key) => node.get_mut(key),
        Step::Item(index) => node.as_sequence_mut()?.items_mut().get_mut(*index),
    })
}

fn scalar_at<'a>(node: &'a Node, path: &[Step]) -> Option<&'a Scalar> {
    at(node, path)?.as_scalar()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.split('/').map(|key| Step::Key(key.into())).collect()
    }

    fn object(a: &str, b: &str) -> Node {
        let labels = |value: &str| Node::mapping([("app", Node::str(value))]);
        Node::mapping([("labels", labels(a)), ("selector", labels(b))])
    }

    #[test]
    fn shared_scalars_change_together() {
        let mut shared = SharedScalars::default();
        shared.add(vec![path("labels/app"), path("selector/app")]);
        let mut node = object("y", "x");
        shared.spread(&mut node, &path("labels/app"));
        assert!(node.same_value(&object("y", "y")));
    }

    #[test]
    fn the_last_write_of_a_patch_counts() {
        let mut shared = SharedScalars::default();
        shared.add(vec![path("labels/app"), path("selector/app")]);
        let mut node = object("y", "z");
        shared.follow_patch(&mut node, &object("y", "z"));
        assert!(node.same_value(&object("z", "z")));
    }

    #[test]
    fn scalars_in_replaced_mappings_are_no_longer_shared() {
        let mut shared = SharedScalars::default();
        shared.add(vec![path("labels/app"), path("selector/app")]);
        let mut node = object("y", "x");
        let mut patch = Node::mapping([("labels", Node::mapping([("$patch", Node::str("replace"))]))]);
        patch
            .get_mut("labels")
            .unwrap()
            .as_mapping_mut()
            .unwrap()
            .insert("app", Node::str("y"));
        shared.follow_patch(&mut node, &patch);
        assert!(node.same_value(&object("y", "x")));
        assert!(shared.groups.is_empty());
    }
}
