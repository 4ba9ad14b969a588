//! A folder and the kustomization that Flux generates for it turn into typed resources.

use kustomize_build::{Build, BuildError, BuildOptions, Sources, build_with_root};
use source_tree::RepoPath;
use yaml_node::{Dialect, Node, Style, Tag, Value, resolve};

/// Builds as kustomize-controller does, as far as that can be known offline: the rest is left out.
pub(crate) fn build(sources: &Sources, dir: &RepoPath, kustomization: &Node) -> Result<Build, BuildError> {
    let options = BuildOptions {
        partial: true,
        ..BuildOptions::flux()
    };
    build_with(sources, dir, kustomization, &options)
}

/// Builds as kustomize-controller does; what cannot be known offline is an error.
pub(crate) fn build_whole(
    sources: &Sources,
    dir: &RepoPath,
    kustomization: &Node,
) -> Result<Build, BuildError> {
    build_with(sources, dir, kustomization, &BuildOptions::flux())
}

/// Builds with every scalar of the result typed.
fn build_with(
    sources: &Sources,
    dir: &RepoPath,
    kustomization: &Node,
    options: &BuildOptions,
) -> Result<Build, BuildError> {
    let mut build = build_with_root(sources, dir, kustomization, options)?;
    for resource in &mut build.resources {
        settle(&mut resource.node);
    }
    Ok(build)
}

/// Gives scalars that kustomize sets without a type the one that they are written with.
fn settle(node: &mut Node) {
    if !has_untyped(node) {
        return;
    }
    match &mut node.value {
        Value::Scalar(scalar) => {
            scalar.tag = match scalar.style {
                Style::Plain => resolve(&scalar.text, Dialect::V3),
                _ => Tag::Str,
            };
        }
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(settle),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                settle(key);
                settle(value);
            }
        }
    }
}

fn has_untyped(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.tag == Tag::Untyped,
        Value::Sequence(items) => items.iter().any(has_untyped),
        Value::Mapping(mapping) => mapping
            .entries()
            .iter()
            .any(|(key, value)| has_untyped(key) || has_untyped(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untyped_scalars_take_the_type_of_their_text() {
        let mut node = Node::mapping([
            ("a", Node::scalar("1", Tag::Untyped)),
            ("b", Node::scalar("x", Tag::Untyped)),
        ]);
        settle(&mut node);
        assert_eq!(node.get("a").and_then(Node::as_i64), Some(1));
        assert_eq!(node.get("b").and_then(Node::as_str), Some("x"));
    }
}
