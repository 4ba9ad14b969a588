//! A folder and the `spec` of a Flux Kustomization turn into the kustomization that kustomize builds.
//!
//! As `GenerateManifest` of <https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go>: an existing
//! kustomization file is read again leniently, a missing one is generated, and fields of `spec` are put in.

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
