//! A folder and the `spec` of a Flux Kustomization turn into the kustomization that kustomize builds.
//!
//! As `GenerateManifest` of <https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go>: an existing
//! kustomization file is read again leniently, a missing one is generated, and fields of `spec` are put in.

#[cfg(test)]
mod conformance;
mod known_fields;
mod manifests;
mod root_file;
mod spec;

use kustomize_build::{BuildError, Fault, Sources};
use source_tree::{EntryKind, Mark, RepoPath};
use yaml_node::Node;

pub(crate) use manifests::{is_manifest_name, resources};
pub(crate) use spec::ApiVersion;

/// Names of kustomization files, in the order in which they are tried.
pub(crate) const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The kustomization of `dir` for a Flux Kustomization with this `spec`.
///
/// # Errors
/// Where Flux would not get as far as a build: a file that is no manifest, a component that is remote, fields of a wrong
/// type.
pub(crate) fn generate(
    sources: &Sources,
    dir: &RepoPath,
    spec: Option<&Node>,
    api_version: ApiVersion,
) -> Result<Node, BuildError> {
    let mut kustomization = match root_file::read(sources, dir)? {
        Some(kustomization) => kustomization,
        None => manifests::generate(sources, dir)?,
    };
    if let Some(spec) = spec {
        spec::put_in(&mut kustomization, spec, api_version, sources, dir)?;
    }
    Ok(kustomization)
}

/// The kustomization files in a folder, in the order in which they are tried.
pub(crate) fn kustomization_files(sources: &Sources, dir: &RepoPath) -> Vec<RepoPath> {
    FILE_NAMES
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| sources.tree().kind(path) == Some(EntryKind::File))
        .collect()
}

/// An empty kustomization.
fn kustomization(entries: impl IntoIterator<Item = (&'static str, Node)>) -> Node {
    let head = [
        ("apiVersion", Node::str("kustomize.config.k8s.io/v1beta1")),
        ("kind", Node::str("Kustomization")),
    ];
    Node::mapping(head.into_iter().chain(entries))
}

fn fault(message: impl Into<String>, mark: Mark) -> BuildError {
    BuildError::Kustomization(Fault {
        message: message.into(),
        mark,
    })
}
