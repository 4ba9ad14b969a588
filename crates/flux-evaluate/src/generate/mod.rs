//! Generates the kustomization that kustomize builds, from a folder and the `spec` of a Flux Kustomization.
//!
//! Like `GenerateManifest` of <https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go>: an existing
//! kustomization file is read leniently, a missing one is generated, and the fields of `spec` are added.

#[cfg(test)]
mod conformance;
mod dropped_fields;
mod file;
mod known_fields;
mod manifests;
mod root_file;
mod spec;

use kustomize_build::{BuildError, Sources};
use source_tree::RepoPath;
use yaml_node::Node;

pub(crate) use dropped_fields::{dropped_fields, similar_field};
pub(crate) use file::{FILE_NAMES, kustomization_files};
pub(crate) use manifests::{is_manifest_name, resources};
pub(crate) use spec::ApiVersion;

/// The kustomization of `dir` for a Flux Kustomization with this `spec`.
///
/// # Errors
/// If Flux would fail before the build: because of a file that is not a manifest, a remote component, or a field of the wrong
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
        spec::apply(&mut kustomization, spec, api_version, sources, dir)?;
    }
    Ok(kustomization)
}
