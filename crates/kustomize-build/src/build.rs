//! A kustomization directory turns into resources.

use source_tree::{Diagnostic, RepoPath};
use yaml_node::Node;

use crate::{BuildError, BuildOptions, Resource, Sources};

/// What a build yields.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// The resources in the order of printing.
    pub resources: Vec<Resource>,
    /// Deprecated fields and the like, which do not stop a build.
    pub warnings: Vec<Diagnostic>,
}

impl Build {
    /// The text that `kustomize build` prints.
    ///
    /// # Errors
    /// [`BuildError::Output`] where an object has no YAML form, such as one with keys that are no strings.
    pub fn to_yaml(&self) -> Result<String, BuildError> {
        Ok(String::new())
    }
}

/// Builds the kustomization in `dir`.
///
/// # Errors
/// [`BuildError`] wherever kustomize would fail, and where it would need the network, Helm or a plugin.
pub fn build(sources: &Sources, dir: &RepoPath, options: &BuildOptions) -> Result<Build, BuildError> {
    let _ = (sources, dir, options);
    Ok(Build::default())
}

/// Builds `dir` as if `kustomization` stood in the place of its kustomization file, of which there may be none.
///
/// # Errors
/// As [`build()`].
pub fn build_with_root(
    sources: &Sources,
    dir: &RepoPath,
    kustomization: &Node,
    options: &BuildOptions,
) -> Result<Build, BuildError> {
    let _ = (sources, dir, kustomization, options);
    Ok(Build::default())
}
