//! Helpers for kustomization files.

use kustomize_build::{BuildError, Fault, Sources};
use source_tree::{EntryKind, Mark, RepoPath};
use yaml_node::Node;

/// Names of kustomization files, in the order in which they are tried.
pub(crate) const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The kustomization files in a folder, in the order in which they are tried.
pub(crate) fn kustomization_files(sources: &Sources, dir: &RepoPath) -> Vec<RepoPath> {
    FILE_NAMES
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| sources.tree().kind(path) == Some(EntryKind::File))
        .collect()
}

/// A kustomization with these fields.
pub(super) fn kustomization(entries: impl IntoIterator<Item = (&'static str, Node)>) -> Node {
    let head = [
        ("apiVersion", Node::str("kustomize.config.k8s.io/v1beta1")),
        ("kind", Node::str("Kustomization")),
    ];
    Node::mapping(head.into_iter().chain(entries))
}

pub(super) fn fault(message: impl Into<String>, mark: Mark) -> BuildError {
    BuildError::Kustomization(Fault {
        message: message.into(),
        mark,
    })
}
