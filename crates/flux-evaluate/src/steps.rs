//! Single steps of the evaluation.

use std::collections::BTreeMap;

use kustomize_build::{Build, BuildError, Sources};
use source_tree::{Limits, Mark, RepoPath};
use thiserror::Error;
use yaml_node::Node;

use crate::DefinedIn;
use crate::generate::{self, ApiVersion};
use crate::substitute::{self, VariableValue, Variables};

/// Why substitution failed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct SubstituteError {
    /// The problem in Flux's words. It never contains a value.
    pub message: String,
    /// The use of a variable that fails.
    pub mark: Mark,
}

/// An object after post-build substitution, with `variables` as merged from `substituteFrom` and `substitute`.
///
/// An object that opts out by `kustomize.toolkit.fluxcd.io/substitute: disabled` does not change, nor does any object
/// without variables unless the strategy is `Always`
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>).
///
/// # Errors
/// [`SubstituteError`] for an invalid name, an expression that does not parse, a result that is not YAML, and with
/// `strict` for an undefined variable.
pub fn substitute_object(
    object: &Node,
    variables: &BTreeMap<String, String>,
    strict: bool,
    always: bool,
    limits: &Limits,
) -> Result<Node, SubstituteError> {
    if substitute::is_disabled(object) || (variables.is_empty() && !always) {
        return Ok(object.clone());
    }
    let mut table = Variables::default();
    for (name, value) in variables {
        table.set(name, VariableValue::plain(value, DefinedIn::File(String::new())));
    }
    match substitute::substitute(object, &table, strict, limits) {
        Ok(substituted) => Ok(substituted.rendered.unwrap_or(substituted.node)),
        Err(error) => Err(SubstituteError {
            message: error.message,
            mark: error.mark,
        }),
    }
}

/// The kustomization that Flux builds for a Kustomization of `kustomize.toolkit.fluxcd.io/v1` with this `spec`: that of
/// `dir` or a generated one, with the fields of `spec` added.
///
/// # Errors
/// [`BuildError`] if Flux would fail before the build.
pub fn generate_kustomization(sources: &Sources, dir: &RepoPath, spec: &Node) -> Result<Node, BuildError> {
    generate::generate(sources, dir, Some(spec), ApiVersion::Stable)
}

/// Builds `dir` with this kustomization instead of its own, as kustomize-controller calls kustomize.
///
/// # Errors
/// [`BuildError`]
pub fn build_kustomization(
    sources: &Sources,
    dir: &RepoPath,
    kustomization: &Node,
) -> Result<Build, BuildError> {
    crate::build::build_whole(sources, dir, kustomization)
}
