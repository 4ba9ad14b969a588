//! The build of a folder with the kustomization that Flux generates for it.

use kustomize_build::{Build, BuildError, BuildOptions, Sources, build_with_root};
use source_tree::RepoPath;
use yaml_node::{Dialect, Node, Style, Tag, Value, resolve};

/// Builds as kustomize-controller does, without the parts that cannot be known offline.
pub(crate) fn build(sources: &Sources, dir: &RepoPath, kustomization: &Node) -> Result<Build, BuildError> {
    let options = BuildOptions {
        partial: true,
        ..BuildOptions::flux()
    };
    build_with(sources, dir, kustomization, &options)
}

/// Builds as kustomize-controller does. Parts that cannot be known offline are an error.
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
        add_types(&mut resource.node);
    }
    Ok(build)
}

/// Gives scalars that kustomize sets without a type the type of their text.
fn add_types(node: &mut Node) {
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
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(add_types),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                add_types(key);
                add_types(value);
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
        add_types(&mut node);
        assert_eq!(node.get("a").and_then(Node::as_i64), Some(1));
        assert_eq!(node.get("b").and_then(Node::as_str), Some("x"));
    }
}
